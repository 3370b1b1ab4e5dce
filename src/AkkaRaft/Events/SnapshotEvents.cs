namespace AkkaRaft.Events;

/// <summary>The node has taken a snapshot of its own state machine, and it is durable (Raft 7).</summary>
/// <param name="Last">The last entry that it stands for.</param>
/// <param name="Bytes">Its size in bytes.</param>
/// <param name="Took">From the request to the confirmation.</param>
public sealed record SnapshotTaken(EntryId Last, long Bytes, TimeSpan Took) : RaftEvent;

/// <summary>The node's state machine has begun anew from a leader's snapshot (Raft 7).</summary>
/// <param name="Last">The last entry that it stands for.</param>
/// <param name="Bytes">Its size in bytes.</param>
/// <param name="From">The leader that sent it; null if it is not known any more.</param>
public sealed record SnapshotInstalled(EntryId Last, long Bytes, NodeId? From) : RaftEvent;

/// <summary>A snapshot could not be taken, stored or received. Nothing is lost: the log has everything, and the node tries again.</summary>
/// <param name="Last">The last entry that it would have stood for.</param>
/// <param name="What">What failed, for people.</param>
/// <param name="Cause">The error, if there is one.</param>
public sealed record SnapshotFailed(EntryId Last, string What, Exception? Cause) : RaftEvent;
