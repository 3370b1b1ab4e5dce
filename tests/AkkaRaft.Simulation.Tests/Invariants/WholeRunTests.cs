using System.Diagnostics;
using AkkaRaft.Consensus;
using AkkaRaft.TestKit.Invariants;
using AkkaRaft.TestKit.Planning;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace AkkaRaft.Simulation.Tests.Invariants;

public sealed class WholeRunTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(1), InlineData(3), InlineData(5)]
    public void Nothing_is_wrong_with_real_cores_under_loss_delay_and_crashes(int nodes)
    {
        var (elections, crashes, cuts, committed, done, notDone, unknown, answered) = (0, 0, 0, 0L, 0, 0, 0, 0);
        for (var seed = 1UL; seed <= 20; seed++)
        {
            var cluster = new LoopCluster(nodes, seed, ClusterInvariants.All());
            for (var i = 0; i < 6000; i++)
            {
                cluster.Next();
                cluster.View.Violation.ShouldBeNull($"seed {seed}, event {i}");
            }

            elections += cluster.Elections;
            crashes += cluster.Crashes;
            cuts += cluster.Cuts;
            committed += cluster.Committed.Value;
            done += cluster.Clients.Done;
            notDone += cluster.Clients.NotDone;
            unknown += cluster.Clients.Unknown;
            answered += cluster.Clients.Answered;
        }

        output.WriteLine($"{nodes} nodes: {elections} elections, {crashes} crashes, {cuts} cuts, {committed} committed, {done} done, {notDone} not done, "
            + $"{unknown} unknown, {answered} queries answered");
        elections.ShouldBeGreaterThan(20);
        crashes.ShouldBeGreaterThan(100);
        committed.ShouldBeGreaterThan(1000);
        unknown.ShouldBeGreaterThan(0);
        answered.ShouldBeGreaterThan(0);
        if (nodes > 1) cuts.ShouldBeGreaterThan(0);
    }

    /// <summary>Snapshots every few entries, as the simulation draws them.</summary>
    [Theory]
    [InlineData(1), InlineData(3), InlineData(5)]
    public void Nothing_is_wrong_with_real_cores_that_take_and_send_snapshots(int nodes)
    {
        var (taken, installed, restarted, startedFrom, committed, crashes) = (0, 0, 0, 0, 0L, 0);
        for (var seed = 1UL; seed <= 30; seed++)
        {
            var cluster = new LoopCluster(nodes, seed, ClusterInvariants.All(), options: SnapshotDraw.Of(seed)?.ToCoreOptions() is { } drawn ? drawn with { MaxApplyEntries = 20 } : null);
            for (var i = 0; i < 10_000; i++)
            {
                cluster.Next();
                cluster.View.Violation.ShouldBeNull($"seed {seed}, event {i}");
            }

            taken += cluster.Taken;
            installed += cluster.Installed;
            restarted += cluster.Restarted;
            startedFrom += cluster.StartedFrom;
            committed += cluster.Committed.Value;
            crashes += cluster.Crashes;
        }

        output.WriteLine($"{nodes} nodes: {taken} taken, {installed} installed, {restarted} logs begun anew, {startedFrom} starts from a snapshot, {committed} committed, {crashes} crashes");
        taken.ShouldBeGreaterThan(300);
        startedFrom.ShouldBeGreaterThan(100);
        if (nodes > 1) installed.ShouldBeGreaterThan(5);
    }

    /// <summary>The same with snapshots: the core is right, and what is around it is not.</summary>
    [Theory]
    [InlineData(Lie.SnapshotToldBeforeItIsStored, "Snapshots Are Whole Before They Count")]
    [InlineData(Lie.LastChunkNotStored, "Snapshots Are Whole Before They Count")]
    [InlineData(Lie.LogForgottenBeyondTheSnapshot, "Snapshots Are Whole Before They Count")]
    [InlineData(Lie.OneEventTooManyDeleted, "Snapshots Are Whole Before They Count")]
    [InlineData(Lie.SnapshotOfAnEarlierMoment, "Snapshot Equals Log")]
    [InlineData(Lie.MachineKeepsItsState, "Snapshot Equals Log")]
    [InlineData(Lie.NewBeginningNotStored, "Log Matching")]
    internal void A_lie_about_snapshots_is_found_out(Lie lie, string by)
    {
        var options = new SnapshotDraw(3, long.MaxValue / 4, 1, 20, 60, 64).ToCoreOptions();
        for (var seed = 1UL; seed <= 200; seed++)
        {
            var cluster = new LoopCluster(3, seed, [.. ClusterInvariants.All().Where(invariant => invariant.Name == by)], lie, options: options);
            try
            {
                for (var i = 0; i < 20_000 && cluster.View.Violation is null; i++) cluster.Next();
            }
            catch (Exception) when (cluster.View.Violation is null)
            {
                // The lie has broken a core before the invariant had a word to say; another seed.
            }

            if (cluster.View.Violation is not { } violation) continue;
            output.WriteLine($"seed {seed}, after {cluster.Steps} steps: {violation}");
            return;
        }

        Assert.Fail($"{by} never noticed {lie}.");
    }

    /// <summary>What a machine is after a snapshot shows in what it answers, with no fingerprint too.</summary>
    [Theory]
    [InlineData(Lie.SnapshotOfAnEarlierMoment)]
    [InlineData(Lie.MachineKeepsItsState)]
    internal void A_wrong_state_after_a_snapshot_shows_in_the_results(Lie lie)
    {
        var options = new SnapshotDraw(3, long.MaxValue / 4, 1, 20, 60, 64).ToCoreOptions();
        var cluster = new LoopCluster(3, 1, [.. ClusterInvariants.All().Where(invariant => invariant is not SnapshotEqualsLog)], lie, options: options);
        for (var i = 0; i < 20_000 && cluster.View.Violation is null; i++) cluster.Next();

        cluster.View.Violation.ShouldNotBeNull().Invariant.ShouldBe("State Machine Safety");
    }

    /// <summary>The core is right in all of these; something around it is not, and some invariant says so.</summary>
    [Theory]
    [InlineData(Lie.TermWrittenLater, "Journal Order")]
    [InlineData(Lie.EntriesWrittenLater, "Journal Order")]
    [InlineData(Lie.VoteNotStored, "Journal Order")]
    [InlineData(Lie.VoteForgotten, "Nothing Goes Back")]
    [InlineData(Lie.TermForgotten, "Nothing Goes Back")]
    [InlineData(Lie.MachineUsesItsNodesName, "State Machine Safety")]
    [InlineData(Lie.AnswersOneIndexTooLow, "Clients Are Told The Truth")]
    internal void A_lie_is_found_out(Lie lie, string by)
    {
        var cluster = new LoopCluster(3, 1, ClusterInvariants.All(), lie);
        for (var i = 0; i < 20_000 && cluster.View.Violation is null; i++) cluster.Next();

        var violation = cluster.View.Violation.ShouldNotBeNull();
        output.WriteLine($"after {cluster.Steps} steps: {violation}");
        violation.Invariant.ShouldBe(by);
    }

    /// <summary>Each one alone: what one invariant finds the next one need not, but the first to speak must not hide that the others are deaf.</summary>
    [Theory]
    [InlineData(Lie.VoteForgotten, typeof(ElectionSafety))]
    [InlineData(Lie.EntriesWrittenLater, typeof(CommittedOnQuorum))]
    [InlineData(Lie.TermForgotten, typeof(ElectionSafety))]
    [InlineData(Lie.MachineUsesItsNodesName, typeof(StateMachineSafety))]
    internal void What_follows_from_a_lie_is_found_out_too(Lie lie, Type by)
    {
        for (var seed = 1UL; seed <= 200; seed++)
        {
            var cluster = new LoopCluster(3, seed, [.. ClusterInvariants.All().Where(invariant => invariant.GetType() == by)], lie);
            try
            {
                for (var i = 0; i < 20_000 && cluster.View.Violation is null; i++) cluster.Next();
            }
            catch (RaftInvariantException)
            {
                // A core noticed that the world is broken before the invariant could; another seed.
            }

            if (cluster.View.Violation is not { } violation) continue;
            output.WriteLine($"seed {seed}, after {cluster.Steps} steps: {violation}");
            return;
        }

        Assert.Fail($"{by.Name} never noticed {lie}.");
    }

    [Fact]
    public void Looking_costs_no_memory_while_nothing_changes()
    {
        var cluster = new LoopCluster(3, 1, ClusterInvariants.All());
        for (var i = 0; i < 3000; i++) cluster.Next();
        var node = cluster.View.Nodes.First(node => node.State is not null);
        Look(cluster, node, 10);

        var before = GC.GetAllocatedBytesForCurrentThread();
        Look(cluster, node, 100_000);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        var watch = Stopwatch.StartNew();
        Look(cluster, node, 1_000_000);

        output.WriteLine($"all invariants, nothing changed: {watch.Elapsed.TotalNanoseconds / 1_000_000:0} ns a step");
        allocated.ShouldBeLessThan(1000);
    }

    /// <summary>For people who read the output: how much longer a run takes with all invariants than with none.</summary>
    [Fact]
    public void Looking_changes_nothing_of_a_run()
    {
        var watch = Stopwatch.StartNew();
        var without = Run([]);
        var alone = watch.Elapsed;
        watch.Restart();
        var with = Run(ClusterInvariants.All());
        var watched = watch.Elapsed;

        output.WriteLine($"{with.Steps} steps: {alone.TotalMicroseconds / with.Steps:0.00} us each without invariants, "
            + $"{watched.TotalMicroseconds / with.Steps:0.00} us with all");
        (with.Steps, with.Committed, with.Elections, with.Crashes).ShouldBe((without.Steps, without.Committed, without.Elections, without.Crashes));
    }

    static LoopCluster Run(IReadOnlyList<ClusterInvariant> invariants)
    {
        var cluster = new LoopCluster(3, 7, invariants, calm: true);
        for (var i = 0; i < 60_000; i++) cluster.Next();
        cluster.View.Violation.ShouldBeNull();
        return cluster;
    }

    static void Look(LoopCluster cluster, NodeView node, int times)
    {
        for (; times > 0; times--)
        {
            for (var i = 0; i < cluster.Invariants.Count; i++) cluster.Invariants[i].OnStep(node, cluster.View);
        }
    }
}
