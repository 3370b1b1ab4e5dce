using AkkaRaft.Consensus;
using Shouldly;
using Xunit;
using static AkkaRaft.Tests.Consensus.Story;

namespace AkkaRaft.Tests.Consensus.KnownBugs;

/// <summary>Changes of members among several nodes, each in the situation in which another system failed. After every step the oracles look at everything.</summary>
public sealed class MembershipStories
{
    /// <summary>Thesis 4.1: one of three dies right after the promotion of the third, which has not heard of it. Its vote is needed, and given.</summary>
    [Fact, Trait("RaftBug", "B22")]
    public void A_promoted_learner_that_has_not_heard_of_it_elects_the_next_leader()
    {
        var cluster = Led(founders: 2, spares: 1);
        Change(cluster, [1, 2], learners: [3]);
        Isolate(cluster, 3);
        Change(cluster, [1, 2, 3]);
        cluster[3].State.Configuration.IsVoter(cluster[3].Id).ShouldBeFalse("it has not heard of it");

        cluster.Crash(cluster[1]);
        cluster.Heal();
        Passes(cluster, 5000, () => cluster.Leader is not null);

        cluster.Leader.ShouldBe(cluster[2]);
        Committed(cluster, "on");
    }

    /// <summary>
    /// A snapshot is taken in a joint configuration. Who starts from it, on its own disk or as a learner that had nothing, knows both sets, the learners, and that it stays.
    /// </summary>
    [Fact, Trait("RaftBug", "B57"), Trait("RaftBug", "B67")]
    public void A_snapshot_of_a_joint_configuration_keeps_all_of_it_through_a_restart_and_for_a_learner_that_joins()
    {
        var cluster = Led(founders: 3, spares: 2, options: new CoreOptions { TakesSnapshots = true, SnapshotEntries = 1, TrailingEntries = 0 });
        Change(cluster, [1, 2, 3], learners: [4]);
        Isolate(cluster, 5);
        Change(cluster, [1, 4], learners: [2, 5], joint: JointUse.AlwaysAndStay);
        Committed(cluster, "a");
        var joint = cluster[1].State.Configuration;
        (joint.IsJoint, joint.StaysJoint, joint.Leaving.Length, joint.Learners.Length).ShouldBe((true, true, 1, 2));
        cluster[1].State.Log.Base.Index.ShouldBe(cluster[1].State.Log.Last.Index, "nothing but the snapshot is left");

        cluster.Crash(cluster[4]);
        cluster.Start(cluster[4]);
        cluster[4].State.Configuration.ShouldBe(joint);
        cluster.Heal();
        Passes(cluster, 1000, () => cluster[5].State.Configuration.Equals(joint)).ShouldBeTrue("the learner begins from the snapshot");

        // Whoever leads next needs two of 1, 2, 3 and both of 1, 4; nodes 1 and 4 alone are not enough.
        Partition(cluster, [1, 4], [2, 3, 5]);
        Passes(cluster, 5000, () => false);
        cluster.Leader.ShouldBeNull();
        cluster.Heal();
        Passes(cluster, 5000, () => cluster.Leader is not null).ShouldBeTrue();
        Change(cluster, [1, 4], learners: [2, 5]);
        Passes(cluster, 1000, () => false);
        cluster[5].State.Configuration.ToString().ShouldBe("1=host:1,4=host:4 learners 2=host:2,5=host:5");
    }

