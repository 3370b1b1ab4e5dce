using AkkaRaft.Consensus;
using Shouldly;
using Xunit;
using static AkkaRaft.Tests.Consensus.Messages;

namespace AkkaRaft.Tests.Consensus.KnownBugs;

/// <summary>Bugs of elections, terms and votes that other systems shipped; the rows are those of known-raft-bugs.md.</summary>
public sealed class VoteBugs
{
    /// <summary>The vote reached the disk, the confirmation did not: after the restart the same term has one vote still.</summary>
    [Fact, Trait("RaftBug", "B01"), Trait("RaftBug", "B02")]
    public void A_vote_that_may_be_on_disk_is_kept_over_a_crash()
    {
        var voter = Core.Recovered(term: 2, log: "1");
        voter.Receives(VoteRequest(from: 2, term: 3, last: "1/1")).Effects.OfType<Send>().ShouldBeEmpty();

        // By the new value it refuses at once, though nothing is durable: nobody else gets this term's vote, and nobody hears anything.
        voter.Receives(VoteRequest(from: 3, term: 3, last: "9/2")).DidNothing();
        voter.VotedFor.ShouldBe("2");

        voter.Restarts(term: 3, votedFor: 2);
        voter.Receives(VoteRequest(from: 3, term: 3, last: "9/2")).Did("-> 3 term 3 vote refused: AlreadyVoted");
        voter.Receives(VoteRequest(from: 2, term: 3, last: "1/1")).Did("-> 2 term 3 vote granted");
    }

    /// <summary>The term is durable and the vote in it is not: what waits is the vote, and nothing but the vote.</summary>
    [Fact, Trait("RaftBug", "B01")]
    public void A_vote_in_a_durable_term_waits_for_its_own_write()
    {
        var voter = Core.Recovered(term: 3, log: "1");

        voter.Receives(VoteRequest(from: 2, term: 3, last: "1/1"), VoteRequest(from: 2, term: 3, last: "1/1")).Did("writes term 3, vote 2");
        voter.Receives(VoteRequest(from: 3, term: 3, last: "9/2")).Did("-> 3 term 3 vote refused: AlreadyVoted");
        voter.Receives(TermDurable(3, vote: 2)).Did("-> 2 term 3 vote granted");
    }

    [Fact, Trait("RaftBug", "B03")]
    public void Stepping_down_in_the_same_term_does_not_forget_the_vote()
    {
        var candidate = Core.Candidate(term: 3, log: "1");

        candidate.Receives(Append(from: 2, term: 3, after: "5/3"));
        candidate.Role.ShouldBe(RaftRole.Follower);
        candidate.VotedFor.ShouldBe("1");
        candidate.Later(2000).Receives(VoteRequest(from: 3, term: 3, last: "9/2")).Did("-> 3 term 3 vote refused: AlreadyVoted");

        var leader = Core.Leader(term: 3, log: "1 3").Waits(1300);
        leader.Role.ShouldBe(RaftRole.Follower);
        leader.VotedFor.ShouldBe("1");
    }

    [Fact, Trait("RaftBug", "B04")]
    public void A_rehearsal_does_not_forget_the_vote()
    {
        var voter = Core.Recovered(term: 2, log: "1");
        voter.Receives(VoteRequest(from: 2, term: 3, last: "1/1"), TermDurable(3, vote: 2));

        voter.TimesOut();
        voter.Role.ShouldBe(RaftRole.PreCandidate);
        voter.Effects.OfType<PersistTerm>().ShouldBeEmpty();
        voter.Receives(VoteRequest(from: 3, term: 3, last: "9/3")).Did("-> 3 term 3 vote refused: AlreadyVoted");
    }

    [Fact, Trait("RaftBug", "B06")]
    public void Votes_that_come_twice_and_votes_of_strangers_count_once_or_not_at_all()
    {
        var candidate = Core.Candidate(term: 3, log: "1", voters: 5);
        var round = candidate.State.CampaignRound;

        for (var i = 0; i < 5; i++)
        {
            candidate.Receives(
                VoteReply(2, 3, ElectionKind.Vote, round), VoteReply(1, 3, ElectionKind.Vote, round),
                VoteReply(8, 3, ElectionKind.Vote, round), VoteReply(9, 3, ElectionKind.Vote, round));
        }

        candidate.Role.ShouldBe(RaftRole.Candidate);
        candidate.Receives(VoteReply(3, 3, ElectionKind.Vote, round));
        candidate.Role.ShouldBe(RaftRole.Leader);
    }

