using AkkaRaft.Consensus;
using Shouldly;
using Xunit;
using static AkkaRaft.Tests.Consensus.Messages;

namespace AkkaRaft.Tests.Consensus.Paper;

/// <summary>Changes of who belongs to a group, step by step: when a step is taken, and when it is not (Raft 6, thesis 4).</summary>
public sealed class MembershipChangeRules
{
    static readonly CoreOptions Leases = new() { LeaseReads = true, ClockDriftBound = 0.2 };

    /// <summary>Raft 6, Ongaro 2015: also what is known to be committed is gone on with only when the new leader's own first entry is.</summary>
    [Fact, Trait("RaftBug", "B63"), Trait("RaftBug", "B68")]
    public void A_new_leader_takes_no_step_before_its_no_op_is_committed()
    {
        var leader = Core.Follower(term: 3, log: "1 3").Receives(Configure(after: "2/3", Entries.Voters([1, 2, 3]).Enter(Entries.Voters([1, 2])))).LogDurable(3);
        leader.Receives(Append(from: 2, term: 3, after: "3/3", commit: 3)).CommitIndex.ShouldBe(3);
        leader.TimesOut().WinsPreVote().Receives(TermDurable(4, 1)).WinsVote().Role.ShouldBe(RaftRole.Leader);

        leader.LogDurable(4).Receives(Accepted(3, 4, 3)).Effects.OfType<AppendToLog>().ShouldBeEmpty();
        leader.Waits(100).Effects.OfType<AppendToLog>().ShouldBeEmpty();
        leader.Receives(Accepted(2, 4, 4));

        Configured(leader).IsJoint.ShouldBeFalse();
    }

    /// <summary>Thesis 4.1: one at a time, whoever began the one before.</summary>
    [Fact, Trait("RaftBug", "B64")]
    public void No_change_while_a_promotion_of_the_leaders_own_is_not_committed()
    {
        var leader = Core.Leader(term: 3, log: "1 3", commit: 2);
        leader.Receives(Change(1, [1, 2, 3], promote: [4])).LogDurable(3).Receives(Accepted(2, 3, 3)).Receives(Accepted(4, 3, 3, round: Round(leader)));
        Configured(leader).IsVoter(Entries.Node(4)).ShouldBeTrue();

        leader.Receives(Change(2, [1, 2])).Did("change 2 ended: Busy, the change of index 4 is not committed yet");
    }

    /// <summary>Raft 6: one voter for another are two changes; their majorities need not meet.</summary>
    [Fact, Trait("RaftBug", "B67")]
    public void One_voter_for_another_goes_through_a_joint_configuration_and_one_more_or_less_does_not()
    {
        Configured(Core.Leader(term: 3, log: "1 3", commit: 2).Receives(Change(1, [1, 2, 4], force: true))).IsJoint.ShouldBeTrue();
        Configured(Core.Leader(term: 3, log: "1 3", commit: 2).Receives(Change(1, [1, 2, 3, 4], force: true))).IsJoint.ShouldBeFalse();
        Configured(Core.Leader(term: 3, log: "1 3", commit: 2).Receives(Change(1, [1, 2]))).IsJoint.ShouldBeFalse();
        Configured(Core.Leader(term: 3, log: "1 3", commit: 2).Receives(Change(1, [1, 2]) with { Joint = JointUse.Always })).IsJoint.ShouldBeTrue();
    }

    /// <summary>Thesis 6.4.1: what one majority has promised says nothing of another.</summary>
    [Fact, Trait("RaftBug", "B67"), Trait("RaftBug", "B78")]
    public void A_lease_ends_when_other_voters_decide()
    {
        var leader = Core.Leader(term: 3, log: "1 3", commit: 2, options: Leases);
        leader.Waits(100).Receives(Accepted(2, 3, 2, round: 1), new Read([1]) { ByLease = true }).Effects.OfType<ReadReady>().Count().ShouldBe(1);

        leader.Receives(Change(1, [1, 2, 3, 4], force: true));

        leader.Receives(new Read([2]) { ByLease = true }).Effects.OfType<ReadReady>().ShouldBeEmpty();
    }

