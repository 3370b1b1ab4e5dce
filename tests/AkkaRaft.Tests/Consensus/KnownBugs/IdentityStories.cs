using AkkaRaft.Consensus;
using Shouldly;
using Xunit;
using static AkkaRaft.Tests.Consensus.Story;

namespace AkkaRaft.Tests.Consensus.KnownBugs;

/// <summary>
/// Nodes that were members, are not yet, or have lost their disk, each in the situation in which another system failed. After every step the oracles look at everything.
/// </summary>
public sealed class IdentityStories
{
    /// <summary>Thesis 4.2.3: a node is removed while it is cut off, gets into a huge term meanwhile, and comes back. Nobody's term rises; it learns why, and is silent.</summary>
    [Fact, Trait("RaftBug", "B23")]
    public void A_node_that_was_removed_while_it_was_cut_off_deposes_nobody_whatever_its_term()
    {
        var cluster = Led(founders: 3);
        Isolate(cluster, 3);
        cluster.Crash(cluster[3]);
        cluster[3].Disk.Term = new Term(1000);
        Change(cluster, [1, 2]);
        Passes(cluster, 5000, () => false);

        cluster.Heal();
        cluster.Start(cluster[3]);
        Passes(cluster, 10_000, () => cluster[3].State.IsRemoved).ShouldBeTrue("it is told");
        Passes(cluster, 5000, () => false);

        (cluster.Leader, cluster[1].State.Term, cluster[2].State.Term).ShouldBe((cluster[1], new Term(1), new Term(1)));
        cluster[3].State.Role.ShouldBe(RaftRole.Follower);
    }

    /// <summary>
    /// A removed node knows it by its log, and starts again: what of that is committed it does not know any more. It asks for votes, is told, and is silent, although its log ends
    /// where the others' does.
    /// </summary>
    [Fact, Trait("RaftBug", "B21"), Trait("RaftBug", "B23")]
    public void A_removed_node_that_starts_again_is_told_once_more()
    {
        var cluster = Led(founders: 3);
        Change(cluster, [1, 2]);
        Passes(cluster, 3000, () => cluster[3].State.IsRemoved).ShouldBeTrue();
        cluster.Crash(cluster[3]);
        cluster.Start(cluster[3]);
        cluster[3].State.Log.Last.ShouldBe(cluster[1].State.Log.Last);

        Passes(cluster, 5000, () => cluster[3].State.IsRemoved).ShouldBeTrue();
        var said = 0;
        cluster.OnEffect = (node, effect) => said += node.Number == 3 && effect is Send ? 1 : 0;
        Passes(cluster, 5000, () => false);
        (said, cluster.Leader, cluster[1].State.Term).ShouldBe((0, cluster[1], new Term(1)));
    }

    /// <summary>
    /// One of three loses its disk and comes back under its name; what it had acknowledged is then on one disk only, and that one is away. The two that are left could elect and
    /// lose it; they do not.
    /// </summary>
    [Fact, Trait("RaftBug", "B71")]
    public void A_wiped_disk_elects_nobody_who_lacks_what_it_had_acknowledged()
    {
        var cluster = Led(founders: 3, storages: true);
        Partition(cluster, [1, 3], [2]);
        Committed(cluster, "kept");
        cluster.Oracles.Fates.Values.ShouldContain("done");

        cluster.Wipe(cluster[3]);
        cluster.Start(cluster[3]);
        cluster.Crash(cluster[1]);
        cluster.Heal();
        Passes(cluster, 10_000, () => cluster.Leader is not null).ShouldBeFalse();

        cluster.Start(cluster[1]);
        Passes(cluster, 5000, () => cluster.Leader == cluster[1]).ShouldBeTrue("it alone has everything");
        Change(cluster, [1, 2]);
        Change(cluster, [1, 2], promote: [3]);
        Passes(cluster, 2000, () => cluster[3].State.Configuration.VotesAfter(cluster[3].Id) && cluster[3].Machine.Count == cluster[1].Machine.Count).ShouldBeTrue();
    }