    [Fact, Trait("RaftBug", "B07")]
    public void Answers_to_another_campaign_or_to_the_rehearsal_do_not_count()
    {
        var candidate = Core.Candidate(term: 3, log: "1");
        var round = candidate.State.CampaignRound;

        candidate.Receives(VoteReply(2, 2, ElectionKind.PreVote, round - 1), VoteReply(2, 3, ElectionKind.PreVote, round)).DidNothing();
        candidate.Receives(VoteReply(2, 3, ElectionKind.Vote, round - 1), VoteReply(2, 2, ElectionKind.Vote, round)).DidNothing();
        candidate.Role.ShouldBe(RaftRole.Candidate);

        // A new rehearsal: the first one's answers, and late votes of the last election, do not count either.
        candidate.TimesOut();
        candidate.Receives(VoteReply(2, 2, ElectionKind.PreVote, round - 1), VoteReply(2, 3, ElectionKind.Vote, round)).DidNothing();
        candidate.Role.ShouldBe(RaftRole.PreCandidate);
    }

    [Fact, Trait("RaftBug", "B08")]
    public void An_entry_goes_to_the_journal_only_after_its_term_is_durable()
    {
        var follower = Core.Recovered(term: 2, log: "1");

        follower.Receives(Append(from: 2, term: 3, after: "1/1", entries: "2/3"));
        follower.Did("becomes follower in term 3: node 2 is in term 3", "writes term 3, vote none");

        follower.Receives(TermDurable(3)).Did("knows leader 2 of term 3", "writes log after 1/1, 2/3");
    }

    /// <summary>One counter for votes and appends; each message is judged by it at the moment when it can be answered.</summary>
    [Fact, Trait("RaftBug", "B09"), Trait("RaftBug", "B37")]
    public void Messages_that_waited_for_a_durable_term_are_judged_anew()
    {
        var node = Core.Recovered(term: 2, log: "1");

        node.Receives(
            Append(from: 2, term: 3, after: "1/1", entries: "2/3"), VoteRequest(from: 3, term: 4, last: "5/2"), Append(from: 2, term: 3, after: "1/1"));
        node.Effects.OfType<Send>().ShouldBeEmpty();
        node.Receives(TermDurable(3)).DidNothing();   // not the present term

        node.Receives(TermDurable(4, vote: 3)).Did("-> 3 term 4 vote granted", "-> 2 term 4 stale term", "-> 2 term 4 stale term");
        node.Log.ShouldBe("1/1");
    }

    /// <summary>The term in force counts from the moment that it was heard, not from when the journal has it.</summary>
    [Fact, Trait("RaftBug", "B09")]
    public void A_vote_is_judged_by_the_term_in_force_and_not_by_the_durable_one()
    {
        var voter = Core.Recovered(term: 2, log: "1 2");
        voter.Receives(VoteRequest(from: 2, term: 5, last: "1/1"));   // its log is behind: it brings the term and gets no vote

        voter.Receives(VoteRequest(from: 3, term: 4, last: "2/2")).DidNothing();
        voter.Receives(TermDurable(5)).Did("-> 2 term 5 vote refused: LogBehind", "-> 3 term 5 vote refused: StaleTerm");

        voter.VotedFor.ShouldBeNull();
    }

    [Fact, Trait("RaftBug", "B10")]
    public void A_later_term_brings_a_new_vote_and_an_earlier_one_brings_nothing()
    {
        var voter = Core.Recovered(term: 2, log: "1");

        voter.Receives(VoteRequest(2, 3, "1/1"), TermDurable(3, 2));
        voter.Receives(VoteRequest(3, 4, "1/1")).Did("becomes follower in term 4: node 3 is in term 4", "writes term 4, vote 3");
        voter.Receives(TermDurable(4, 3)).Did("-> 3 term 4 vote granted");
        voter.Receives(VoteRequest(2, 3, "1/1")).Did("-> 2 term 4 vote refused: StaleTerm");
        voter.VotedFor.ShouldBe("3");
    }

    [Fact, Trait("RaftBug", "B12"), Trait("RaftBug", "B26")]
    public void A_node_with_writes_under_way_does_not_stand()
    {
        var follower = Core.Follower(term: 3, log: "1 3", durable: 1);

        follower.Waits(3000).DidNothing();
        follower.Receives(Campaign.Instance).DidNothing();
        follower.LogDurable(2);
        follower.Waits(50).Effects.Select(Trace.Of).ShouldContain("-> 3 term 3 pre-vote-request, last 2/3");
    }

