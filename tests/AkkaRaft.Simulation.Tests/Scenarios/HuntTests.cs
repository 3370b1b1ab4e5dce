using System.Globalization;
using AkkaRaft.Simulator;
using AkkaRaft.TestKit;
using AkkaRaft.TestKit.Scenarios;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace AkkaRaft.Simulation.Tests.Scenarios;

/// <summary>
/// The hunt for bugs of ours: seeds that nobody had before for a bounded time, and those that once failed, always. <c>AKKARAFT_HUNT_SEEDS=n</c> takes the seeds
/// from 1 to n instead, for the mutants, which need to know after how many they are caught.
/// </summary>
[Trait("Category", "Hunt")]
public sealed class HuntTests(ITestOutputHelper output)
{
    /// <summary>Of real time; what a developer waits for is less than what the build machine does.</summary>
    static readonly TimeSpan Budget = TimeSpan.FromSeconds(Environment.GetEnvironmentVariable("CI") == "true" ? 210 : 45);

    static readonly (string Machine, string Faults, double Share)[] Hunted =
    [
        ("map", nameof(Faults.All), 0.3), ("map", nameof(Faults.Members), 0.2), ("register", nameof(Faults.All), 0.1), ("counter", nameof(Faults.All), 0.1), ("map", nameof(Faults.Crashes), 0.1),
        ("map", nameof(Faults.Network), 0.1), ("map", nameof(Faults.Disk), 0.1),
    ];

    [Fact]
    public void No_seed_breaks_a_cluster()
    {
        if (Simulate.Number("AKKARAFT_HUNT_SEEDS") is { } count)
        {
            HuntFixedSeeds((long)count);
            return;
        }

        var total = new RunCounters();
        foreach (var (machine, faults, share) in Hunted)
        {
            var first = Hunt.FreshSeed();
            var until = Environment.TickCount64 + (Budget * share).TotalMilliseconds;
            var counters = RunnerOf(machine, faults, until).Run(first, long.MaxValue);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"hunt: {machine}, {faults}, seeds from {first}: {counters}"));
            total.Add(counters);
        }

        output.WriteLine($"hunt: together: {total}");
        total.Elections.ShouldBeGreaterThan(total.Runs, "each run has a first election, and faults make more");
        total.Crashes.ShouldBeGreaterThan(0);
        total.Cuts.ShouldBeGreaterThan(0);
        total.MessagesDuplicated.ShouldBeGreaterThan(0);
        total.WritesFailed.ShouldBeGreaterThan(0);
        total.SnapshotsTaken.ShouldBeGreaterThan(total.Runs);
        total.SnapshotsInstalled.ShouldBeGreaterThan(0);
        total.TransfersDone.ShouldBeGreaterThan(0);
        total.Reconfigurations.ShouldBeGreaterThan(total.Runs, "the founders' storages, and then the changes");
        // Seldom: one disk in six runs of changing members. A busy machine makes few runs in its time.
        if (total.Runs < 500) return;
        total.DisksWiped.ShouldBeGreaterThan(0);
        total.WipedRefused.ShouldBeGreaterThan(0);
    }

    [Theory, MemberData(nameof(OnceFailed))]
    public void Seeds_that_once_failed_do_not_fail_again(string machine, string faults, ulong seed)
    {
        if (Simulate.Number("AKKARAFT_HUNT_SEEDS") is null) RunnerOf(machine, faults, double.MaxValue).Run(seed, 1);
    }

    /// <summary>
    /// Each with what it found: 1, that the network doubled what clients send, which it must not do until clients have sessions; 1645, that a node that was stopped
    /// between two deletions of its log took the mark that was left for damage.
    /// </summary>
    public static TheoryData<string, string, ulong> OnceFailed { get; } = new() { { "map", nameof(Faults.All), 1 }, { "map", nameof(Faults.All), 1645 } };

    static void HuntFixedSeeds(long count)
    {
        try
        {
            RunnerOf("map", nameof(Faults.All), double.MaxValue).Run(1, count);
        }
        catch (SimulationFailedException failed)
        {
            throw new InvalidOperationException($"seed {failed.Seed} of {count}: {failed.Problem}", failed);
        }
    }

    static SeedRunner RunnerOf(string machine, string faults, double until) => new(Simulate.Defined(Hunts.Of(machine, Hunts.Profiles[faults])), "hunt")
    {
        MustStop = () => Environment.TickCount64 > until,
        ReplayCommand = seed => Hunt.ReplayCommand(machine, faults, seed),
    };
}
