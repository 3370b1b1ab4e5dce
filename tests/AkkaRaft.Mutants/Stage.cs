using System.Globalization;
using System.Text.RegularExpressions;

namespace AkkaRaft.Mutants;

/// <summary>A way to catch mutants: tests of one project. The first failure ends it.</summary>
internal abstract partial class Stage
{
    /// <summary>What a stage may take, many times what it takes on an idle machine; a mutant that needs longer hangs.</summary>
    protected virtual TimeSpan Longest => TimeSpan.FromMinutes(5);

    const string ProcessDied = "the test process dies";

    public abstract string Name { get; }

    /// <summary>The test project.</summary>
    public abstract string Project { get; }

    /// <summary>Folders whose files decide the verdict, besides the library.</summary>
    public abstract IReadOnlyList<string> TestFolders { get; }

    /// <summary>Runs the tests in a tree in which the mutant is built.</summary>
    /// <param name="tree">Where.</param>
    /// <param name="mutant">Which mutant is in it; null for none.</param>
    /// <param name="time">How long it may take in all.</param>
    /// <param name="stop">Ends everything.</param>
    public abstract Task<Verdict> Run(Tree tree, Mutant? mutant, TimeSpan time, CancellationToken stop);

    /// <summary>Runs the tests of a filter up to the first failure.</summary>
    protected async Task<Verdict> Test(
        Tree tree, string filter, IReadOnlyDictionary<string, string> environment, TimeSpan time, CancellationToken stop)
    {
        var first = await TestOnce(tree, filter, environment, time, stop);
        if (first is not { Outcome: Outcome.Caught, By: ProcessDied }) return first;
        // The test platform can die by itself, and says nothing then of what had failed.
        var second = await TestOnce(tree, filter, environment, time - TimeSpan.FromSeconds(first.Seconds), stop);
        return second with { Seconds = first.Seconds + second.Seconds };
    }

    async Task<Verdict> TestOnce(
        Tree tree, string filter, IReadOnlyDictionary<string, string> environment, TimeSpan time, CancellationToken stop)
    {
        var shortened = time < Longest;
        var run = await Command.Run(
            tree.Root, shortened ? time : Longest, environment, stop,
            "dotnet", "test", tree.TestsOf(Project), "--filter", filter, "--", "xUnit.StopOnFail=true");
        var seconds = run.Took.TotalSeconds;
        var failed = FailedTest().Match(run.Output);
        if (failed.Success)
        {
            return FailedSeed().Match(run.Output) is { Success: true } seed
                ? new Verdict(Outcome.Caught, seed.Groups[2].Value.Trim(), long.Parse(seed.Groups[1].Value, CultureInfo.InvariantCulture), seconds)
                : new Verdict(Outcome.Caught, failed.Groups[1].Value, null, seconds);
        }

        if (run.OutOfTime)
        {
            return shortened
                ? new Verdict(Outcome.Undecided, "out of time", null, seconds)
                : new Verdict(Outcome.Caught, $"{filter}: does not end", null, seconds);
        }

        if (run.Succeeded && NoTest().IsMatch(run.Output)) return new Verdict(Outcome.Absent, "no test of the stage exists", null, seconds);
        if (run.Succeeded) return new Verdict(Outcome.Survived, "", null, seconds);
        if (HostDied().IsMatch(run.Output)) return new Verdict(Outcome.Caught, ProcessDied, null, seconds);
        throw new MutantsException($"The tests {filter} in {tree.Root} ended with exit code {run.ExitCode} and without a failed test:\n{run.LastLines(15)}");
    }

    [GeneratedRegex(@"^\s+Failed (\S.*?) \[[^\]]*\]\s*$", RegexOptions.Multiline)]
    private static partial Regex FailedTest();

    // What the hunting test of the simulation says when it fails: in how many-th seed, and what is broken.
    [GeneratedRegex(@"\bseed (\d+) of \d+:(.*)")]
    private static partial Regex FailedSeed();

    [GeneratedRegex("No test (matches|is available)")]
    private static partial Regex NoTest();

    [GeneratedRegex("test run was aborted|[Tt]est host process (crashed|exited)")]
    private static partial Regex HostDied();
}

