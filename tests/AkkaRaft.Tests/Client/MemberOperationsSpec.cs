using AkkaRaft.Consensus;
using AkkaRaft.Protocol;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace AkkaRaft.Tests.Client;

/// <summary>Adding, promoting, demoting, removing, moving and replacing members: what is asked of the leader, what is not, and how it goes on after failures.</summary>
public sealed class MemberOperationsSpec(ITestOutputHelper output) : MembersSpec(output)
{
    [Fact]
    public void Each_operation_changes_its_member_and_leaves_the_others_as_they_are()
    {
        var client = NewClientOf(leader: 1, term: 7);
        Goes = Configuration(5, [1, 2], promote: [3]);

        ResultOf(Serve(Ask(() => client.AddMember(At(4))))).ToString().ShouldBe($"voters {Text(1, 2)}; learners {Text(3, 4)}");
        Asked[^1].Expected.ShouldBe(new LogIndex(5));
        Asked[^1].Learners.ShouldAllBe(learner => learner.PromoteWhenCaughtUp);
        ResultOf(Serve(Ask(() => client.PromoteMember(Id(4))))).ToString().ShouldBe($"voters {Text(1, 2, 4)}; learner {Text(3)}");
        Asked[^1].Expected.ShouldBe(new LogIndex(6));
        ResultOf(Serve(Ask(() => client.DemoteMember(Id(2))))).ToString().ShouldBe($"voters {Text(1, 4)}; learners {Text(2, 3)}");
        Asked[^1].Learners.OrderBy(learner => learner.Id).Select(learner => learner.PromoteWhenCaughtUp).ShouldBe([false, true]);
        ResultOf(Serve(Ask(() => client.MoveMember(At(3, place: 9))))).Find(Id(3)).ShouldNotBeNull().Address.ShouldBe(AddressOf(9));
        Asked[^1].Learners.OrderBy(learner => learner.Id).Select(learner => learner.PromoteWhenCaughtUp).ShouldBe([false, true], "what moves stays what it is");
        ResultOf(Serve(Ask(() => client.RemoveMember(Id(2))))).ToString().ShouldBe($"voters {Text(1, 4)}; learner 3={AddressOf(9)}");
        Asked[^1].Force.ShouldBeFalse();
        ResultOf(Serve(Ask(() => client.RemoveMember(Id(3), force: true))));
        Asked[^1].Force.ShouldBeTrue();
        Asked.Count.ShouldBe(6);
    }

    /// <summary>Whoever asks again for what is done already changes nothing.</summary>
    [Fact]
    public void What_is_done_already_is_not_asked_of_the_leader()
    {
        var client = NewClientOf(leader: 1, term: 7);
        Goes = Configuration(5, [1, 2], learners: [3], promote: [4]);

        foreach (var done in (Func<Task<RaftConfiguration>>[])
        [
            () => client.AddMember(At(2)), () => client.AddMember(At(2), learner: true), () => client.AddMember(At(3), learner: true), () => client.AddMember(At(4)),
            () => client.PromoteMember(Id(2)), () => client.DemoteMember(Id(3)), () => client.RemoveMember(Id(9)), () => client.MoveMember(At(3)),
        ])
        {
            ResultOf(Serve(Ask(done))).ShouldBe(Goes);
        }

        Asked.ShouldBeEmpty();
        ResultOf(Serve(Ask(() => client.AddMember(At(3)))));
        Asked.ShouldHaveSingleItem().Learners.ShouldAllBe(learner => learner.PromoteWhenCaughtUp, "it is to be promoted now");
        ResultOf(Serve(Ask(() => client.DemoteMember(Id(4)))));
        Asked[^1].Learners.Single(learner => learner.Id == Id(4)).PromoteWhenCaughtUp.ShouldBeFalse("and that one is not, any more");
    }

