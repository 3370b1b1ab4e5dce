namespace AkkaRaft;

/// <summary>What a node that does not run has stored.</summary>
/// <param name="Cluster">Its cluster.</param>
/// <param name="Group">Its group.</param>
/// <param name="Node">Its name.</param>
/// <param name="Storage">Its storage.</param>
/// <param name="Place">Where that is, for people.</param>
public sealed record RaftOfflineReport(ClusterId Cluster, GroupId Group, NodeId Node, StorageId Storage, string Place)
{
    /// <summary>The term it was in.</summary>
    public required Term Term { get; init; }

    /// <summary>The entry before the first one of the log; a snapshot stands for it and for what was before. 0/0 if the log is whole.</summary>
    public required EntryId Base { get; init; }

    /// <summary>
    /// The last entry of the log, or of the snapshot if nothing follows it. Of several survivors the one with the latest has the most: the higher term, of the same term the higher index
    /// (Raft 5.4.1).
    /// </summary>
    public required EntryId LastEntry { get; init; }

    /// <summary>The clock of the leader that appended it; null if only a snapshot is left of it.</summary>
    public DateTimeOffset? LastEntryTime { get; init; }

    /// <summary>The last entry of the newest snapshot; null if there is none.</summary>
    public EntryId? SnapshotLast { get; init; }

    /// <summary>The bytes of that snapshot; 0 if there is none.</summary>
    public long SnapshotBytes { get; init; }

    /// <summary>
    /// The newest configuration in the log. A node's journals do not say what is committed: <see cref="RaftConfiguration.IsCommitted"/> is true only if a snapshot covers it.
    /// </summary>
    public required RaftConfiguration Configuration { get; init; }
}
