using Akka.Cluster;
using Shouldly;
using Xunit;

namespace AkkaRaft.Cluster.Tests.Piloting;

/// <summary>What an autopilot does, and what it leaves alone, case by case.</summary>
public sealed class AutopilotPolicyTests
{
    [Fact]
    public void A_joined_member_of_the_role_is_added_as_a_learner_that_is_not_promoted_by_itself()
    {
        var scene = new Scene().Voters(1).Up(2);

        var action = scene.Look().Action.ShouldNotBeNull();

        action.Kind.ShouldBe(RaftAutopilotActionKind.Add);
        action.What.ShouldBe("adds node 2=10.0.0.2:1 as a learner");
        action.Change.ExpectedIndex.ShouldBe(new LogIndex(7));
        action.Change.Members.ShouldBe([
            new RaftWantedMember(new RaftMember(Scene.Id(1), "10.0.0.1:1"), RaftMemberRole.Voter),
            new RaftWantedMember(new RaftMember(Scene.Id(2), "10.0.0.2:1"), RaftMemberRole.Learner)]);
    }

    [Theory]
    [InlineData(MemberStatus.Joining, true)]
    [InlineData(MemberStatus.WeaklyUp, true)]
    [InlineData(MemberStatus.Leaving, true)]
    [InlineData(MemberStatus.Exiting, true)]
    [InlineData(MemberStatus.Up, false)]
    public void Who_is_not_Up_and_reachable_is_not_added(MemberStatus status, bool isReachable)
    {
        var scene = new Scene().Voters(1);
        scene[2].Claims.Add((scene[2].Home, status, isReachable));

        scene.Look(60).Action.ShouldBeNull();
    }

    [Fact]
    public void One_voter_becomes_three_at_once_when_two_learners_are_stable()
    {
        var scene = new Scene().Voters(1).Learners(2);
        scene.Run(30).ShouldBeEmpty();
        scene.Look().Reason.ShouldContain("node 2 could vote: it waits for a second one, for 2 voters survive no more failures than 1");

        scene.Learners(3);
        scene.Run(9).ShouldBeEmpty("node 3 is not stable yet");
        var action = scene.Run(3).ShouldHaveSingleItem();

        action.Kind.ShouldBe(RaftAutopilotActionKind.Promote);
        action.What.ShouldBe("makes nodes 2 and 3 voters, 3 in all");
        scene.VotersNow.ShouldBe("1 2 3");
    }

    [Fact]
    public void Voters_grow_to_five_and_no_further_and_their_number_is_always_odd()
    {
        var scene = new Scene().Voters(1).Up(2, 3, 4, 5, 6, 7);

        var done = scene.Run(120);

        done.Count(action => action.Kind == RaftAutopilotActionKind.Add).ShouldBe(6);
        done.Where(action => action.Kind == RaftAutopilotActionKind.Promote).Select(action => action.Change.Members.Count(wanted => wanted.Role == RaftMemberRole.Voter)).ShouldBe([3, 5]);
        scene.VotersNow.ShouldBe("1 2 3 4 5");
        scene.LearnersNow.ShouldBe("6 7");
        scene.Look().Reason.ShouldContain("max-voters is 5");
    }

    [Fact]
    public void An_even_number_of_voters_that_people_made_is_made_odd_by_one()
    {
        var scene = new Scene().Voters(1, 2).Learners(3);

        scene.Run(20).ShouldHaveSingleItem().What.ShouldBe("makes nodes 3 voters, 3 in all");
    }

    [Theory]
    [InlineData("lags")]
    [InlineData("probed")]
    [InlineData("silent")]
    [InlineData("unreachable")]
    [InlineData("no storage")]
    [InlineData("weakly up")]
    [InlineData("elsewhere")]
    [InlineData("claimed twice")]
    [InlineData("stays a learner")]
    public void Only_a_learner_that_is_well_in_every_way_is_promoted(string how)
    {
        var scene = new Scene().Voters(1, 2).Learners(3);
        var learner = scene[3];
        switch (how)
        {
            case "lags": learner.Lag = 1001; break;
            case "probed": learner.State = RaftPeerState.Probe; break;
            case "silent": learner.Talks = false; break;
            case "unreachable": learner.Claims[0] = (learner.Home, MemberStatus.Up, false); break;
            case "no storage": learner.HasStorage = false; break;
            case "weakly up": learner.Claims[0] = (learner.Home, MemberStatus.WeaklyUp, true); break;
            case "elsewhere": learner.Claims[0] = ("10.0.0.9:9", MemberStatus.Up, true); break;
            case "claimed twice": learner.Claims.Add(("10.0.0.9:9", MemberStatus.Up, true)); break;
            case "stays a learner": learner.StaysLearner = true; break;
        }

        scene.Run(60).ShouldBeEmpty();
    }

