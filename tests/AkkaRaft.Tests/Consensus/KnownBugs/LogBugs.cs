using AkkaRaft.Consensus;
using Shouldly;
using Xunit;
using static AkkaRaft.Tests.Consensus.Messages;

namespace AkkaRaft.Tests.Consensus.KnownBugs;

/// <summary>Bugs of logs, acknowledgements and disks that other systems shipped; the rows are those of known-raft-bugs.md.</summary>
public sealed class LogBugs
{
    /// <summary>A prefix matches, the tail is another leader's: neither is the tail committed, nor acknowledged.</summary>
    [Fact, Trait("RaftBug", "B31"), Trait("RaftBug", "B34")]
    public void A_divergent_tail_is_neither_committed_nor_acknowledged()
    {
        var follower = Core.Follower(term: 4, log: "1 1 2 2", verified: 0);

        follower.Receives(Append(from: 2, term: 4, after: "2/1", commit: 4)).Did(
            "applies 1/1 2/1",
            "-> 2 term 4 accepted, match 2, verified 2, round 0");
        follower.CommitIndex.ShouldBe(2);
    }

    [Fact, Trait("RaftBug", "B32")]
    public void A_heartbeat_does_not_commit_what_the_follower_lacks()
    {
        var follower = Core.Follower(term: 3, log: "1 3", commit: 1);

        follower.Receives(Append(from: 2, term: 3, after: "4/3", commit: 4)).Did("-> 2 term 3 conflict at 4/3, hint 2/3, round 0");

        follower.CommitIndex.ShouldBe(1);
    }

    [Fact, Trait("RaftBug", "B33")]
    public void A_late_heartbeat_does_not_lower_the_commit_index()
    {
        var follower = Core.Follower(term: 3, log: "1 3 3", commit: 3);

        follower.Receives(Append(from: 2, term: 3, after: "3/3", commit: 1), Append(from: 2, term: 3, after: "0/0", commit: 0));

        follower.CommitIndex.ShouldBe(3);
    }

    [Fact, Trait("RaftBug", "B35")]
    public void Old_answers_take_nothing_back()
    {
        var leader = Core.Leader(term: 3, log: "1 3 3 3", durable: 1);
        leader.Receives(Accepted(2, 3, 4));
        var peer = leader.State.Leadership!.Peers[Entries.Node(2)];

        leader.Receives(Accepted(2, 3, 2), Conflict(2, 3, at: "3/3", hint: "1/1"), Conflict(2, 3, at: "4/3", hint: "0/0"));

        peer.Match.ShouldBe(new LogIndex(4));
        peer.Next.ShouldBe(new LogIndex(5));
        peer.State.ShouldBe(ProgressState.Replicate);
    }

    /// <summary>Leader, not leader, leader again: what was acknowledged to the first leadership may have been cut off since.</summary>
    [Fact, Trait("RaftBug", "B36")]
    public void Answers_to_a_former_leadership_do_not_count()
    {
        var leader = Core.Leader(term: 3, log: "1 3 3");
        leader.Receives(Stale(from: 2, term: 4), TermDurable(4));
        leader.Role.ShouldBe(RaftRole.Follower);
        leader.TimesOut();
        leader.WinsPreVote().Receives(TermDurable(5, vote: 1));
        leader.WinsVote().LogDurable(4);
        leader.Role.ShouldBe(RaftRole.Leader);

        leader.Receives(Accepted(2, 3, 3), Accepted(3, 3, 3), Conflict(3, 3, at: "3/3", hint: "1/1")).DidNothing();

        leader.CommitIndex.ShouldBe(0);
        leader.State.Leadership!.Peers.Values.ShouldAllBe(p => p.Match == LogIndex.Zero);
    }

