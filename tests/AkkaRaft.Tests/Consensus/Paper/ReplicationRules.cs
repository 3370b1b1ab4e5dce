using AkkaRaft.Consensus;
using Shouldly;
using Xunit;
using static AkkaRaft.Tests.Consensus.Messages;

namespace AkkaRaft.Tests.Consensus.Paper;

/// <summary>Log replication and the safety of commits: Raft 5.3, 5.4.2, 5.5; parallel disk writes: thesis 10.2.1.</summary>
public sealed class ReplicationRules
{
    /// <summary>Raft 5.3, thesis 10.2.1: a leader appends a command, and its journal and all followers get it at the same time.</summary>
    [Fact]
    public void A_leader_appends_commands_as_one_batch_to_its_journal_and_all_followers_at_once()
    {
        var leader = Core.Leader(term: 3, log: "1 3", commit: 2);

        leader.Receives(Propose("a", "b")).Did(
            "proposal 1 appended as 3/3",
            "proposal 2 appended as 4/3",
            "writes log after 2/3, 3/3 4/3",
            "-> 2 term 3 append after 2/3, 3/3 4/3, commit 2, round 0");   // node 3 has not answered yet: it is still being probed
        leader.Receives(Accepted(from: 3, term: 3, upTo: 2)).Did("-> 3 term 3 append after 2/3, 3/3 4/3, commit 2, round 0");
    }

    /// <summary>Raft 5.3: followers do not take commands.</summary>
    [Fact]
    public void A_follower_refuses_commands_and_reads()
    {
        var follower = Core.Follower(term: 3, log: "1 3");

        follower.Receives(Propose("a"), Read(1)).Did("proposal 1 refused: NotLeader", "read r1 refused: NotLeader");
    }

    /// <summary>Raft 5.3: a follower that has the entry before appends what follows, and acknowledges when its journal has it.</summary>
    [Fact]
    public void A_follower_appends_after_a_matching_entry_and_acknowledges_when_durable()
    {
        var follower = Core.Follower(term: 3, log: "1 3", commit: 1);

        follower.Receives(Append(from: 2, term: 3, after: "2/3", entries: "3/3 4/3", commit: 2, round: 5)).Did(
            "writes log after 2/3, 3/3 4/3",
            "applies 2/3");
        follower.LogDurable(4).Did("-> 2 term 3 accepted, match 4, verified 4, round 5");
    }

    /// <summary>Raft 5.3: without the entry before, the append is refused, and the log stays as it is.</summary>
    [Theory]
    [InlineData("5/3", "3/3")]   // beyond the end
    [InlineData("3/2", "1/1")]   // another term there: all of term 3 is jumped over
    public void A_follower_refuses_an_append_whose_previous_entry_it_lacks(string previous, string hint)
    {
        var follower = Core.Follower(term: 4, log: "1 3 3", commit: 1);

        follower.Receives(Append(from: 2, term: 4, after: previous, entries: $"{(previous[0] - '0') + 1}/4", commit: 3))
            .Did($"-> 2 term 4 conflict at {previous}, hint {hint}, round 0");

        follower.Log.ShouldBe("1/1 2/3 3/3");
        follower.CommitIndex.ShouldBe(1);
    }

    /// <summary>Raft 5.3: an entry that conflicts is cut off with all that follow it; cut and append are one record.</summary>
    [Fact, Trait("RaftBug", "B30")]
    public void A_follower_replaces_conflicting_entries_in_one_write()
    {
        var follower = Core.Follower(term: 4, log: "1 2 2 2", commit: 1, verified: 1);

        follower.Receives(Append(from: 2, term: 4, after: "1/1", entries: "2/2 3/4")).Did("writes log after 2/2, 3/4");

        follower.Log.ShouldBe("1/1 2/2 3/4");
        follower.Durable.ShouldBe(2);
    }

    /// <summary>Raft 5.3, 5.5: an append that comes again, or late, changes nothing: RPCs are idempotent.</summary>
    [Fact, Trait("RaftBug", "B29")]
    public void A_repeated_or_overtaken_append_cuts_nothing_off()
    {
        var follower = Core.Follower(term: 3, log: "1 3 3 3 3", commit: 1);

        follower.Receives(Append(from: 2, term: 3, after: "1/1", entries: "2/3 3/3")).Did("-> 2 term 3 accepted, match 5, verified 5, round 0");
        follower.Receives(Append(from: 2, term: 3, after: "1/1")).Did("-> 2 term 3 accepted, match 5, verified 5, round 0");

        follower.Log.ShouldBe("1/1 2/3..5/3");
    }

