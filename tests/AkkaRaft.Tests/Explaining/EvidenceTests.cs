using AkkaRaft.Consensus;
using AkkaRaft.Node;
using AkkaRaft.Tests.Consensus;
using Shouldly;
using Xunit;

namespace AkkaRaft.Tests.Explaining;

/// <summary>What one node can tell of why there is no leader, or no commit: from a core that was brought there by legal inputs.</summary>
public sealed class EvidenceTests
{
    static readonly TimeSpan HeardTenMsAgo = TimeSpan.FromMilliseconds(10);

    [Fact]
    public void A_candidate_tells_whom_it_asked_and_what_each_answered()
    {
        var candidate = Core.Candidate(term: 5, log: "1 2", voters: 5);
        candidate.Later(30).Receives(Vote(candidate, 2, VoteRefusal.None), Vote(candidate, 3, VoteRefusal.AlreadyVoted));
        candidate.Later(20);

        var campaign = Explain(candidate).LastCampaign.ShouldNotBeNull();

        campaign.IsRehearsal.ShouldBeFalse();
        campaign.Term.ShouldBe(new Term(5));
        campaign.BeganAgo.ShouldBe(TimeSpan.FromMilliseconds(50));
        campaign.Answers.ShouldBe([
            new RaftVoterAnswer(Entries.Node(2), RaftVoteAnswer.Granted, new Term(5), TimeSpan.FromMilliseconds(20)),
            new RaftVoterAnswer(Entries.Node(3), RaftVoteAnswer.AlreadyVoted, new Term(5), TimeSpan.FromMilliseconds(20)),
            new RaftVoterAnswer(Entries.Node(4), RaftVoteAnswer.NoAnswer, Term.Zero, null),
            new RaftVoterAnswer(Entries.Node(5), RaftVoteAnswer.NoAnswer, Term.Zero, null)]);
    }

    [Fact]
    public void A_refusal_that_comes_when_the_campaign_is_over_is_evidence_too()
    {
        var core = Core.PreCandidate(term: 4, log: "1 2", voters: 5);
        core.Receives(Rehearsed(core, 2, VoteRefusal.LogBehind), Rehearsed(core, 3, VoteRefusal.LogBehind), Rehearsed(core, 4, VoteRefusal.LogBehind));
        core.Role.ShouldBe(RaftRole.Follower);   // lost

        core.Receives(Rehearsed(core, 5, VoteRefusal.LeaderAlive));

        var campaign = Explain(core).LastCampaign.ShouldNotBeNull();
        campaign.IsRehearsal.ShouldBeTrue();
        campaign.Term.ShouldBe(new Term(5));   // in which it would have led
        campaign.Answers.Select(a => a.Answer).ShouldBe(
            [RaftVoteAnswer.LogBehind, RaftVoteAnswer.LogBehind, RaftVoteAnswer.LogBehind, RaftVoteAnswer.LeaderAlive]);
    }

    [Fact]
    public void Answers_to_another_campaign_and_of_strangers_are_no_evidence_of_this_one()
    {
        var core = Core.PreCandidate(term: 4);
        core.Receives(
            Messages.VoteReply(2, 4, ElectionKind.PreVote, core.State.CampaignRound - 1, VoteRefusal.LogBehind),
            Messages.VoteReply(2, 4, ElectionKind.Vote, core.State.CampaignRound, VoteRefusal.LogBehind),
            Messages.VoteReply(9, 4, ElectionKind.PreVote, core.State.CampaignRound, VoteRefusal.LogBehind));

        Explain(core).LastCampaign!.Answers.ShouldAllBe(a => a.Answer == RaftVoteAnswer.NoAnswer);
    }