    /// <summary>
    /// Ongaro, raft-dev 2015: two leaders in turn append changes of one voter each upon a configuration that was never agreed on, and two majorities apart from each other
    /// commit. Here the second one cannot append its change before its no-op is committed, and from then on the first one cannot be elected.
    /// </summary>
    [Fact, Trait("RaftBug", "B63")]
    public void Two_leaders_with_a_change_each_do_not_commit_side_by_side()
    {
        var cluster = Led(founders: 4, spares: 1);
        Change(cluster, [1, 2, 3, 4], learners: [5]);

        // The first appends voter 5, and only 5 gets to know it: with 1 and 5 it would need one more.
        Partition(cluster, [1, 5], [2, 3, 4]);
        Request(cluster, 1, [1, 2, 3, 4, 5]);
        cluster.Stabilize([cluster[1], cluster[5]]);
        cluster[1].State.Configuration.Voters.Length.ShouldBe(5);

        // The second is elected without it. Before its no-op is committed it changes nothing; with what its log says, 2 and 3 would be a majority without 1.
        foreach (var node in cluster.Nodes) node.Clock += TimeSpan.FromSeconds(2);
        cluster.Step(cluster[2], Campaign.Instance);
        for (var i = 0; i < 40 && !cluster[2].IsLeader; i++) Deliver(cluster, 2, 3, 4);
        cluster[2].IsLeader.ShouldBeTrue();
        Request(cluster, 2, [2, 3, 4]).ShouldBe(MembershipOutcome.Busy);
        cluster.Stabilize([cluster[2], cluster[3], cluster[4]]);
        Request(cluster, 2, [2, 3, 4]).ShouldBeNull("now it is appended");
        cluster.Stabilize([cluster[2], cluster[3], cluster[4]]);
        var agreed = cluster[2].State.CommitIndex;

        // The first one asks all of its five: whoever has the second one's no-op refuses.
        cluster.Heal();
        Partition(cluster, [1, 4, 5], [2, 3]);
        Passes(cluster, 5000, () => cluster[1].IsLeader && cluster[1].State.Term > new Term(1)).ShouldBeFalse();
        cluster.Heal();
        Passes(cluster, 5000, () => cluster.Nodes.Take(4).All(node => node.State.CommitIndex > agreed || node.Number == 1));
        cluster.Leader!.State.Configuration.ToString().ShouldBe("2=host:2,3=host:3,4=host:4");
    }

    /// <summary>
    /// Raft 6: all nodes of a joint configuration start again. The old minority and the new majority do not elect; and a leader that is left with them commits nothing, answers no
    /// read, and has no lease.
    /// </summary>
    [Fact, Trait("RaftBug", "B67"), Trait("RaftBug", "B46")]
    public void After_a_restart_in_a_joint_configuration_the_new_majority_with_an_old_minority_decides_nothing()
    {
        var cluster = Led(founders: 3, spares: 2, options: new CoreOptions { LeaseReads = true });
        Change(cluster, [1, 2, 3], learners: [4, 5]);
        Change(cluster, [1, 4, 5], joint: JointUse.AlwaysAndStay);
        foreach (var node in cluster.Nodes) cluster.Crash(node);
        foreach (var node in cluster.Nodes) cluster.Start(node);

        Partition(cluster, [1, 4, 5], [2, 3]);
        Passes(cluster, 10_000, () => cluster.Leader is not null).ShouldBeFalse("votes");
        cluster.Heal();
        Partition(cluster, [1, 2, 4, 5], [3]);
        Passes(cluster, 5000, () => cluster.Leader is { } l && l.State.CommitIndex == l.State.Log.Last.Index).ShouldBeTrue();
        var leader = cluster.Leader!;
        var committed = leader.State.CommitIndex;

        // The leader keeps one of the voters before, at most itself.
        var rest = leader.Number is 1 or 2 ? [leader.Number, 4, 5] : new[] { 1, 4, 5 };
        cluster.Heal();
        Partition(cluster, rest, [.. Enumerable.Range(1, 5).Except(rest)]);
        Passes(cluster, 600, () => false);   // its lease is over, and that it leads no more it has not seen yet
        leader.IsLeader.ShouldBeTrue();
        var answered = 0;
        cluster.OnEffect = (_, effect) => answered += effect is ReadReady ? 1 : 0;
        cluster.Propose(leader, (99, "lost"));
        cluster.Read(leader, new Read([1]));
        cluster.Read(leader, new Read([2]) { ByLease = true });
        Passes(cluster, 400, () => false);
        (leader.State.CommitIndex, answered).ShouldBe((committed, 0), "commits, reads and leases");
        Passes(cluster, 2000, () => leader.IsLeader && leader.State.Term == cluster.Nodes.Max(n => n.State.Term)).ShouldBeTrue();
        Passes(cluster, 2000, () => false);
        leader.IsLeader.ShouldBeFalse("nor does it lead for ever");
    }