    /// <summary>With AlwaysAndStay an operator looks at the joint configuration before anything is final; a storage that becomes known meanwhile changes nothing of that.</summary>
    [Fact, Trait("RaftBug", "B68")]
    public void A_joint_configuration_that_is_to_stay_stays_until_somebody_asks()
    {
        var leader = Core.Leader(term: 3, log: "1 3", commit: 2);
        leader.Receives(Change(1, [1, 2]) with { Joint = JointUse.AlwaysAndStay });
        leader.LogDurable(3).Receives(Accepted(2, 3, 3)).Effects.Select(Trace.Of).ShouldContain("change 1 ended: Changed, index 3");
        leader.Effects.OfType<AppendToLog>().ShouldBeEmpty();
        leader.Waits(300).Effects.OfType<AppendToLog>().ShouldBeEmpty();
        leader.State.Configuration.With(member => member).StaysJoint.ShouldBeTrue();

        leader.Receives(Change(2, [1, 2, 3])).Did("change 2 ended: Busy, the joint configuration of index 3 has to be left first");
    }

    /// <summary>Raft 6: who is to be a learner votes until the joint configuration is left.</summary>
    [Fact, Trait("RaftBug", "B66")]
    public void Who_is_demoted_votes_until_the_joint_configuration_is_left()
    {
        var joint = Entries.Voters([1, 2, 3]).Enter(new Configuration(Entries.Voters([1, 4, 5]).Voters, Entries.Voters([2, 3]).Voters));

        joint.Outgoing.ShouldBe([Entries.Node(1), Entries.Node(2), Entries.Node(3)]);
        joint.Quorum.Voters.Length.ShouldBe(5);
        joint.Leaving.ShouldBeEmpty();
        joint.Leave().Quorum.Voters.ShouldBe([Entries.Node(1), Entries.Node(4), Entries.Node(5)]);
    }

    /// <summary>Thesis 3.10, 4.2.1: who does not vote cannot take over.</summary>
    [Fact, Trait("RaftBug", "B66"), Trait("RaftBug", "B69")]
    public void Leadership_is_never_handed_over_to_a_learner()
    {
        var leader = Core.Leader(term: 3, log: "1 3", commit: 2);
        leader.Receives(Change(1, [1, 2, 3], learners: [4])).LogDurable(3).Receives(Accepted(2, 3, 3)).Receives(Accepted(4, 3, 3, round: Round(leader)) with { Priority = 100 });

        leader.Receives(new TransferLeadership(5, null));

        leader.Sent.Single(sent => sent.Message is TimeoutNow).To.ShouldBe("2");
        leader.Receives(new TransferLeadership(6, Entries.Node(4))).Effects.OfType<TransferEnded>().ShouldHaveSingleItem().Outcome.ShouldBe(TransferOutcome.NotAVoter);
    }

    /// <summary>Thesis 3.10: while it is handed over the log does not grow.</summary>
    [Fact, Trait("RaftBug", "B81")]
    public void No_change_while_leadership_is_handed_over()
    {
        var leader = Core.Leader(term: 3, log: "1 3", commit: 2);
        leader.Receives(new TransferLeadership(5, Entries.Node(2)));

        leader.Receives(Change(1, [1, 2])).Did("change 1 ended: Busy, leadership is being handed over to node 2");
    }

    /// <summary>Thesis 4.2.2: who answered before the removal was committed does not know of it.</summary>
    [Fact, Trait("RaftBug", "B69")]
    public void An_answer_from_before_the_commit_does_not_tell_that_the_others_know_of_it()
    {
        var leader = RemovedLeader();
        leader.Waits(50).Sent.ShouldNotContain(sent => sent.Message is TimeoutNow, "nobody has answered what was said after the commit");

        leader.Receives(Accepted(2, 3, 3, round: Round(leader)), Accepted(3, 3, 3, round: Round(leader))).Sent.ShouldContain(sent => sent.Message is TimeoutNow);
    }

