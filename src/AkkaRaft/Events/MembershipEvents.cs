namespace AkkaRaft.Events;

/// <summary>
/// The node goes by another configuration: an entry with one was appended to its log, which counts at once (Raft 6), or cut off again, or came with a snapshot.
/// </summary>
/// <param name="Configuration">The one that it goes by now; not committed yet in general.</param>
public sealed record ConfigurationChanged(RaftConfiguration Configuration) : RaftEvent;

/// <summary>The node has learned that it is no member of its group any more. It votes and leads no more, and can be stopped.</summary>
public sealed record NodeRemoved : RaftEvent;