    /// <summary>Raft 5.3: an entry is committed when a majority has it; the commit index then goes out with every append.</summary>
    [Fact]
    public void A_leader_commits_what_a_majority_has()
    {
        var leader = Core.Leader(term: 3, log: "1 3 3", commit: 0, voters: 5);

        leader.Receives(Accepted(from: 2, term: 3, upTo: 3));
        leader.CommitIndex.ShouldBe(0);
        leader.Receives(Accepted(from: 3, term: 3, upTo: 2));
        leader.CommitIndex.ShouldBe(2);
        leader.Effects.Select(Trace.Of).ShouldContain("applies 1/1 2/3");
        leader.Receives(Propose("x"));
        leader.Effects.Select(Trace.Of).ShouldContain("-> 2 term 3 append after 3/3, 4/3, commit 2, round 0");
    }

    /// <summary>Raft 5.4.2: an entry of an earlier term is never committed by counting replicas (figure 8).</summary>
    [Fact, Trait("RaftBug", "B28")]
    public void Leader_does_not_commit_an_earlier_terms_entry_by_counting()
    {
        var leader = Core.Leader(term: 4, log: "1 2 4", commit: 1, durable: 3, voters: 5);   // the last entry is its own no-op

        leader.Receives(Accepted(from: 2, term: 4, upTo: 2), Accepted(from: 3, term: 4, upTo: 2), Accepted(from: 4, term: 4, upTo: 2));
        leader.CommitIndex.ShouldBe(1);

        leader.Receives(Accepted(from: 2, term: 4, upTo: 3), Accepted(from: 3, term: 4, upTo: 3));   // with its own journal's ack: 3 of 5
        leader.CommitIndex.ShouldBe(3);
    }

    /// <summary>Thesis 10.2.1: the leader's own disk counts like any other; a majority without it commits.</summary>
    [Fact, Trait("RaftBug", "B40")]
    public void A_leaders_own_entry_counts_only_once_its_journal_has_it()
    {
        var leader = Core.Leader(term: 3, log: "1 3", durable: 1);

        leader.Receives(Accepted(from: 2, term: 3, upTo: 2));
        leader.CommitIndex.ShouldBe(0);
        leader.LogDurable(2);
        leader.CommitIndex.ShouldBe(2);

        var other = Core.Leader(term: 3, log: "1 3", durable: 1);
        other.Receives(Accepted(from: 2, term: 3, upTo: 2), Accepted(from: 3, term: 3, upTo: 2));
        other.CommitIndex.ShouldBe(2);
        other.Durable.ShouldBe(1);
    }

    /// <summary>Raft 5.3: a follower learns the commit index from appends, and never passes what it has durably and in common with the leader.</summary>
    [Fact, Trait("RaftBug", "B31"), Trait("RaftBug", "B41")]
    public void A_follower_commits_up_to_the_least_of_told_verified_and_durable()
    {
        var follower = Core.Follower(term: 3, log: "1 2 2", commit: 0, verified: 0);

        follower.Receives(Append(from: 2, term: 3, after: "1/1", commit: 9));
        follower.CommitIndex.ShouldBe(1, "entries 2 and 3 are not known to be the leader's");
        follower.Receives(Append(from: 2, term: 3, after: "1/1", entries: "2/3", commit: 9));
        follower.CommitIndex.ShouldBe(1, "entry 2 is not durable");
        follower.LogDurable(2);
        follower.CommitIndex.ShouldBe(2);
    }

    /// <summary>Raft 5.3: committed entries go to the state machine in order, each once, and no more than it may hold.</summary>
    [Fact]
    public void Committed_entries_are_applied_in_order_each_once()
    {
        var follower = Core.Recovered(term: 3, log: "1*5 3", options: new CoreOptions { MaxApplyEntries = 2 });
        follower.AppliesAtOnce = false;

        follower.Receives(Append(from: 2, term: 3, after: "6/3", commit: 5));
        follower.Effects.Select(Trace.Of).ShouldContain("applies 1/1 2/1");
        follower.Receives(Append(from: 2, term: 3, after: "6/3", commit: 6));
        follower.Effects.OfType<ApplyCommitted>().ShouldBeEmpty();
        follower.Receives(new Applied(new LogIndex(1))).Did("applies 3/1");
        follower.Receives(new Applied(new LogIndex(3))).Did("applies 4/1 5/1");
        follower.Receives(new Applied(new LogIndex(5))).Did("applies 6/3");
    }

    /// <summary>Raft 5.2: an idle leader sends heartbeats, so that nobody else stands.</summary>
    [Fact]
    public void A_leader_sends_a_heartbeat_every_interval()
    {
        var leader = Core.Leader(term: 3, log: "1 3", commit: 2);

        leader.Waits(100);

        leader.Effects.OfType<Send>().Select(Trace.Of).ShouldBe(
        [
            "-> 2 term 3 append after 2/3, nothing, commit 2, round 1",
            "-> 3 term 3 append after 1/1, nothing, commit 2, round 1",
        ]);
        leader.Waits(1000);
        leader.Effects.OfType<Send>().Count(s => s.To == Entries.Node(2)).ShouldBe(10);
    }

