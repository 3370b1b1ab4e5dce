using AkkaRaft.Consensus;
using Shouldly;
using Xunit;
using static AkkaRaft.Tests.Consensus.Messages;

namespace AkkaRaft.Tests.Consensus.KnownBugs;

/// <summary>Reads by lease, and the promise that they rest on (thesis 6.4.1): bugs that other systems shipped.</summary>
public sealed class LeaseBugs
{
    static readonly CoreOptions Leases = new() { LeaseReads = true, ClockDriftBound = 0.2 };   // 600 ms / 1.2 = 500 ms

    /// <summary>Thesis 6.4.1: within its lease a leader answers without asking anybody; afterwards it asks a majority, as always.</summary>
    [Fact, Trait("RaftBug", "B78")]
    public void A_lease_counts_from_when_the_round_was_sent_and_is_shorter_than_the_promise()
    {
        var leader = Leader();
        leader.Waits(100);   // round 1 leaves
        leader.Later(200).Receives(Accepted(2, 3, 2, round: 1));   // and is answered late

        leader.Later(299).Receives(ByLease(1)).Did("read r1 ready at 2");
        leader.Later(1).Receives(ByLease(2)).Effects.OfType<ReadReady>().ShouldBeEmpty("500 ms after it was sent the lease is over, though only 300 ms after the answer");
        leader.Waits(50).Sent.ShouldNotBeEmpty();
        leader.Receives(Accepted(3, 3, 2, round: 3)).Effects.Select(Trace.Of).ShouldContain("read r2 ready at 2");
    }

    /// <summary>One answer is no majority of five, and the leader's own promise counts once.</summary>
    [Fact, Trait("RaftBug", "B78"), Trait("RaftBug", "B46")]
    public void A_lease_needs_a_majority()
    {
        var leader = Leader(voters: 5);
        leader.Waits(100);

        leader.Receives(Accepted(2, 3, 2, round: 1), Accepted(2, 3, 2, round: 1), ByLease(1)).Effects.OfType<ReadReady>().ShouldBeEmpty();
        leader.Receives(Accepted(3, 3, 2, round: 1), ByLease(2)).Effects.OfType<ReadReady>().Select(ready => ready.ReadId).ShouldBe([2]);
    }

    /// <summary>Off unless told: then a read by lease is confirmed like any other.</summary>
    [Fact]
    public void Without_the_setting_a_read_by_lease_is_confirmed_by_a_round()
    {
        var leader = Core.Leader(term: 3, log: "1 3", commit: 2);
        leader.Waits(100).Receives(Accepted(2, 3, 2, round: 1));

        leader.Receives(ByLease(1)).Effects.OfType<ReadReady>().ShouldBeEmpty();
        leader.Receives(Accepted(2, 3, 2, round: 2)).Did("read r1 ready at 2");
    }

    /// <summary>Until its no-op is committed a leader does not know what is, lease or not.</summary>
    [Fact, Trait("RaftBug", "B75")]
    public void A_lease_is_of_no_use_before_the_no_op_is_committed()
    {
        var leader = Core.Leader(term: 3, log: "1 1 3", commit: 0, durable: 2, options: Leases);
        leader.Waits(100).Receives(Accepted(2, 3, 2, round: 1));

        leader.Receives(ByLease(1)).DidNothing();
        leader.LogDurable(3).Receives(Accepted(2, 3, 3, round: 1)).Effects.OfType<ReadReady>().ShouldBeEmpty("it waits for a round of its own by now");
        leader.Receives(ByLease(2)).Did("read r2 ready at 3");
    }

    /// <summary>Thesis 6.4.1: a transfer lets another be elected at once. What asks for that may be late, so the lease does not come back in this leadership.</summary>
    [Fact, Trait("RaftBug", "B79")]
    public void A_lease_is_dropped_for_a_transfer_and_does_not_come_back()
    {
        var leader = Leader();
        leader.Waits(100).Receives(Accepted(2, 3, 2, round: 1));
        leader.Receives(ByLease(1)).Did("read r1 ready at 2");

        leader.State.Leadership!.DropLease();

        leader.Receives(ByLease(2)).Effects.OfType<ReadReady>().ShouldBeEmpty();
        leader.Receives(Accepted(2, 3, 2, round: 2)).Did("read r2 ready at 2");
        leader.Waits(100).Receives(Accepted(2, 3, 2, round: 3), ByLease(3)).Effects.OfType<ReadReady>().ShouldBeEmpty();
    }

    /// <summary>A process that stood still looks at the time before it answers: its lease may be over, and another may lead.</summary>
    [Fact, Trait("RaftBug", "B91"), Trait("RaftBug", "B78")]
    public void A_leader_that_stood_still_answers_nothing_from_its_old_lease()
    {
        var leader = Leader();
        leader.Waits(100).Receives(Accepted(2, 3, 2, round: 1));

        leader.Later(5000).Receives(ByLease(1)).Effects.OfType<ReadReady>().ShouldBeEmpty();
        leader.Receives(Ask(from: 2)).Sent.ShouldNotContain(sent => sent.Message is ReadIndexReply);
    }

