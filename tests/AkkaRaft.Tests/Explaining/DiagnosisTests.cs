using Shouldly;
using Xunit;
using static AkkaRaft.Tests.Explaining.Told;

namespace AkkaRaft.Tests.Explaining;

/// <summary>What follows from the evidence of all nodes: a finding for each cause, with what it follows from, and none where there is no trouble.</summary>
public sealed class DiagnosisTests
{
    /// <summary>Why is nothing answered? Not because of a majority.</summary>
    [Fact]
    public void What_waits_for_the_leaders_state_machine_is_said()
    {
        var leader = ByLeader(commit: 9, stored: [9, 9, 9]);
        leader = leader with { Status = leader.Status with { Pending = new RaftPendingStatus { Unapplied = 4 } } };

        Diagnosis.Of([leader, By(2).Follows(1), By(3).Follows(1)], Nobody).CommitStuck.Verdict
            .ShouldBe("4 entries wait for the state machine, none for a majority: all 9 entries of the leader, node 1, are committed.");
    }

    [Fact]
    public void A_leader_that_is_heard_is_no_trouble()
    {
        var told = Diagnosis.Of([ByLeader(commit: 9, stored: [9, 9, 9]), By(2).Follows(1), By(3).Follows(1)], Nobody);

        told.IsWell.ShouldBeTrue();
        told.NoLeader.Verdict.ShouldBe("There is a leader: node 1, of term 7.");
        told.CommitStuck.Verdict.ShouldBe("Nothing waits: all 9 entries of the leader, node 1, are committed.");
    }

    [Fact]
    public void Who_takes_no_part_is_named_beside_the_leader()
    {
        var told = Diagnosis.Of([ByLeader(commit: 9, stored: [9, 9, 7]), By(2).Follows(1)], [Silent(3)]);

        told.IsWell.ShouldBeTrue();
        told.NoLeader.Verdict.ShouldBe("There is a leader: node 1, of term 7. Of 3 voters, node 3 takes no part.");
    }

    [Fact]
    public void The_leader_of_the_latest_term_is_the_leader()
    {
        var old = ByLeader(node: 2, stored: [9, 9, 9]).With(s => s with { Term = new Term(6) });

        Diagnosis.Of([old, ByLeader(commit: 9, stored: [9, 9, 9]), By(3).Follows(1)], Nobody).NoLeader.Verdict.ShouldStartWith("There is a leader: node 1,");
    }

    [Fact]
    public void Too_few_voters_are_up()
    {
        var finding = NoLeader(RaftCause.NoMajority, [By(1, peersHeardMsAgo: 12_300)], Silent(2), Silent(3));

        finding.Verdict.ShouldBe("Of 3 voters 2 are needed, and 1 takes part. Start nodes 2, 3 again, or mend the way there.");
        finding.Evidence[0].ShouldBe(new RaftEvidence(Id(2), "does not answer at h:2; node 1 heard it last, 12.3 s ago"));
    }

    [Fact]
    public void Nobody_answers_at_all()
    {
        var told = Diagnosis.Of([], [Silent(1), Silent(2), Silent(3)]);

        told.NoLeader.Findings.ShouldHaveSingleItem().Cause.ShouldBe(RaftCause.NoMajority);
        told.NoLeader.Findings[0].Evidence.Select(e => e.Fact).ShouldBe(["does not answer at h:1", "does not answer at h:2", "does not answer at h:3"]);
        told.CommitStuck.Findings.ShouldHaveSingleItem().Cause.ShouldBe(RaftCause.NoLeader);
    }

    [Fact]
    public void The_only_voter_does_not_answer() =>
        Diagnosis.Of([], [Silent(1)]).NoLeader.Findings.ShouldHaveSingleItem().Evidence.ShouldBe([new RaftEvidence(Id(1), "does not answer at h:1")]);

    [Fact]
    public void A_voter_that_was_never_heard_is_told_as_such() =>
        NoLeader(RaftCause.NoMajority, [By(1, peersHeardMsAgo: null)], Silent(2), Silent(3)).Evidence[1].Fact
            .ShouldBe("does not answer at h:3; node 1 never heard it since starting");

    [Fact]
    public void A_leader_that_has_lost_the_majority_is_about_to_step_down()
    {
        var leader = ByLeader(majorityHeardMsAgo: 900, stored: [9, 8, 8]).WithPeer(2, p => p with { HeardAgo = Ms(900) }).WithPeer(3, p => p with { HeardAgo = Ms(950) });

        var told = Diagnosis.Of([leader], [Silent(2), Silent(3)]);

        told.NoLeader.Verdict.ShouldBe("Node 1 leads term 7 but has lost the majority; it will step down.");
        told.NoLeader.Findings.Select(f => f.Cause).ShouldBe([RaftCause.LeaderCutOff, RaftCause.NoMajority]);
        told.NoLeader.Findings[0].Evidence[0].Fact.ShouldBe("has not heard a majority of 2 of 3 voters for 900 ms");
    }

