using AkkaRaft.Consensus;
using Shouldly;
using Xunit;
using static AkkaRaft.Tests.Consensus.Messages;

namespace AkkaRaft.Tests.Consensus.Paper;

/// <summary>Configurations as entries of the log (Raft 6, thesis 4.1), and reads without writing (Raft 8, thesis 6.4).</summary>
public sealed class MembershipAndReadRules
{
    static readonly CoreOptions Options = new();

    /// <summary>Raft 6, thesis 4.1: a node uses the newest configuration in its log, committed or not.</summary>
    [Fact]
    public void A_configuration_is_in_force_when_it_is_appended()
    {
        var follower = Core.Follower(term: 3, log: "1 3");

        follower.Receives(Configure(after: "2/3", voters: [1, 2]));

        follower.State.Quorum.Voters.ShouldBe([Entries.Node(1), Entries.Node(2)]);
        follower.State.Configurations.CommittedAt(follower.State.CommitIndex).Voters.Length.ShouldBe(3);
    }

    /// <summary>Thesis 4.1: when the entry is cut off, the configuration before is in force again.</summary>
    [Fact, Trait("RaftBug", "B65")]
    public void A_configuration_that_is_cut_off_is_no_longer_in_force()
    {
        var follower = Core.Follower(term: 3, log: "1 3").Receives(Configure(after: "2/3", voters: [1, 2]));

        follower.Receives(Append(from: 3, term: 4, after: "2/3", entries: "3/4"), TermDurable(4));

        follower.State.Quorum.Voters.Length.ShouldBe(3);
        follower.Log.ShouldBe("1/1 2/3 3/4");
    }

    /// <summary>Thesis 4.1: a restarted node finds its configuration in its log.</summary>
    [Fact]
    public void A_recovered_configuration_is_in_force()
    {
        var change = new ConfigurationEntry(Entries.Id("2/3"), Entries.Epoch, Entries.Voters([1, 4]));
        var core = new RaftCore(
            Entries.Node(1), Options, new RecoveredState(new Term(3), null, Entries.Voters(3), [.. Entries.Log("1"), change]), 1, default);

        core.State.Quorum.Voters.ShouldBe([Entries.Node(1), Entries.Node(4)]);
    }

    /// <summary>Raft 6: entries go to everybody in the newest configuration; who is removed gets them until it can know that, and counts for nothing.</summary>
    [Fact, Trait("RaftBug", "B70")]
    public void A_leader_sends_to_the_newest_configuration_and_to_who_leaves_until_that_is_known()
    {
        var leader = Core.Leader(term: 3, log: "1 3", commit: 2);
        leader.Receives(Accepted(from: 3, term: 3, upTo: 2));

        Reconfigure(leader, [1, 2, 4]).ShouldBe(
        [
            "writes log after 2/3, 3/3",
            "-> 2 term 3 append after 2/3, 3/3, commit 2, round 1",
            "-> 3 term 3 append after 2/3, 3/3, commit 2, round 1",
            "-> 4 term 3 append after 3/3, nothing, commit 2, round 1",   // a new peer is probed, in a round of its own
        ]);
        leader.Waits(100).Sent.Select(s => s.To).ShouldBe(["2", "3", "4"]);
        leader.LogDurable(3).Receives(Accepted(from: 3, term: 3, upTo: 3));
        leader.CommitIndex.ShouldBe(2, "node 3 votes no more");
        leader.Receives(Accepted(from: 4, term: 3, upTo: 3, round: 1));
        leader.CommitIndex.ShouldBe(3, "node 4 does");

        leader.Waits(100).Sent.Select(s => s.To).ShouldContain("3", "that it is committed, it has not been told");
        leader.Receives(Accepted(from: 3, term: 3, upTo: 3, round: leader.State.Leadership!.Round)).Waits(50);
        leader.Waits(200).Sent.Select(s => s.To).Distinct().ShouldBe(["2", "4"]);
    }

    /// <summary>Raft 6: when the majority becomes smaller, what waits may have it already.</summary>
    [Fact, Trait("RaftBug", "B49")]
    public void A_smaller_configuration_may_commit_at_once()
    {
        var leader = Core.Leader(term: 3, log: "1 3 3", voters: 4);
        leader.Receives(Accepted(from: 2, term: 3, upTo: 3));
        leader.CommitIndex.ShouldBe(0);

        Reconfigure(leader, [1, 2, 3]).ShouldContain("applies 1/1 2/3 3/3");

        leader.CommitIndex.ShouldBe(3);
    }

    /// <summary>Thesis 6.4: a read begins a round of heartbeats, and is answered when a majority has answered that round.</summary>
    [Fact]
    public void A_read_is_answered_after_a_majority_confirmed_a_round_that_began_after_it()
    {
        var leader = Core.Leader(term: 3, log: "1 3", commit: 2, voters: 5);
        leader.Waits(100);   // round 1 is on its way

        leader.Receives(Read(1));
        leader.Sent.Select(s => ((AppendEntries)s.Message).Round).ShouldAllBe(round => round == 2);
        leader.Receives(Accepted(2, 3, 2, round: 1), Accepted(3, 3, 2, round: 1), Accepted(4, 3, 2, round: 1)).Effects.OfType<ReadReady>().ShouldBeEmpty();
        leader.Receives(Accepted(2, 3, 2, round: 2), Accepted(2, 3, 2, round: 2)).Effects.OfType<ReadReady>().ShouldBeEmpty();
        leader.Receives(Accepted(3, 3, 2, round: 2)).Effects.OfType<ReadReady>().Select(Trace.Of).ShouldBe(["read r1 ready at 2"]);
    }

