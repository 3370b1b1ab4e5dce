namespace AkkaRaft;

/// <summary>How a backup is made.</summary>
public sealed record RaftBackupOptions
{
    /// <summary>Any node, and no file is overwritten.</summary>
    public static readonly RaftBackupOptions Default = new();

    /// <summary>
    /// Which member gives the snapshot. Default (null): a learner or follower that has nearly all of the leader's log, so that the leader is not burdened; the leader if there is none.
    /// </summary>
    public NodeId? From { get; init; }

    /// <summary>Whether a file of that name is replaced, once the backup is whole. Default false: that is refused.</summary>
    public bool Overwrite { get; init; }
}

/// <summary>How far a backup is.</summary>
/// <param name="Node">The node that gives the snapshot. When it fails another one does, and the backup starts over.</param>
/// <param name="Bytes">Bytes of the state that were written.</param>
/// <param name="TotalBytes">Bytes of the whole state; 0 while the node takes its snapshot.</param>
public readonly record struct RaftBackupProgress(NodeId Node, long Bytes, long TotalBytes);
