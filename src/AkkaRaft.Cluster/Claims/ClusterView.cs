using System.Collections.Immutable;
using Akka.Cluster;

namespace AkkaRaft.Cluster.Claims;

/// <summary>Which node ids the cluster's members say that they run, and where: the address book. Pure: from members and settings alone.</summary>
/// <param name="Nodes">Those of whom exactly one member says so.</param>
/// <param name="Disputed">Ids that several members claim. Nothing is believed of them: any of the claims could be the mistake.</param>
/// <param name="Problems">What is wrong with members' claims, for people, in a stable order.</param>
internal sealed record ClusterView(
    ImmutableSortedDictionary<NodeId, RaftClusterMember> Nodes, ImmutableSortedSet<NodeId> Disputed, ImmutableArray<string> Problems)
{
    public static readonly ClusterView Empty =
        new(ImmutableSortedDictionary<NodeId, RaftClusterMember>.Empty, ImmutableSortedSet<NodeId>.Empty, []);

    /// <summary>What the members say.</summary>
    public static ClusterView Of(IEnumerable<ClusterPeer> peers, RaftClusterSettings settings)
    {
        var problems = new List<string>();
        var claims = new List<RaftClusterMember>();
        foreach (var peer in peers.Where(peer => Counts(peer, settings)).OrderBy(peer => peer.Address, StringComparer.Ordinal))
        {
            var (claimed, wrong) = ClaimOf(peer, settings);
            if (claimed is { } node) claims.Add(new RaftClusterMember(node, peer.Address, peer.Status, peer.IsReachable, peer.Roles.Contains(settings.LearnerRole)));
            else problems.Add(wrong);
        }

        var nodes = ImmutableSortedDictionary.CreateBuilder<NodeId, RaftClusterMember>();
        var disputed = ImmutableSortedSet.CreateBuilder<NodeId>();
        foreach (var same in claims.GroupBy(claim => claim.Id).OrderBy(same => same.Key))
        {
            if (same.Count() == 1)
            {
                nodes.Add(same.Key, same.First());
                continue;
            }

            disputed.Add(same.Key);
            problems.Add($"node {same.Key} is claimed by {same.Count()} cluster members, {string.Join(" and ", same.Select(claim => $"{claim.Address} ({claim.Status}{(claim.IsReachable ? "" : ", unreachable")})"))}: " +
                $"all of them are ignored until one is left. If one is the same node at its old address, down that member; else give each node an id, and a role {settings.NodeRolePrefix}ID, of its own");
        }

        return new ClusterView(nodes.ToImmutable(), disputed.ToImmutable(), [.. problems]);
    }

    /// <summary>Whether the cluster says that the node is there.</summary>
    public bool IsThere(NodeId node) => Nodes.TryGetValue(node, out var member) && member.IsReachable;

    // Who is on its way out for good claims nothing any more: a new incarnation, perhaps elsewhere, may have its name already.
    static bool Counts(ClusterPeer peer, RaftClusterSettings settings) =>
        peer.Status is MemberStatus.Joining or MemberStatus.WeaklyUp or MemberStatus.Up or MemberStatus.Leaving && peer.Roles.Contains(settings.Role);

    static (NodeId? Node, string Problem) ClaimOf(ClusterPeer peer, RaftClusterSettings settings)
    {
        var naming = peer.Roles.Where(role => role.StartsWith(settings.NodeRolePrefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal).ToList();
        var problem = naming.Count switch
        {
            0 => $"it has the role {settings.Role} and none that begins with {settings.NodeRolePrefix}",
            1 => "",
            _ => $"it claims several node ids, with the roles {string.Join(", ", naming)}",
        };
        if (problem.Length == 0)
        {
            try
            {
                return (NodeId.Parse(naming[0][settings.NodeRolePrefix.Length..]), "");
            }
            catch (FormatException wrong)
            {
                problem = $"its role {naming[0]} names no node: {wrong.Message.TrimEnd('.')}";
            }
        }

        return (null, $"the cluster member at {peer.Address} is ignored: {problem}. Give it exactly one role {settings.NodeRolePrefix}ID in akka.cluster.roles, with the id of its node (akka.raft.node-id)");
    }
}
