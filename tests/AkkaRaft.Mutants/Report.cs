using System.Globalization;
using System.Text.RegularExpressions;

namespace AkkaRaft.Mutants;

/// <summary>What people read.</summary>
internal static partial class Report
{
    static readonly Lock Gate = new();

    public static void Say(string text)
    {
        lock (Gate) Console.Out.WriteLine(text);
    }

    /// <summary>One mutant in one line.</summary>
    public static string Line(MutantResult result) => result.Error is { } error
        ? $"{result.Name}: ERROR, {error}"
        : $"{result.Name}: {string.Join("; ", result.Stages.Select(stage => $"{stage.Key}: {Text(stage.Value.Verdict)}, {stage.Value.Verdict.Seconds:0} s"))}";

    /// <summary>The table, and the sum of it.</summary>
    public static void Print(IReadOnlyList<Mutant> mutants, IReadOnlyList<MutantResult> results)
    {
        Say("");
        foreach (var (mutant, result) in mutants.Zip(results)) Say($"{mutant.Id,-4} {Line(result)}");
        Say("");
        foreach (var result in results.Where(result => result.HasSurvived)) Say($"SURVIVED {result.Name}: no test fails. Write the one that is missing.");
        Say(Sum(results));
    }

    public static string Sum(IReadOnlyList<MutantResult> results) =>
        $"{results.Count} mutants: {results.Count(r => r.IsCaught)} caught, {results.Count(r => r.HasSurvived)} survived, "
        + $"{results.Count(r => r.IsUndecided)} undecided, {results.Count(r => r.Error is not null)} errors";

    /// <summary>A verdict in a few words.</summary>
    public static string Text(Verdict verdict) => verdict.Outcome switch
    {
        Outcome.Caught => verdict.Seeds is { } seeds
            ? string.Create(CultureInfo.InvariantCulture, $"caught after {seeds} seeds, {Short(verdict.By)}") : $"caught by {Short(verdict.By)}",
        Outcome.Survived => "survived",
        Outcome.Undecided => "undecided, budget over",
        _ => "-",
    };

    /// <summary>A test's name without its namespace: what one looks for.</summary>
    public static string Short(string test) => Namespace().Replace(test, "");

    // Up to the class: AkkaRaft.Tests.Consensus.KnownBugs.LogBugs.A_rule -> LogBugs.A_rule.
    [GeneratedRegex(@"^AkkaRaft\.(?:[A-Z]\w*\.)*(?=[A-Z]\w*\.[A-Z]\w*(?:\(|$))")]
    private static partial Regex Namespace();
}
