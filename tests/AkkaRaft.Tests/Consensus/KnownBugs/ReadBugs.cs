using AkkaRaft.Consensus;
using Shouldly;
using Xunit;
using static AkkaRaft.Tests.Consensus.Messages;

namespace AkkaRaft.Tests.Consensus.KnownBugs;

/// <summary>Reads at followers (thesis 6.4): bugs that other systems shipped.</summary>
public sealed class ReadBugs
{
    static readonly CoreOptions Options = new();

    /// <summary>Thesis 6.4: a follower's own commit index is behind; only the leader knows what was acknowledged.</summary>
    [Fact, Trait("RaftBug", "B80"), Trait("RaftBug", "B77")]
    public void A_follower_asks_the_leader_and_waits_until_it_has_applied_that()
    {
        var follower = Core.Follower(term: 3, log: "1 3 3", commit: 2);

        follower.Receives(ReadAnywhere(1)).Did("-> 2 term 3 asks what is committed");
        follower.Receives(Confirm(follower, 3)).DidNothing();
        follower.Receives(Append(from: 2, term: 3, after: "3/3", commit: 3)).Effects.Select(Trace.Of).ShouldContain("read r1 ready at 3");
    }

    /// <summary>Thesis 6.4: whoever asked for the leader is not served by a follower.</summary>
    [Fact]
    public void A_follower_refuses_reads_that_are_for_the_leader()
    {
        Core.Follower(term: 3, log: "1 3", commit: 2).Receives(Read(1)).Did("read r1 refused: NotLeader");
    }

    /// <summary>Many reads share a request, and at the leader one round: what comes while one is under way goes with the next.</summary>
    [Fact]
    public void Reads_that_wait_share_one_request()
    {
        var follower = Core.Follower(term: 3, log: "1 3", commit: 2);
        follower.Receives(ReadAnywhere(1, 2), ReadAnywhere(3), ReadAnywhere(4)).Sent.Count().ShouldBe(1);

        follower.Receives(Confirm(follower, 2)).Did("read r1 ready at 2", "read r2 ready at 2", "-> 2 term 3 asks what is committed");
        follower.Receives(Confirm(follower, 2)).Did("read r3 ready at 2", "read r4 ready at 2");
    }

    /// <summary>An answer that comes again, late, or from an earlier life of the node, confirms no read that came after its request.</summary>
    [Fact, Trait("RaftBug", "B76")]
    public void An_answer_confirms_only_reads_that_came_before_its_request_left()
    {
        var follower = Core.Follower(term: 3, log: "1 3", commit: 2).Receives(ReadAnywhere(1));
        var first = Confirm(follower, 2);
        follower.Receives(first);

        follower.Receives(ReadAnywhere(2)).Sent.Count().ShouldBe(1);
        follower.Receives(first).DidNothing();
        follower.Receives(first with { Request = 0 }, first with { Request = long.MaxValue }).DidNothing();
        follower.Receives(first with { Request = follower.State.Reads.RequestsBefore }).DidNothing();
        follower.Receives(Confirm(follower, 2)).Did("read r2 ready at 2");
    }

    /// <summary>Numbers of requests begin at a random place, so that no answer to another life of the node is taken for one of this.</summary>
    [Fact, Trait("RaftBug", "B76"), Trait("RaftBug", "B93")]
    public void Numbers_of_requests_do_not_repeat_in_another_life()
    {
        var numbers = Enumerable.Range(1, 1000).Select(seed => Core.JustStarted(term: 3, seed: (ulong)seed).State.Reads.RequestsBefore).Order().ToList();

        numbers.Zip(numbers.Skip(1), (left, right) => right - left).ShouldAllBe(gap => gap > 1_000_000);
        numbers.ShouldAllBe(number => number >= 0 && number < 1L << 62);
    }

    /// <summary>An answer of another term, or of who does not lead this one, confirms nothing.</summary>
    [Fact, Trait("RaftBug", "B76")]
    public void An_answer_of_an_old_leader_confirms_nothing()
    {
        var follower = Core.Follower(term: 3, log: "1 3", commit: 2).Receives(ReadAnywhere(1));
        var old = Confirm(follower, 2);

        follower.Receives(old with { From = Entries.Node(3) }).DidNothing();
        follower.Receives(Append(from: 3, term: 4, after: "2/3", commit: 2), TermDurable(4));
        follower.Sent.Select(sent => Trace.Of(sent.Message)).ShouldContain("term 4 asks what is committed", "it is asked of the new leader at once");
        follower.Receives(old).Effects.OfType<ReadReady>().ShouldBeEmpty();
        follower.Receives(Confirm(follower, 2)).Did("read r1 ready at 2");
    }