/// <summary>Unit tests, properties and interaction scripts, cheapest first; the part that belongs to what the mutant changes goes before all others.</summary>
internal sealed partial class UnitStage : Stage
{
    static readonly Part[] Parts =
    [
        new("FullyQualifiedName~Tests.Consensus&FullyQualifiedName!~Consensus.Properties", ["Consensus"], IsTimed: false),
        new("FullyQualifiedName~Tests.Consensus.Properties", ["Consensus"], IsTimed: false),
        new("FullyQualifiedName~Tests.Client|FullyQualifiedName~Tests.StateMachine", ["Client", "StateMachine"], IsTimed: true),
        new("FullyQualifiedName~Tests.Shell|FullyQualifiedName~Tests.Groups", ["Node"], IsTimed: true),
        new("FullyQualifiedName~Tests.Serialization|FullyQualifiedName~Tests.Settings", ["Serialization", "Settings"], IsTimed: true),
        new("FullyQualifiedName~Tests.Journals&FullyQualifiedName!~Postgres", ["Journals"], IsTimed: true),
    ];

    public override string Name => "unit";

    public override string Project => "AkkaRaft.Tests";

    public override IReadOnlyList<string> TestFolders => ["tests/AkkaRaft.Tests/"];

    public override async Task<Verdict> Run(Tree tree, Mutant? mutant, TimeSpan time, CancellationToken stop)
    {
        var seconds = 0.0;
        foreach (var part in Parts.OrderBy(part => mutant is not null && part.IsAbout(mutant) ? 0 : 1))
        {
            var verdict = await Run(tree, part, time - TimeSpan.FromSeconds(seconds), stop);
            seconds += verdict.Seconds;
            if (verdict.Outcome != Outcome.Survived) return verdict with { Seconds = seconds };
        }

        return new Verdict(Outcome.Survived, "", null, seconds);
    }

    // Tests with real time can fail because the machine is busy. Such a failure counts when it comes twice.
    async Task<Verdict> Run(Tree tree, Part part, TimeSpan time, CancellationToken stop)
    {
        var first = await Test(tree, part.Filter, NoEnvironment, time, stop);
        if (first.Outcome != Outcome.Caught || !part.IsTimed) return first;
        var rest = time - TimeSpan.FromSeconds(first.Seconds);
        if (TestName().Match(first.By) is { Success: true } name)
        {
            var alone = await Test(tree, $"FullyQualifiedName={name.Value}", NoEnvironment, rest, stop);
            if (alone.Outcome == Outcome.Caught) return first with { Seconds = first.Seconds + alone.Seconds };
            rest -= TimeSpan.FromSeconds(alone.Seconds);
        }

        var again = await Test(tree, part.Filter, NoEnvironment, rest, stop);
        return again with { Seconds = again.Seconds + (time - rest).TotalSeconds };
    }

    static IReadOnlyDictionary<string, string> NoEnvironment { get; } = new Dictionary<string, string>();

    [GeneratedRegex(@"^AkkaRaft\.[\w.+]+")]
    private static partial Regex TestName();

    /// <param name="Filter">Which tests.</param>
    /// <param name="Folders">Which folders of the library they are about.</param>
    /// <param name="IsTimed">Whether real time passes in them.</param>
    sealed record Part(string Filter, IReadOnlyList<string> Folders, bool IsTimed)
    {
        public bool IsAbout(Mutant mutant) =>
            mutant.Touches.Any(file => Folders.Any(folder => file.StartsWith($"src/AkkaRaft/{folder}/", StringComparison.Ordinal)));
    }
}

/// <summary>
/// The simulation. Its hunting test has the trait Category=Hunt, runs as many seeds as AKKARAFT_HUNT_SEEDS says, ends at the first that fails, and then prints
/// "seed S of N: what is broken".
/// </summary>
internal sealed class SimulationStage(int seeds) : Stage
{
    public override string Name => "sim";

    public override string Project => "AkkaRaft.Simulation.Tests";

    public override IReadOnlyList<string> TestFolders => ["tests/AkkaRaft.Simulation.Tests/", "src/AkkaRaft.TestKit/"];

    protected override TimeSpan Longest => TimeSpan.FromMinutes(5) + (seeds * TimeSpan.FromSeconds(5));

    public override Task<Verdict> Run(Tree tree, Mutant? mutant, TimeSpan time, CancellationToken stop) => Test(
        tree, "Category=Hunt",
        new Dictionary<string, string> { ["AKKARAFT_HUNT_SEEDS"] = seeds.ToString(CultureInfo.InvariantCulture), ["AKKARAFT_SHRINK"] = "0" }, time, stop);
}
