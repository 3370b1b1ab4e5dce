using Akka.Actor;
using Akka.Cluster;
using AkkaRaft.Cluster.Events;
using AkkaRaft.Events;
using Shouldly;
using Xunit;

namespace AkkaRaft.Cluster.Tests.Stories;

/// <summary>What Akka.Cluster is for a group without any autopilot: an address book, and a sign that a node is about to leave.</summary>
public sealed class ClusterStories
{
    /// <summary>The hand-over of a stopping node is switched off here, so that what hands over is the leaving alone.</summary>
    const string NoHandOverOnStop = "akka.coordinated-shutdown.phases { before-service-unbind.enabled = off, service-requests-done.enabled = off }";

    [Fact]
    public async Task A_leader_that_is_told_to_leave_from_elsewhere_hands_over_first()
    {
        await using var story = new Clustered();
        await story.Found(3, more: NoHandOverOnStop);
        var leader = await story.Leader();
        await story.Holds("all are Up", () => story.Places.Values.All(place => place.Cluster.State.Members.Count(member => member.Status == MemberStatus.Up) == 3));
        var other = story.Places.First(place => place.Key != leader).Value;
        (await other.Group!.Propose<long>(new Increase(1), Clustered.Patience)).ShouldBe(1);

        other.Cluster.Leave(story[leader].Cluster.SelfAddress);

        await story.Holds("it has handed over", () => story[leader].All<RoleChanged>().Any(changed => changed is { From: RaftRole.Leader, To: RaftRole.Follower }));
        story[leader].Attached!.Status.IsLeaving.ShouldBeTrue();
        await story[leader].System.WhenTerminated.WaitAsync(Clustered.Patience);
        // Because another had been told to take over, and not because it was cut off while it led.
        story[leader].All<RoleChanged>().First(changed => changed.From == RaftRole.Leader).Reason.ShouldContain("is in term");
        story.Places.Remove(leader);
        (await other.Group!.Propose<long>(new Increase(1), Clustered.Patience)).ShouldBe(2);
        (await other.Group!.GetConfiguration(Clustered.Patience)).Voters.Count().ShouldBe(3, "it left the cluster, not the group");
        await story.Holds("the address book has forgotten it", () => other.Attached!.Status.Members.Count == 2);
    }

    [Fact]
    public async Task A_node_that_has_moved_is_found_by_the_address_book_before_the_configuration_says_so()
    {
        await using var story = new Clustered();
        await story.Found(3);
        var leader = await story.Leader();
        await story.Becomes("all storages are known", leader, now => now.Members.All(member => member.Storage is not null));
        var before = await story.Configuration(leader);
        var mover = new[] { 1, 2, 3 }.First(node => node != leader);
        var old = story[mover].Address;
        await story.Kill(mover);
        foreach (var place in story.Places.Values) place.Cluster.Down(Address.Parse($"akka.tcp://story@{old}"));
        await story.Start(mover);

        await AkkaRaft.Tests.Eventually.Holds("the leader sends to the new address", async () =>
            await story[leader].Group!.GetStatus(Clustered.Patience) is { Role: RaftRole.Leader } status
            && status.Peers.Single(peer => peer.Node == new NodeId($"{mover}")) is { State: RaftPeerState.Replicate, Lag: 0 } peer && peer.Address == story[mover].Address, Clustered.Patience);

        (await story[mover].Group!.Propose<long>(new Increase(7), Clustered.Patience)).ShouldBe(7);
        (await story.Configuration(leader)).ShouldBe(before, "only people, or the autopilot, move a member");
    }

    [Fact]
    public async Task Two_members_that_claim_one_node_are_both_ignored_and_told_until_one_is_gone()
    {
        await using var story = new Clustered();
        await story.Found(2);
        await story.Holds("both are known", () => story[1].Attached!.Status.Members.Count == 2);

        var impostor = await story.Join("raft, raft-node-2");
        await story.Holds("node 2 is disputed", () => story[1].Attached!.Status is { Members.Count: 1, Problems.Count: 1 });
        story[1].Attached!.Status.Problems.Single().ShouldContain("node 2 is claimed by 2 cluster members");
        await story.Holds("it was told", () => story[1].All<ClusterProblemsChanged>().Any(told => told.Problems.Count == 1));

        await CoordinatedShutdown.Get(impostor.System).Run(CoordinatedShutdown.ClusterLeavingReason.Instance).WaitAsync(Clustered.Patience);
        await story.Holds("node 2 is known again", () => story[1].Attached!.Status is { Members.Count: 2, Problems.Count: 0 });
        await story.Holds("that was told too", () => story[1].All<ClusterProblemsChanged>().Last().Problems.Count == 0);
        (await story[1].Group!.Propose<long>(new Increase(1), Clustered.Patience)).ShouldBe(1);
    }

    [Fact]
    public async Task A_client_in_any_member_of_the_cluster_finds_the_group_by_its_members()
    {
        await using var story = new Clustered();
        await story.Found(1);
        var web = await story.Join("web");
        var settings = RaftClusterSettings.Create(web.System);
        await story.Holds("the member with the node is known", () => RaftCluster.Get(web.System).ContactPoints(settings).Count == 1);
        var points = RaftCluster.Get(web.System).ContactPoints(settings);
        points.ShouldBe([new RaftMember(new NodeId("1"), story[1].Address)]);

        await using var client = RaftClient.Create(web.System, RaftClientSettings.Create(web.System).WithContactPoints(points));
        (await client.Propose<long>(new Increase(3), Clustered.Patience)).ShouldBe(3);
    }

    [Fact]
    public async Task Roles_that_do_not_say_which_node_this_is_are_refused()
    {
        await using var story = new Clustered();
        var place = await story.Join("raft-node-7, raft-node-8", node: 1);
        var group = Raft.Get(place.System).Start(Props.Create(() => new Tally()), RaftSettings.Create(place.System).WithMembers(new RaftMember(new NodeId("1"), place.Address)));

        var errors = Should.Throw<RaftSettingsException>(() => RaftCluster.Get(place.System).Attach(group, RaftClusterSettings.Create(place.System))).Errors;

        errors.Count.ShouldBe(4);
        errors.ShouldAllBe(error => error.StartsWith("akka.cluster.roles = [raft-node-7, raft-node-8]: "));
        errors.ShouldContain(error => error.Contains("must have the role \"raft\""));
        errors.ShouldContain(error => error.Contains("must have the role \"raft-node-1\", as akka.raft.node-id = \"1\" here"));
        errors.ShouldContain(error => error.Contains("the role \"raft-node-8\" names another node"));
    }

    [Fact]
    public async Task A_group_is_attached_once_in_its_own_system_and_only_with_Akka_Cluster()
    {
        await using var story = new Clustered();
        await story.Found(1);
        var settings = RaftClusterSettings.Create(story[1].System);
        Should.Throw<InvalidOperationException>(() => RaftCluster.Get(story[1].System).Attach(story[1].Group!, settings)).Message.ShouldContain("is attached to Akka.Cluster already");

        var remote = await story.Join("", provider: "remote");
        Should.Throw<ArgumentException>(() => RaftCluster.Get(remote.System).Attach(story[1].Group!, settings)).Message.ShouldContain("runs in another actor system");
        Should.Throw<RaftSettingsException>(() => RaftCluster.Get(remote.System).ContactPoints(settings)).Errors.ShouldHaveSingleItem().ShouldBe("akka.actor.provider = remote: it must be cluster.");
    }
}
