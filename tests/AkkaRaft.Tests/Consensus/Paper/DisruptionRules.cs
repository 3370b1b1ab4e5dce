using AkkaRaft.Consensus;
using Shouldly;
using Xunit;
using static AkkaRaft.Tests.Consensus.Messages;

namespace AkkaRaft.Tests.Consensus.Paper;

/// <summary>Who must not disturb a working leader, and when a leader gives up: Raft 6, thesis 4.2.3, 6.2, 9.6.</summary>
public sealed class DisruptionRules
{
    /// <summary>Raft 6, thesis 4.2.3: a vote request within the minimum election timeout of hearing a leader is refused and does not raise the term.</summary>
    [Theory, InlineData(true), InlineData(false), Trait("RaftBug", "B23")]
    public void A_follower_of_a_living_leader_refuses_votes_and_keeps_its_term(bool rehearsal)
    {
        var follower = Core.Follower(term: 3, log: "1 3").Later(599);

        follower.Receives(rehearsal ? PreVoteRequest(from: 3, term: 50, last: "9/49") : VoteRequest(from: 3, term: 50, last: "9/49"));

        follower.Did($"-> 3 term 3 {(rehearsal ? "pre-vote" : "vote")} refused: LeaderAlive");
        follower.Term.ShouldBe(3);
        follower.KnownLeader.ShouldBe("2");
    }

    /// <summary>Thesis 4.2.3: once the leader has been silent for the minimum election timeout, its follower votes for another.</summary>
    [Fact]
    public void A_follower_of_a_silent_leader_votes_for_another()
    {
        var follower = Core.Follower(term: 3, log: "1 3").Later(600);

        follower.Receives(PreVoteRequest(from: 3, term: 3, last: "2/3")).Did("-> 3 term 3 pre-vote granted");
        follower.Receives(VoteRequest(from: 3, term: 4, last: "2/3"), TermDurable(4, vote: 3));

        follower.Sent.Select(s => Trace.Of(s.Message)).ShouldBe(["term 4 vote granted"]);
    }

    /// <summary>Thesis 4.2.3: a leader in office refuses votes too.</summary>
    [Fact, Trait("RaftBug", "B23")]
    public void A_leader_is_not_deposed_by_a_vote_request()
    {
        var leader = Core.Leader(term: 3, log: "1 3");

        leader.Receives(VoteRequest(from: 3, term: 50, last: "9/49")).Did("-> 3 term 3 vote refused: LeaderAlive");

        leader.Role.ShouldBe(RaftRole.Leader);
    }

    /// <summary>Thesis 9.6: a rehearsal is a question; whatever the answer, the voter is as it was.</summary>
    [Theory, InlineData(0, "9/9"), InlineData(3, "2/3"), InlineData(3, "1/1"), InlineData(50, "9/49"), Trait("RaftBug", "B17")]
    public void A_pre_vote_request_changes_nothing_at_the_voter(long term, string last)
    {
        foreach (var voter in new[] { Core.Recovered(3, 3, "1 3"), Core.Follower(3, "1 3"), Core.Candidate(3, "1 1"), Core.Leader(3, "1 3") })
        {
            var before = Look(voter);

            voter.Later(20).Receives(PreVoteRequest(from: 2, term: term, last: last));

            Look(voter).ShouldBe(before);
            voter.Effects.Count.ShouldBe(1, "an answer, and nothing else");
        }
    }

    /// <summary>Thesis 9.6: a voter that gave this term's vote still answers rehearsals for the next one.</summary>
    [Fact]
    public void A_pre_vote_does_not_depend_on_the_vote_of_this_term()
    {
        var voter = Core.Recovered(term: 3, votedFor: 3, log: "1 3");

        voter.Receives(PreVoteRequest(from: 2, term: 3, last: "2/3")).Did("-> 2 term 3 pre-vote granted");
        voter.Receives(PreVoteRequest(from: 3, term: 3, last: "2/3")).Did("-> 3 term 3 pre-vote granted");
    }

