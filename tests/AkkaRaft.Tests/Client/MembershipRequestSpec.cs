using Akka.Actor;
using Akka.Event;
using Akka.Remote;
using AkkaRaft.Consensus;
using AkkaRaft.Protocol;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace AkkaRaft.Tests.Client;

/// <summary>A request to change the members: who is asked, how often, and what is said of the end.</summary>
public sealed class MembershipRequestSpec(ITestOutputHelper output) : MembersSpec(output)
{
    [Fact]
    public void A_change_that_is_made_ends_with_the_configuration_that_the_leader_goes_by()
    {
        var client = NewClientOf(leader: 1, term: 7);
        Goes = Configuration(9, [1, 2, 3], learners: [4]);
        var change = Ask(() => client.ChangeMembers(new RaftMembershipChange(
            [Wanted(1), Wanted(2), Wanted(3), Wanted(4, RaftMemberRole.Learner) with { PromoteWhenCaughtUp = true }], new LogIndex(5)) { Joint = RaftJointUse.AlwaysAndStay, Force = true }));

        var asked = Node(1).ExpectMsg<MembershipRequest>();
        (asked.Cluster, asked.Group, asked.Expected, asked.Joint, asked.Force).ShouldBe(
            (new ClusterId("shop"), new GroupId("orders"), new LogIndex(5), JointUse.AlwaysAndStay, true));
        asked.Voters.ShouldBe([Member(1), Member(2), Member(3)]);
        asked.Learners.ShouldBe([Member(4) with { PromoteWhenCaughtUp = true }]);
        Answer(1, asked, MembershipOutcome.Changed, index: 9);

        ResultOf(Serve(change)).ShouldBe(Goes);
    }

    [Fact]
    public void A_busy_leader_is_asked_again_after_a_poll_interval()
    {
        var client = NewClientOf(leader: 1, term: 7);
        var change = Ask(() => client.ChangeMembers(Change(5)));
        var first = Node(1).ExpectMsg<MembershipRequest>();

        Answer(1, first, MembershipOutcome.Busy, index: 5, "another change is under way");
        ExpectNothingSent(1);
        Pass(Poll);
        var second = Node(1).ExpectMsg<MembershipRequest>();
        second.RequestId.ShouldBeGreaterThan(first.RequestId);
        Answer(1, first, MembershipOutcome.Conflict, index: 6, "late, and of an earlier copy");
        Answer(1, second, MembershipOutcome.Changed, index: 6);

        ResultOf(Serve(change));
    }

    [Fact]
    public void A_leader_that_stays_busy_until_the_time_out_has_surely_changed_nothing()
    {
        var client = NewClientOf(leader: 1, term: 7);
        var change = Ask(() => client.ChangeMembers(Change(5)));

        for (var passed = TimeSpan.Zero; passed < Timeout; passed += Poll)
        {
            Answer(1, Node(1).ExpectMsg<MembershipRequest>(), MembershipOutcome.Busy, index: 5, "another change is under way");
            Pass(Poll);
        }

        var busy = FailureOf<MembershipChangeException>(Serve(change));
        busy.Failure.ShouldBe(MembershipChangeFailure.Busy);
        busy.Message.ShouldContain("another change is under way. Nothing was changed. Try again when that has ended.");
        busy.IsSurelyNotApplied.ShouldBeTrue();
    }

    [Theory, InlineData(false), InlineData(true)]
    public void A_change_without_an_answer_is_unknown(bool busyBefore)
    {
        var client = NewClientOf(leader: 1, term: 7);
        var change = Ask(() => client.ChangeMembers(Change(5)));
        var asked = Node(1).ExpectMsg<MembershipRequest>();
        if (busyBefore)
        {
            Answer(1, asked, MembershipOutcome.Busy, index: 5, "another change is under way");
            Pass(Poll);
            Node(1).ExpectMsg<MembershipRequest>();
        }

        Pass(Timeout);

        FailureOf<OutcomeUnknownException>(Serve(change)).Message.ShouldContain("A change that has begun is finished by whoever leads. Read the members again.");
    }

    [Fact]
    public void Without_a_leader_in_time_nothing_was_asked()
    {
        var client = NewClient();
        var change = Ask(() => client.ChangeMembers(Change(5)));

        for (var passed = TimeSpan.Zero; passed <= Timeout; passed += Poll) Pass(Poll);

        FailureOf<NotLeaderException>(Settled(change)).IsSurelyNotApplied.ShouldBeTrue();
    }

    [Theory]
    [InlineData(MembershipOutcome.Conflict, MembershipChangeFailure.ConfigurationChanged, "Read the members again and decide anew")]
    [InlineData(MembershipOutcome.Refused, MembershipChangeFailure.Refused, "or force the change if you know what it costs")]
    internal void A_leader_that_will_not_says_why(MembershipOutcome outcome, MembershipChangeFailure failure, string advice)
    {
        var client = NewClientOf(leader: 1, term: 7);
        var change = Ask(() => client.ChangeMembers(Change(5)));

        Answer(1, Node(1).ExpectMsg<MembershipRequest>(), outcome, index: 6, "it is raining");

        var failed = FailureOf<MembershipChangeException>(Settled(change));
        failed.Failure.ShouldBe(failure);
        failed.Message.ShouldContain("node \"1\", which leads, says: it is raining. Nothing was changed.");
        failed.Message.ShouldContain(advice);
        failed.IsSurelyNotApplied.ShouldBeTrue();
    }

