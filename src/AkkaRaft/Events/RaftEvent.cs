using Akka.Actor;

namespace AkkaRaft.Events;

/// <summary>
/// Something that happened at a node of this process, published on its ActorSystem's EventStream for whoever subscribes:
/// <c>system.EventStream.Subscribe(actor, typeof(RaftEvent))</c> gets all of them, <c>typeof(LeaderChanged)</c> only those. Events of one node come in the order in
/// which they happened; they tell, and nothing in AkkaRaft depends on them.
/// </summary>
public abstract record RaftEvent : INoSerializationVerificationNeeded
{
    /// <summary>The node's cluster.</summary>
    public ClusterId Cluster { get; init; }

    /// <summary>The node's group.</summary>
    public GroupId Group { get; init; }

    /// <summary>The node at which it happened.</summary>
    public NodeId Node { get; init; }

    /// <summary>When, by the node's wall clock.</summary>
    public DateTimeOffset At { get; init; }
}