    /// <summary>What a majority of one configuration promised says nothing of the next one's.</summary>
    [Fact, Trait("RaftBug", "B67")]
    public void A_lease_ends_with_its_configuration()
    {
        var leader = Leader();
        leader.Waits(100).Receives(Accepted(2, 3, 2, round: 1));

        leader.Reconfigures(Entries.Voters([1, 3, 4]));

        leader.Receives(ByLease(1)).Effects.OfType<ReadReady>().ShouldBeEmpty();
        leader.Receives(Accepted(3, 3, 2, round: 1), ByLease(2)).Effects.OfType<ReadReady>().ShouldBeEmpty("the round began before");
        leader.Receives(Accepted(3, 3, 2, round: 3)).Effects.OfType<ReadReady>().Select(ready => ready.ReadId).ShouldBe([1]);
        leader.Receives(ByLease(3)).Effects.OfType<ReadReady>().Select(ready => ready.ReadId).ShouldBe([3]);
    }

    /// <summary>A follower's readers by lease cost no round either; one of them that wants more makes the request an ordinary one.</summary>
    [Fact]
    public void A_followers_request_is_by_lease_if_all_its_reads_are()
    {
        var follower = Core.Follower(term: 3, log: "1 3", commit: 2);
        follower.Receives(ByLease(1)).Did("-> 2 term 3 asks what is committed, by lease");
        follower.Receives(ByLease(2), new Read([3]) { Anywhere = true }).DidNothing();
        follower.Receives(new ReadIndexReply(Entries.Node(2), new Term(3), follower.State.Reads.LastRequest, new LogIndex(2)))
            .Did("read r1 ready at 2", "-> 2 term 3 asks what is committed");

        var leader = Leader();
        leader.Waits(100).Receives(Accepted(3, 3, 2, round: 1));
        leader.Receives(Ask(from: 2)).Did("-> 2 term 3 says that 2 is committed");
    }

    /// <summary>Leases rest on it: whoever heard a leader votes for nobody else for a minimum election timeout, in a later term neither.</summary>
    [Fact, Trait("RaftBug", "B78")]
    public void A_later_term_does_not_end_a_voters_promise()
    {
        var voter = Core.Follower(term: 3, log: "1 3", commit: 2);
        voter.Receives(VoteReply(from: 3, term: 4, ElectionKind.Vote, round: 1, VoteRefusal.AlreadyVoted), TermDurable(4));   // an answer from long ago
        voter.Term.ShouldBe(4);

        voter.Later(599).Receives(VoteRequest(from: 3, term: 4, last: "9/3")).Did("-> 3 term 4 vote refused: LeaderAlive");
        voter.Receives(PreVoteRequest(from: 3, term: 4, last: "9/3")).Did("-> 3 term 4 pre-vote refused: LeaderAlive");
        voter.Later(1).Receives(VoteRequest(from: 3, term: 4, last: "9/3"), TermDurable(4, 3)).Effects.Select(Trace.Of).ShouldContain("-> 3 term 4 vote granted");
    }

    /// <summary>A voter that starts again at once may have promised something before it stopped: it keeps that, whatever it was.</summary>
    [Fact, Trait("RaftBug", "B78")]
    public void A_voter_that_starts_again_counts_as_having_heard_a_leader()
    {
        var voter = Core.JustStarted(term: 3, log: "1 3");

        voter.Later(599).Receives(VoteRequest(from: 3, term: 4, last: "9/3")).Did("-> 3 term 3 vote refused: LeaderAlive");
        voter.Receives(PreVoteRequest(from: 3, term: 3, last: "9/3")).Did("-> 3 term 3 pre-vote refused: LeaderAlive");
        voter.Later(1).Receives(PreVoteRequest(from: 3, term: 3, last: "9/3")).Did("-> 3 term 3 pre-vote granted");
    }

    /// <summary>Who was never in any term has promised nothing, and who votes alone has nobody to wait for: a first start is as quick as ever.</summary>
    [Fact]
    public void A_node_that_starts_for_the_first_time_votes_at_once()
    {
        Core.JustStarted().Receives(PreVoteRequest(from: 3, term: 0, last: "0/0")).Did("-> 3 term 0 pre-vote granted");

        var alone = Core.JustStarted(term: 3, log: "1 3", voters: 1);
        alone.Waits(50).Receives(TermDurable(4, 1));
        alone.Role.ShouldBe(RaftRole.Leader);
    }

    /// <summary>To stand is to vote for oneself: whoever is asked to stand waits until its promise is over.</summary>
    [Fact, Trait("RaftBug", "B78")]
    public void A_voter_does_not_stand_itself_while_its_promise_holds()
    {
        var voter = Core.Follower(term: 3, log: "1 3", commit: 2);

        voter.Later(599).Receives(Campaign.Instance).DidNothing();
        voter.Later(1).Receives(Campaign.Instance).Sent.Count().ShouldBe(2);
    }

    static Core Leader(int voters = 3) => Core.Leader(term: 3, log: "1 3", commit: 2, voters: voters, options: Leases);

    static Read ByLease(params long[] ids) => new(ids) { Anywhere = true, ByLease = true };

    static ReadIndexRequest Ask(int from) => new(Entries.Node(from), new Term(3), 7, ByLease: true);
}
