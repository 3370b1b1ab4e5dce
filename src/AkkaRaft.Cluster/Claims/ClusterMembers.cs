using Akka.Cluster;

namespace AkkaRaft.Cluster.Claims;

/// <summary>The cluster's members, as its events tell: each incarnation is one of its own, also at the same address.</summary>
internal sealed class ClusterMembers
{
    readonly Dictionary<UniqueAddress, Member> _members = [];
    readonly HashSet<UniqueAddress> _unreachable = [];

    public IEnumerable<ClusterPeer> Peers => _members.Values.Select(member => PeerOf(member, !_unreachable.Contains(member.UniqueAddress)));

    public static ClusterPeer PeerOf(Member member, bool isReachable) => new($"{member.Address.Host}:{member.Address.Port}", member.Status, isReachable, member.Roles);

    public void Begin(ClusterEvent.CurrentClusterState state)
    {
        foreach (var member in state.Members) _members[member.UniqueAddress] = member;
        foreach (var member in state.Unreachable) OnReachability(member, isReachable: false);
    }

    public void On(ClusterEvent.IMemberEvent changed)
    {
        if (changed is ClusterEvent.MemberRemoved)
        {
            _members.Remove(changed.Member.UniqueAddress);
            _unreachable.Remove(changed.Member.UniqueAddress);
            return;
        }

        _members[changed.Member.UniqueAddress] = changed.Member;
    }

    public void On(ClusterEvent.IReachabilityEvent changed)
    {
        if (changed is ClusterEvent.ReachableMember reachable) OnReachability(reachable.Member, isReachable: true);
        else if (changed is ClusterEvent.UnreachableMember unreachable) OnReachability(unreachable.Member, isReachable: false);
    }

    void OnReachability(Member member, bool isReachable)
    {
        _members.TryAdd(member.UniqueAddress, member);
        if (isReachable) _unreachable.Remove(member.UniqueAddress);
        else _unreachable.Add(member.UniqueAddress);
    }
}
