using AkkaRaft.TestKit;
using Shouldly;
using Xunit;

namespace AkkaRaft.Simulation.Tests.Cluster;

/// <summary>Snapshots in whole clusters: a node that was away too long, one that dies while it gets one, and one whose own cannot be read any more.</summary>
public sealed class SnapshotTests
{
    [Fact, Trait("RaftBug", "B62")]
    public void A_node_that_was_away_until_the_log_was_compacted_gets_a_snapshot()
    {
        using var cluster = Elected(seed: 1);
        var away = Follower(cluster);
        cluster.Crash(away);
        WriteUntilCompacted(cluster);

        cluster.Restart(away);
        cluster.RunUntil(Conditions.Converged);

        cluster.Counters.SnapshotsInstalled.ShouldBeGreaterThan(0);
        cluster.StatusOf(away)!.BaseIndex.Value.ShouldBeGreaterThan(0);
    }

    /// <summary>A leader that was cut off with writes under way comes back to a snapshot that covers their places: each of them ends, and none is called surely not done that is.</summary>
    [Fact, Trait("RaftBug", "B52")]
    public void Writes_of_a_deposed_leader_that_gets_a_snapshot_all_end()
    {
        using var cluster = Elected(seed: 1);
        var old = cluster.Leader!.Value;
        var others = Enumerable.Range(1, 3).Where(node => node != old).ToArray();
        var pending = Enumerable.Range(0, 5).Select(i => cluster.Propose(new AddLine($"pending{i}"))).ToList();
        cluster.RunFor(3.Milliseconds());   // they are in the leader's log, or on their way to it
        cluster.PartitionNodes([old], others);
        cluster.RunUntil(new Condition("another node leads", c => c.Leader is { } now && now != old));
        Write(cluster, 60);
        pending.ShouldAllBe(write => write.Result != null, "whoever waits is answered when the leader steps down, not when the snapshot comes");
        var installed = cluster.Counters.SnapshotsInstalled;

        cluster.Heal();
        cluster.RunUntil(Conditions.Converged);

        cluster.Counters.SnapshotsInstalled.ShouldBeGreaterThan(installed);
        var read = cluster.Query(new ReadLines());
        cluster.RunUntil(read.Ended);
        var lines = ((string)read.Result!.Output!).Split(' ');
        foreach (var write in pending)
        {
            if (write.Result!.Outcome == OperationOutcome.NotDone) lines.ShouldNotContain(((AddLine)write.Result.Input).Text);
            if (write.Result.Outcome == OperationOutcome.Done) lines.Count(line => line == ((AddLine)write.Result.Input).Text).ShouldBe(1);
        }
    }

    /// <summary>Wherever it dies, nothing of half a snapshot is ever seen: it starts with what it had, and gets a whole one.</summary>
    [Fact, Trait("RaftBug", "B60")]
    public void A_node_that_dies_in_the_middle_of_an_install_gets_the_snapshot_again()
    {
        var begunAgain = 0;
        for (var messages = 1; messages <= 241; messages += 6)
        {
            using var cluster = Elected(seed: 1);
            var away = Follower(cluster);
            cluster.Crash(away);
            WriteUntilCompacted(cluster);
            cluster.CrashInInstall(away, messages);
            cluster.Restart(away);
            cluster.RunUntil(new Condition($"node {away} has died again", c => c.Counters.Crashes == 2));
            if (cluster.Counters.SnapshotsInstalled == 0) begunAgain++;

            cluster.Restart(away);
            cluster.RunUntil(Conditions.Converged);

            // It died when all of it was on its disk, and nobody had begun with it yet: then it starts from there.
            (cluster.Counters.SnapshotsInstalled + cluster.Counters.SnapshotStarts).ShouldBeGreaterThan(0);
        }

        begunAgain.ShouldBeInRange(5, 40, "it died before the end of some installs, and behind that of others");
    }

    /// <summary>A snapshot that cannot be read is no reason to begin with an empty state, nor to hold up the others.</summary>
    [Fact, Trait("RaftBug", "B60")]
    public void A_node_whose_snapshot_cannot_be_read_does_not_start_and_the_others_go_on()
    {
        using var cluster = Elected(seed: 1);
        Write(cluster, 60);
        cluster.RunUntil(Conditions.Converged);
        var damaged = Follower(cluster);
        cluster.Crash(damaged);
        cluster.DamageSnapshot(damaged);

        cluster.Restart(damaged);
        Write(cluster, 20);
        cluster.RunFor(10.Seconds());

        cluster.StatusOf(damaged).ShouldBeNull("it is stopped");
        var read = cluster.Query(new ReadLines());
        cluster.RunUntil(read.Ended);
        ((string)read.Result!.Output!).Split(' ').Length.ShouldBe(80);
    }

    /// <summary>The leader cannot read what a follower needs: it stops, and whoever leads next has a snapshot of its own that can be read.</summary>
    [Fact, Trait("RaftBug", "B60")]
    public void A_leader_that_cannot_read_the_snapshot_that_a_follower_needs_makes_way()
    {
        using var cluster = Elected(seed: 1);
        var away = Follower(cluster);
        cluster.Crash(away);
        WriteUntilCompacted(cluster);
        cluster.RunFor(1.Seconds());   // what became due meanwhile is taken too: no newer snapshot will stand beside the damaged one
        var leader = cluster.Leader!.Value;
        cluster.DamageSnapshot(leader);

        cluster.Restart(away);
        cluster.RunUntil(new Condition("another node leads", c => c.Leader is { } now && now != leader));
        Write(cluster, 10);

        cluster.StatusOf(leader).ShouldBeNull("it is stopped");
        cluster.Counters.SnapshotsInstalled.ShouldBeGreaterThan(0);
        cluster.RunUntil(new Condition(
            $"node {away} has applied all", c => c.StatusOf(away) is { } status && status.AppliedIndex == c.StatusOf(c.Leader!.Value)!.CommitIndex));
    }

    static SimulatedCluster Elected(ulong seed)
    {
        var cluster = new SimulatedCluster(seed, new ClusterOptions
        {
            Nodes = 3,
            StateMachine = () => new Journaled(),
            Fingerprint = machine => ((Journaled)machine).State,
            Settings = settings => settings.WithSnapshotEntries(10).WithSnapshotTrailingEntries(2).WithSnapshotChunkBytes(20).WithSnapshotWindowBytes(40).WithSnapshotStoreChunkBytes(50),
        });
        cluster.Start();
        cluster.RunUntil(Conditions.LeaderElected);
        return cluster;
    }

    static int Follower(SimulatedCluster cluster) => (cluster.Leader!.Value % 3) + 1;

    // Snapshots are stored beside the writes, in their own time.
    static void WriteUntilCompacted(SimulatedCluster cluster)
    {
        Write(cluster, 60);
        cluster.RunUntil(new Condition("the leader's log is compacted", c => c.Leader is { } leader && c.StatusOf(leader)!.BaseIndex.Value > 40));
    }

    static void Write(SimulatedCluster cluster, int count)
    {
        for (var i = 0; i < count; i++) cluster.SendUntilDone(new AddLine($"line{i}"));
    }
}