    [Theory]
    [InlineData("add at another address", "Node 2 is a member already, at 10.0.0.2:4051. Nothing was changed. To move it, call MoveMember (members move 2=10.0.0.9:4051).")]
    [InlineData("add at another's address", "nodes 3 and 9 cannot both be at 10.0.0.3:4051")]
    [InlineData("promote a stranger", "There is no member 9: the group has voter 1=10.0.0.1:4051; learners 2=10.0.0.2:4051, 3=10.0.0.3:4051. Nothing was changed. Add it first.")]
    [InlineData("demote a stranger", "There is no member 9")]
    [InlineData("move a stranger", "There is no member 9")]
    [InlineData("move to another's address", "nodes 3 and 2 cannot both be at 10.0.0.3:4051")]
    [InlineData("demote the only voter", "without voters nothing would ever be committed again")]
    [InlineData("remove the only voter", "without voters nothing would ever be committed again")]
    [InlineData("replace by itself", "Node 2 cannot replace itself: of two storages with one name one would be taken for the other. Nothing was changed.")]
    public void What_cannot_be_meant_is_a_wrong_argument_and_nothing_is_changed(string what, string why)
    {
        var client = NewClientOf(leader: 1, term: 7);
        Goes = Configuration(5, [1], learners: [2, 3]);

        var failed = Serve(Ask(() => what switch
        {
            "add at another address" => client.AddMember(At(2, place: 9)),
            "add at another's address" => client.AddMember(At(9, place: 3)),
            "promote a stranger" => client.PromoteMember(Id(9)),
            "demote a stranger" => client.DemoteMember(Id(9)),
            "move a stranger" => client.MoveMember(At(9)),
            "move to another's address" => client.MoveMember(At(2, place: 3)),
            "demote the only voter" => client.DemoteMember(Id(1)),
            "remove the only voter" => client.RemoveMember(Id(1)),
            _ => client.ReplaceMember(Id(2), At(2, place: 9)),
        }));

        FailureOf<ArgumentException>(failed).Message.ShouldContain(why);
        Asked.ShouldBeEmpty();
    }

    /// <summary>Two operators: what the one decided on is not there any more, so the client reads and decides anew, and undoes nothing of the other's.</summary>
    [Fact, Trait("RaftBug", "B64")]
    public void When_somebody_was_quicker_it_reads_and_decides_again()
    {
        var client = NewClientOf(leader: 1, term: 7);
        Fates.Enqueue(asked =>
        {
            Goes = Configuration(6, [1, 2, 3], learners: [9]);
            return Reply(asked, MembershipOutcome.Conflict, "the configuration in force is that of index 6");
        });

        ResultOf(Serve(Ask(() => client.AddMember(At(4))))).Find(Id(9)).ShouldNotBeNull();

        Asked.Select(asked => asked.Expected.Value).ShouldBe([5, 6]);
    }

    /// <summary>The first copy was carried out, its answer was lost with its leader, and the node was promoted meanwhile: it is done.</summary>
    [Fact]
    public void When_nobody_knows_what_became_of_it_it_reads_and_finds_it_done()
    {
        var client = NewClientOf(leader: 1, term: 7);
        Fates.Enqueue(asked =>
        {
            Goes = Configuration(7, [1, 2, 3, 4]);
            return Reply(asked, MembershipOutcome.Interrupted, "the leader that had begun the change leads no more");
        });
        Fates.Enqueue(asked => Reply(asked, MembershipOutcome.Conflict, "the configuration in force is that of index 7"));

        ResultOf(Serve(Ask(() => client.AddMember(At(4))))).ShouldBe(Goes);

        Asked.Select(asked => asked.Expected.Value).ShouldBe([5, 5], "what is in force says what became of it");
    }

    [Fact]
    public void A_refusal_ends_it_with_the_leaders_words()
    {
        var client = NewClientOf(leader: 1, term: 7);
        Fates.Enqueue(asked => Reply(asked, MembershipOutcome.Refused, "node 2 was last heard 9000 ms ago"));

        var refused = FailureOf<MembershipChangeException>(Serve(Ask(() => client.RemoveMember(Id(3)))));

        refused.Failure.ShouldBe(MembershipChangeFailure.Refused);
        refused.Message.ShouldContain("node 2 was last heard 9000 ms ago");
    }