    /// <summary>Raft 5.3: on a conflict the leader goes back and tries again until the logs meet; then it sends what is missing.</summary>
    [Fact]
    public void A_leader_goes_back_until_the_logs_meet()
    {
        var leader = Core.Leader(term: 6, log: "1 1 4 4 6", commit: 2);

        leader.Receives(Conflict(from: 3, term: 6, at: "4/4", hint: "4/3")).Did("-> 3 term 6 append after 2/1, 3/4 4/4 5/6, commit 2, round 0");
        leader.Receives(Conflict(from: 3, term: 6, at: "2/1", hint: "1/1")).Did("-> 3 term 6 append after 1/1, 2/1 3/4 4/4 5/6, commit 2, round 0");
        leader.Receives(Accepted(from: 3, term: 6, upTo: 5));
        leader.State.Leadership!.Peers[Entries.Node(3)].Match.ShouldBe(new LogIndex(5));
    }

    /// <summary>Raft 5.3: appends are bounded, each follows the one before, and the window is bounded.</summary>
    [Fact, Trait("RaftBug", "B44")]
    public void Appends_are_bounded_and_each_follows_the_one_before()
    {
        var options = new CoreOptions { MaxAppendEntries = 2, MaxInflightAppends = 2 };
        var leader = Core.Leader(term: 3, log: "3 3 3 3 3 3 3", durable: 0, options: options);

        leader.Receives(Accepted(from: 2, term: 3, upTo: 1)).Did(
            "-> 2 term 3 append after 1/3, 2/3 3/3, commit 0, round 0",
            "-> 2 term 3 append after 3/3, 4/3 5/3, commit 0, round 0");
        leader.Receives(Accepted(from: 2, term: 3, upTo: 3)).Effects.OfType<Send>().Select(Trace.Of)
            .ShouldBe(["-> 2 term 3 append after 5/3, 6/3 7/3, commit 0, round 0"]);
    }

    /// <summary>Raft 5.4: the leader never overwrites or deletes entries of its own log (Leader Append-Only).</summary>
    [Fact]
    public void A_leaders_log_only_grows()
    {
        var leader = Core.Leader(term: 3, log: "1 3 3");

        leader.Receives(Append(from: 2, term: 2, after: "0/0", entries: "1/2"), Conflict(from: 2, term: 3, at: "3/3", hint: "0/0"));
        leader.Log.ShouldBe("1/1 2/3 3/3");

        Should.Throw<RaftInvariantException>(() => leader.Receives(Append(from: 2, term: 3, after: "0/0", entries: "1/2")))
            .Message.ShouldContain("both lead term 3");
    }

    /// <summary>Raft 5.2: one leader in a term. A follower that hears a second one has seen Raft broken, and stops rather than follow either.</summary>
    [Fact]
    public void A_follower_does_not_follow_a_second_leader_of_the_same_term()
    {
        var follower = Core.Follower(term: 3, log: "1 3", leader: 2);

        Should.Throw<RaftInvariantException>(() => follower.Receives(Append(from: 3, term: 3, after: "2/3", entries: "3/3")))
            .Message.ShouldContain("both lead term 3");
        follower.Log.ShouldBe("1/1 2/3");
    }

    /// <summary>Raft 5.3: a leader whose log would cut off what is committed here breaks Raft; the node stops.</summary>
    [Fact]
    public void A_committed_entry_is_never_cut_off()
    {
        var follower = Core.Follower(term: 3, log: "1 2 2", commit: 2);

        Should.Throw<RaftInvariantException>(() => follower.Receives(Append(from: 2, term: 3, after: "1/1", entries: "2/3")))
            .Message.ShouldContain("committed up to 2");
    }

    /// <summary>Raft 5.5: a restarted node goes on from its journals; what was committed and applied is learned again.</summary>
    [Fact]
    public void A_restarted_node_goes_on_from_its_journals()
    {
        var node = Core.Follower(term: 3, log: "1 3 3", commit: 2, durable: 2).Restarts(term: 3, votedFor: 2);

        node.Log.ShouldBe("1/1 2/3");
        node.CommitIndex.ShouldBe(0);
        node.Receives(VoteRequest(from: 3, term: 3, last: "9/3")).Did("-> 3 term 3 vote refused: AlreadyVoted");
        node.Receives(Append(from: 2, term: 3, after: "2/3", entries: "3/3", commit: 2));
        node.CommitIndex.ShouldBe(2);
    }
}
