using AkkaRaft.Consensus;

namespace AkkaRaft.Protocol;

/// <summary>Client to any node: have a snapshot ready that has all that was acknowledged by now. Answered by <see cref="BackupReply"/>; asked again until it is ready.</summary>
/// <param name="Cluster">The cluster that is meant.</param>
/// <param name="Group">The group that is meant.</param>
/// <param name="RequestId">The client's number for it; asked again with the same one, it is the same request.</param>
internal sealed record BackupRequest(ClusterId Cluster, GroupId Group, long RequestId) : IRaftWireMessage;

/// <summary>How far a node is with a <see cref="BackupRequest"/>.</summary>
internal enum BackupOutcome
{
    /// <summary>The snapshot is there, and stays for a while for whoever reads it.</summary>
    Ready,

    /// <summary>It is being taken: ask again.</summary>
    Working,

    /// <summary>This node cannot give one now.</summary>
    NotNow,

    /// <summary>The state machine takes no snapshots, on no node.</summary>
    NoSnapshots,
}

/// <summary>Node to client.</summary>
/// <param name="From">The node that was asked.</param>
/// <param name="RequestId">Which request.</param>
/// <param name="Outcome">Which of the fields below count.</param>
/// <param name="Why">Not now: why, for people.</param>
internal sealed record BackupReply(NodeId From, long RequestId, BackupOutcome Outcome, string Why) : IRaftWireMessage
{
    /// <summary>Ready: the snapshot.</summary>
    public StoredSnapshot? Snapshot { get; init; }

    /// <summary>Ready: the leader's clock at its last entry; null if that entry is gone.</summary>
    public DateTimeOffset? LastTime { get; init; }

    /// <summary>Ready: the most bytes that the node puts into one message.</summary>
    public int PieceBytes { get; init; }
}

/// <summary>Client to node: bytes of a snapshot. Answered by <see cref="BackupPiece"/>. The node remembers nothing of it but that somebody reads the snapshot.</summary>
/// <param name="Cluster">The cluster that is meant.</param>
/// <param name="Group">The group that is meant.</param>
/// <param name="RequestId">The client's number for it; the answer repeats it.</param>
/// <param name="Snapshot">Which snapshot.</param>
/// <param name="Offset">The first byte.</param>
/// <param name="Bytes">How many, at least one.</param>
internal sealed record BackupPieceRequest(ClusterId Cluster, GroupId Group, long RequestId, SnapshotName Snapshot, long Offset, int Bytes) : IRaftWireMessage;

/// <summary>A snapshot without the configuration in it.</summary>
/// <param name="Last">The last entry that it stands for.</param>
/// <param name="Length">Its bytes.</param>
/// <param name="Checksum">Of all of them (xxHash 64): a node's own snapshot and one that a leader sent may stand for the same entries, and have other bytes.</param>
internal readonly record struct SnapshotName(EntryId Last, long Length, ulong Checksum)
{
    public static SnapshotName Of(StoredSnapshot snapshot) => new(snapshot.Last, snapshot.Length, snapshot.Checksum);
}

/// <summary>Node to client.</summary>
/// <param name="From">The node that was asked.</param>
/// <param name="RequestId">Which request.</param>
/// <param name="IsGone">The node does not have that snapshot any more, or is gone itself; there are no bytes then.</param>
/// <param name="Offset">Where the bytes stand in the snapshot.</param>
/// <param name="Bytes">The bytes.</param>
internal sealed record BackupPiece(NodeId From, long RequestId, bool IsGone, long Offset, ReadOnlyMemory<byte> Bytes) : IRaftWireMessage
{
    public static BackupPiece Gone(NodeId from, BackupPieceRequest request) => new(from, request.RequestId, true, request.Offset, default);

    /// <summary>Equal if the bytes are, wherever they stand.</summary>
    public bool Equals(BackupPiece? other) => other is not null && From == other.From && RequestId == other.RequestId && IsGone == other.IsGone && Offset == other.Offset
        && Bytes.Span.SequenceEqual(other.Bytes.Span);

    public override int GetHashCode() => HashCode.Combine(From, RequestId, IsGone, Offset, Bytes.Length);
}
