using AkkaRaft.Consensus;
using Shouldly;
using Xunit;
using static AkkaRaft.Tests.Consensus.Messages;

namespace AkkaRaft.Tests.Consensus.Paper;

/// <summary>Handing leadership over: thesis 3.10.</summary>
public sealed class LeadershipTransferRules
{
    static TransferLeadership To(int node, long request = 1) => new(request, Entries.Node(node));

    static readonly TransferLeadership ToAny = new(1, null);

    // ----- The old leader -----

    /// <summary>Thesis 3.10: a target that has everything is told to stand for election at once.</summary>
    [Fact]
    public void A_target_that_has_the_whole_log_is_called_at_once()
    {
        var leader = Core.Leader(term: 3, log: "1 3", commit: 2);

        leader.Receives(To(2)).Did("-> 2 term 3 timeout-now, last 2/3");

        leader.Role.ShouldBe(RaftRole.Leader);
    }

    /// <summary>Thesis 3.10: not before the target has all that the leader has, and has it durably.</summary>
    [Fact, Trait("RaftBug", "B81")]
    public void A_target_is_not_called_before_it_has_the_whole_log_durably()
    {
        var leader = Core.Leader(term: 3, log: "1 3 3", commit: 2);

        leader.Receives(To(2)).DidNothing();
        leader.Receives(Accepted(from: 2, term: 3, upTo: 2, verified: 3)).Sent.ShouldBeEmpty();
        leader.Receives(Accepted(from: 3, term: 3, upTo: 3)).Sent.ShouldBeEmpty("another one's log is no help");
        leader.Receives(Accepted(from: 2, term: 3, upTo: 3));

        leader.Sent.Select(s => $"{s.To} {Trace.Of(s.Message)}").ShouldBe(["2 term 3 timeout-now, last 3/3"]);
    }

    /// <summary>Thesis 3.10: no proposal is taken meanwhile, or the target would never catch up.</summary>
    [Fact, Trait("RaftBug", "B81")]
    public void No_proposal_is_taken_while_leadership_is_handed_over()
    {
        var leader = Core.Leader(term: 3, log: "1 3 3", commit: 2);
        leader.Receives(To(2));

        leader.Receives(Propose("late")).Did("proposal 1 refused: HandingOver");

        leader.Log.ShouldBe("1/1 2/3 3/3");
    }

    /// <summary>Who waits for a proposal is answered by the leader that took it, if its state machine gets there in half of the time.</summary>
    [Fact]
    public void A_leader_waits_for_its_own_state_machine_for_half_of_the_time()
    {
        var leader = Core.Leader(term: 3, log: "1 3 3", commit: 2);
        leader.AppliesAtOnce = false;
        leader.Receives(To(2), Accepted(from: 2, term: 3, upTo: 3)).Sent.ShouldBeEmpty();
        leader.Receives(new Applied(new LogIndex(3))).Did("-> 2 term 3 timeout-now, last 3/3");

        var slow = Core.Leader(term: 3, log: "1 3 3", commit: 2);
        slow.AppliesAtOnce = false;
        slow.Receives(To(2), Accepted(from: 2, term: 3, upTo: 3)).Sent.ShouldBeEmpty();
        slow.Waits(550).Sent.ShouldNotContain(s => s.Message is TimeoutNow);
        slow.Waits(50).Sent.ShouldContain(s => s.Message is TimeoutNow);
    }