    /// <summary>A lost request or answer is made good; the answer to the first request is good for what was in it, however late it comes.</summary>
    [Fact, Trait("RaftBug", "B48")]
    public void A_lost_request_is_sent_again()
    {
        var follower = Core.Follower(term: 3, log: "1 3", commit: 2).Receives(ReadAnywhere(1));
        var first = Confirm(follower, 2);

        follower.Waits(150).Sent.ShouldBeEmpty();
        follower.Waits(50).Did("-> 2 term 3 asks what is committed");
        follower.Receives(ReadAnywhere(2)).DidNothing();
        follower.Receives(first).Did("read r1 ready at 2");
        follower.Receives(Confirm(follower, 2)).Did("-> 2 term 3 asks what is committed");
        follower.Receives(Confirm(follower, 2)).Did("read r2 ready at 2");
    }

    /// <summary>Without a leader nobody can say what is committed: reads end after an election timeout, and new ones at once.</summary>
    [Fact]
    public void Reads_end_when_no_leader_is_heard_for_an_election_timeout()
    {
        var follower = Core.Follower(term: 3, log: "1 3", commit: 2).Receives(ReadAnywhere(1), ReadAnywhere(2));
        follower.Receives(Confirm(follower, 9));
        follower.State.Reads.Count.ShouldBe(2, "one is confirmed, at an index that never comes");

        follower.Waits(1200).Effects.OfType<ReadRefused>().ShouldBeEmpty();
        follower.Waits(50).Effects.OfType<ReadRefused>().ShouldBe([new(2, RequestRefusal.NoLeader), new(1, RequestRefusal.NoLeader)]);
        follower.Receives(ReadAnywhere(3)).Did("read r3 refused: NoLeader");
    }

    /// <summary>A follower that is elected answers its readers itself, after its no-op.</summary>
    [Fact, Trait("RaftBug", "B75")]
    public void Reads_of_a_follower_that_is_elected_wait_for_its_no_op()
    {
        var node = Core.Follower(term: 3, log: "1 3", commit: 2).Receives(ReadAnywhere(1));
        node.TimesOut().WinsPreVote().Receives(TermDurable(4, 1)).WinsVote();
        node.Role.ShouldBe(RaftRole.Leader);

        node.LogDurable(3).Receives(Accepted(2, 4, 3)).Effects.OfType<ReadReady>().ShouldBeEmpty();
        node.Receives(Accepted(2, 4, 3, round: 1)).Did("read r1 ready at 3");
    }

    /// <summary>What waits is bounded at a follower too.</summary>
    [Fact]
    public void Reads_that_wait_at_a_follower_are_bounded()
    {
        var follower = Core.Follower(term: 3, log: "1 3", commit: 2, options: Options with { MaxPendingReads = 2 });

        follower.Receives(ReadAnywhere(1), Local(2, minIndex: 9, wait: 1000), ReadAnywhere(3)).Effects.Select(Trace.Of).ShouldContain("read r3 refused: Overloaded");
        follower.Receives(Confirm(follower, 2)).Did("read r1 ready at 2");
        follower.Receives(ReadAnywhere(4)).Sent.Count().ShouldBe(1);
    }

    /// <summary>Thesis 6.4: the leader confirms others' reads as its own: after its no-op, by a round that began after the request came.</summary>
    [Fact, Trait("RaftBug", "B75"), Trait("RaftBug", "B76")]
    public void A_leader_answers_others_after_its_no_op_and_a_round_of_their_own()
    {
        var leader = Core.Leader(term: 3, log: "1 1 3", commit: 0, durable: 2);
        leader.Receives(Ask(from: 2, term: 3, request: 7)).DidNothing();
        leader.LogDurable(3).Receives(Accepted(2, 3, 3)).Sent.ShouldNotContain(sent => sent.Message is ReadIndexReply);

        leader.Receives(Accepted(2, 3, 3, round: 1)).Did("-> 2 term 3 says that 3 is committed");
        leader.Receives(Ask(from: 2, term: 3, request: 8), Accepted(2, 3, 3, round: 1)).Sent.ShouldNotContain(sent => sent.Message is ReadIndexReply);
        leader.Receives(Accepted(3, 3, 3, round: 2)).Sent.Select(sent => sent.Message).OfType<ReadIndexReply>().Single()
            .ShouldBe(new ReadIndexReply(Entries.Node(1), new Term(3), 8, new LogIndex(3)));
    }

    /// <summary>A node asks once for all its readers, and bounds those itself: refused, they would wait until their time is up.</summary>
    [Fact]
    public void A_leader_with_as_many_reads_as_it_may_have_answers_others_all_the_same()
    {
        var leader = Core.Leader(term: 3, log: "1 3", commit: 2, options: Options with { MaxPendingReads = 1 });
        leader.Receives(Read(1));
        leader.Receives(Read(2)).Did("read r2 refused: Overloaded");

        leader.Receives(Ask(from: 2, term: 3, request: 7), Accepted(2, 3, 2, round: 2)).Sent.Select(sent => sent.Message).OfType<ReadIndexReply>().Single().Request.ShouldBe(7);
    }