    /// <summary>Thesis 4.2.2: the one that is called may be gone; then another is.</summary>
    [Fact, Trait("RaftBug", "B69")]
    public void A_removed_leader_whose_successor_does_not_come_calls_another()
    {
        var leader = Core.Leader(term: 3, log: "1 3", commit: 2, voters: 4);
        leader.Receives(Change(1, [2, 3, 4])).LogDurable(3).Receives(Accepted(2, 3, 3), Accepted(3, 3, 3), Accepted(4, 3, 3));
        leader.CommitIndex.ShouldBe(3);
        var called = new List<string>();

        for (var waited = 0; waited < 2400 && leader.Role == RaftRole.Leader; waited += 50)
        {
            var answers = ((int[])[2, 3, 4]).Where(node => !called.Contains($"{node}")).Select(node => Accepted(node, 3, 3, round: Round(leader)));
            leader.Waits(50);
            var sent = leader.Sent.ToList();
            leader.Receives([.. answers]);
            called.AddRange(sent.Concat(leader.Sent).Where(message => message.Message is TimeoutNow).Select(message => message.To).Except(called).Take(1).ToList());
        }

        called.Count.ShouldBeGreaterThan(1, "who was called says nothing any more");
    }

    /// <summary>Whoever was removed and is a voter again has no reason to go.</summary>
    [Fact, Trait("RaftBug", "B69")]
    public void A_removed_leader_that_is_added_again_leads_on()
    {
        var leader = RemovedLeader();
        leader.Receives(Accepted(2, 3, 3), Accepted(3, 3, 3));
        leader.Receives(Change(2, [1, 2, 3])).LogDurable(4);
        leader.Receives(Accepted(2, 3, 4), Accepted(3, 3, 4)).CommitIndex.ShouldBe(4);

        for (var waited = 0; waited < 4000; waited += 100)
        {
            leader.Waits(100).Sent.ShouldNotContain(sent => sent.Message is TimeoutNow);
            leader.Receives(Accepted(2, 3, 4, round: Round(leader)), Accepted(3, 3, 4, round: Round(leader)));
        }

        leader.Role.ShouldBe(RaftRole.Leader);
    }

    /// <summary>Thesis 4.2.3: only what is committed is told; the entry may be cut off, and who is told stands no more.</summary>
    [Fact, Trait("RaftBug", "B23"), Trait("RaftBug", "B72")]
    public void Nobody_is_told_that_it_was_removed_before_that_is_committed()
    {
        var member = Core.Follower(term: 3, log: "1 3", commit: 2).Receives(Configure(after: "2/3", Entries.Voters([1, 2, 4]))).LogDurable(3);

        member.Receives(PreVoteRequest(from: 3, term: 40, last: "2/3")).Sent.ShouldHaveSingleItem().Message.ShouldBeOfType<VoteReply>().CandidateIsRemoved.ShouldBeFalse();
    }

    /// <summary>Thesis 4.1: its promotion may not have reached it yet; whoever asks it counts it as a voter.</summary>
    [Fact, Trait("RaftBug", "B22")]
    public void A_learner_that_is_asked_votes()
    {
        var learner = Core.Follower(term: 3, log: "1 3").Receives(Configure(after: "2/3", new Configuration(Entries.Voters([2, 3]).Voters, Entries.Voters([1]).Voters))).LogDurable(3);
        learner.Waits(700);

        learner.Receives(VoteRequest(from: 2, term: 4, last: "3/3"), TermDurable(4, 2)).Sent.ShouldHaveSingleItem().Message.ShouldBeOfType<VoteReply>().Granted.ShouldBeTrue();
    }

    /// <summary>Raft 7: a snapshot names the configuration at its last entry; a later one may be cut off.</summary>
    [Fact, Trait("RaftBug", "B57")]
    public void A_snapshot_names_the_configuration_at_its_last_entry()
    {
        var options = new CoreOptions { TakesSnapshots = true, SnapshotEntries = 2, TrailingEntries = 0 };
        var follower = Core.Follower(term: 3, log: "1 3", options: options).Receives(Configure(after: "2/3", Entries.Voters([1, 2]))).LogDurable(3);

        follower.Receives(Append(from: 2, term: 3, after: "3/3", commit: 2));

        var taking = follower.Effects.OfType<TakeSnapshot>().ShouldHaveSingleItem().At;
        taking.Configuration.Voters.Length.ShouldBe(3);
        follower.Receives(new SnapshotTaken(new StoredSnapshot(taking, 10, 7)));
        follower.Receives(Append(from: 3, term: 4, after: "2/3", entries: "3/4"), TermDurable(4)).State.Quorum.Voters.Length
            .ShouldBe(3, "the configuration before is in force again, also when its entry is compacted");
    }