    /// <summary>The leader that entered dies before it has left, or when what comes after is on its own disk only. The next one leaves: once, whatever the old one comes back with.</summary>
    [Theory, Trait("RaftBug", "B68"), InlineData(false), InlineData(true)]
    public void A_leader_that_dies_between_entering_and_leaving_is_followed_by_one_that_leaves_once(bool leftOnItsDisk)
    {
        var cluster = Led(founders: 3, spares: 2);
        Change(cluster, [1, 2, 3], learners: [4, 5]);
        Request(cluster, 1, [1, 4, 5]).ShouldBeNull();
        foreach (var node in cluster.Nodes)
        {
            foreach (var envelope in cluster.InFlight.Where(e => e.To == node.Number).ToList()) cluster.Deliver(envelope);
            cluster.PersistLog(node);
        }

        foreach (var answer in cluster.InFlight.Where(e => e.To == 1).ToList()) cluster.Deliver(answer);
        cluster[1].State.Configuration.IsJoint.ShouldBeFalse("it has committed the joint one, and appended what comes after");
        cluster.InFlight.Clear();
        cluster.Crash(cluster[1], logWritesKept: leftOnItsDisk ? 1 : 0);
        cluster.Nodes.Count(node => node.IsRunning && node.State.Configuration.IsJoint).ShouldBe(4);

        Passes(cluster, 5000, () => cluster.Leader is { } l && !l.State.Configuration.IsJoint && l.State.CommitIndex == l.State.Log.Last.Index).ShouldBeTrue();
        cluster.Start(cluster[1]);
        Passes(cluster, 3000, () => false);

        cluster.Oracles.Committed.OfType<ConfigurationEntry>().Count(entry => entry.Configuration.IsJoint).ShouldBe(1, "entered once");
        cluster.Oracles.Committed.OfType<ConfigurationEntry>().Count(entry => entry.Configuration.ToString() == "1=host:1,4=host:4,5=host:5").ShouldBe(1, "left once");
        cluster[1].State.Configuration.IsJoint.ShouldBeFalse();
    }

    /// <summary>A leader that goes through a joint configuration leads until what comes after it is committed and told, and hands over to one of those.</summary>
    [Fact, Trait("RaftBug", "B69")]
    public void A_leader_that_is_replaced_leads_through_the_joint_configuration_and_hands_over()
    {
        var cluster = Led(founders: 3, spares: 1);
        Change(cluster, [1, 2, 3], learners: [4]);
        var ended = new List<(RaftRole To, LogIndex Commit)>();
        cluster.OnEffect = (node, effect) =>
        {
            if (effect is RoleChanged change && node.Number == 1) ended.Add((change.To, node.State.CommitIndex));
            if (effect is Send { Message: TimeoutNow }) cluster.Nodes.Count(n => n.Number != 1 && n.State.CommitIndex >= node.State.Configurations.EffectiveIndex).ShouldBeGreaterThanOrEqualTo(2, "told");
        };

        Request(cluster, 1, [2, 3, 4]).ShouldBeNull();
        Passes(cluster, 1000, () => cluster.Leader is { Number: not 1 }).ShouldBeTrue();

        cluster.Leader!.State.Configuration.ToString().ShouldBe("2=host:2,3=host:3,4=host:4");
        Passes(cluster, 5000, () => false);
        var (role, commit) = ended.ShouldHaveSingleItem("it goes, and does not stand again");
        role.ShouldBe(RaftRole.Follower);
        commit.ShouldBe(cluster[1].State.Configurations.EffectiveIndex, "not before it is committed");
    }

    /// <summary>
    /// Of two voters the leader is to go, and only its own disk has that entry when its network fails. By that entry it has no vote, by its log nobody else can be elected: it must
    /// be able to stand.
    /// </summary>
    [Fact, Trait("RaftBug", "B72")]
    public void The_removed_one_of_two_voters_can_be_elected_to_finish_its_removal()
    {
        var cluster = Led(founders: 2);
        Partition(cluster, [1], [2]);
        Request(cluster, 1, [2]).ShouldBeNull();
        cluster.PersistLog(cluster[1]);
        Passes(cluster, 2000, () => false);
        cluster[1].IsLeader.ShouldBeFalse();

        cluster.Heal();
        Passes(cluster, 10_000, () => cluster[2].IsLeader && cluster[2].State.Configurations.CommittedAt(cluster[2].State.CommitIndex).Voters.Length == 1).ShouldBeTrue();

        Committed(cluster, "alone");
        cluster[1].State.IsRemoved.ShouldBeTrue();
    }

    /// <summary>
    /// The same, and then it starts again: it does not know any more that the configuration in which it votes is committed, nor was it one of the founders. Nobody else can be
    /// elected.
    /// </summary>
    [Fact, Trait("RaftBug", "B72")]
    public void The_removed_one_of_two_voters_can_be_elected_after_a_restart_too()
    {
        var cluster = Led(founders: 1, spares: 1);
        Change(cluster, [1], learners: [2]);
        Change(cluster, [1, 2]);
        cluster.Transfer(cluster[1], to: 2);
        Passes(cluster, 1000, () => cluster[2].IsLeader && cluster[2].State.CommitIndex == cluster[2].State.Log.Last.Index).ShouldBeTrue();
        Partition(cluster, [1], [2]);
        Request(cluster, 2, [1]).ShouldBeNull();
        cluster.PersistLog(cluster[2]);

        cluster.Crash(cluster[2]);
        cluster.Start(cluster[2]);
        cluster.Heal();

        Passes(cluster, 10_000, () => cluster[1].IsLeader && cluster[1].State.Configurations.CommittedAt(cluster[1].State.CommitIndex).Voters.Length == 1).ShouldBeTrue();
    }

