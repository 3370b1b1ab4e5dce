using System.Globalization;

namespace AkkaRaft.Mutants;

/// <summary>The mutant of a run on the build machine: another one with each commit and each day.</summary>
internal static class Rotation
{
    public static async Task<Mutant> Pick(Tree repository, IReadOnlyList<Mutant> mutants, CancellationToken stop)
    {
        var counted = await Command.Run(
            repository.Root, TimeSpan.FromMinutes(1), new Dictionary<string, string>(), stop, "git", "rev-list", "--count", "HEAD");
        var commits = counted.Succeeded ? long.Parse(counted.Output.Trim(), CultureInfo.InvariantCulture) : 0;
        var day = (long)(DateTime.UtcNow - DateTime.UnixEpoch).TotalDays;
        var place = (int)((commits + day) % mutants.Count);
        Report.Say($"mutant {place + 1} of {mutants.Count} (commit {commits} + day {day}): {mutants[place].Name}");
        Report.Say($"  {mutants[place].Broken} Rule: {mutants[place].Rule}");
        return mutants[place];
    }
}
