using AkkaRaft.Protocol;

namespace AkkaRaft.Client;

/// <summary>Waits until a node says how far it is with a backup.</summary>
/// <param name="node">Which node.</param>
/// <param name="address">Where it is.</param>
/// <param name="requestId">The same for all of them that ask for one backup.</param>
/// <param name="mayWait">Whether a node that cannot now is asked again until the time is up, because there is no other.</param>
/// <param name="timeout">For a word of it.</param>
/// <param name="deadline">On the client's clock.</param>
internal sealed class BackupOperation(NodeId node, NodeAddress address, long requestId, bool mayWait, TimeSpan timeout, TimeSpan deadline)
    : Operation<BackupReply>(timeout, deadline), INodeQuestion
{
    public NodeId Node { get; } = node;

    public NodeAddress? Address { get; } = address;

    public long RequestId { get; } = requestId;

    public bool MayWait { get; } = mayWait;

    /// <summary>Why it could not when it was asked last.</summary>
    public string? LastRefusal { get; set; }

    public object MessageTo(ClusterId cluster, GroupId group) => new BackupRequest(cluster, group, RequestId);
}

/// <summary>Waits for a piece of a node's snapshot.</summary>
internal sealed class BackupPieceOperation(NodeId node, NodeAddress address, long requestId, SnapshotName snapshot, long offset, int bytes, TimeSpan timeout, TimeSpan deadline)
    : Operation<BackupPiece>(timeout, deadline), INodeQuestion
{
    /// <summary>It may be read from a slow disk: asked again sooner, it would be read twice.</summary>
    static readonly TimeSpan AskedAgainAfter = TimeSpan.FromSeconds(1);

    TimeSpan? _askedAt;

    public NodeId Node { get; } = node;

    public NodeAddress? Address { get; } = address;

    public long RequestId { get; } = requestId;

    public object MessageTo(ClusterId cluster, GroupId group) => new BackupPieceRequest(cluster, group, RequestId, snapshot, offset, bytes);

    /// <summary>Whether this is the answer to it, and not to something else.</summary>
    public bool IsAnsweredBy(BackupPiece piece) => piece.From == Node && piece.RequestId == RequestId && (piece.IsGone || (piece.Offset == offset && piece.Bytes.Length == bytes));

    /// <summary>Whether it is asked (again) now.</summary>
    public bool IsDue(TimeSpan now)
    {
        if (now - _askedAt < AskedAgainAfter) return false;
        _askedAt = now;
        return true;
    }
}