    [Fact]
    public void Who_comes_and_goes_is_never_stable()
    {
        var scene = new Scene().Voters(1, 2).Learners(3);
        for (var round = 0; round < 10; round++)
        {
            scene.Run(9).ShouldBeEmpty();
            scene[3].Lag = 5000;
            scene.Look(1);
            scene[3].Lag = 0;
        }
    }

    [Fact]
    public void A_new_leader_counts_from_its_own_first_look()
    {
        var scene = new Scene().Voters(1, 2).Learners(3);
        scene.Run(9).ShouldBeEmpty();
        scene.Term++;
        scene.Run(9).ShouldBeEmpty();
        scene.Run(2).Count.ShouldBe(1);
    }

    [Fact]
    public void A_dead_voter_is_replaced_in_one_change_by_the_learner_that_is_stable()
    {
        var scene = new Scene { Settings = Quick }.Voters(1, 2, 3).Learners(4);
        scene.Run(20).ShouldBeEmpty();
        scene.Dies(3);

        scene.Run(60).ShouldBeEmpty();
        scene.Look().Reason.ShouldContain("node 3 is dead for");
        var action = scene.Run(3).ShouldHaveSingleItem();

        action.Kind.ShouldBe(RaftAutopilotActionKind.Replace);
        action.What.ShouldBe("replaces the dead voter 3 by the learner 4");
        scene.VotersNow.ShouldBe("1 2 4");
        scene.LearnersNow.ShouldBe("");
    }

    [Fact]
    public void Three_voters_with_a_dead_one_stay_three_while_there_is_no_replacement()
    {
        var scene = new Scene { Settings = Quick }.Voters(1, 2, 3).Dies(3);

        scene.Run(200).ShouldBeEmpty();

        scene.Look().Reason.ShouldContain("removes the dead voter 3: not done, fewer voters than min-voters = 3 would be left");
        scene.Up(4);
        scene.Run(30).Select(action => action.Kind).ShouldBe([RaftAutopilotActionKind.Add, RaftAutopilotActionKind.Replace]);
        scene.VotersNow.ShouldBe("1 2 4");
    }

    /// <summary>5 voters with two dead ones survive no further failure; 3 voters survive one.</summary>
    [Fact]
    public void Of_five_voters_two_dead_ones_are_removed_one_after_the_other()
    {
        var scene = new Scene { Settings = Quick }.Voters(1, 2, 3, 4, 5).Dies(4, 5);

        scene.Run(65).Select(action => action.What).ShouldBe(["removes the dead voter 4", "removes the dead voter 5"]);
        scene.VotersNow.ShouldBe("1 2 3");
    }

    [Theory]
    [InlineData("reachable", "only Raft does not hear it")]
    [InlineData("heard", "only the cluster does not see it")]
    [InlineData("claimed twice", "nobody can say")]
    public void A_member_is_dead_only_if_neither_the_cluster_nor_Raft_sees_it(string how, string why)
    {
        var scene = new Scene { Settings = Quick }.Voters(1, 2, 3, 4, 5).Learners(6).Dies(5, 6);
        foreach (var node in new[] { scene[5], scene[6] })
        {
            if (how == "heard") node.Talks = true;
            if (how == "reachable") node.Claims.Add((node.Home, MemberStatus.Up, true));
            if (how == "claimed twice") node.Claims.AddRange([(node.Home, MemberStatus.Up, false), ("10.0.0.9:9", MemberStatus.Up, false)]);
        }

        scene.Run(200).ShouldBeEmpty(why);
    }

    [Fact]
    public void One_that_is_heard_between_two_looks_is_not_dead()
    {
        var scene = new Scene { Settings = Quick }.Voters(1, 2, 3, 4, 5).Dies(5);
        scene.Run(40).ShouldBeEmpty();
        scene[5].HeardAt = scene.Now + TimeSpan.FromSeconds(5);   // and silent again before the next look
        scene.Look(10).Action.ShouldBeNull();

        scene.Run(50).ShouldBeEmpty();
        scene.Run(20).Count.ShouldBe(1);
    }

    [Fact]
    public void Dead_learners_are_removed_whatever_the_number_of_voters()
    {
        var scene = new Scene { Settings = Quick }.Voters(1).Learners(2).Dies(2);
        scene[2].PromoteWhenCaughtUp = true;

        scene.Run(65).ShouldHaveSingleItem().What.ShouldBe("removes the dead learner 2");
    }

    [Fact]
    public void Nobody_is_removed_when_that_is_left_to_people()
    {
        var scene = new Scene { Settings = Quick.WithRemoveDead(false) }.Voters(1, 2, 3, 4, 5).Learners(6).Dies(4, 5, 6);

        scene.Run(300).ShouldBeEmpty();
    }