    /// <summary>A joint configuration that is to stay does, through elections, until somebody asks for what comes after it; nothing else is done before.</summary>
    [Fact, Trait("RaftBug", "B68")]
    public void A_joint_configuration_that_is_to_stay_is_left_when_somebody_asks_for_it()
    {
        var cluster = Led(founders: 3, spares: 1);
        Change(cluster, [1, 2, 3], learners: [4]);
        Change(cluster, [1, 2, 4], joint: JointUse.AlwaysAndStay);
        cluster.Crash(cluster[1]);
        Passes(cluster, 5000, () => cluster.Leader is { } l && l.State.CommitIndex >= l.State.Leadership!.FirstIndex).ShouldBeTrue();
        Passes(cluster, 3000, () => false);
        cluster.Leader!.State.Configuration.StaysJoint.ShouldBeTrue();
        Request(cluster, cluster.Leader.Number, [1, 2, 3]).ShouldBe(MembershipOutcome.Busy);

        Change(cluster, [1, 2, 4]);

        cluster.Leader.State.Configuration.ToString().ShouldBe("1=host:1,2=host:2,4=host:4");
    }

    /// <summary>
    /// A leader is removed, so that one voter is left, and still has entries to send when that one starts again: it is elected alone, at once. What the old leader reads by lease
    /// then must not be old.
    /// </summary>
    [Fact, Trait("RaftBug", "B78"), Trait("RaftBug", "B69")]
    public void A_leader_without_a_vote_reads_nothing_by_lease()
    {
        var cluster = Led(founders: 2, options: new CoreOptions { LeaseReads = true });
        Request(cluster, 1, [2]).ShouldBeNull();
        cluster.PersistLog(cluster[1]);
        Deliver(cluster, 2);
        cluster.PersistLog(cluster[2]);
        Deliver(cluster, 1);
        cluster[1].State.IsRemoved.ShouldBeTrue("its removal is committed, and it tells that");
        Deliver(cluster, 2);
        cluster.Propose(cluster[1], (1, "more"));
        Deliver(cluster, 1);   // that node 2 has heard; but it lacks the last entry, and cannot take over yet

        cluster[1].State.Leadership.ShouldNotBeNull().Lease.IsGivenUp.ShouldBeFalse("nobody was called");
        Partition(cluster, [1], [2]);
        cluster.Crash(cluster[2]);
        cluster.Start(cluster[2]);
        cluster.Tick(cluster[2], CoreCluster.TickInterval);
        cluster.Stabilize([cluster[2]]);
        cluster[2].IsLeader.ShouldBeTrue("it votes alone");
        cluster.Propose(cluster[2], (2, "new"));
        cluster.Stabilize([cluster[2]]);
        cluster.Oracles.Fates[2].ShouldBe("done");

        cluster.Read(cluster[1], new Read([1]) { ByLease = true });   // the oracles say if its answer is old

        cluster[1].WaitingReads.Keys.ShouldBe([1]);
    }

    /// <summary>A leader that is removed, and asked for a joint configuration that stays before it has handed over, hands over all the same.</summary>
    [Fact, Trait("RaftBug", "B69")]
    public void A_removed_leader_does_not_lead_on_in_a_joint_configuration_that_stays()
    {
        var cluster = Led(founders: 4);
        Request(cluster, 1, [2, 3, 4]).ShouldBeNull();
        for (var i = 0; i < 10 && cluster[1].State.Leadership is { Change: not null }; i++)
        {
            Deliver(cluster, 1, 2, 3, 4);
            foreach (var node in cluster.Nodes) cluster.PersistLog(node);
        }

        Request(cluster, 1, [2, 3], joint: JointUse.AlwaysAndStay).ShouldBeNull("it leads still");

        Passes(cluster, 3000, () => cluster.Leader is { Number: not 1 }).ShouldBeTrue();
        cluster.Leader!.State.Configuration.StaysJoint.ShouldBeTrue();
        Passes(cluster, 1000, () => !cluster[1].IsLeader).ShouldBeTrue();
    }
}
