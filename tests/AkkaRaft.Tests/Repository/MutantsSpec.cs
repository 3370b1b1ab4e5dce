using System.Globalization;
using System.Text.RegularExpressions;
using Shouldly;
using Xunit;

namespace AkkaRaft.Tests.Repository;

/// <summary>docs/mutants.md tells of every mutant, and of every known bug that has none.</summary>
public sealed partial class MutantsSpec
{
    /// <summary>Rows of the table of known Raft bugs.</summary>
    const int KnownBugs = 95;

    static readonly string Page = RepositoryRoot.Read("docs", "mutants.md");

    static readonly IReadOnlyList<string> Patches =
        [.. RepositoryRoot.Files("tests/mutants", "*.patch").Select(file => Path.GetFileNameWithoutExtension(file)!)];

    [Fact]
    public void Every_mutant_is_in_the_table_under_its_id_and_every_row_is_a_mutant()
    {
        Patches.Count.ShouldBeGreaterThan(100);

        TableRow().Matches(Page).Select(row => row.Groups[2].Value).Order(StringComparer.Ordinal).ShouldBe(Patches);
        TableRow().Matches(Page).Where(row => row.Groups[1].Value != IdOf(row.Groups[2].Value)).ShouldBeEmpty();
    }

    [Fact]
    public void Every_known_bug_has_a_mutant_or_a_reason_and_not_both()
    {
        var mutated = Patches.Select(IdOf).Where(id => id[0] == 'B').Distinct();
        var excused = ReasonRow().Matches(Page).Select(row => row.Groups[1].Value);

        mutated.Concat(excused).Order(StringComparer.Ordinal)
            .ShouldBe(Enumerable.Range(1, KnownBugs).Select(number => $"B{number.ToString("00", CultureInfo.InvariantCulture)}"));
    }

    /// <summary>The runner reads what a mutant is from the two lines above the diff.</summary>
    [Fact]
    public void Every_patch_says_what_it_breaks_and_changes_the_library_only()
    {
        foreach (var name in Patches)
        {
            var lines = RepositoryRoot.Read("tests", "mutants", $"{name}.patch").Split('\n');
            lines[0].ShouldStartWith($"# {IdOf(name)}: ", customMessage: name);
            lines[1].ShouldStartWith("# Rule: ", customMessage: name);
            lines.Where(line => line.StartsWith("+++ ", StringComparison.Ordinal)).ShouldAllBe(line => line.StartsWith("+++ b/src/AkkaRaft/"), name);
        }
    }

    /// <summary>Whoever puts a survivor into the table has a test to write first; one stage may miss what the other catches.</summary>
    [Fact]
    public void Every_mutant_of_the_table_is_caught() => TableRow().Matches(Page).Select(row => row.Value).Where(row => !Caught().IsMatch(row)).ShouldBeEmpty();

    static string IdOf(string name) => name.Split('-')[0];

    [GeneratedRegex(@"^\| ([BN]\d\d) \| \[([\w-]+)\]\(\.\./tests/mutants/\2\.patch\) \|.*$", RegexOptions.Multiline)]
    private static partial Regex TableRow();

    [GeneratedRegex(@"^\| (B\d\d) \| (?!\[)", RegexOptions.Multiline)]
    private static partial Regex ReasonRow();

    // The name of a test, or a number of seeds, in one of the two last columns.
    [GeneratedRegex(@"\| (`.*`|after \d+ seeds) \|")]
    private static partial Regex Caught();
}