    /// <summary>Thesis 9.6: whoever rehearses for a term that is over learns the present one from the refusal.</summary>
    [Fact, Trait("RaftBug", "B18")]
    public void A_pre_candidate_learns_a_later_term_from_the_refusal()
    {
        var voter = Core.Recovered(term: 7, log: "1");
        voter.Receives(PreVoteRequest(from: 2, term: 3, last: "1/1")).Did("-> 2 term 7 pre-vote refused: StaleTerm");

        var node = Core.PreCandidate(term: 3, log: "1");
        node.Receives(VoteReply(from: 2, term: 7, ElectionKind.PreVote, node.State.CampaignRound, VoteRefusal.StaleTerm));

        node.Term.ShouldBe(7);
        node.Role.ShouldBe(RaftRole.Follower);
    }

    /// <summary>Thesis 6.2: a leader that has not heard a majority for an election timeout steps down.</summary>
    [Fact]
    public void A_leader_that_hears_no_majority_steps_down()
    {
        var leader = Core.Leader(term: 3, log: "1 3", voters: 5);
        leader.Waits(700).Receives(Accepted(from: 2, term: 3, upTo: 2), Accepted(from: 3, term: 3, upTo: 2));

        leader.Waits(1150);
        leader.Role.ShouldBe(RaftRole.Leader);
        leader.Waits(100);

        leader.Role.ShouldBe(RaftRole.Follower);
        leader.Term.ShouldBe(3);
        leader.Effects.OfType<RoleChanged>().Single().Reason.ShouldContain("no majority has answered for 1250 ms");
    }

    /// <summary>Thesis 6.2: one follower of four is no majority with the leader; two are.</summary>
    [Theory, InlineData(1, false), InlineData(2, true)]
    public void A_majority_counts_the_leader_and_no_follower_twice(int answering, bool leads)
    {
        var leader = Core.Leader(term: 3, log: "1 3", voters: 5);
        for (var i = 0; i < 20; i++)
        {
            leader.Waits(100);
            foreach (var peer in Enumerable.Range(2, answering)) leader.Receives(Accepted(peer, 3, 2, round: i), Accepted(peer, 3, 2, round: i));
        }

        (leader.Role == RaftRole.Leader).ShouldBe(leads);
    }

    /// <summary>Thesis 6.2, 9.6: who has stepped down protects nobody: it grants a rehearsal at once.</summary>
    [Fact, Trait("RaftBug", "B19")]
    public void A_leader_that_stepped_down_votes_for_another_at_once()
    {
        var leader = Core.Leader(term: 3, log: "1 3").Waits(1300);
        leader.Role.ShouldBe(RaftRole.Follower);
        leader.KnownLeader.ShouldBeNull();

        leader.Receives(PreVoteRequest(from: 2, term: 3, last: "2/3")).Did("-> 2 term 3 pre-vote granted");
    }

    /// <summary>Raft 5.2: only a granted vote or a valid leader restarts the election timer; refused requests, stale leaders and higher terms do not.</summary>
    [Fact, Trait("RaftBug", "B13"), Trait("RaftBug", "B14")]
    public void Only_a_granted_vote_or_a_valid_leader_restarts_the_election_timer()
    {
        var node = Core.Recovered(term: 3, log: "1 3");
        var deadline = node.State.ElectionDeadline;

        node.Later(50).Receives(VoteRequest(from: 2, term: 3, last: "1/1"));          // log behind
        node.Later(50).Receives(VoteRequest(from: 2, term: 2, last: "9/2"));          // stale
        node.Later(50).Receives(PreVoteRequest(from: 2, term: 3, last: "9/3"));       // granted, and a question only
        node.Later(50).Receives(Append(from: 2, term: 2, after: "2/3"));              // stale leader
        node.Later(50).Receives(VoteRequest(from: 2, term: 9, last: "1/1"), TermDurable(9));   // higher term, log behind
        node.State.ElectionDeadline.ShouldBe(deadline);

        node.Later(50).Receives(VoteRequest(from: 2, term: 9, last: "9/3"));
        node.State.ElectionDeadline.ShouldBeGreaterThanOrEqualTo(node.Now + node.Options.ElectionTimeoutMin);
        node.Later(50).Receives(TermDurable(9, vote: 2), Append(from: 2, term: 9, after: "2/3"));
        node.State.ElectionDeadline.ShouldBeGreaterThanOrEqualTo(node.Now + node.Options.ElectionTimeoutMin);
    }

    static (RaftRole, long, string?, string?, TimeSpan, TimeSpan, int, string) Look(Core node) =>
        (node.Role, node.Term, node.VotedFor, node.KnownLeader, node.State.ElectionDeadline, node.State.LeaderContact, node.State.Deferred.Count, node.Log);
}
