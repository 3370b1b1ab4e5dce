using AkkaRaft.Consensus;
using Shouldly;
using Xunit;
using static AkkaRaft.Tests.Consensus.Messages;

namespace AkkaRaft.Tests.Consensus.Paper;

/// <summary>Terms and leader election: Raft 5.1, 5.2, 5.4.1; pre-vote: thesis 9.6.</summary>
public sealed class ElectionRules
{
    /// <summary>Raft 5.2: nodes start as followers.</summary>
    [Fact]
    public void Nodes_start_as_followers_with_what_their_journals_hold()
    {
        var node = Core.Recovered(term: 4, votedFor: 2, log: "1 3 4");

        node.Role.ShouldBe(RaftRole.Follower);
        node.Term.ShouldBe(4);
        node.VotedFor.ShouldBe("2");
        node.Durable.ShouldBe(3);
        node.CommitIndex.ShouldBe(0);
        node.KnownLeader.ShouldBeNull();
    }

    /// <summary>Raft 5.2: a node remains a follower as long as it hears a valid leader.</summary>
    [Fact]
    public void A_follower_that_hears_its_leader_does_not_stand()
    {
        var follower = Core.Follower(term: 2, log: "1 2");
        for (var i = 0; i < 50; i++)
        {
            follower.Waits(100).DidNothing();
            follower.Receives(Append(from: 2, term: 2, after: "2/2", round: i));
        }

        follower.Role.ShouldBe(RaftRole.Follower);
        follower.Term.ShouldBe(2);
    }

    /// <summary>Raft 5.2, thesis 9.6: without a leader it asks for votes; first whether it could win, which changes neither term nor vote.</summary>
    [Fact]
    public void A_follower_that_hears_nobody_asks_first_whether_it_could_win()
    {
        var follower = Core.Follower(term: 2, log: "1 2");

        follower.TimesOut();

        follower.Did(
            "becomes pre-candidate in term 2: no leader was heard in term 2",
            "knows no leader of term 2",
            "-> 2 term 2 pre-vote-request, last 2/2",
            "-> 3 term 2 pre-vote-request, last 2/2");
        follower.Term.ShouldBe(2);
        follower.VotedFor.ShouldBeNull();
    }

    /// <summary>Raft 5.2: a candidate raises its term, votes for itself and asks all others; nothing leaves before its own vote is durable.</summary>
    [Fact, Trait("RaftBug", "B01")]
    public void A_candidate_raises_its_term_and_asks_everybody_once_its_own_vote_is_durable()
    {
        var node = Core.PreCandidate(term: 2, log: "1 2", voters: 5);

        node.WinsPreVote().Did(
            "becomes candidate in term 3: a majority would vote for it",
            "writes term 3, vote 1");
        node.Receives(TermDurable(3, vote: 1)).Did(
            "-> 2 term 3 vote-request, last 2/2",
            "-> 3 term 3 vote-request, last 2/2",
            "-> 4 term 3 vote-request, last 2/2",
            "-> 5 term 3 vote-request, last 2/2");
    }

    /// <summary>Raft 5.2, 8: with the votes of a majority it leads, and begins with a no-op to its own journal and to all others at once.</summary>
    [Fact, Trait("RaftBug", "B27")]
    public void A_candidate_with_a_majority_leads_and_appends_a_no_op()
    {
        var candidate = Core.Candidate(term: 3, log: "1 2", voters: 5);
        var round = candidate.State.CampaignRound;

        candidate.Receives(VoteReply(from: 2, term: 3, ElectionKind.Vote, round)).DidNothing();
        candidate.Receives(VoteReply(from: 4, term: 3, ElectionKind.Vote, round)).Did(
            "becomes leader in term 3: a majority voted for it: 1, 2, 4",
            "knows leader 1 of term 3",
            "writes log after 2/2, 3/3",
            "-> 2 term 3 append after 2/2, 3/3, commit 0, round 0",
            "-> 3 term 3 append after 2/2, 3/3, commit 0, round 0",
            "-> 4 term 3 append after 2/2, 3/3, commit 0, round 0",
            "-> 5 term 3 append after 2/2, 3/3, commit 0, round 0");
        candidate.State.Log[new LogIndex(3)].ShouldBeOfType<NoOpEntry>();
    }