    /// <summary>The leader's own state machine may be slow; the asker waits for its own.</summary>
    [Fact]
    public void A_leader_answers_others_before_it_has_applied_itself()
    {
        var leader = Core.Leader(term: 3, log: "1 3", commit: 2);
        leader.AppliesAtOnce = false;
        leader.Receives(Propose("a")).LogDurable(3).Receives(Accepted(2, 3, 3));

        leader.Receives(Ask(from: 2, term: 3, request: 7), Read(1), Accepted(2, 3, 3, round: 2)).Sent.Select(sent => sent.Message).OfType<ReadIndexReply>().Single().Index
            .ShouldBe(new LogIndex(3));
        leader.Effects.OfType<ReadReady>().ShouldBeEmpty();
    }

    /// <summary>Who leads no more says nothing: neither to an asker of an earlier term nor to those who waited.</summary>
    [Fact, Trait("RaftBug", "B76")]
    public void Who_does_not_lead_answers_nobody()
    {
        Core.Follower(term: 3, log: "1 3", commit: 2).Receives(Ask(from: 3, term: 3, request: 7)).DidNothing();
        var leader = Core.Leader(term: 3, log: "1 3", commit: 2);
        leader.Receives(Ask(from: 2, term: 2, request: 7)).DidNothing();

        leader.Receives(Ask(from: 2, term: 3, request: 7), Stale(from: 3, term: 4), TermDurable(4), Accepted(2, 3, 2, round: 1));

        leader.Sent.ShouldNotContain(sent => sent.Message is ReadIndexReply);
        leader.Effects.OfType<ReadRefused>().ShouldBeEmpty("the read is another node's, which asks the next leader");
    }

    /// <summary>A machine that begins anew from a snapshot is nowhere until it has: reads wait for that.</summary>
    [Fact, Trait("RaftBug", "B80"), Trait("RaftBug", "B77"), Trait("RaftBug", "B52")]
    public void A_follower_that_restores_a_snapshot_answers_when_it_is_restored()
    {
        var follower = Core.Follower(term: 3, log: "1 1", commit: 2);
        var snapshot = Snapshot("9/3");
        follower.Receives(Piece(from: 2, term: 3, snapshot, 0, 10));
        follower.Receives(new SnapshotReceived(new TransferId(new Term(3), 1), snapshot));
        follower.State.IsRestoring.ShouldBeTrue();

        follower.Receives(ReadAnywhere(1), Confirm(follower, 2, request: follower.State.Reads.LastRequest + 1), Local(2, minIndex: 0, wait: 100))
            .Effects.OfType<ReadReady>().ShouldBeEmpty();
        follower.Receives(new MachineRestored(new LogIndex(9))).Did("read r1 ready at 9", "read r2 ready at 9");
    }

    /// <summary>A read of a node's own state waits for the index that it wants, up to its time, and costs no message.</summary>
    [Fact]
    public void A_local_read_waits_for_its_index_up_to_its_time()
    {
        var follower = Core.Follower(term: 3, log: "1 3 3", commit: 2);

        follower.Receives(Local(1, minIndex: 2, wait: 0)).Did("read r1 ready at 2");
        follower.Receives(Local(2, minIndex: 3, wait: 0)).Effects.Single().ShouldBe(new ReadRefused(2, RequestRefusal.NotApplied) { Applied = new LogIndex(2) });
        follower.Receives(Local(3, minIndex: 3, wait: 200)).DidNothing();
        follower.Receives(Append(from: 2, term: 3, after: "3/3", commit: 3)).Effects.Select(Trace.Of).ShouldContain("read r3 ready at 3");
        follower.Receives(Local(4, minIndex: 4, wait: 200)).DidNothing();
        follower.Waits(150).DidNothing();
        follower.Waits(50).Did("read r4 refused: NotApplied");
    }

    /// <summary>A node is as fresh as when it last heard a leader whose commit index it has applied.</summary>
    [Fact]
    public void A_local_read_may_say_how_old_the_state_may_be()
    {
        var follower = Core.Follower(term: 3, log: "1 3", commit: 2);
        follower.Later(100).Receives(Append(from: 2, term: 3, after: "2/3", commit: 2)).Later(200);

        follower.Receives(Local(1, staleness: 200)).Did("read r1 ready at 2");
        follower.Receives(Local(2, staleness: 199)).Effects.Single().ShouldBe(new ReadRefused(2, RequestRefusal.TooStale) { Applied = new LogIndex(2) });
        follower.Receives(Local(3, staleness: 50, wait: 500)).DidNothing();
        follower.Receives(Append(from: 2, term: 3, after: "2/3", commit: 2)).Effects.Select(Trace.Of).ShouldContain("read r3 ready at 2");
    }