    [Fact, Trait("RaftBug", "B12")]
    public void A_node_whose_vote_is_not_durable_does_not_stand_again()
    {
        var candidate = Core.PreCandidate(term: 2, log: "1").WinsPreVote();

        candidate.Waits(3000).DidNothing();
        candidate.Term.ShouldBe(3);
        candidate.Receives(TermDurable(3, vote: 1)).Effects.OfType<Send>().Count().ShouldBe(2);
    }

    [Fact, Trait("RaftBug", "B16")]
    public void A_timer_that_ran_out_earlier_does_nothing_in_a_later_role()
    {
        var leader = Core.Leader(term: 3, log: "1 3");
        leader.Receives(Campaign.Instance).DidNothing();

        // Its old deadline passes while it leads.
        for (var i = 0; i < 20; i++) leader.Waits(100).Receives(Accepted(2, 3, 2, round: i));
        leader.Role.ShouldBe(RaftRole.Leader);
        leader.Term.ShouldBe(3);

        // A confirmation of an older term does not revive the candidacy.
        var candidate = Core.PreCandidate(term: 2, log: "1").WinsPreVote();
        candidate.Receives(Append(from: 2, term: 4, after: "1/1"), TermDurable(3, vote: 1));
        candidate.Role.ShouldBe(RaftRole.Follower);
        candidate.Effects.OfType<Send>().ShouldBeEmpty();
    }

    /// <summary>The leader is dead; the two left are in different terms, whichever of them has the better log.</summary>
    [Theory, InlineData("1", "1 1"), InlineData("1 1", "1"), InlineData("1", "1"), Trait("RaftBug", "B18")]
    public void Nodes_of_different_terms_elect_a_leader(string low, string high)
    {
        var cluster = new CoreCluster(3);
        cluster.Crash(cluster[1]);
        foreach (var (node, term, log) in new[] { (cluster[2], 1, low), (cluster[3], 9, high) })
        {
            cluster.Crash(node);
            node.Disk.Term = new Term(term);
            node.Disk.Log.AddRange(Entries.Log(log));
            cluster.Start(node);
        }

        for (var passed = 0; passed < 6000 && cluster.Leader is null; passed += 50)
        {
            foreach (var node in cluster.Nodes.Where(n => n.IsRunning)) cluster.Tick(node, CoreCluster.TickInterval);
            cluster.Stabilize(cluster.Nodes);
        }

        cluster.Leader.ShouldNotBeNull();
    }

    [Fact, Trait("RaftBug", "B21")]
    public void A_node_that_does_not_vote_does_not_stand()
    {
        var outsider = new RaftCore(
            Entries.Node(9), new CoreOptions(), new RecoveredState(new Term(2), null, Entries.Voters(3), Entries.Log("1")), 1, default);
        var effects = new Effects();
        for (var now = TimeSpan.Zero; now < TimeSpan.FromSeconds(5); now += TimeSpan.FromMilliseconds(50))
            outsider.Step(new Instant(now, Entries.Epoch), Tick.Instance, effects);
        outsider.Step(new Instant(TimeSpan.FromSeconds(5), Entries.Epoch), Campaign.Instance, effects);

        effects.All.ShouldBeEmpty();
        outsider.State.Role.ShouldBe(RaftRole.Follower);
    }

    /// <summary>Thesis 4.1: a voter need not know that it is one, nor that the candidate is a member: their configurations may be newer than its own.</summary>
    [Fact, Trait("RaftBug", "B22"), Trait("RaftBug", "B23")]
    public void A_voter_answers_whoever_asks_and_follows_whoever_leads()
    {
        var voter = Core.Recovered(term: 2, log: "1", voters: 3);

        voter.Receives(VoteRequest(from: 9, term: 3, last: "4/2"), TermDurable(3, vote: 9));
        voter.Sent.Select(s => $"{s.To} {Trace.Of(s.Message)}").ShouldBe(["9 term 3 vote granted"]);
        voter.Receives(Append(from: 9, term: 3, after: "1/1", entries: "2/3"));
        voter.KnownLeader.ShouldBe("9");
        voter.LogDurable(2).Did("-> 9 term 3 accepted, match 2, verified 2, round 0");
    }