    /// <summary>Raft 6: a node that starts with a snapshot goes by what its log says after that.</summary>
    [Fact, Trait("RaftBug", "B57")]
    public void A_configuration_behind_the_snapshot_is_in_force_after_a_start()
    {
        var change = new ConfigurationEntry(Entries.Id("3/3"), Entries.Epoch, Entries.Voters([1, 4]));
        var recovered = new RecoveredState(new Term(3), null, Entries.Voters(3), [change]) { Base = Entries.Id("2/3"), Snapshot = Snapshot("2/3") };

        new RaftCore(Entries.Node(1), new CoreOptions(), recovered, 1, default).State.Quorum.Voters.ShouldBe([Entries.Node(1), Entries.Node(4)]);
    }

    /// <summary>Thesis 4.2.3: a peer that was removed is sent entries until its removal is committed, and for a bounded time after that.</summary>
    [Fact, Trait("RaftBug", "B70")]
    public void A_silent_removed_peer_is_forgotten_after_a_while_and_not_before_the_commit()
    {
        var leader = Core.Leader(term: 3, log: "1 3", commit: 2, voters: 5);
        leader.Receives(Change(1, [1, 2, 3, 4])).LogDurable(3);
        for (var waited = 0; waited < 4000; waited += 100)
            leader.Waits(100).Receives(Accepted(2, 3, 2, round: Round(leader)), Accepted(3, 3, 2, round: Round(leader)), Accepted(4, 3, 2, round: Round(leader)));
        leader.State.Leadership!.Peers.ShouldContainKey(Entries.Node(5), "its removal may still be undone");
        leader.Receives(Accepted(2, 3, 3), Accepted(3, 3, 3)).CommitIndex.ShouldBe(3);

        leader.Waits(100).Sent.Select(sent => sent.To).ShouldContain("5");
        for (var waited = 0; waited < 3000; waited += 100)
            leader.Waits(100).Receives(Accepted(2, 3, 3, round: Round(leader)), Accepted(3, 3, 3, round: Round(leader)));
        leader.State.Leadership!.Peers.ShouldNotContainKey(Entries.Node(5));
    }

    /// <summary>Thesis 4.2.3: who is removed is sent what the log has; a whole snapshot only to learn that would be too much.</summary>
    [Fact, Trait("RaftBug", "B70")]
    public void A_removed_peer_is_sent_no_snapshot()
    {
        var leader = Core.Leader(term: 3, log: "1 3 3 3 3", options: new CoreOptions { TakesSnapshots = true, SnapshotEntries = 4, TrailingEntries = 0 });
        leader.Receives(Accepted(2, 3, 5));
        leader.Receives(new SnapshotTaken(new StoredSnapshot(leader.State.Taking.ShouldNotBeNull(), 10, 7)));
        leader.Receives(Change(1, [1, 2]));

        leader.Receives(Conflict(3, 3, at: "1/1", hint: "0/0")).Effects.OfType<SendSnapshotChunk>().ShouldBeEmpty();

        leader.Waits(300).Effects.OfType<SendSnapshotChunk>().ShouldBeEmpty();
        leader.State.Leadership!.Peers[Entries.Node(3)].State.ShouldBe(ProgressState.Probe);
    }