    /// <summary>The obstacle is asked without changing anything; what the rules do with the next tick shows that it tells the truth.</summary>
    [Fact]
    public void An_obstacle_is_told_exactly_while_the_rules_let_the_node_not_stand()
    {
        var hears = Core.Follower(term: 4, log: "1 2");
        Obstacle(hears).ShouldBe(RaftElectionObstacle.LeaderAlive);
        hears.Later(hears.Options.ElectionTimeoutMin.TotalMilliseconds - 1);
        Obstacle(hears).ShouldBe(RaftElectionObstacle.LeaderAlive);

        var waits = Core.Recovered(term: 4, log: "1 2");
        Obstacle(waits).ShouldBe(RaftElectionObstacle.TimerRunning);
        waits.TimesOut();
        waits.Role.ShouldBe(RaftRole.PreCandidate);
        Obstacle(waits).ShouldBe(RaftElectionObstacle.None);

        var writes = Core.Follower(term: 4, log: "1 2 4", durable: 2);
        writes.TimesOut();
        writes.Role.ShouldBe(RaftRole.Follower);
        Obstacle(writes).ShouldBe(RaftElectionObstacle.LogBeingWritten);
        writes.LogDurable(3).Waits(50);
        writes.Role.ShouldBe(RaftRole.PreCandidate);

        var votes = Core.PreCandidate(term: 4);
        votes.WinsPreVote();
        votes.Role.ShouldBe(RaftRole.Candidate);
        Obstacle(votes).ShouldBe(RaftElectionObstacle.VoteBeingWritten);
        votes.Receives(Messages.TermDurable(5, 1));
        Obstacle(votes).ShouldBe(RaftElectionObstacle.None);
        votes.WinsVote();
        Obstacle(votes).ShouldBe(RaftElectionObstacle.Leads);

        var installs = Core.Follower(term: 4, log: "1 2");
        installs.Receives(Messages.Piece(2, 4, Messages.Snapshot("9/4"), 0, 4));
        Obstacle(installs).ShouldBe(RaftElectionObstacle.LeaderAlive, "it gives up what a silent leader sends");
        installs.Receives(new SnapshotReceived(new TransferId(new Term(4), 1), Messages.Snapshot("9/4")));
        Obstacle(installs).ShouldBe(RaftElectionObstacle.InstallingSnapshot);
    }

    [Fact]
    public void A_node_that_is_no_voter_says_so()
    {
        var core = Core.Follower(term: 4, log: "1 2", commit: 2);
        var others = new Configuration(Enumerable.Range(2, 3).Select(id => new Member(Entries.Node(id), $"h:{id}")));
        core.Receives(new AppendEntries(Entries.Node(2), new Term(4), 0, Entries.Id("2/2"),
            [new ConfigurationEntry(Entries.Id("3/4"), Entries.Epoch, others)], new LogIndex(3)));
        core.LogDurable(3);
        core.TimesOut();

        core.Role.ShouldBe(RaftRole.Follower);
        var told = Explain(core);
        told.Obstacle.ShouldBe(RaftElectionObstacle.NotAVoter);
        told.Voters.ShouldBe([Entries.Node(2), Entries.Node(3), Entries.Node(4)]);
    }

    /// <summary>Raft 5.4.2, figure 8: a majority stores entries of an earlier term, and the leader must not commit them by counting.</summary>
    [Fact]
    public void A_leader_tells_what_is_stored_where_and_that_only_an_earlier_terms_entries_are_on_a_majority()
    {
        var leader = Core.Leader(term: 4, log: "1 2 4", commit: 1, durable: 3, voters: 5);
        leader.Receives(Messages.Accepted(2, 4, upTo: 2), Messages.Accepted(3, 4, upTo: 2));

        var commit = Explain(leader).Commit.ShouldNotBeNull();

        commit.NoOp.ShouldBe(new LogIndex(3));
        commit.OnMajority.ShouldBe(Entries.Id("2/2"));
        commit.FirstUncommitted.ShouldBe(Entries.Id("2/2"));
        commit.Stored.Select(log => log.Index.Value).ShouldBe([3, 2, 2, 0, 0]);

        leader.Receives(Messages.Accepted(2, 4, upTo: 3), Messages.Accepted(3, 4, upTo: 3));
        leader.Later(70);
        var done = Explain(leader).Commit.ShouldNotBeNull();
        done.FirstUncommitted.ShouldBeNull();
        done.WaitingFor.ShouldBeNull();
        done.CommitRoseAgo.ShouldBe(TimeSpan.FromMilliseconds(70));
    }

    [Fact]
    public void A_leader_tells_how_long_the_first_uncommitted_entry_waits_and_since_when_a_majority_is_silent()
    {
        var leader = Core.Leader(term: 4, log: "1 4", commit: 2);
        leader.Later(500).Receives(Messages.Propose("a"));
        leader.Later(300);

        var commit = Explain(leader).Commit.ShouldNotBeNull();

        commit.FirstUncommitted.ShouldBe(Entries.Id("3/4"));
        commit.WaitingFor!.Value.ShouldBe(TimeSpan.FromMilliseconds(300), TimeSpan.FromMilliseconds(1));   // since it was proposed, not since the last commit 800 ms ago
        commit.MajorityHeardAgo.ShouldBe(TimeSpan.FromMilliseconds(800));
    }