    /// <summary>The healthy of a split side that has no majority change nothing, whatever the cluster says of the others.</summary>
    [Fact]
    public void Without_a_majority_that_is_heard_nothing_is_changed()
    {
        var scene = new Scene { Settings = Quick }.Voters(1, 2, 3, 4, 5).Up(6).Dies(3, 4, 5);

        scene.Run(300).ShouldBeEmpty();
        scene.Look().Reason.ShouldBe("only 2 of 5 voters are heard, and 3 are needed to change anything");
    }

    [Fact]
    public void A_node_that_does_not_lead_does_nothing_and_forgets_what_it_saw()
    {
        var scene = new Scene { Settings = Quick }.Voters(1, 2).Learners(3);
        scene.Run(9);
        scene.Leads = false;
        scene.Look(1).Reason.ShouldBe("node 1 does not lead");
        scene.Memory.ShouldBe(AkkaRaft.Cluster.Piloting.AutopilotMemory.Empty);
    }

    [Theory]
    [InlineData("joint", "is joint yet")]
    [InlineData("uncommitted", "is not committed yet")]
    [InlineData("leaving", "leaves the cluster; the next leader decides")]
    public void Nothing_is_begun_at_the_wrong_time(string when, string reason)
    {
        var scene = new Scene { IsJoint = when == "joint", IsCommitted = when != "uncommitted", IsLeaving = when == "leaving" }.Voters(1, 2).Learners(3).Up(4);

        scene.Run(60).ShouldBeEmpty();
        scene.Look().Reason.ShouldContain(reason);
    }

    [Fact]
    public void A_member_that_answers_from_another_place_is_moved_there()
    {
        var scene = new Scene().Voters(1, 2, 3);
        scene[3].Claims[0] = ("10.0.0.33:7", MemberStatus.Up, true);
        scene.Run(20).ShouldBeEmpty("roles can be wrong: it has not spoken from there");
        scene.Look().Reason.ShouldContain("node 3 was not heard from 10.0.0.33:7 yet");

        scene[3].SpeaksFrom = "10.0.0.33:7";
        var action = scene.Run(3).ShouldHaveSingleItem();

        action.What.ShouldBe("moves node 3 from 10.0.0.3:1 to 10.0.0.33:7");
        scene.Configuration.Find(Scene.Id(3)).ShouldBe(new RaftConfigurationMember(Scene.Id(3), "10.0.0.33:7", RaftMemberRole.Voter) { Storage = new StorageId("aa") });
    }

    [Fact]
    public void The_leader_moves_itself_too()
    {
        var scene = new Scene().Voters(1, 2, 3);
        scene[1].Claims[0] = ("10.0.0.11:7", MemberStatus.Up, true);
        scene[1].SpeaksFrom = "10.0.0.11:7";

        scene.Look().Action.ShouldNotBeNull().What.ShouldBe("moves node 1 from 10.0.0.1:1 to 10.0.0.11:7");
    }

    [Fact]
    public void Two_members_are_never_put_at_one_address()
    {
        var scene = new Scene().Voters(1, 2, 3);
        scene[4].Claims.Add((scene[3].Home, MemberStatus.Up, true));

        scene.Look(1).Action.ShouldBeNull();
        scene.Look(1).Reason.ShouldContain("nodes 3 and 4 would both be at 10.0.0.3:1");
    }

    [Fact]
    public void What_failed_is_not_tried_again_at_once_and_holds_nothing_else_up()
    {
        var scene = new Scene().Voters(1).Up(2, 3);
        var failed = scene.Look(1).Action.ShouldNotBeNull();
        scene.Fail(failed);

        var next = scene.Look(1).Action.ShouldNotBeNull();
        next.What.ShouldContain("node 3=");
        scene.Carry(next);
        scene.Look(1).Reason.ShouldContain("it failed 2 s ago");
        scene.Look(9).Action.ShouldNotBeNull().What.ShouldBe(failed.What);
    }

    [Fact]
    public void A_learner_that_people_promised_the_vote_is_left_to_the_leader()
    {
        var scene = new Scene().Voters(1).Learners(2, 3);
        scene[2].PromoteWhenCaughtUp = true;

        scene.Run(60).ShouldBeEmpty();
        scene.Look().Reason.ShouldContain("node 2 was added to become a voter when it has caught up");
    }

    [Fact]
    public void More_voters_than_it_would_make_itself_stay_and_a_dead_one_of_them_is_not_replaced()
    {
        var scene = new Scene { Settings = Quick.WithMaxVoters(3) }.Voters(1, 2, 3, 4, 5).Learners(6);
        scene.Run(30).ShouldBeEmpty();
        scene.Dies(5);

        scene.Run(65).ShouldHaveSingleItem().What.ShouldBe("removes the dead voter 5");
    }

    static RaftClusterSettings Quick => new Scene().Settings.WithRemoveDeadAfter(TimeSpan.FromSeconds(61));
}
