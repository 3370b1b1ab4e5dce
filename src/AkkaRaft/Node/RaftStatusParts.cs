namespace AkkaRaft;

/// <summary>How a leader sends to a peer.</summary>
public enum RaftPeerState
{
    /// <summary>It looks for the place where the logs agree, one append at a time.</summary>
    Probe,

    /// <summary>It sends one append after the other without waiting for answers.</summary>
    Replicate,

    /// <summary>The peer needs entries that are compacted, and gets a snapshot (Raft 7).</summary>
    Snapshot,
}

/// <summary>Another member, as a node sees it.</summary>
/// <param name="Node">Which one.</param>
/// <param name="Address">Where it is sent to, <c>host:port</c>: its address of the configuration, or the one from which it speaks if an address book names that too.</param>
public sealed record RaftPeerStatus(NodeId Node, string Address)
{
    /// <summary>How long ago any message of it came; null if none has come since this node joined. Followers do not talk to each other: there it means nothing.</summary>
    public TimeSpan? HeardAgo { get; init; }

    /// <summary>How the leader sends to it; null in the account of a node that does not lead, as then all below is zero.</summary>
    public RaftPeerState? State { get; init; }

    /// <summary>Up to here its durable log is known to equal the leader's: what commits are counted by.</summary>
    public LogIndex Match { get; init; }

    /// <summary>The next entry that it is sent.</summary>
    public LogIndex Next { get; init; }

    /// <summary>How many entries of the leader's log it is not known to store.</summary>
    public long Lag { get; init; }

    /// <summary>Appends that were sent and are not acknowledged.</summary>
    public int InflightAppends { get; init; }

    /// <summary>Their entries, in bytes.</summary>
    public long InflightBytes { get; init; }

    /// <summary>The snapshot that it is being sent; null if none is.</summary>
    public RaftSnapshotTransfer? Transfer { get; init; }
}

/// <summary>A snapshot on its way from one node to another.</summary>
/// <param name="Peer">The node at the other end.</param>
/// <param name="Last">The last entry that it stands for.</param>
/// <param name="Moved">Bytes that this node has sent, or received.</param>
/// <param name="Stored">Bytes of them that the receiver has stored.</param>
/// <param name="Total">Bytes of the whole.</param>
public sealed record RaftSnapshotTransfer(NodeId Peer, EntryId Last, long Moved, long Stored, long Total);

/// <summary>The snapshots of a node (Raft 7).</summary>
public sealed record RaftSnapshotStatus
{
    /// <summary>There is none, and none is on its way.</summary>
    public static readonly RaftSnapshotStatus None = new();

    /// <summary>The last entry of the newest durable snapshot; null if there is none.</summary>
    public EntryId? Last { get; init; }

    /// <summary>Its size in bytes.</summary>
    public long Bytes { get; init; }

    /// <summary>The last entry of the one that is being taken; null if none is.</summary>
    public EntryId? Taking { get; init; }

    /// <summary>The one that is being received; null if none is.</summary>
    public RaftSnapshotTransfer? Receiving { get; init; }

    /// <summary>Whether the state machine is being restored from one.</summary>
    public bool IsRestoring { get; init; }
}

/// <summary>What waits in a node.</summary>
public sealed record RaftPendingStatus
{
    /// <summary>Nothing waits.</summary>
    public static readonly RaftPendingStatus None = new();

    /// <summary>Of a leader: entries that are appended and not committed.</summary>
    public long Proposals { get; init; }

    /// <summary>Bytes of the entries that this leader has appended itself and that are not both durable on its own disk and applied by its own state machine.</summary>
    public long ProposalBytes { get; init; }

    /// <summary>Of any node: reads that wait for a majority's confirmation, for the leader's answer, for the state machine, or for the index that they want.</summary>
    public long Reads { get; init; }

    /// <summary>Entries that are committed and not yet applied.</summary>
    public long Unapplied { get; init; }
}

/// <summary>How fast a node's log journal makes its writes durable, from the request to its confirmation, queueing included.</summary>
public sealed record RaftJournalStatus
{
    /// <summary>Nothing was written.</summary>
    public static readonly RaftJournalStatus None = new();

    /// <summary>Writes that were confirmed since the node joined.</summary>
    public long Writes { get; init; }

    /// <summary>The mean of the recent writes: each new one counts for a sixteenth.</summary>
    public TimeSpan Mean { get; init; }

    /// <summary>The longest of the last minute.</summary>
    public TimeSpan Max { get; init; }

    /// <summary>How long the oldest write that is not confirmed has been under way; null if none is. It grows while a disk hangs.</summary>
    public TimeSpan? WritingFor { get; init; }

    /// <summary>Failures of a journal in a row from which the node has started over.</summary>
    public int Failures { get; init; }
}

/// <summary>Messages that were not let in.</summary>
/// <param name="Reason">Why.</param>
/// <param name="Count">How many.</param>
public sealed record RaftDroppedMessages(string Reason, long Count);