    /// <summary>Thesis 3.10: after one election timeout the old leader gives up and takes proposals again.</summary>
    [Fact, Trait("RaftBug", "B82")]
    public void A_handing_over_that_takes_an_election_timeout_is_given_up()
    {
        var leader = Core.Leader(term: 3, log: "1 3", commit: 2, voters: 3);
        leader.Receives(To(2));
        for (var i = 0; i < 23; i++) leader.Waits(50).Receives(Accepted(from: 3, term: 3, upTo: 2));
        leader.Receives(Propose("early")).Did("proposal 1 refused: HandingOver");

        leader.Waits(50);

        var ended = leader.Effects.OfType<TransferEnded>().Single();
        ended.Outcome.ShouldBe(TransferOutcome.TimedOut);
        ended.Why.ShouldBe("node 2 was told to stand for election and was not elected; it was last heard 1200 ms ago");
        leader.Role.ShouldBe(RaftRole.Leader);
        leader.Receives(Propose("again")).Effects.ShouldContain(e => e is ProposalAppended);
    }

    /// <summary>A target that does not catch up is not called at all, and the leader says what it lacks.</summary>
    [Fact, Trait("RaftBug", "B82")]
    public void A_target_that_does_not_catch_up_is_given_up()
    {
        var leader = Core.Leader(term: 3, log: "1 3 3 3", commit: 2);
        leader.Receives(To(2));
        for (var i = 0; i < 24; i++)
        {
            leader.Waits(50);
            leader.Sent.ShouldNotContain(s => s.Message is TimeoutNow);
            if (leader.Effects.OfType<TransferEnded>().SingleOrDefault() is { } ended)
            {
                ended.Why.ShouldStartWith("node 2 lacks 2 entries of the log");
                return;
            }

            leader.Receives(Accepted(from: 3, term: 3, upTo: 2));
        }

        throw new ShouldAssertException("it never ended");
    }

    /// <summary>A call that is lost is made again at each heartbeat interval, not more often.</summary>
    [Fact]
    public void A_call_is_repeated_at_the_heartbeat_interval()
    {
        var leader = Core.Leader(term: 3, log: "1 3", commit: 2);
        leader.Receives(To(2));

        leader.Receives(Accepted(from: 2, term: 3, upTo: 2), Accepted(from: 2, term: 3, upTo: 2)).Sent.ShouldBeEmpty();
        leader.Waits(300).Sent.Count(s => s.Message is TimeoutNow).ShouldBe(3);
    }

    /// <summary>A lease rests on nobody standing for election; from the call on, and until the end of the term, somebody may.</summary>
    [Fact, Trait("RaftBug", "B79")]
    public void A_lease_ends_with_the_call_and_does_not_come_back_in_this_term()
    {
        var leader = Core.Leader(term: 3, log: "1 3 3", commit: 2);
        leader.Receives(To(2)).State.Leadership!.Lease.IsGivenUp.ShouldBeFalse("nobody was called yet");

        leader.Receives(Accepted(from: 2, term: 3, upTo: 3)).State.Leadership!.Lease.IsGivenUp.ShouldBeTrue();
        for (var i = 0; i < 25; i++) leader.Waits(50).Receives(Accepted(from: 3, term: 3, upTo: 3));

        leader.State.Leadership!.Transfer.ShouldBeNull("it was given up");
        leader.State.Leadership!.Lease.IsGivenUp.ShouldBeTrue("the call may still come");
    }

    /// <summary>The old leader votes for the target, which leads after that; whoever asked for it is told.</summary>
    [Fact]
    public void The_old_leader_steps_down_for_the_target_and_votes_for_it()
    {
        var leader = Core.Leader(term: 3, log: "1 3", commit: 2);
        leader.Receives(To(2, request: 7));

        leader.Receives(VoteRequest(from: 2, term: 4, last: "2/3") with { IsTransfer = true }, TermDurable(4, vote: 2));

        leader.Effects.Select(Trace.Of).ShouldBe([
            "becomes follower in term 4: node 2 is in term 4", "knows no leader of term 4", "handing-over 7 to 2 is done",
            "writes term 4, vote 2", "-> 2 term 4 vote granted"]);
    }

