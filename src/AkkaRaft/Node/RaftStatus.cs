namespace AkkaRaft;

/// <summary>A node as it saw itself at one moment.</summary>
/// <param name="Node">Which node.</param>
/// <param name="Role">Its role.</param>
/// <param name="Term">Its term.</param>
/// <param name="Leader">Whom it takes for the leader of that term; null if it knows none.</param>
/// <param name="LastEntry">The last entry of its log, durable or not.</param>
/// <param name="DurableIndex">Up to where its own journal has confirmed the log.</param>
/// <param name="CommitIndex">Up to where it knows entries to be committed.</param>
/// <param name="AppliedIndex">Up to where its state machine has applied them.</param>
public sealed record RaftStatus(
    NodeId Node, RaftRole Role, Term Term, NodeId? Leader, EntryId LastEntry, LogIndex DurableIndex, LogIndex CommitIndex, LogIndex AppliedIndex)
{
    /// <summary>Its cluster; null from a node that does not say.</summary>
    public ClusterId? Cluster { get; init; }

    /// <summary>Its group; null from a node that does not say.</summary>
    public GroupId? Group { get; init; }

    /// <summary>Its canonical address, <c>host:port</c>; null from a node that does not say.</summary>
    public string? Address { get; init; }

    /// <summary>When it was started, by its own wall clock, in whole milliseconds; null from a node that does not say.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>How long it has been up, by its monotonic clock; null from a node that does not say.</summary>
    public TimeSpan? Uptime { get; init; }

    /// <summary>
    /// The last entry that its log no longer holds, because a snapshot stands for it and for all before it; the log begins with the next one. Zero while nothing is compacted.
    /// </summary>
    public LogIndex BaseIndex { get; init; }

    /// <summary>Of a follower: how long ago it last heard its leader; null if it leads or knows no leader.</summary>
    public TimeSpan? LeaderHeardAgo { get; init; }

    /// <summary>Who belongs to the group, by its log; null while it recovers.</summary>
    public RaftConfiguration? Configuration { get; init; }

    /// <summary>Whether it has learned that it is no member any more.</summary>
    public bool IsRemoved { get; init; }

    /// <summary>The other members of its configuration, ordered by id; empty while it recovers.</summary>
    public IReadOnlyList<RaftPeerStatus> Peers { get; init; } = [];

    /// <summary>Its snapshots.</summary>
    public RaftSnapshotStatus Snapshot { get; init; } = RaftSnapshotStatus.None;

    /// <summary>What waits in it.</summary>
    public RaftPendingStatus Pending { get; init; } = RaftPendingStatus.None;

    /// <summary>How fast its log journal writes.</summary>
    public RaftJournalStatus Journal { get; init; } = RaftJournalStatus.None;

    /// <summary>Messages that it did not let in since it joined, by reason, ordered by reason; at most 65 of them.</summary>
    public IReadOnlyList<RaftDroppedMessages> Dropped { get; init; } = [];
}
