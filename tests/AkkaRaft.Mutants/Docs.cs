using System.Text;

namespace AkkaRaft.Mutants;

/// <summary>The table in docs/mutants.md, made of the newest results.</summary>
internal static class Docs
{
    const string Begin = "<!-- table -->";
    const string End = "<!-- end of table -->";

    public static void Write(string file, IReadOnlyList<Mutant> mutants, Results results)
    {
        var text = File.ReadAllText(file);
        var from = text.IndexOf(Begin, StringComparison.Ordinal);
        var to = text.IndexOf(End, StringComparison.Ordinal);
        if (from < 0 || to < from) throw new MutantsException($"{file} has no place for the table: a line \"{Begin}\" and below it a line \"{End}\".");
        File.WriteAllText(file, text[..(from + Begin.Length)] + Table(mutants, results) + text[to..]);
    }

    static string Table(IReadOnlyList<Mutant> mutants, Results results)
    {
        var table = new StringBuilder("\n| id | mutant | what it does | unit tests and scripts | simulation |\n|---|---|---|---|---|\n");
        foreach (var mutant in mutants)
        {
            var known = results.Newest(mutant);
            table.Append(string.Join(" | ", $"| {mutant.Id}", $"[{mutant.Name}](../tests/mutants/{mutant.Name}.patch)", mutant.Broken,
                Cell(known, "unit"), $"{Cell(known, "sim")} |\n"));
        }

        return table.ToString();
    }

    static string Cell(MutantResult? known, string stage)
    {
        if (known is null) return "not run";
        if (known.Error is not null) return "ERROR";
        if (!known.Stages.TryGetValue(stage, out var result)) return "not run";
        var verdict = result.Verdict;
        return verdict.Outcome switch
        {
            Outcome.Caught when verdict.Seeds is { } seeds => $"after {seeds} seeds",
            Outcome.Caught => $"`{Report.Short(verdict.By)}`",
            Outcome.Absent => "-",
            _ => Report.Text(verdict),
        };
    }
}