    [Fact, Trait("RaftBug", "B37")]
    public void A_follower_that_sees_a_new_term_during_a_write_does_not_acknowledge_to_the_old_leader()
    {
        var follower = Core.Follower(term: 3, log: "1 3", durable: 1, leader: 2).Later(700);
        follower.Receives(VoteRequest(from: 3, term: 4, last: "9/3"));

        follower.LogDurable(2).DidNothing();
        follower.Durable.ShouldBe(2);
        follower.Receives(TermDurable(4, vote: 3)).Did("-> 3 term 4 vote granted");
    }

    /// <summary>Index 2 is written three times; the first write's confirmation names the very entry that the third wrote.</summary>
    [Fact, Trait("RaftBug", "B38"), Trait("RaftBug", "B39")]
    public void An_old_confirmation_does_not_confirm_what_was_written_since()
    {
        var follower = Core.Follower(term: 3, log: "1 3", durable: 1);                                   // write 1: 2/3
        follower.Receives(Append(from: 3, term: 4, after: "1/1", entries: "2/4"), TermDurable(4));        // write 2: 2/4
        follower.Receives(Append(from: 2, term: 5, after: "1/1", entries: "2/3 3/5"), TermDurable(5));    // write 3: 2/3 again

        follower.Receives(LogDurable(1, "2/3")).DidNothing();
        follower.Receives(LogDurable(2, "2/4")).DidNothing();
        follower.Durable.ShouldBe(1);
        follower.Receives(Append(from: 2, term: 5, after: "3/5")).Did("-> 2 term 5 accepted, match 1, verified 3, round 0");
        follower.Receives(LogDurable(3, "3/5")).Did("-> 2 term 5 accepted, match 3, verified 3, round 0");
    }

    [Fact, Trait("RaftBug", "B39")]
    public void Cutting_lowers_the_durable_index_at_once()
    {
        var follower = Core.Follower(term: 3, log: "1 2 2", verified: 1);
        follower.Durable.ShouldBe(3);

        follower.Receives(Append(from: 2, term: 3, after: "1/1", entries: "2/3 3/3 4/3"));

        follower.Durable.ShouldBe(1);
        follower.Receives(Append(from: 2, term: 3, after: "4/3")).Did("-> 2 term 3 accepted, match 1, verified 4, round 0");
    }

    [Fact, Trait("RaftBug", "B40")]
    public void The_only_voter_commits_only_what_its_journal_has()
    {
        var leader = Core.Leader(term: 1, log: "1", voters: 1, durable: 1, commit: 1);

        leader.Receives(Propose("a")).Did("proposal 1 appended as 2/1", "writes log after 1/1, 2/1");
        leader.CommitIndex.ShouldBe(1);
        leader.LogDurable(2).Did("applies 2/1");
    }

    [Fact, Trait("RaftBug", "B41")]
    public void A_follower_applies_nothing_that_a_crash_could_take()
    {
        var follower = Core.Follower(term: 3, log: "1 3 3", commit: 0, durable: 1);

        follower.Receives(Append(from: 2, term: 3, after: "3/3", commit: 3)).Did("applies 1/1", "-> 2 term 3 accepted, match 1, verified 3, round 0");

        follower.LogDurable(3).Did("applies 2/3 3/3", "-> 2 term 3 accepted, match 3, verified 3, round 0");
    }

    [Fact, Trait("RaftBug", "B42"), Trait("RaftBug", "B43")]
    public void A_compacted_index_is_neither_absent_nor_of_term_0()
    {
        var log = new RaftLog(Entries.Id("5/2"), Entries.Ids("6/2 7/3"));

        log.TryGetId(new LogIndex(4), out _).ShouldBeFalse();
        log.TryGetId(new LogIndex(8), out _).ShouldBeFalse();
        log.TryGetId(new LogIndex(5), out var boundary).ShouldBeTrue();
        boundary.ShouldBe(Entries.Id("5/2"));
        log.Matches(Entries.Id("4/1")).ShouldBeTrue("what is compacted is committed, and every leader has it");
        log.Matches(Entries.Id("5/1")).ShouldBeFalse();
        log.Matches(Entries.Id("8/0")).ShouldBeFalse("absent");
        log.AppendAfter(Entries.Id("3/1"), Entries.Ids("4/1 5/2 6/2"), new LogIndex(5)).ShouldBeNull("all of it is there");
        log.AppendAfter(Entries.Id("3/1"), Entries.Ids("4/1 5/2 6/2 7/4"), new LogIndex(6)).ShouldNotBeNull().Previous.ShouldBe(Entries.Id("6/2"));
    }

