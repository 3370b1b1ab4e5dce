using AkkaRaft.Cluster.Claims;

namespace AkkaRaft.Cluster.Piloting;

/// <summary>All that an autopilot sees when it looks: the group as its node sees it, the cluster, and the time.</summary>
internal sealed record AutopilotView
{
    /// <summary>The node's account of itself; of a leader it has the others' health.</summary>
    public required RaftStatus Status { get; init; }

    /// <summary>The cluster's members.</summary>
    public required ClusterView Cluster { get; init; }

    /// <summary>The monotonic time.</summary>
    public required TimeSpan Now { get; init; }

    /// <summary>How long a node may be silent and count as heard: the longest election timeout.</summary>
    public required TimeSpan SilentAfter { get; init; }

    /// <summary>Whether the node's own cluster member is leaving: its successor decides.</summary>
    public bool IsLeaving { get; init; }

    public NodeId Self => Status.Node;

    /// <summary>Whether the leader has heard a node lately, which it does of each node that is there, all the time.</summary>
    public bool IsHeard(NodeId node) => node == Self || PeerOf(node)?.HeardAgo is { } ago && ago <= SilentAfter;

    public RaftPeerStatus? PeerOf(NodeId node) => Status.Peers.FirstOrDefault(peer => peer.Node == node);

    /// <summary>Where a node is known to be by its own words: where it is sent to, once it has answered from there.</summary>
    public string? SpeaksFrom(NodeId node) => node == Self ? Status.Address : IsHeard(node) ? PeerOf(node)?.Address : null;
}