    [Fact]
    public void A_node_that_does_not_lead_did_nothing_so_that_the_next_one_is_asked()
    {
        var client = NewClientOf(leader: 1, term: 7);
        var change = Ask(() => client.ChangeMembers(Change(5)));

        Answer(1, Node(1).ExpectMsg<MembershipRequest>(), MembershipOutcome.NotLeader, index: 0, "node 1 does not lead", leader: 2, term: 8);
        var again = Node(2).ExpectMsg<MembershipRequest>();
        again.Expected.ShouldBe(new LogIndex(5));
        Answer(2, again, MembershipOutcome.Conflict, index: 6, "somebody was quicker", leader: 2, term: 8);

        FailureOf<MembershipChangeException>(Settled(change)).Failure.ShouldBe(MembershipChangeFailure.ConfigurationChanged, "this very change has surely done nothing");
    }

    /// <summary>
    /// What an earlier copy has done, a later one finds done; and what it finds changed otherwise may be what the earlier copy did, and the leader by itself after that.
    /// </summary>
    [Theory]
    [InlineData("a later leader", false)]
    [InlineData("a later leader", true)]
    [InlineData("a lost connection", false)]
    [InlineData("a lost connection", true)]
    [InlineData("an interruption", false)]
    [InlineData("an interruption", true)]
    public void A_change_that_was_sent_twice_ends_as_done_or_as_unknown_but_never_as_not_done(string between, bool changedSince)
    {
        var client = NewClientOf(leader: 1, term: 7);
        var change = Ask(() => client.ChangeMembers(Change(5)));
        var asked = Node(1).ExpectMsg<MembershipRequest>();

        if (between == "an interruption") Answer(1, asked, MembershipOutcome.Interrupted, index: 6, "the leader leads no more", leader: null, term: 8);
        if (between == "a lost connection") Publish(new DisassociatedEvent(RemoteAddress(9), RemoteAddress(1), false));
        Hint(from: 2, leader: 2, term: 8);
        var again = ExpectChange(2);
        again.Expected.ShouldBe(new LogIndex(5), "it is meant for what it was meant for");
        Answer(2, again, changedSince ? MembershipOutcome.Conflict : MembershipOutcome.Unchanged, index: 7, changedSince ? "the configuration in force is another one" : "", leader: 2, term: 8);

        (Leader, LeadersTerm) = (2, 8);
        if (!changedSince) ResultOf(Serve(change));
        else FailureOf<OutcomeUnknownException>(Settled(change)).Message.ShouldContain("in force by now is that of index 7, not 5. It may be this change, or somebody else's. Read the members again.");
    }

    /// <summary>Akka hands back what it has surely not delivered: nothing was asked.</summary>
    [Fact]
    public void A_change_that_was_surely_not_delivered_did_nothing()
    {
        var client = NewClientOf(leader: 1, term: 7);
        var change = Ask(() => client.ChangeMembers(Change(5)));
        var asked = Node(1).ExpectMsg<MembershipRequest>();

        Publish(new DeadLetter(asked, Node(2).Ref, Node(1).Ref));
        Answer(1, ExpectChange(1), MembershipOutcome.Conflict, index: 6, "somebody was quicker");

        FailureOf<MembershipChangeException>(Settled(change)).Failure.ShouldBe(MembershipChangeFailure.ConfigurationChanged);
    }

    /// <summary>What was sent may be done all the same; what was not is surely not.</summary>
    [Theory, InlineData(true), InlineData(false)]
    public void A_client_that_is_closed_says_what_is_known(bool sent)
    {
        var client = sent ? NewClientOf(leader: 1, term: 7) : NewClient();
        var change = Ask(() => client.ChangeMembers(Change(5)));
        if (sent) ExpectChange(1);

        WaitFor(client.DisposeAsync().AsTask());
        TakeTurns();

        if (sent) FailureOf<OutcomeUnknownException>(change).Message.ShouldContain("The client was closed while the change was under way");
        else FailureOf<ObjectDisposedException>(change).Message.ShouldContain("Nothing was sent");
    }

    /// <summary>What could never be carried out is said before anything is sent.</summary>
    [Theory]
    [InlineData("no voters", "without voters nothing would ever be committed again")]
    [InlineData("a name twice", "node 2 is named twice")]
    [InlineData("an address twice", "nodes 2 and 3 cannot both be at 10.0.0.2:4051")]
    [InlineData("no address", "\"nowhere\" is no address of a member")]
    [InlineData("leaving", "node 2 can be wanted as a voter or as a learner")]
    [InlineData("too many", "65 members are more than the 64 that a group can have")]
    public void A_change_that_could_never_be_made_is_refused_here(string what, string why)
    {
        var client = NewClient();
        RaftWantedMember[] members = what switch
        {
            "no voters" => [Wanted(1, RaftMemberRole.Learner)],
            "a name twice" => [Wanted(1), Wanted(2), Wanted(2) with { Role = RaftMemberRole.Learner }],
            "an address twice" => [Wanted(1), Wanted(2), new RaftWantedMember(new RaftMember(Id(3), AddressOf(2)), RaftMemberRole.Voter)],
            "no address" => [Wanted(1), new RaftWantedMember(new RaftMember(Id(2), "nowhere"), RaftMemberRole.Voter)],
            "leaving" => [Wanted(1), Wanted(2, RaftMemberRole.Leaving)],
            _ => [.. Enumerable.Range(1, 65).Select(n => Wanted(n))],
        };

        var refused = FailureOf<ArgumentException>(client.ChangeMembers(new RaftMembershipChange(members, new LogIndex(5))));

        refused.Message.ShouldContain(why);
        refused.Message.ShouldContain("Nothing was changed.");
        ExpectNothingSent(1, 2, 3);
    }
}
