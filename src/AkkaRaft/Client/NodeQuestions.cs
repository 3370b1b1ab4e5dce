using AkkaRaft.Protocol;

namespace AkkaRaft.Client;

/// <summary>An operation that asks one node about itself, whether it leads or not, again and again until it answers.</summary>
internal interface INodeQuestion
{
    NodeId Node { get; }

    /// <summary>Where it is, if the asker knows better than the contact points.</summary>
    NodeAddress? Address { get; }

    object MessageTo(ClusterId cluster, GroupId group);
}

/// <summary>Waits for a node's account of itself.</summary>
internal sealed class StatusOperation(NodeId node, TimeSpan timeout, TimeSpan deadline, NodeAddress? address = null)
    : Operation<RaftStatus>(timeout, deadline), INodeQuestion
{
    public NodeId Node { get; } = node;

    public NodeAddress? Address { get; } = address;

    public object MessageTo(ClusterId cluster, GroupId group) => new StatusRequest(cluster, group);
}

/// <summary>Waits for a node's evidence of why there is no leader, or no commit.</summary>
internal sealed class ExplainOperation(NodeId node, TimeSpan timeout, TimeSpan deadline, NodeAddress? address = null)
    : Operation<RaftExplanation>(timeout, deadline), INodeQuestion
{
    public NodeId Node { get; } = node;

    public NodeAddress? Address { get; } = address;

    public object MessageTo(ClusterId cluster, GroupId group) => new ExplainRequest(cluster, group);
}