    /// <summary>An entry's own time is a wall clock's, and held back from ever falling (B84).</summary>
    [Fact]
    public void How_long_an_entry_waits_is_told_whatever_the_wall_clock_does()
    {
        var leader = Core.Leader(term: 4, log: "1 4", commit: 2);
        leader.Receives(Messages.Propose("a"));
        leader.WallClockMoves(-3_600_000).Later(5000);

        Explain(leader).Commit!.WaitingFor.ShouldBe(TimeSpan.FromMilliseconds(5000));
    }

    [Fact]
    public void A_followers_status_has_the_reads_that_wait_there()
    {
        var follower = Core.Follower(term: 3, log: "1 3", commit: 2);
        follower.Receives(new Read([1, 2]) { Anywhere = true });

        Status(follower).Pending.Reads.ShouldBe(2);
    }

    [Fact]
    public void A_leaders_status_has_its_peers_with_progress_and_what_waits()
    {
        var leader = Core.Leader(term: 4, log: "1 4", commit: 2);
        leader.Receives(Messages.Propose("a", "b"), Messages.Read(1));

        var status = Status(leader);

        status.Pending.Proposals.ShouldBe(2);
        status.Pending.ProposalBytes.ShouldBe(leader.State.Leadership!.UnsettledBytes);
        status.Pending.Reads.ShouldBe(1);
        var answers = status.Peers[0];
        answers.Node.ShouldBe(Entries.Node(2));
        answers.State.ShouldBe(RaftPeerState.Replicate);
        (answers.Match.Value, answers.Next.Value, answers.Lag, answers.InflightAppends).ShouldBe((2, 5, 2, 1));
        answers.InflightBytes.ShouldBe(status.Pending.ProposalBytes);
        answers.HeardAgo.ShouldBe(HeardTenMsAgo);
        status.Peers[1].State.ShouldBe(RaftPeerState.Probe);
        status.Peers[1].Lag.ShouldBe(4);
    }

    [Fact]
    public void A_snapshot_on_its_way_is_told_on_both_sides_with_its_bytes()
    {
        var follower = Core.Follower(term: 4, log: "1 2");
        follower.Receives(Messages.Piece(2, 4, Messages.Snapshot("9/4"), 0, 4));

        Status(follower).Snapshot.Receiving.ShouldBe(new RaftSnapshotTransfer(Entries.Node(2), Entries.Id("9/4"), 4, 0, 10));
        Status(follower).LeaderHeardAgo.ShouldBe(TimeSpan.Zero);

        var leader = Core.FollowerWithSnapshot(term: 4, log: "1 1 1 4", snapshot: 3);
        leader.TimesOut();
        leader.WinsPreVote();
        leader.Receives(Messages.TermDurable(5, 1));
        leader.WinsVote();
        leader.Receives(Messages.Conflict(2, 5, "4/4", "1/1"), Messages.Conflict(2, 5, "3/1", "1/1"));

        var status = Status(leader);
        status.BaseIndex.ShouldBe(new LogIndex(3));
        (status.Snapshot.Last, status.Snapshot.Bytes).ShouldBe((Entries.Id("3/1"), 10));
        status.Peers[0].State.ShouldBe(RaftPeerState.Snapshot);
        status.Peers[0].Transfer.ShouldBe(new RaftSnapshotTransfer(Entries.Node(2), Entries.Id("3/1"), 10, 0, 10));
    }

    [Fact]
    public void A_followers_status_has_no_progress_of_its_peers()
    {
        var status = Status(Core.Follower(term: 4, log: "1 2"));

        status.Peers.ShouldAllBe(peer => peer.State == null && peer.Match == LogIndex.Zero);
        status.Pending.Proposals.ShouldBe(0);
    }

    static VoteReply Vote(Core core, int from, VoteRefusal refusal) =>
        Messages.VoteReply(from, core.Term, ElectionKind.Vote, core.State.CampaignRound, refusal);

    static VoteReply Rehearsed(Core core, int from, VoteRefusal refusal) =>
        Messages.VoteReply(from, core.Term, ElectionKind.PreVote, core.State.CampaignRound, refusal);

    static RaftElectionObstacle Obstacle(Core core) => Explain(core).Obstacle;

    static RaftStatus Status(Core core) => StatusReport.Of(core.Role, core.State, core.Now, _ => core.Now - HeardTenMsAgo);

    static RaftExplanation Explain(Core core) => ExplanationReport.Of(Status(core), core.State, new Instant(core.Now, Entries.Epoch + core.Now));
}