    /// <summary>Thesis 4.2.3: what it has of the log it had as the one that was removed; by the same name it may be another storage.</summary>
    [Fact, Trait("RaftBug", "B70"), Trait("RaftBug", "B71")]
    public void Of_a_member_that_is_added_again_nothing_is_known()
    {
        var leader = Core.Leader(term: 3, log: "1 3", commit: 2);
        leader.Receives(Accepted(3, 3, 2));
        leader.Receives(Change(1, [1, 2])).LogDurable(3).Receives(Accepted(2, 3, 3)).Receives(Accepted(3, 3, 3));
        leader.CommitIndex.ShouldBe(3);

        leader.Receives(Change(2, [1, 2, 3])).Effects.OfType<MembershipEnded>().ShouldBeEmpty("two of the three are there");

        leader.State.Leadership!.Peers[Entries.Node(3)].Match.ShouldBe(LogIndex.Zero);
        leader.State.Leadership.Peers[Entries.Node(3)].Leaves.ShouldBeNull();
    }

    /// <summary>Of a majority that would have to be new nodes those count that are there and have the log.</summary>
    [Fact]
    public void Who_is_about_to_leave_is_not_ready_to_be_added_again()
    {
        var leader = Core.Leader(term: 3, log: "1 3", commit: 2, voters: 1);
        leader.Receives(Change(1, [1], learners: [2])).LogDurable(3).Receives(Accepted(2, 3, 3, round: Round(leader)));
        leader.Receives(Change(2, [1])).LogDurable(4);

        var refused = leader.Receives(Change(3, [1, 2])).Effects.OfType<MembershipEnded>().ShouldHaveSingleItem();

        (refused.Outcome, refused.Why.Contains("node 2 is not there yet")).ShouldBe((MembershipOutcome.Refused, true));
    }

    [Theory]
    [InlineData("silent", "was last heard")]
    [InlineData("lagging", "lacks 31 entries")]
    [InlineData("ready", "")]
    public void Whoever_is_silent_or_lacks_the_log_is_not_ready_to_vote(string learner, string why)
    {
        var leader = Core.Leader(term: 3, log: "1 3*30", commit: 31, voters: 1, options: new CoreOptions { MaxAppendEntries = 16 });
        leader.Receives(Change(1, [1], learners: [2])).LogDurable(32).Receives(Accepted(2, 3, learner == "lagging" ? 1 : 32, round: Round(leader)));
        if (learner == "silent") leader.Waits(1500);

        var ended = leader.Receives(Change(2, [1, 2])).Effects.OfType<MembershipEnded>().SingleOrDefault();

        if (learner == "ready") ended.ShouldBeNull();
        else ended.ShouldNotBeNull().Why.ShouldContain($"node 2 {why}");
    }

    [Fact]
    public void What_could_never_be_a_configuration_is_refused()
    {
        var leader = Core.Leader(term: 3, log: "1 3", commit: 2);
        string Why(ChangeMembership change) => leader.Receives(change).Effects.OfType<MembershipEnded>().ShouldHaveSingleItem().Why;

        Why(Change(1, [])).ShouldContain("without voters");
        Why(Change(2, [1, 2], learners: [2])).ShouldContain("node 2 is wanted twice");
        Why(new ChangeMembership(3, [.. Entries.Voters([1, 2]).Voters, new Member(Entries.Node(3), "host:2")], [])).ShouldContain("nodes 2 and 3 cannot both be at host:2");
        Why(Change(4, [.. Enumerable.Range(1, 62)], force: true)).ShouldContain("with 62 members a configuration would be too large");
        leader.Receives(Change(5, [.. Enumerable.Range(1, 61)], force: true)).Effects.OfType<MembershipEnded>().ShouldBeEmpty();
    }

    /// <summary>Thesis 4.2.1: a round that takes too long shows that the learner would hold the others up.</summary>
    [Fact]
    public void A_learner_is_promoted_after_a_round_that_was_short_and_while_it_is_there()
    {
        var leader = Core.Leader(term: 3, log: "1 3", commit: 2);
        leader.Receives(Change(1, [1, 2, 3], promote: [4])).LogDurable(3).Receives(Accepted(2, 3, 3));
        leader.Waits(50).Receives(Propose("a")).LogDurable(4).Receives(Accepted(2, 3, 4));
        for (var waited = 0; waited < 700; waited += 100) leader.Waits(100).Receives(Accepted(2, 3, 4, round: Round(leader)));

        leader.Receives(Propose("b")).LogDurable(5).Receives(Accepted(2, 3, 5), Accepted(4, 3, 4, round: Round(leader))).Effects.OfType<AppendToLog>().ShouldBeEmpty("its first round took 750 ms");
        leader.Waits(100).Receives(Accepted(2, 3, 5, round: Round(leader))).Effects.OfType<AppendToLog>().ShouldBeEmpty();
        leader.Receives(Accepted(4, 3, 5, round: Round(leader)));

        Configured(leader).IsVoter(Entries.Node(4)).ShouldBeTrue();
        Configured(leader).Find(Entries.Node(4)).ShouldNotBeNull().PromoteWhenCaughtUp.ShouldBeFalse("demoted later, it would not be promoted again by itself");
    }