    /// <summary>A leader that loses its majority in the middle of it hands over to nobody.</summary>
    [Fact]
    public void Losing_the_majority_ends_a_handing_over()
    {
        var leader = Core.Leader(term: 3, log: "1 3 3", commit: 2);
        leader.Waits(700).Receives(To(2, request: 7));

        leader.Waits(600);

        leader.Role.ShouldBe(RaftRole.Follower);
        leader.Effects.OfType<TransferEnded>().Single().Outcome.ShouldBe(TransferOutcome.NotLeader);
    }

    /// <summary>What cannot be is refused at once, and says why; a second request for the same waits for the same end.</summary>
    [Fact]
    public void Requests_that_cannot_be_met_are_refused_at_once()
    {
        Core.Follower(term: 3, log: "1").Receives(To(3)).Did("handing-over 1 ended: NotLeader, node 1 does not lead");
        Core.Leader(term: 3, log: "1 3", commit: 2, voters: 1).Receives(ToAny).Did("handing-over 1 ended: NoTarget, no other voter has answered within 600 ms, or those that have are being sent a snapshot");

        var leader = Core.Leader(term: 3, log: "1 3 3", commit: 2);
        leader.Receives(To(1)).Did("handing-over 1 ended: LeadsAlready, node 1 leads already");
        leader.Receives(To(9)).Did("handing-over 1 ended: NotAVoter, node 9 is no voter of this group");
        leader.Receives(To(2, request: 1)).DidNothing();
        leader.Receives(To(3, request: 2)).Did("handing-over 2 ended: Busy, leadership is being handed over to node 2");
        leader.Receives(To(2, request: 3), new TransferLeadership(4, null)).DidNothing();

        leader.Receives(VoteRequest(from: 2, term: 4, last: "3/3") with { IsTransfer = true });
        leader.Effects.OfType<TransferEnded>().Select(e => e.RequestId).ShouldBe([1, 3, 4]);
    }

    /// <summary>Proposals would wait for it for a whole election timeout, in vain.</summary>
    [Fact]
    public void A_node_that_has_been_silent_for_an_election_timeout_is_no_target()
    {
        var leader = Core.Leader(term: 3, log: "1 3 3", commit: 2);
        for (var i = 0; i < 13; i++) leader.Waits(100).Receives(Accepted(2, 3, 3));

        leader.Receives(To(3)).Did("handing-over 1 ended: NoTarget, node 3 was last heard 1300 ms ago");

        leader.Receives(Propose("on")).Effects.ShouldContain(e => e is ProposalAppended);
    }

    /// <summary>A target that is removed from the group meanwhile cannot lead it.</summary>
    [Fact]
    public void A_target_that_is_removed_is_given_up()
    {
        var leader = Core.Leader(term: 3, log: "1 3 3", commit: 2);
        leader.Receives(To(2));

        leader.Reconfigures(new Configuration(Entries.Voters(3).Voters.Where(v => v.Id != Entries.Node(2))));
        leader.Receives(Accepted(from: 3, term: 3, upTo: 3));

        leader.Effects.OfType<TransferEnded>().Single().Outcome.ShouldBe(TransferOutcome.NotAVoter);
    }

    /// <summary>Of its own accord a leader picks whoever lacks nothing committed, then by priority, then by how much it has.</summary>
    [Fact]
    public void Without_a_name_the_most_up_to_date_voter_is_picked_and_of_those_the_one_of_highest_priority()
    {
        var byLog = Core.Leader(term: 3, log: "1 3 3", commit: 0, voters: 5);
        byLog.Receives(Accepted(from: 3, term: 3, upTo: 1), Accepted(from: 4, term: 3, upTo: 2), Accepted(from: 5, term: 3, upTo: 2) with { Priority = 60 });
        byLog.Receives(ToAny).State.Leadership!.Transfer!.Target.ShouldBe(Entries.Node(5));

        var behind = Core.Leader(term: 3, log: "1 3 3", commit: 3, voters: 5);
        behind.Receives(Accepted(from: 5, term: 3, upTo: 1) with { Priority = 100 });
        behind.Receives(ToAny).Sent.Single().To.ShouldBe("2", "a wish does not outweigh a log that is behind");

        var silent = Core.Leader(term: 3, log: "1 3", commit: 2, voters: 3);
        silent.Waits(650).Receives(Accepted(from: 3, term: 3, upTo: 1));
        silent.Receives(ToAny).State.Leadership!.Transfer!.Target.ShouldBe(Entries.Node(3), "node 2 has not answered for an election timeout");

        var young = Core.Leader(term: 3, log: "1 3 3", commit: 0, voters: 3);
        young.Receives(Accepted(from: 3, term: 3, upTo: 1) with { Priority = 10 });
        young.Receives(ToAny).State.Leadership!.Transfer!.Target.ShouldBe(Entries.Node(3), "node 2 has not answered this leader at all: it may be dead");
    }