    /// <summary>A log of 1000 entries in 5 terms that the leader never saw, however the terms lie.</summary>
    [Theory, Trait("RaftBug", "B45")]
    [InlineData("1*10 2*200 4*200 6*200 8*200 10*200", "1*10 3*200 5*200 7*200 9*200 11*200")]
    [InlineData("1*10 12*1000", "1*10 3*200 5*200 7*200 9*200 11*200")]
    [InlineData("1*10", "1*10 3*200 5*200 7*200 9*200 11*200")]
    [InlineData("1*10 2*1000", "1*10 3*200 5*200 7*200 9*200 11*200")]
    [InlineData("1*10 2*1 4*1 6*1 8*1 10*996", "1*10 3*996 5*1 7*1 9*1 11*1")]
    public void A_thousand_divergent_entries_in_5_terms_are_repaired_in_at_most_7_rounds(string leaders, string followers)
    {
        var leader = Core.Leader(term: 20, log: leaders + " 20");
        var follower = Core.Recovered(term: 20, log: followers);
        var rounds = 0;
        AppendEntriesReply answer;
        leader.Waits(100);
        var request = (AppendEntries)leader.Sent.First(s => s.To == "3").Message;
        do
        {
            rounds++;
            follower.Receives(request with { From = Entries.Node(2) });
            if (follower.Sent.Any()) answer = (AppendEntriesReply)follower.Sent.Last().Message;
            else answer = (AppendEntriesReply)follower.LogDurable(follower.State.Log.Last.Index.Value).Sent.Last().Message;
            leader.Receives(answer with { From = Entries.Node(3) });
            if (leader.Sent.LastOrDefault().Message is AppendEntries next) request = next;
        }
        while (answer.Outcome == AppendOutcome.Conflict);

        rounds.ShouldBeLessThanOrEqualTo(7);
    }

    [Fact, Trait("RaftBug", "B47"), Trait("RaftBug", "B48")]
    public void A_window_that_was_full_when_the_link_was_cut_is_empty_after_it_heals()
    {
        var leader = Core.Leader(term: 3, log: "3", options: new CoreOptions { MaxInflightAppends = 3 });
        leader.Receives(Accepted(2, 3, 1));
        for (var i = 0; i < 10; i++) leader.Receives(Propose("x"));
        var peer = leader.State.Leadership!.Peers[Entries.Node(2)];
        peer.MaySend.ShouldBeFalse();

        // All three appends were lost; the heartbeat finds the hole.
        leader.Receives(Conflict(2, 3, at: "4/3", hint: "1/3"));
        leader.Sent.Count().ShouldBe(1);
        leader.Receives(Accepted(2, 3, 11));

        peer.MaySend.ShouldBeTrue();
        peer.InflightAppends.ShouldBe(0);
    }

    [Fact, Trait("RaftBug", "B48")]
    public void A_lost_answer_is_made_good_by_the_next_heartbeat()
    {
        var leader = Core.Leader(term: 3, log: "3 3 3", durable: 3);
        var peer = leader.State.Leadership!.Peers[Entries.Node(2)];
        peer.MaySend.ShouldBeFalse("a probe is on its way");

        // The probe's answer was lost; the heartbeat's says as much.
        leader.Waits(100).Receives(Accepted(2, 3, upTo: 0, verified: 0, round: 1));

        peer.State.ShouldBe(ProgressState.Replicate);
        leader.Sent.Count(s => s.To == "2").ShouldBe(1);
    }
}