    /// <summary>A learner that had caught up while nothing could be changed, and is silent since, is not made a voter that others wait for.</summary>
    [Fact]
    public void A_silent_learner_is_not_promoted()
    {
        var leader = Core.Leader(term: 3, log: "1 3", commit: 2, options: new CoreOptions { MaxAppendEntries = 4 });
        leader.Receives(Change(1, [1, 2, 3], promote: [4])).LogDurable(3).Receives(Accepted(2, 3, 3)).Waits(50);
        leader.Receives(Propose([.. Enumerable.Range(1, 10).Select(n => $"p{n}")])).LogDurable(13).Receives(Accepted(2, 3, 13), Accepted(4, 3, 3, round: Round(leader)));
        leader.Receives(new TransferLeadership(5, Entries.Node(3)));   // which is far behind: until that is given up nothing is changed
        leader.Receives(Accepted(4, 3, 12, round: Round(leader)));
        leader.State.Leadership!.Transfer.ShouldNotBeNull();

        for (var waited = 0; waited < 1500; waited += 100)
        {
            leader.Waits(100).Effects.OfType<AppendToLog>().ShouldBeEmpty();
            leader.Receives(Accepted(2, 3, 13, round: Round(leader))).Effects.OfType<AppendToLog>().ShouldBeEmpty();
        }

        leader.State.Leadership!.Transfer.ShouldBeNull();
        leader.Receives(Accepted(4, 3, 12, round: Round(leader)));
        Configured(leader).IsVoter(Entries.Node(4)).ShouldBeTrue("it is there again");
    }

    /// <summary>Learners that are to stay learners are not counted on: their rounds are forgotten.</summary>
    [Fact]
    public void A_learner_that_is_to_be_promoted_again_begins_anew()
    {
        var leader = Core.Leader(term: 3, log: "1 3", commit: 2);
        leader.Receives(Change(1, [1, 2, 3], promote: [4])).LogDurable(3).Receives(Accepted(2, 3, 3)).Waits(50);
        leader.State.Leadership!.Learners.RoundsOf(Entries.Node(4)).ShouldBe(1);

        leader.Receives(Change(2, [1, 2, 3], learners: [4]));

        leader.State.Leadership.Learners.RoundsOf(Entries.Node(4)).ShouldBe(0);
    }

    [Fact]
    public void A_learner_that_is_to_stay_one_is_not_promoted()
    {
        var leader = Core.Leader(term: 3, log: "1 3", commit: 2);
        leader.Receives(Change(1, [1, 2, 3], learners: [4])).LogDurable(3).Receives(Accepted(2, 3, 3), Accepted(4, 3, 3, round: Round(leader)));

        leader.Waits(50).Receives(Accepted(4, 3, 3, round: Round(leader))).Effects.OfType<AppendToLog>().ShouldBeEmpty();
        leader.State.Configuration.IsVoter(Entries.Node(4)).ShouldBeFalse();
    }

    /// <summary>Who is wanted as a voter is one, and nothing else: the same set is the same configuration.</summary>
    [Fact]
    public void A_voter_that_is_wanted_with_a_learners_mark_has_none()
    {
        var leader = Core.Leader(term: 3, log: "1 3", commit: 2);

        leader.Receives(new ChangeMembership(1, [.. Entries.Voters(3).Voters.Select(voter => voter with { PromoteWhenCaughtUp = true })], [])).Did("change 1 ended: Unchanged, index 0");
    }

