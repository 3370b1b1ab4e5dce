using AkkaRaft.Consensus;
using Shouldly;
using Xunit;
using static AkkaRaft.Tests.Consensus.Story;

namespace AkkaRaft.Tests.Consensus.KnownBugs;

/// <summary>Which voters a leader may rely on when it is asked to change who decides: those that are there and have the log.</summary>
public sealed class ReadinessStories
{
    /// <summary>
    /// Node 3 is dead for a long time. Leadership passes to node 2, which is asked at once to remove node 1: of the two voters that would be left one is dead, and that has to be refused.
    /// </summary>
    [Fact, Trait("RaftBug", "B69")]
    public void A_new_leader_does_not_take_a_long_dead_voter_for_one_that_is_there()
    {
        var cluster = Led(founders: 3, storages: true);
        Committed(cluster, "all storages are known");
        cluster.Crash(cluster[3]);
        Passes(cluster, 30_000, () => false);
        cluster.Transfer(cluster[1], 2);
        Passes(cluster, 5_000, () => cluster[2].IsLeader && cluster[2].State.CommitIndex >= cluster[2].State.Leadership!.FirstIndex).ShouldBeTrue();

        Request(cluster, 2, [2, 3]).ShouldBe(MembershipOutcome.Busy, "it does not know yet who is there");
        Passes(cluster, 60_000, () => false);
        var outcome = Request(cluster, 2, [2, 3]);
        (outcome, cluster.Leader is not null).ShouldBe((MembershipOutcome.Refused, true));
    }

    /// <summary>The same after the leader's crash, with a move in between: what operators do when two nodes have failed one after the other.</summary>
    [Fact, Trait("RaftBug", "B69")]
    public void After_the_leaders_crash_a_removal_does_not_leave_a_majority_that_is_dead()
    {
        var cluster = Led(founders: 5, storages: true);
        Committed(cluster, "all storages are known");
        cluster.Crash(cluster[4]);
        Passes(cluster, 30_000, () => false);
        cluster.Crash(cluster[1]);
        Passes(cluster, 30_000, () => cluster.Leader is { } led && led.State.CommitIndex >= led.State.Leadership!.FirstIndex).ShouldBeTrue();
        var leader = cluster.Leader!;
        // Two living ones are to go, both dead ones would stay.
        Request(cluster, leader.Number, [1, 4, leader.Number]).ShouldBe(MembershipOutcome.Busy);
        Passes(cluster, 60_000, () => false);
        var outcome = Request(cluster, leader.Number, [1, 4, leader.Number]);
        (outcome, cluster.Leader is not null).ShouldBe((MembershipOutcome.Refused, true));
    }

    /// <summary>
    /// Node 3 answers every heartbeat, but its disk stores nothing any more. Node 2 is to be removed: of the two voters that would be left one lacks the log, which operations.md promises to refuse. Accepted,
    /// the group stands still: node 3's answers keep the leader in office, and nothing is ever committed, the removal included.
    /// </summary>
    [Fact, Trait("RaftBug", "B69")]
    public void A_voter_that_answers_and_stores_nothing_does_not_count_as_one_that_has_the_log()
    {
        var cluster = Led(founders: 3, storages: true, options: new CoreOptions { MaxAppendEntries = 10 });
        Committed(cluster, "all storages are known");
        cluster[3].DiskHeld = true;
        for (var i = 0; i < 100; i++) Committed(cluster, $"c{i}");
        (cluster[1].State.Log.Last.Index - cluster[1].State.Leadership!.Peers[cluster[3].Id].Match).ShouldBeGreaterThan(90);

        var outcome = Request(cluster, 1, [1, 3]);
        cluster.Propose(cluster[1], (1000, "after"));
        Passes(cluster, 30_000, () => cluster.Oracles.Fates.GetValueOrDefault(1000L) == "done");
        (outcome, cluster.Oracles.Fates.GetValueOrDefault(1000L)).ShouldBe((MembershipOutcome.Refused, "done"));
    }

    /// <summary>A node without a log elects nobody whose log does not name its storage: as a voter that no leader has heard it would be missing when it is needed, and nobody would ever hear it.</summary>
    [Fact, Trait("RaftBug", "B71")]
    public void A_node_that_no_leader_has_heard_is_made_no_voter()
    {
        var cluster = Led(founders: 3, spares: 1, storages: true);
        Committed(cluster, "kept");
        cluster.Crash(cluster[4]);

        Request(cluster, 1, [1, 2, 3, 4]).ShouldBe(MembershipOutcome.Refused);
        Change(cluster, [1, 2, 3], learners: [4]);
        Request(cluster, 1, [1, 2, 3, 4]).ShouldBe(MembershipOutcome.Refused);

        cluster.Start(cluster[4]);
        Passes(cluster, 5000, () => cluster[1].State.Configuration.Find(cluster[4].Id) is { Storage: not null }).ShouldBeTrue();
        Change(cluster, [1, 2, 3, 4]);
        cluster.Crash(cluster[1]);
        Passes(cluster, 60_000, () => cluster.Leader is not null).ShouldBeTrue("three of four are there: 2, 3 and 4");
    }
}