    /// <summary>What a process hears when it wakes may be as old as its sleep: it waited in the mailbox, or in the network's buffers.</summary>
    [Fact, Trait("RaftBug", "B91")]
    public void What_waited_for_a_process_that_stood_still_makes_it_no_fresher()
    {
        var follower = Core.Follower(term: 3, log: "1 3", commit: 2).Waits(50);
        follower.Later(5000).Receives(Append(from: 2, term: 3, after: "2/3", commit: 2));
        follower.Receives(Local(1, staleness: 4999)).Did("read r1 refused: TooStale");
        follower.Waits(50).Receives(Append(from: 2, term: 3, after: "2/3", commit: 2));
        follower.Receives(Local(2, staleness: 4999)).Did("read r2 refused: TooStale");
        follower.Receives(Local(3, staleness: 5100)).Did("read r3 ready at 2");

        follower.Waits((int)follower.Options.ElectionTimeoutMin.TotalMilliseconds).Receives(Append(from: 2, term: 3, after: "2/3", commit: 2));
        follower.Receives(Local(4, staleness: 1)).Did("read r4 ready at 2");
    }

    /// <summary>What is committed and not applied here is missing: hearing of it makes nothing fresh, until it is applied.</summary>
    [Fact]
    public void A_node_that_has_not_applied_what_the_leader_committed_is_as_old_as_when_it_last_had()
    {
        var follower = Core.Follower(term: 3, log: "1 3 3", commit: 2);
        follower.AppliesAtOnce = false;
        follower.Later(100).Receives(Append(from: 2, term: 3, after: "3/3", commit: 3));
        follower.Later(100).Receives(Append(from: 2, term: 3, after: "3/3", commit: 3));

        follower.Receives(Local(1, staleness: 199)).Did("read r1 refused: TooStale");
        follower.Receives(Local(2, staleness: 200)).Did("read r2 ready at 2");
        follower.Receives(new Applied(new LogIndex(3)), Local(3, staleness: 1)).Did("read r3 ready at 3");
    }

    /// <summary>Until its no-op is committed a leader may know less than its predecessor acknowledged: hearing it makes nothing fresh.</summary>
    [Fact, Trait("RaftBug", "B75")]
    public void A_leader_without_its_no_op_makes_nobody_fresh()
    {
        var follower = Core.Follower(term: 3, log: "1 3", commit: 2).Later(100);
        follower.Receives(Append(from: 3, term: 4, after: "2/3", commit: 2), TermDurable(4));

        follower.Receives(Local(1, staleness: 99)).Did("read r1 refused: TooStale");
        follower.Receives(Append(from: 3, term: 4, after: "2/3", entries: "3/4", commit: 3)).LogDurable(3);
        follower.Receives(Append(from: 3, term: 4, after: "3/4", commit: 3), Local(2, staleness: 1)).Effects.Select(Trace.Of).ShouldContain("read r2 ready at 3");
    }

    /// <summary>A leader is as fresh as when it last heard a majority: one that is cut off gets older like everybody.</summary>
    [Fact]
    public void A_leader_that_is_cut_off_gets_older()
    {
        var leader = Core.Leader(term: 3, log: "1 3", commit: 2).Receives(Accepted(2, 3, 2));
        leader.Receives(Local(1, staleness: 1)).Did("read r1 ready at 2");

        leader.Later(300).Receives(Local(2, staleness: 299)).Did("read r2 refused: TooStale");
        leader.Receives(Accepted(3, 3, 2), Local(3, staleness: 1)).Effects.Select(Trace.Of).ShouldContain("read r3 ready at 2");
    }

    static Read ReadAnywhere(params long[] ids) => new(ids) { Anywhere = true };

    static ReadLocal Local(long id, long minIndex = 0, int? staleness = null, int wait = 0) => new(
    [
        new LocalRead(id, new LogIndex(minIndex), staleness is { } most ? TimeSpan.FromMilliseconds(most) : null, TimeSpan.FromMilliseconds(wait)),
    ]);

    static ReadIndexRequest Ask(int from, long term, long request) => new(Entries.Node(from), new Term(term), request, ByLease: false);

    /// <summary>The present leader's answer to the newest request.</summary>
    static ReadIndexReply Confirm(Core follower, long index, long? request = null) =>
        new(follower.State.Leader!.Value, follower.State.Term, request ?? follower.State.Reads.LastRequest, new LogIndex(index));
}