    /// <summary>The fence behind a recovery stands whatever is changed: a change and a promotion keep the mark.</summary>
    [Fact, Trait("RaftBug", "B71")]
    public void A_change_and_a_promotion_keep_the_mark_of_a_recovery()
    {
        var recovered = new Configuration(Entries.Voters(3).Voters) { RecoveryMark = 0xfeed };
        var leader = Core.Follower(term: 3, log: "1 3").Receives(Configure(after: "2/3", recovered)).LogDurable(3);
        leader.TimesOut().WinsPreVote().Receives(TermDurable(4, 1)).WinsVote().LogDurable(4).Receives(Accepted(2, 4, 4));

        leader.Receives(Change(1, [1, 2, 3], promote: [4]));
        Configured(leader).RecoveryMark.ShouldBe(0xfeedUL);
        leader.LogDurable(5).Receives(Accepted(2, 4, 5)).Receives(Accepted(4, 4, 5, round: Round(leader)));

        Configured(leader).IsVoter(Entries.Node(4)).ShouldBeTrue();
        Configured(leader).RecoveryMark.ShouldBe(0xfeedUL);
    }

    /// <summary>Every request ends: what became of it the next leader knows.</summary>
    [Fact, Trait("RaftBug", "B50")]
    public void A_leader_that_is_deposed_ends_the_change_under_way()
    {
        var leader = Core.Leader(term: 3, log: "1 3", commit: 2);
        leader.Receives(Change(7, [1, 2, 3], learners: [4]));

        var ended = leader.Receives(Stale(from: 2, term: 9)).Effects.OfType<MembershipEnded>().ShouldHaveSingleItem();

        (ended.RequestId, ended.Outcome).ShouldBe((7L, MembershipOutcome.Interrupted));
    }

    /// <summary>A candidate names the storage that its log knows of a voter: one that may have lost its log votes for nobody else (B71).</summary>
    [Fact, Trait("RaftBug", "B71")]
    public void A_candidate_names_the_storages_of_the_voters()
    {
        var bound = Entries.Voters(3).With(member => member with { Storage = new StorageId($"of-{member.Id}") });
        var candidate = Core.Follower(term: 3, log: "1 3").Receives(Configure(after: "2/3", bound)).LogDurable(3);

        candidate.TimesOut().Sent.Select(sent => ((VoteRequest)sent.Message).VoterStorage).ShouldBe([new StorageId("of-2"), new StorageId("of-3")]);
    }

    static Core RemovedLeader()
    {
        var leader = Core.Leader(term: 3, log: "1 3", commit: 2);
        leader.Waits(100).Receives(Accepted(2, 3, 2, round: 1), Accepted(3, 3, 2, round: 1));
        leader.Receives(Change(1, [2, 3])).LogDurable(3).Receives(Accepted(2, 3, 3, round: 1), Accepted(3, 3, 3, round: 1));
        leader.CommitIndex.ShouldBe(3);
        return leader;
    }

    static long Round(Core leader) => leader.State.Leadership?.Round ?? 0;

    /// <summary>The configuration that the leader has just appended.</summary>
    static Configuration Configured(Core leader) =>
        leader.Effects.OfType<AppendToLog>().ShouldHaveSingleItem().Entries.ShouldHaveSingleItem().ShouldBeOfType<ConfigurationEntry>().Configuration;

    static AppendEntries Configure(string after, Configuration configuration)
    {
        var previous = Entries.Id(after);
        return new AppendEntries(
            Entries.Node(2), previous.Term, 0, previous, [new ConfigurationEntry(new EntryId(previous.Index.Next, previous.Term), Entries.Epoch, configuration)], LogIndex.Zero);
    }

    static ChangeMembership Change(long id, int[] voters, int[]? learners = null, int[]? promote = null, bool force = false) => new(
        id, Entries.Voters(voters).Voters, [.. Entries.Voters(learners ?? []).Voters, .. Entries.Voters(promote ?? []).Voters.Select(member => member with { PromoteWhenCaughtUp = true })])
    {
        Force = force,
    };
}