    /// <summary>What is not agreed on may be undone, and a joint configuration is on its way to another one: nothing is decided by them.</summary>
    [Theory, InlineData(false), InlineData(true)]
    public void It_decides_only_by_a_configuration_that_is_agreed_on_and_stays(bool joint)
    {
        var client = NewClientOf(leader: 1, term: 7);
        var looks = 0;
        Goes = joint ? Configuration(6, [1, 2, 4], votedBefore: [1, 2]) : Configuration(6, [1, 2, 3, 4], committed: false);
        OnLook = () =>
        {
            if (++looks == 3) Goes = Configuration(7, [1, 2, 3]);
        };

        ResultOf(Serve(Ask(() => client.AddMember(At(4)))));

        Asked.ShouldHaveSingleItem().Expected.ShouldBe(new LogIndex(7));
    }

    [Fact]
    public void A_change_of_somebody_else_that_does_not_end_is_told_at_the_time_out()
    {
        var client = NewClientOf(leader: 1, term: 7);
        Goes = Configuration(6, [1, 2, 3, 4], committed: false);
        var add = Ask(() => client.AddMember(At(9)));

        Serve(add, Timeout);

        var busy = FailureOf<MembershipChangeException>(add);
        busy.Failure.ShouldBe(MembershipChangeFailure.Busy);
        busy.Message.ShouldContain("another change is under way, that of index 6");
        Asked.ShouldBeEmpty();
    }

    [Fact]
    public void Waiting_for_a_voter_tells_how_far_it_has_come_and_ends_when_that_is_agreed_on()
    {
        var client = NewClientOf(leader: 1, term: 7);
        var progress = new Told();
        var looks = 0;
        Goes = Configuration(6, [1, 2, 3], promote: [4]);
        OnLook = () =>
        {
            looks++;
            KnownPeers = [new RaftPeerStatus(Id(4), AddressOf(4)) { Lag = 100 - looks, Transfer = looks == 1 ? new RaftSnapshotTransfer(Id(4), default, 10, 10, 20) : null }];
            if (looks == 3) Goes = Configuration(7, [1, 2, 3, 4], committed: false);
            if (looks == 5) Goes = Configuration(7, [1, 2, 3, 4]);
        };

        ResultOf(Serve(Ask(() => client.WaitUntilVoter(Id(4), progress)))).ShouldBe(Goes);

        looks.ShouldBe(5, "once each poll interval, and not ended by what was not committed");
        progress.Reports.Select(report => (report.Node, report.Role, report.Lag)).ShouldBe(
        [
            (Id(4), RaftMemberRole.Learner, 99L), (Id(4), RaftMemberRole.Learner, 98L), (Id(4), RaftMemberRole.Voter, 97L), (Id(4), RaftMemberRole.Voter, 96L), (Id(4), RaftMemberRole.Voter, 95L),
        ]);
        progress.Reports[0].Transfer.ShouldNotBeNull();
    }

    [Theory, InlineData(false), InlineData(true)]
    public void Who_is_no_member_or_a_learner_that_is_to_stay_one_is_not_waited_for(bool learner)
    {
        var client = NewClientOf(leader: 1, term: 7);
        Goes = learner ? Configuration(6, [1, 2, 3], learners: [4]) : Configuration(6, [1, 2, 3]);

        var failed = FailureOf<MembershipChangeException>(Serve(Ask(() => client.WaitUntilVoter(Id(4)))));

        failed.Failure.ShouldBe(MembershipChangeFailure.Refused);
        failed.Message.ShouldContain(learner ? "it is a learner that is to stay one. Promote it." : "it is no member. Add it.");
    }

    [Theory, InlineData(false), InlineData(true)]
    public void A_node_that_does_not_vote_in_time_is_told_with_what_it_lacks(bool heard)
    {
        var client = NewClientOf(leader: 1, term: 7);
        Goes = Configuration(6, [1, 2, 3], promote: [4]);
        KnownPeers = [new RaftPeerStatus(Id(4), AddressOf(4)) { Lag = 4711, HeardAgo = heard ? TimeSpan.FromSeconds(1) : null, Transfer = new RaftSnapshotTransfer(Id(4), default, 10, 10, 20) }];
        var wait = Ask(() => client.WaitUntilVoter(Id(4)));

        Serve(wait, Timeout);

        var late = FailureOf<OutcomeUnknownException>(wait).Message;
        late.ShouldContain("it lacks 4711 entries of the leader's log and has 10 of 20 bytes of a snapshot");
        late.Contains("the leader has not heard it: see whether it runs at that address").ShouldBe(!heard);
        late.ShouldContain("The leader promotes it when it has caught up; wait on.");
    }

