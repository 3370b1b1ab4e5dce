using Akka.Cluster;
using AkkaRaft.Cluster.Claims;
using CsCheck;
using Shouldly;
using Xunit;

namespace AkkaRaft.Cluster.Tests.Claims;

/// <summary>The address book: which node ids cluster members claim by their roles, and whom to believe.</summary>
public sealed class ClusterViewTests
{
    static readonly RaftClusterSettings Settings = RaftClusterSettings.Create(Akka.Configuration.Config.Empty);

    [Fact]
    public void A_member_of_the_role_is_the_node_that_its_other_role_names()
    {
        var view = ClusterView.Of(
        [
            Peer("a:1", MemberStatus.Up, "raft", "raft-node-1", "web"),
            Peer("b:1", MemberStatus.Joining, "raft", "raft-node-x.Y_2", "raft-learner") with { IsReachable = false },
            Peer("c:1", MemberStatus.Up, "web"),
            Peer("d:1", MemberStatus.Up, "raft-node-7"),
        ], Settings);

        view.Nodes.Values.ShouldBe([new RaftClusterMember(new NodeId("1"), "a:1", MemberStatus.Up, true, false), new RaftClusterMember(new NodeId("x.Y_2"), "b:1", MemberStatus.Joining, false, true)]);
        view.Disputed.ShouldBeEmpty();
        view.Problems.ShouldBeEmpty();
        view.IsThere(new NodeId("1")).ShouldBeTrue();
        view.IsThere(new NodeId("x.Y_2")).ShouldBeFalse("it is unreachable");
    }

    [Fact]
    public void Of_two_members_that_claim_one_id_neither_is_believed()
    {
        var view = ClusterView.Of([Peer("a:1", MemberStatus.Up, "raft", "raft-node-1"), Peer("b:1", MemberStatus.WeaklyUp, "raft", "raft-node-1"), Peer("c:1", MemberStatus.Up, "raft", "raft-node-2")], Settings);

        view.Nodes.Keys.ShouldBe([new NodeId("2")]);
        view.Disputed.ShouldBe([new NodeId("1")]);
        view.Problems.ShouldHaveSingleItem().ShouldContain("node 1 is claimed by 2 cluster members, a:1 (Up) and b:1 (WeaklyUp)");
    }

    /// <summary>A node that was restarted elsewhere: its former incarnation claims nothing any more once it is downed, or has left.</summary>
    [Theory, InlineData(MemberStatus.Down), InlineData(MemberStatus.Exiting), InlineData(MemberStatus.Removed)]
    public void Who_is_on_its_way_out_claims_nothing(MemberStatus gone)
    {
        var view = ClusterView.Of([Peer("a:1", gone, "raft", "raft-node-1"), Peer("b:1", MemberStatus.Up, "raft", "raft-node-1")], Settings);

        view.Nodes.Values.ShouldHaveSingleItem().Address.ShouldBe("b:1");
        view.Problems.ShouldBeEmpty();
    }

    [Fact]
    public void Members_without_one_right_id_are_ignored_and_told()
    {
        var view = ClusterView.Of(
        [
            Peer("a:1", MemberStatus.Up, "raft"),
            Peer("b:1", MemberStatus.Up, "raft", "raft-node-1", "raft-node-2"),
            Peer("c:1", MemberStatus.Up, "raft", "raft-node-"),
            Peer("d:1", MemberStatus.Up, "raft", "raft-node-no/id"),
        ], Settings);

        view.Nodes.ShouldBeEmpty();
        view.Disputed.ShouldBeEmpty();
        view.Problems.Length.ShouldBe(4);
        view.Problems[0].ShouldContain("a:1 is ignored: it has the role raft and none that begins with raft-node-");
        view.Problems[1].ShouldContain("b:1 is ignored: it claims several node ids, with the roles raft-node-1, raft-node-2");
        view.Problems[2].ShouldContain("c:1 is ignored: its role raft-node- names no node");
        view.Problems[3].ShouldContain("akka.cluster.roles");
    }

    /// <summary>Whatever members there are: an id is believed of at most one, that one says so, and the order in which gossip tells of them does not matter.</summary>
    [Fact]
    public void An_address_book_never_has_what_two_members_claim()
    {
        var peers = Gen.Select(Gen.Int[1, 6], Gen.Int[1, 4], Gen.Int[0, 5], Gen.Bool, Gen.Bool).Select((address, node, status, reachable, role) =>
            new ClusterPeer($"h{address}:1", (MemberStatus)status, reachable, role ? ["raft", $"raft-node-{node}"] : ["raft"])).List[0, 8];
        Gen.Select(peers, Gen.Int).Sample((list, seed) =>
        {
            var view = ClusterView.Of(list, Settings);
            var claims = list.Where(peer => peer.Status is MemberStatus.Joining or MemberStatus.WeaklyUp or MemberStatus.Up or MemberStatus.Leaving && peer.Roles.Count == 2)
                .GroupBy(peer => peer.Roles.Last()["raft-node-".Length..]).ToList();

            view.Nodes.Keys.Select(id => id.Value).ShouldBe(claims.Where(same => same.Count() == 1).Select(same => same.Key).Order(StringComparer.Ordinal));
            view.Disputed.Select(id => id.Value).ShouldBe(claims.Where(same => same.Count() > 1).Select(same => same.Key).Order(StringComparer.Ordinal));
            var shuffled = ClusterView.Of(list.OrderBy(peer => HashCode.Combine(seed, peer.Address, peer.Status, peer.IsReachable, peer.Roles.Last())), Settings);
            shuffled.Nodes.Values.ShouldBe(view.Nodes.Values);
        });
    }

    static ClusterPeer Peer(string address, MemberStatus status, params string[] roles) => new(address, status, true, roles);
}