    /// <summary>Raft 5.2: a candidate that hears a leader of its own term or a later one follows it.</summary>
    [Theory, InlineData(3), InlineData(7), Trait("RaftBug", "B25")]
    public void A_candidate_that_hears_a_leader_of_its_term_or_a_later_one_follows(long leadersTerm)
    {
        var candidate = Core.Candidate(term: 3, log: "1 2");

        candidate.Receives(Append(from: 3, term: leadersTerm, after: "2/2"));
        if (leadersTerm > 3) candidate.Receives(TermDurable(leadersTerm));

        candidate.Role.ShouldBe(RaftRole.Follower);
        candidate.KnownLeader.ShouldBe("3");
        candidate.Term.ShouldBe(leadersTerm);
    }

    /// <summary>Raft 5.2: a candidate does not follow a leader of an earlier term, and tells it the newer term.</summary>
    [Fact]
    public void A_candidate_that_hears_a_leader_of_an_earlier_term_stays_a_candidate()
    {
        var candidate = Core.Candidate(term: 3, log: "1 2");

        candidate.Receives(Append(from: 3, term: 2, after: "2/2")).Did("-> 3 term 3 stale term");

        candidate.Role.ShouldBe(RaftRole.Candidate);
    }

    /// <summary>Raft 5.2: a candidate that nobody elects tries again in a new term after another random wait.</summary>
    [Fact]
    public void A_candidate_without_an_outcome_tries_again_in_a_new_term()
    {
        var candidate = Core.Candidate(term: 3, log: "1 2");

        candidate.TimesOut();
        candidate.Role.ShouldBe(RaftRole.PreCandidate);
        candidate.Term.ShouldBe(3);
        candidate.WinsPreVote();

        candidate.Role.ShouldBe(RaftRole.Candidate);
        candidate.Term.ShouldBe(4);
    }

    /// <summary>Raft 5.2: a majority of refusals ends the attempt; the term stays, and the next attempt waits for the timer.</summary>
    [Fact]
    public void A_candidate_whom_a_majority_refuses_follows_again()
    {
        var candidate = Core.Candidate(term: 3, log: "1 2");
        var round = candidate.State.CampaignRound;

        candidate.Receives(
            VoteReply(2, 3, ElectionKind.Vote, round, VoteRefusal.AlreadyVoted),
            VoteReply(3, 3, ElectionKind.Vote, round, VoteRefusal.LogBehind));

        candidate.Role.ShouldBe(RaftRole.Follower);
        candidate.Term.ShouldBe(3);
        candidate.VotedFor.ShouldBe("1");
    }

    /// <summary>Raft 5.2: one vote for each term, first come first served; the same candidate hears the same answer again.</summary>
    [Fact, Trait("RaftBug", "B01")]
    public void A_voter_votes_once_in_a_term_and_says_so_when_it_is_durable()
    {
        var voter = Core.Recovered(term: 2, log: "1 2");

        voter.Receives(VoteRequest(from: 2, term: 3, last: "2/2", round: 7)).Did(
            "becomes follower in term 3: node 2 is in term 3",
            "writes term 3, vote 2");
        voter.Receives(TermDurable(3, vote: 2)).Did("-> 2 term 3 vote granted");
        voter.Receives(VoteRequest(from: 3, term: 3, last: "9/3")).Did("-> 3 term 3 vote refused: AlreadyVoted");
        voter.Receives(VoteRequest(from: 2, term: 3, last: "2/2", round: 7)).Did("-> 2 term 3 vote granted");
    }

    /// <summary>Raft 5.4.1: the later last term wins, and of equal last terms the longer log; a vote for less could lose what is committed.</summary>
    [Theory, Trait("RaftBug", "B11")]
    [InlineData("3/3", true)]    // equal
    [InlineData("4/3", true)]    // longer
    [InlineData("2/3", false)]   // shorter
    [InlineData("1/4", true)]    // later term, though much shorter
    [InlineData("9/2", false)]   // earlier term, though much longer
    public void A_voter_refuses_a_candidate_whose_log_is_behind_its_own(string candidatesLast, bool granted)
    {
        var voter = Core.Recovered(term: 3, log: "1 1 3");

        voter.Receives(PreVoteRequest(from: 2, term: 3, last: candidatesLast));
        ((VoteReply)voter.Sent.Single().Message).Refusal.ShouldBe(granted ? VoteRefusal.None : VoteRefusal.LogBehind);

        voter.Receives(VoteRequest(from: 2, term: 4, last: candidatesLast), TermDurable(4, granted ? 2 : null));
        ((VoteReply)voter.Sent.Single().Message).Refusal.ShouldBe(granted ? VoteRefusal.None : VoteRefusal.LogBehind);
        voter.Term.ShouldBe(4);
    }