    [Fact]
    public void A_leader_that_only_the_asker_does_not_reach_is_told_by_its_followers()
    {
        var told = Diagnosis.Of([By(2).Follows(1), By(3).Follows(1)], [Silent(1)]);

        told.NoLeader.Findings.ShouldHaveSingleItem().Cause.ShouldBe(RaftCause.LeaderNotReachedFromHere);
        told.NoLeader.Verdict.ShouldBe("Node 1 leads, but cannot be reached from here.");
        told.NoLeader.Findings[0].Evidence.ShouldContain(new RaftEvidence(Id(2), "follows node 1 of term 7, heard 40 ms ago"));
    }

    [Fact]
    public void Voters_that_answer_here_and_not_each_other_are_cut_off_from_each_other()
    {
        var finding = NoLeader(RaftCause.VotersDoNotHearEachOther, [
            By(1, peersHeardMsAgo: 4000).Asked((2, RaftVoteAnswer.NoAnswer), (3, RaftVoteAnswer.NoAnswer)), By(2, peersHeardMsAgo: 4000), By(3, peersHeardMsAgo: 4000)]);

        finding.Evidence.Count.ShouldBe(2);
        finding.Evidence[0].ShouldBe(new RaftEvidence(
            Id(1), "asked node 2 for its vote (a rehearsal) in term 8, 300 ms ago, and got no answer; it heard node 2 last 4.0 s ago"));
    }

    [Fact]
    public void An_answer_that_may_still_be_under_way_is_not_missing()
    {
        var young = By(1).Asked((2, RaftVoteAnswer.NoAnswer), (3, RaftVoteAnswer.NoAnswer));
        young = young with { LastCampaign = young.LastCampaign! with { BeganAgo = Ms(20) } };

        Diagnosis.Of([young, By(2), By(3)], Nobody).NoLeader.Findings.ShouldHaveSingleItem().Cause.ShouldBe(RaftCause.ElectionUnderWay);
    }

    [Fact]
    public void What_was_answered_to_an_old_campaign_explains_nothing_now()
    {
        var old = By(1).Asked((2, RaftVoteAnswer.LogBehind), (3, RaftVoteAnswer.NoAnswer));
        old = old with { LastCampaign = old.LastCampaign! with { BeganAgo = TimeSpan.FromMinutes(1) } };

        Diagnosis.Of([old, By(2), By(3)], Nobody).NoLeader.Findings.ShouldHaveSingleItem().Cause.ShouldBe(RaftCause.ElectionUnderWay);
    }

    [Theory]
    [InlineData(RaftVoteAnswer.LeaderAlive, RaftCause.VotersHearALeader, "it heard a leader, in term 7")]
    [InlineData(RaftVoteAnswer.LogBehind, RaftCause.LogBehind, "its log is ahead of 9/6; it ends at 12/6")]
    [InlineData(RaftVoteAnswer.AlreadyVoted, RaftCause.VotesSplit, "it had voted for another in term 7")]
    [InlineData(RaftVoteAnswer.StaleTerm, RaftCause.TermOver, "it was in term 7")]
    public void A_refused_candidate_names_the_rule_that_refused_it(RaftVoteAnswer answer, RaftCause cause, string why)
    {
        var finding = NoLeader(cause, [By(1).Asked((2, answer), (3, RaftVoteAnswer.Granted)), By(2, last: 12), By(3)]);

        finding.Evidence.ShouldHaveSingleItem().ShouldBe(
            new RaftEvidence(Id(1), $"asked node 2 for its vote (a rehearsal) in term 8, 300 ms ago, and was refused: {why}"));
    }

    [Fact]
    public void A_disk_that_does_not_confirm_keeps_a_node_from_standing()
    {
        var log = (By(1) with { Obstacle = RaftElectionObstacle.LogBeingWritten })
            .With(s => s with { DurableIndex = new LogIndex(4), Journal = new RaftJournalStatus { WritingFor = Ms(7000) } });
        var vote = By(2) with { Obstacle = RaftElectionObstacle.VoteBeingWritten };

        var finding = NoLeader(RaftCause.DiskPending, [log, vote, By(3)]);

        finding.Evidence[0].Fact.ShouldBe("waits for its log journal: 5 entries above index 4 are not durable, the oldest write under way for 7.0 s");
        finding.Evidence[1].Fact.ShouldContain("term journal");
    }

