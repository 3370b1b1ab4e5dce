namespace AkkaRaft;

/// <summary>A node has replayed its journals and takes part in its group.</summary>
/// <param name="Node">Which node.</param>
/// <param name="Address">Its canonical address, <c>host:port</c>.</param>
/// <param name="LastEntry">The last entry of the log that it found.</param>
/// <param name="Term">The term that it found.</param>
public sealed record RaftNodeReady(NodeId Node, string Address, EntryId LastEntry, Term Term);

/// <summary>A node has stopped.</summary>
/// <param name="Node">Which node.</param>
/// <param name="Cause">Why, if it stopped because it could not go on; null if it was asked to.</param>
public sealed record RaftNodeStopped(NodeId Node, Exception? Cause);