    // ----- The target -----

    /// <summary>Thesis 3.10: the target stands at once, in a new term, and its request says on whose behalf.</summary>
    [Fact]
    public void A_target_stands_at_once_without_a_rehearsal()
    {
        var target = Core.Follower(term: 3, log: "1 3");

        target.Receives(Call(2, 3, "2/3"), TermDurable(4, vote: 1)).Did(
            "becomes candidate in term 4: node 2 hands its leadership over", "knows no leader of term 4", "writes term 4, vote 1",
            "-> 2 term 4 vote-request for a transfer, last 2/3", "-> 3 term 4 vote-request for a transfer, last 2/3");
    }

    /// <summary>The old leader's heartbeats, which are still under way, do not cancel it.</summary>
    [Fact, Trait("RaftBug", "B82")]
    public void The_old_leaders_heartbeats_do_not_stop_a_target()
    {
        var target = Core.Follower(term: 3, log: "1 3");

        target.Receives(Call(2, 3, "2/3"), Append(from: 2, term: 3, after: "2/3"), TermDurable(4, vote: 1));

        target.Role.ShouldBe(RaftRole.Candidate);
        target.Sent.Select(s => Trace.Of(s.Message)).ShouldBe([
            "term 4 vote-request for a transfer, last 2/3", "term 4 vote-request for a transfer, last 2/3", "term 4 stale term"]);
    }

    /// <summary>Only the leader's own call, in its term, with its log, by a follower that may stand and stands on its disk; all others are void.</summary>
    [Fact]
    public void A_call_that_is_not_meant_so_is_void()
    {
        Void(Core.Follower(term: 3, log: "1 3"), Call(2, 2, "2/3"));
        Void(Core.Follower(term: 3, log: "1 3"), Call(3, 3, "2/3"));
        Void(Core.Follower(term: 3, log: "1 3"), Call(2, 3, "3/3"));
        Void(Core.Follower(term: 3, log: "1 3 3"), Call(2, 3, "2/3"));
        Void(Core.Follower(term: 3, log: "1 3 3", durable: 2), Call(2, 3, "3/3"));
        Void(Core.Recovered(term: 3, log: "1 3"), Call(2, 3, "2/3"));
        Void(Core.Leader(term: 3, log: "1 3", commit: 2), Call(2, 3, "2/3"));
        Void(Core.PreCandidate(term: 3, log: "1 3"), Call(2, 3, "2/3"));

        var installing = Core.Follower(term: 3, log: "1 3");
        installing.Receives(Piece(from: 2, term: 3, Snapshot("9/3"), offset: 0, bytes: 4));
        Void(installing, Call(2, 3, "2/3"));

        static void Void(Core node, TimeoutNow call)
        {
            var role = node.Role;
            node.Receives(call).DidNothing();
            node.Role.ShouldBe(role);
        }
    }

    /// <summary>A call of a later term only teaches that term.</summary>
    [Fact]
    public void A_call_of_a_later_term_only_raises_the_term()
    {
        Core.Follower(term: 3, log: "1 3").Receives(Call(3, 5, "2/3"), TermDurable(5)).Role.ShouldBe(RaftRole.Follower);
    }