    [Fact]
    public void Who_installs_a_snapshot_does_not_stand()
    {
        var installing = (By(1) with { Obstacle = RaftElectionObstacle.InstallingSnapshot })
            .With(s => s with { Snapshot = new RaftSnapshotStatus { Receiving = new RaftSnapshotTransfer(Id(2), default, 500, 400, 1000) } });

        NoLeader(RaftCause.NodeInstallsSnapshot, [installing, By(2), By(3)]).Evidence.ShouldHaveSingleItem().Fact
            .ShouldBe("has stored 400 of 1000 bytes of a snapshot from node 2");
    }

    [Fact]
    public void Who_has_no_vote_does_not_stand()
    {
        var stranger = By(4) with { Obstacle = RaftElectionObstacle.NotAVoter };

        NoLeader(RaftCause.NodeIsNoVoter, [By(1), By(2), By(3), stranger]).Evidence.ShouldHaveSingleItem().ShouldBe(new RaftEvidence(Id(4), "is none of its voters 1, 2, 3"));
    }

    [Fact]
    public void Stopped_and_recovering_nodes_do_not_count_for_the_majority()
    {
        var stopped = By(2, RaftRole.Stopping) with { Voters = [], WhyStopped = "Node 2 has stopped: the disk is full." };
        var recovering = (By(3, RaftRole.Recovering) with { Voters = [] }).With(s => s with { Journal = new RaftJournalStatus { Failures = 3 } });

        var told = Diagnosis.Of([By(1), stopped, recovering], Nobody);

        told.NoLeader.Findings.Select(f => f.Cause).ShouldBe([RaftCause.NoMajority, RaftCause.NodeStopped, RaftCause.NodeRecovering]);
        told.NoLeader.Findings[0].Evidence.Select(e => e.Fact).ShouldBe(["Node 2 has stopped: the disk is full.", "opens its journals again after 3 failures"]);
        told.NoLeader.Findings[1].Verdict.ShouldStartWith("Node 2 has stopped");
    }

    [Fact]
    public void An_election_that_is_under_way_is_no_trouble_that_anybody_could_mend() =>
        NoLeader(RaftCause.ElectionUnderWay, [By(1), By(2).Asked((1, RaftVoteAnswer.Granted)), By(3)]).Evidence.Select(e => e.Fact)
            .ShouldBe(["is a follower in term 7; its election timer runs", "asks for votes in term 8", "is a follower in term 7; its election timer runs"]);

    [Fact]
    public void What_has_waited_for_less_than_an_election_timeout_is_not_stuck()
    {
        var told = Diagnosis.Of([ByLeader(waitedMs: 30, stored: [9, 8, 8]), By(2).Follows(1), By(3).Follows(1)], Nobody);

        told.IsWell.ShouldBeTrue();
        told.CommitStuck.Verdict.ShouldBe("Commits go on: entry 9 is the first that is not committed, and has waited 30 ms.");
    }

    [Fact]
    public void Less_than_a_majority_stores_the_entry()
    {
        var leader = ByLeader(stored: [9, 8, 8]).WithPeer(2, p => p with { HeardAgo = Ms(4000) }).WithPeer(3, p => p with { HeardAgo = null });

        var told = Diagnosis.Of([leader, By(2)], [Silent(3)]);

        told.CommitStuck.Verdict.ShouldBe("Entry 9 of term 7 has waited 5.0 s to be committed by node 1.");
        told.CommitStuck.Findings.Select(f => f.Cause).ShouldBe([RaftCause.NotOnMajority, RaftCause.VoterUnreachable]);
        told.CommitStuck.Findings[0].Verdict.ShouldBe("Entry 9 is durable on 1 of 3 voters, and 2 are needed.");
        told.CommitStuck.Findings[0].Evidence.Select(e => e.Fact).ShouldBe(["stores it, up to index 9", "stores up to index 8", "stores up to index 8"]);
        told.CommitStuck.Findings[1].Evidence.Select(e => e.Fact).ShouldBe(
            ["the leader heard it last 4.0 s ago; it answers here", "the leader never heard it; it does not answer here either"]);
    }

    [Fact]
    public void The_leaders_own_disk_and_a_followers_are_told_apart_from_the_network()
    {
        var leader = ByLeader(stored: [8, 8, 8]).With(s => s with { DurableIndex = new LogIndex(8), Journal = new RaftJournalStatus { WritingFor = Ms(5000) } });
        var slow = By(2).Follows(1).With(s => s with { DurableIndex = new LogIndex(8), Journal = new RaftJournalStatus { WritingFor = Ms(2000) } });

        var finding = Stuck(RaftCause.DiskPending, [leader, slow, By(3).Follows(1)]);

        finding.Evidence.ShouldBe([
            new RaftEvidence(Id(1), "its own disk has confirmed up to index 8 of 9; the oldest write has been under way for 5.0 s"),
            new RaftEvidence(Id(2), "its own disk has confirmed up to index 8 of 9; the oldest write has been under way for 2.0 s")]);
    }