    /// <summary>A new voter may be asked before it has heard of itself: whose configuration counts is the candidate's business (thesis 4.1).</summary>
    [Fact, Trait("RaftBug", "B22")]
    public void A_node_that_is_not_in_its_own_configuration_votes_when_asked()
    {
        var newcomer = new RaftCore(
            Entries.Node(9), new CoreOptions(), new RecoveredState(new Term(2), null, Entries.Voters(3), Entries.Log("1")), 1, default);
        var effects = new Effects();

        var later = default(Instant) with { Monotonic = TimeSpan.FromSeconds(1) };
        newcomer.Step(later, VoteRequest(from: 1, term: 3, last: "4/2"), effects);
        newcomer.Step(later, TermDurable(3, vote: 1), effects);

        effects.All.OfType<Send>().Select(send => Trace.Of(send.Message)).ShouldBe(["term 3 vote granted"]);
    }

    /// <summary>A removal that is not committed does not silence the node: it still votes in the configuration that is agreed on.</summary>
    [Fact, Trait("RaftBug", "B72")]
    public void A_node_may_stand_while_its_removal_is_not_committed()
    {
        var follower = Core.Follower(term: 3, log: "1 3", commit: 1);
        var removal = new ConfigurationEntry(Entries.Id("3/3"), Entries.Epoch, Entries.Voters([2, 3]));
        follower.Receives(new AppendEntries(Entries.Node(2), new Term(3), 0, Entries.Id("2/3"), [removal], new LogIndex(1)), LogDurable(1, "3/3"));

        follower.TimesOut();
        follower.Role.ShouldBe(RaftRole.PreCandidate);

        // Its own vote is none in the newest configuration: it needs both others.
        follower.Receives(VoteReply(2, 3, ElectionKind.PreVote, follower.State.CampaignRound));
        follower.Role.ShouldBe(RaftRole.PreCandidate);
        follower.Receives(VoteReply(3, 3, ElectionKind.PreVote, follower.State.CampaignRound));
        follower.Role.ShouldBe(RaftRole.Candidate);
    }

    [Fact, Trait("RaftBug", "B21")]
    public void A_node_does_not_stand_once_its_removal_is_committed()
    {
        var follower = Core.Follower(term: 3, log: "1 3", commit: 1);
        var removal = new ConfigurationEntry(Entries.Id("3/3"), Entries.Epoch, Entries.Voters([2, 3]));
        follower.Receives(
            new AppendEntries(Entries.Node(2), new Term(3), 0, Entries.Id("2/3"), [removal], new LogIndex(3)), LogDurable(1, "3/3"));
        follower.CommitIndex.ShouldBe(3);

        follower.Waits(5000).DidNothing();
    }

    [Fact, Trait("RaftBug", "B91")]
    public void A_follower_that_stood_still_waits_again_before_it_stands()
    {
        var follower = Core.Follower(term: 3, log: "1 3").Waits(50);

        follower.StandsStill(5000).DidNothing();
        follower.Waits(550).DidNothing();
        follower.TimesOut();
        follower.Role.ShouldBe(RaftRole.PreCandidate);
    }

    [Fact, Trait("RaftBug", "B91")]
    public void A_follower_whose_ticks_all_come_late_stands_in_the_end()
    {
        var follower = Core.Follower(term: 3, log: "1 3").Waits(50);

        for (var i = 0; i < 10; i++) follower.StandsStill(310);

        follower.Role.ShouldBe(RaftRole.PreCandidate);
    }

    [Fact, Trait("RaftBug", "B91")]
    public void A_leader_that_stood_still_gives_up_and_answers_nothing()
    {
        var leader = Core.Leader(term: 3, log: "1 3", commit: 2).Waits(50);
        leader.Receives(Read(1));

        leader.Later(3600).Receives(Read(2)).Effects.OfType<ReadReady>().ShouldBeEmpty();

        leader.Role.ShouldBe(RaftRole.Follower);
        leader.Effects.OfType<ReadRefused>().Select(r => r.ReadId).ShouldBe([1, 2]);
    }

    /// <summary>What waits for a term to become durable is bounded; what is over the bound is lost, as on a network.</summary>
    [Fact]
    public void Messages_that_wait_for_a_durable_term_are_bounded()
    {
        var node = Core.Recovered(term: 2, log: "1", options: new CoreOptions { MaxDeferredMessages = 3 });
        for (var i = 1; i <= 10; i++) node.Receives(Append(from: 2, term: 3, after: "1/1", round: i));

        node.Receives(TermDurable(3)).Sent.Count().ShouldBe(3);
    }
}