    /// <summary>
    /// A node is removed and added again with an empty disk. What its earlier disk had acknowledged comes late: it says nothing of the new one, which would else never be sent what
    /// it lacks.
    /// </summary>
    [Theory, Trait("RaftBug", "B71"), Trait("RaftBug", "B93"), InlineData(false), InlineData(true)]
    public void What_an_earlier_disk_of_that_name_acknowledged_is_not_on_the_new_one(bool bySnapshot)
    {
        var options = bySnapshot ? new CoreOptions { TakesSnapshots = true, SnapshotEntries = 1, TrailingEntries = 0 } : new CoreOptions();
        var cluster = Led(founders: 3, options: options, storages: true);
        if (bySnapshot)
        {
            Partition(cluster, [1, 2], [3]);
            Committed(cluster, "compacted");
            cluster.Heal();
            cluster.Tick(cluster[1], cluster[1].Options.HeartbeatInterval);
        }
        else
        {
            cluster.Propose(cluster[1], (1, "stored"));
        }

        // The answer that says it has it is held back.
        Envelope? late = null;
        for (var i = 0; i < 100 && late is null; i++)
        {
            cluster.Stabilize([cluster[3]]);
            late = cluster.InFlight.Find(e => e is { From: 3, Message: InstallSnapshotReply { Outcome: InstallOutcome.Installed } }
                || (!bySnapshot && e is { From: 3, Message: AppendEntriesReply { Outcome: AppendOutcome.Accepted } }));
            if (late is null) foreach (var envelope in cluster.InFlight.Where(e => e.To == 1).ToList()) cluster.Deliver(envelope);
        }

        cluster.InFlight.Remove(late.ShouldNotBeNull());
        cluster.Stabilize([cluster[1], cluster[2]]);
        cluster.Wipe(cluster[3]);
        Change(cluster, [1, 2]);
        Change(cluster, [1, 2], promote: [3]);

        cluster.InFlight.Add(late);
        cluster.Deliver(late);
        cluster[1].State.Leadership!.Peers[cluster[3].Id].Match.ShouldBe(LogIndex.Zero);

        cluster.Start(cluster[3]);
        Passes(cluster, 2000, () => cluster[3].State.Configuration.IsVoter(cluster[3].Id) && cluster[3].Machine.Count == cluster[1].Machine.Count).ShouldBeTrue("it gets everything, and votes");
    }

    /// <summary>
    /// One of three founders has been cut off from the beginning, another one loses its disk and is started again to join, as an operator would. The two know nothing: they must not
    /// found the cluster anew, nor make a second leader of a term of old.
    /// </summary>
    [Fact, Trait("RaftBug", "B71")]
    public void A_wiped_node_that_waits_to_be_added_does_not_found_the_cluster_again()
    {
        var cluster = new CoreCluster(3, storages: true);
        Partition(cluster, [1, 3], [2]);
        cluster.Step(cluster[1], Campaign.Instance);
        Passes(cluster, 200, () => false);
        Committed(cluster, "kept");
        cluster[2].Disk.Last.ShouldBe(EntryId.Zero);

        cluster.Wipe(cluster[1]);
        cluster.Start(cluster[1]);
        cluster.Heal();
        Partition(cluster, [1, 2], [3]);
        Passes(cluster, 10_000, () => cluster.Leader is not null).ShouldBeFalse();

        cluster[3].Disk.Log.OfType<CommandEntry>().ShouldHaveSingleItem("what was acknowledged is still there, for whoever recovers it");
    }

    /// <summary>A newcomer is sent what was committed before it came, as entries or as a snapshot. Nobody is told that it was removed, and might stop it.</summary>
    [Theory, InlineData(false), InlineData(true)]
    public void A_newcomer_that_is_sent_what_was_before_it_came_was_not_removed(bool bySnapshot)
    {
        var options = new CoreOptions { MaxAppendEntries = 2, TakesSnapshots = bySnapshot, SnapshotEntries = 1, TrailingEntries = 0 };
        var cluster = Led(founders: 1, spares: 1, options: options, storages: true);
        foreach (var command in "abcdef") Committed(cluster, command.ToString());
        var removed = 0;
        cluster.OnEffect = (_, _) => removed += cluster[2] is { IsRunning: true, State.IsRemoved: true } ? 1 : 0;

        Change(cluster, [1], learners: [2]);
        Passes(cluster, 1000, () => cluster[2].State.Configuration.Find(cluster[2].Id) is not null).ShouldBeTrue();
        removed.ShouldBe(0);

        Change(cluster, [1]);
        Passes(cluster, 1000, () => cluster[2].State.IsRemoved).ShouldBeTrue("and now it was");
    }
}