    [Fact]
    public void A_voter_that_gets_a_snapshot_says_how_far_it_is()
    {
        var leader = ByLeader(stored: [9, 8, 0]).WithPeer(3, p => p with
        {
            State = RaftPeerState.Snapshot,
            Transfer = new RaftSnapshotTransfer(Id(3), new EntryId(new LogIndex(7), new Term(6)), 600, 400, 1000),
        });

        Stuck(RaftCause.VoterNeedsSnapshot, [leader, By(2).Follows(1), By(3).Follows(1)]).Evidence.ShouldHaveSingleItem()
            .ShouldBe(new RaftEvidence(Id(3), "has stored 400 of 1000 bytes of the snapshot up to index 7"));
    }

    [Fact]
    public void A_voter_that_answers_and_lags_is_told_with_its_lag()
    {
        var leader = ByLeader(stored: [9, 3, 3])
            .WithPeer(2, p => p with { State = RaftPeerState.Replicate, Lag = 6, InflightAppends = 4 }).WithPeer(3, p => p with { State = RaftPeerState.Probe, Lag = 6 });

        Stuck(RaftCause.VoterLags, [leader, By(2).Follows(1), By(3).Follows(1)]).Evidence.Select(e => e.Fact).ShouldBe([
            "is 6 entries behind; the leader has 4 appends under way to it, and the leader heard it last 50 ms ago",
            "is 6 entries behind; the leader looks for where the logs agree, and the leader heard it last 50 ms ago"]);
    }

    [Fact]
    public void Voters_that_stopped_or_recover_are_told_as_such()
    {
        var stopped = By(2, RaftRole.Stopping) with { WhyStopped = "Node 2 has stopped." };

        var told = Diagnosis.Of([ByLeader(stored: [9, 8, 8]), stopped, By(3, RaftRole.Recovering)], Nobody);

        told.CommitStuck.Findings.Select(f => f.Cause).ShouldBe([RaftCause.NotOnMajority, RaftCause.NodeStopped, RaftCause.NodeRecovering]);
    }

    /// <summary>Raft 5.4.2, figure 8.</summary>
    [Fact]
    public void Entries_of_an_earlier_term_on_a_majority_wait_for_the_leaders_own()
    {
        var told = Diagnosis.Of([ByLeader(commit: 5, noOp: 9, onMajority: (8, 6), stored: [9, 8, 8]), By(2).Follows(1), By(3).Follows(1)], Nobody);

        told.CommitStuck.Findings.Select(f => f.Cause).ShouldBe([RaftCause.EarlierTermOnly, RaftCause.NoOpNotCommitted]);
        told.CommitStuck.Findings[0].Verdict.ShouldContain("a leader commits only an entry of its own term 7");
        told.CommitStuck.Findings[0].Evidence.ShouldHaveSingleItem().Fact.ShouldBe("its no-op is entry 9; a majority stores up to index 8");
        told.CommitStuck.Findings[1].Evidence.ShouldHaveSingleItem().Fact.ShouldBe("its no-op is entry 9, and its commit index is 5");
    }

    [Fact]
    public void Without_a_leader_nothing_is_committed_for_the_reasons_that_there_is_none()
    {
        var told = Diagnosis.Of([By(1, peersHeardMsAgo: 12_300)], [Silent(2), Silent(3)]);

        var finding = told.CommitStuck.Findings.ShouldHaveSingleItem();
        finding.Cause.ShouldBe(RaftCause.NoLeader);
        finding.Evidence.Select(e => e.Node).ShouldBe([Id(2), Id(3)]);
    }

    [Theory]
    [InlineData(0.4, "0 ms")]
    [InlineData(999, "999 ms")]
    [InlineData(1000, "1.0 s")]
    [InlineData(119_900, "119.9 s")]
    [InlineData(120_000, "2 min")]
    [InlineData(7_200_000, "2 h")]
    public void Durations_are_short(double milliseconds, string text) => Diagnosis.In(Ms(milliseconds)).ShouldBe(text);

    static RaftFinding NoLeader(RaftCause cause, RaftExplanation[] told, params RaftSilentNode[] silent) =>
        Diagnosis.Of(told, silent).NoLeader.Findings.Where(f => f.Cause == cause).ShouldHaveSingleItem();

    static RaftFinding Stuck(RaftCause cause, RaftExplanation[] told, params RaftSilentNode[] silent) =>
        Diagnosis.Of(told, silent).CommitStuck.Findings.Where(f => f.Cause == cause).ShouldHaveSingleItem();
}
