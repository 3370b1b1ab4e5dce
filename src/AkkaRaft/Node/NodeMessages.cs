using Akka.Actor;

namespace AkkaRaft.Node;

/// <summary>Node to itself: what was waiting in the mailbox has been gathered; take it as one batch.</summary>
internal sealed record Flush : INoSerializationVerificationNeeded
{
    public static readonly Flush Instance = new();
}

/// <summary>The back-off after a journal failure is over.</summary>
internal sealed record ReopenJournals : INoSerializationVerificationNeeded
{
    public static readonly ReopenJournals Instance = new();
}

/// <summary>What a journal or machine still has not finished has to be stopped now.</summary>
internal sealed record StopOverdue : INoSerializationVerificationNeeded
{
    public static readonly StopOverdue Instance = new();
}

/// <summary>Group to node, and application to group: finish what is being written and stop.</summary>
internal sealed record StopNode : INoSerializationVerificationNeeded
{
    public static readonly StopNode Instance = new();

    /// <summary>Whether a leader lets another node lead first.</summary>
    public bool MayHandOver { get; init; } = true;
}

/// <summary>Application to group, and group to node: if you lead, let another node lead.</summary>
/// <param name="Done">Completed when another leads, or when it has been tried long enough.</param>
internal sealed record HandOver(TaskCompletionSource Done) : INoSerializationVerificationNeeded;

/// <summary>
/// Application to group, and group to node: an address book, such as Akka.Cluster's members, says where a node is, or that it is there again. A hint for sending and
/// nothing else: it is no membership change, and no rule of Raft hears of it.
/// </summary>
/// <param name="Node">Which node.</param>
/// <param name="Address">Where it is, <c>host:port</c>; null if the address book knows it no more.</param>
internal sealed record PeerAddressHint(NodeId Node, string? Address) : INoSerializationVerificationNeeded;

/// <summary>A node that hands over has tried long enough.</summary>
internal sealed record HandOverOverdue : INoSerializationVerificationNeeded
{
    public static readonly HandOverOverdue Instance = new();
}

/// <summary>Node to group: it has recovered and takes part in the protocol.</summary>
internal sealed record NodeIsReady(RaftNodeReady Ready) : INoSerializationVerificationNeeded;

/// <summary>Node to group: it cannot go on, and stops.</summary>
internal sealed record NodeFailed(Exception Cause) : INoSerializationVerificationNeeded;