    /// <summary>
    /// Thesis 6.4: reads come faster than heartbeats; a follower that stands still must not be sent one for each. The interval's heartbeat goes to it, and confirms
    /// the same reads.
    /// </summary>
    [Fact]
    public void A_follower_that_has_been_silent_gets_the_intervals_heartbeats_only()
    {
        var leader = Core.Leader(term: 3, log: "1 3", commit: 2);
        leader.Waits(100).Receives(Accepted(2, 3, 2, round: 1)).Waits(100).Receives(Accepted(2, 3, 2, round: 2));
        leader.Waits(100).Receives(Accepted(2, 3, 2, round: 3));

        leader.Receives(Read(1)).Sent.Select(s => s.To).ShouldBe(["2"]);

        leader.Waits(100).Sent.Select(s => s.To).ShouldBe(["2", "3"]);
        leader.Receives(Accepted(3, 3, 2, round: 5)).Effects.OfType<ReadReady>().Count().ShouldBe(1);
        leader.Receives(Read(2)).Sent.Select(s => s.To).ShouldBe(["2", "3"], "it is back");
    }

    /// <summary>Thesis 6.4: a follower that refuses an append for its previous entry confirms the leader all the same.</summary>
    [Fact]
    public void A_conflict_confirms_a_round_too()
    {
        var leader = Core.Leader(term: 3, log: "1 3", commit: 2);

        leader.Receives(Read(1), Conflict(3, 3, at: "1/1", hint: "0/0", round: 1));

        leader.Effects.OfType<ReadReady>().Count().ShouldBe(1);
    }

    /// <summary>Raft 8, thesis 6.4: until its no-op is committed a leader does not know what is; reads wait for that and then for a round.</summary>
    [Fact, Trait("RaftBug", "B75")]
    public void A_read_waits_until_the_leaders_no_op_is_committed()
    {
        var leader = Core.Leader(term: 3, log: "1 1 3", commit: 0, durable: 2);

        leader.Receives(Read(1)).DidNothing();
        leader.LogDurable(3);
        leader.Receives(Accepted(2, 3, 3)).Effects.OfType<ReadReady>().ShouldBeEmpty();
        leader.Sent.Select(s => ((AppendEntries)s.Message).Round).ShouldContain(1);
        leader.Receives(Accepted(2, 3, 3, round: 1)).Did("read r1 ready at 3");
    }

    /// <summary>Thesis 6.4: a read is answered from a state machine that has applied what was committed when it came.</summary>
    [Fact, Trait("RaftBug", "B77")]
    public void A_read_waits_until_the_state_machine_has_applied()
    {
        var leader = Core.Leader(term: 3, log: "1 3", commit: 2);
        leader.AppliesAtOnce = false;
        leader.Receives(Propose("a")).LogDurable(3).Receives(Accepted(2, 3, 3));
        leader.CommitIndex.ShouldBe(3);

        leader.Receives(Read(1), Accepted(2, 3, 3, round: 1)).Effects.OfType<ReadReady>().ShouldBeEmpty();
        leader.Receives(new Applied(new LogIndex(3))).Did("read r1 ready at 3");
    }

    /// <summary>Thesis 6.4: one voter is its own majority and answers at once.</summary>
    [Fact]
    public void The_only_voter_answers_reads_at_once()
    {
        var leader = Core.Leader(term: 1, log: "1", voters: 1, durable: 1, commit: 0 + 1);

        leader.Receives(Read(1, 2)).Did("read r1 ready at 1", "read r2 ready at 1");
    }

    /// <summary>Thesis 6.4: who leads no more answers no read.</summary>
    [Fact]
    public void A_deposed_leader_refuses_the_reads_that_wait()
    {
        var leader = Core.Leader(term: 3, log: "1 3", commit: 2);

        leader.Receives(Read(1), Stale(from: 2, term: 4));

        leader.Effects.Select(Trace.Of).ShouldContain("read r1 refused: NotLeader");
    }

    static AppendEntries Configure(string after, int[] voters)
    {
        var previous = Entries.Id(after);
        var entry = new ConfigurationEntry(new EntryId(previous.Index.Next, previous.Term), Entries.Epoch, Entries.Voters(voters));
        return new AppendEntries(Entries.Node(2), previous.Term, 0, previous, [entry], LogIndex.Zero);
    }

    /// <summary>A configuration is appended, whatever the rules of changes say of it.</summary>
    static List<string> Reconfigure(Core leader, int[] voters) => [.. leader.Reconfigures(Entries.Voters(voters)).Effects.Select(Trace.Of)];
}