    /// <summary>Raft 5.1: whoever sees a later term takes it over and follows, whatever it was.</summary>
    [Theory, InlineData(RaftRole.Follower), InlineData(RaftRole.PreCandidate), InlineData(RaftRole.Candidate), InlineData(RaftRole.Leader)]
    public void A_later_term_makes_everybody_a_follower(RaftRole role)
    {
        foreach (var message in new RaftMessage[]
        {
            Append(from: 2, term: 9, after: "0/0"), Accepted(from: 2, term: 9, upTo: 1), Stale(from: 2, term: 9),
            VoteReply(from: 2, term: 9, ElectionKind.Vote, round: 1, VoteRefusal.StaleTerm),
        })
        {
            var node = In(role);

            node.Receives(message);

            node.Role.ShouldBe(RaftRole.Follower);
            node.Term.ShouldBe(9);
            node.VotedFor.ShouldBeNull();
            node.Effects.OfType<Send>().ShouldBeEmpty("the new term is announced only when it is durable");
        }
    }

    /// <summary>Raft 5.1: what comes from an earlier term is refused with the present one; answers from an earlier term count for nothing.</summary>
    [Theory, InlineData(RaftRole.Follower), InlineData(RaftRole.PreCandidate), InlineData(RaftRole.Candidate), InlineData(RaftRole.Leader)]
    public void A_message_of_an_earlier_term_is_refused(RaftRole role)
    {
        var node = In(role);

        node.Receives(Append(from: 2, term: 2, after: "0/0")).Did("-> 2 term 3 stale term");
        node.Receives(VoteRequest(from: 2, term: 2, last: "9/2")).Did("-> 2 term 3 vote refused: StaleTerm");
        node.Receives(Accepted(from: 2, term: 2, upTo: 3)).DidNothing();
        node.Role.ShouldBe(role);
        node.Term.ShouldBe(3);
    }

    /// <summary>Raft 5.2, thesis 9.3: waits are random between the two bounds, and drawn anew each time.</summary>
    [Fact, Trait("RaftBug", "B15")]
    public void Election_timeouts_are_random_in_their_bounds_and_drawn_anew()
    {
        var waits = new List<double>();
        for (ulong seed = 0; seed < 50; seed++)
        {
            var node = Core.Recovered(seed: seed);
            waits.Add((node.State.ElectionDeadline - node.Now).TotalMilliseconds);
            for (var i = 0; i < 4; i++)
            {
                node.Receives(Append(from: 2, term: 0, after: "0/0"));
                waits.Add((node.State.ElectionDeadline - node.Now).TotalMilliseconds);
            }
        }

        waits.ShouldAllBe(w => w >= 600 && w < 1200);
        waits.Distinct().Count().ShouldBeGreaterThan(240);
        waits.Count(w => w < 900).ShouldBeInRange(75, 175);
    }

    /// <summary>Raft 5.2: split votes are rare and resolve quickly, because the waits differ.</summary>
    [Theory, InlineData(3), InlineData(5), Trait("RaftBug", "B15")]
    public void Clusters_whose_timers_start_together_elect_within_a_few_rounds(int nodes)
    {
        var cluster = new CoreCluster(nodes);
        var campaigns = 0;
        cluster.OnEffect = (_, effect) => campaigns += effect is RoleChanged { To: RaftRole.PreCandidate } ? 1 : 0;
        for (var passed = 0; passed < 5000 && cluster.Leader is null; passed += 50)
        {
            foreach (var node in cluster.Nodes) cluster.Tick(node, CoreCluster.TickInterval);
            cluster.Stabilize(cluster.Nodes);
        }

        cluster.Leader.ShouldNotBeNull();
        campaigns.ShouldBeLessThanOrEqualTo(4);
    }

    static Core In(RaftRole role) => role switch
    {
        RaftRole.Follower => Core.Follower(term: 3, log: "1 2 3"),
        RaftRole.PreCandidate => Core.PreCandidate(term: 3, log: "1 2 3"),
        RaftRole.Candidate => Core.Candidate(term: 3, log: "1 2"),
        _ => Core.Leader(term: 3, log: "1 2 3"),
    };
}