    /// <summary>A call that waited in the mailbox of a process that stood still is void: the leader has long gone on.</summary>
    [Fact, Trait("RaftBug", "B91")]
    public void A_call_that_waited_while_the_process_stood_still_is_void()
    {
        var target = Core.Follower(term: 3, log: "1 3").Waits(50);

        target.Later(3000).Receives(Call(2, 3, "2/3")).DidNothing();
    }

    /// <summary>Who is removed by an uncommitted configuration, or never voted, does not stand.</summary>
    [Fact]
    public void A_target_that_does_not_vote_does_not_stand()
    {
        var target = Core.Follower(term: 3, log: "1 3", commit: 2, voters: 3);
        var without = new Configuration(Entries.Voters(3).Voters.Where(v => v.Id != Entries.Node(1)));
        target.Receives(
            new AppendEntries(Entries.Node(2), new Term(3), 0, Entries.Id("2/3"), [new ConfigurationEntry(Entries.Id("3/3"), Entries.Epoch, without)], new LogIndex(3)),
            LogDurable(1, "3/3"));
        target.CommitIndex.ShouldBe(3);

        target.Receives(Call(2, 3, "3/3")).DidNothing();
    }

    /// <summary>A transfer that is not won is an ordinary election afterwards: with a rehearsal, and no longer against a living leader.</summary>
    [Fact]
    public void An_election_that_was_not_won_is_followed_by_an_ordinary_one()
    {
        var target = Core.Follower(term: 3, log: "1 3");
        target.Receives(Call(2, 3, "2/3"), TermDurable(4, vote: 1));

        target.TimesOut();

        target.Role.ShouldBe(RaftRole.PreCandidate);
        target.Sent.Select(s => Trace.Of(s.Message)).ShouldAllBe(text => text == "term 4 pre-vote-request, last 2/3");
    }

    // ----- The voters -----

    /// <summary>Thesis 3.10, 4.2.3: an election that the leader asked for is no disturbance, so its followers vote though they have just heard it.</summary>
    [Fact]
    public void A_follower_of_a_living_leader_votes_when_that_leader_asked_for_it()
    {
        var voter = Core.Follower(term: 3, log: "1 3");

        voter.Receives(VoteRequest(from: 3, term: 4, last: "2/3"));
        voter.Term.ShouldBe(3, "without the leader's wish it is refused");
        voter.Receives(VoteRequest(from: 3, term: 4, last: "2/3") with { IsTransfer = true }, TermDurable(4, vote: 3));

        voter.Sent.Select(s => Trace.Of(s.Message)).ShouldBe(["term 4 vote granted"]);
    }

    /// <summary>Raft 5.4.1: for a transfer, too, the log must be as up to date as the voter's.</summary>
    [Fact, Trait("RaftBug", "B81")]
    public void A_transfer_does_not_help_a_candidate_whose_log_is_behind()
    {
        var voter = Core.Follower(term: 3, log: "1 3");

        voter.Receives(VoteRequest(from: 3, term: 4, last: "1/1") with { IsTransfer = true }, TermDurable(4));

        voter.Sent.Select(s => Trace.Of(s.Message)).ShouldBe(["term 4 vote refused: LogBehind"]);
    }

    /// <summary>A rehearsal is never on a leader's behalf.</summary>
    [Fact, Trait("RaftBug", "B17")]
    public void A_rehearsal_for_a_transfer_raises_no_term()
    {
        var voter = Core.Follower(term: 3, log: "1 3");

        voter.Receives(PreVoteRequest(from: 3, term: 9, last: "2/3") with { IsTransfer = true });

        voter.Term.ShouldBe(3);
        voter.KnownLeader.ShouldBe("2");
    }

    static TimeoutNow Call(int from, long term, string last) => new(Entries.Node(from), new Term(term), Entries.Id(last));
}