    /// <summary>The old one goes only when the new one votes.</summary>
    [Fact]
    public void Replacing_adds_waits_and_then_removes()
    {
        var client = NewClientOf(leader: 1, term: 7);
        var looks = 0;
        OnLook = () =>
        {
            if (Goes.Find(Id(4)) is { Role: RaftMemberRole.Learner } && ++looks == 4) Goes = Configuration(8, [1, 2, 3, 4]);
        };

        ResultOf(Serve(Ask(() => client.ReplaceMember(Id(2), At(4))))).ToString().ShouldBe($"voters {Text(1, 3, 4)}");

        Asked.Select(asked => (asked.Expected.Value, asked.Voters.Count, asked.Learners.Count)).ShouldBe([(5L, 3, 1), (8L, 3, 0)]);
    }

    /// <summary>Whatever has been done of it already stays as it is.</summary>
    [Theory]
    [InlineData("added", 1)]
    [InlineData("promoted", 1)]
    [InlineData("removed", 0)]
    public void Replacing_goes_on_where_it_was(string done, int left)
    {
        var client = NewClientOf(leader: 1, term: 7);
        Goes = done switch
        {
            "added" => Configuration(6, [1, 2, 3], promote: [4]),
            "promoted" => Configuration(7, [1, 2, 3, 4]),
            _ => Configuration(8, [1, 3, 4]),
        };
        var looks = 0;
        OnLook = () =>
        {
            if (done == "added" && ++looks == 3) Goes = Configuration(7, [1, 2, 3, 4]);
        };

        ResultOf(Serve(Ask(() => client.ReplaceMember(Id(2), At(4))))).ToString().ShouldBe($"voters {Text(1, 3, 4)}");

        Asked.Count.ShouldBe(left);
    }

    [Fact]
    public void Replacing_by_one_that_does_not_catch_up_removes_nobody()
    {
        var client = NewClientOf(leader: 1, term: 7);
        var replace = Ask(() => client.ReplaceMember(Id(2), At(4)));

        Serve(replace, Timeout);

        FailureOf<OutcomeUnknownException>(replace).Message.ShouldContain("Node 4 does not vote yet");
        Goes.ToString().ShouldBe($"voters {Text(1, 2, 3)}; learner {Text(4)}");
    }

    /// <summary>Members come and go and move: whom a node names is asked from then on, where it was said to be last.</summary>
    [Fact, Trait("RaftBug", "B92")]
    public void Members_are_found_where_they_were_said_to_be_last()
    {
        var client = NewClientOf(leader: 1, term: 7, Settings.WithContactPoints(At(1), At(2)));
        Tell(new LeaderReply(Id(1), HintOf(1, 7)) { Members = [At(1), At(2), At(3)] }, from: 1);
        Ask(() => client.GetStatus(Id(3)));
        Node(3).ExpectMsg<StatusRequest>();

        Tell(new LeaderReply(Id(1), HintOf(1, 7)) { Members = [At(1), At(2, place: 4), At(3)] }, from: 1);
        Ask(() => client.GetStatus(Id(2)));
        Node(4).ExpectMsg<StatusRequest>();
        Node(2).HasMessages.ShouldBeFalse("it was there");

        // All nodes that it ever heard of are asked for the leader when there is none.
        var found = Ask(() => client.FindLeader(TimeSpan.FromMinutes(1)));
        for (var round = 0; round < 10; round++) Pass(Poll);
        foreach (var n in (int[])[1, 2, 3, 4]) Node(n).FishForMessage<LeaderRequest>(_ => true);
        found.IsCompleted.ShouldBeFalse();
    }

    static string Text(params int[] nodes) => string.Join(", ", nodes.Select(n => $"{n}={AddressOf(n)}"));

    sealed class Told : IProgress<RaftMemberProgress>
    {
        public List<RaftMemberProgress> Reports { get; } = [];

        public void Report(RaftMemberProgress value) => Reports.Add(value);
    }
}
