namespace AkkaRaft.Consensus;

/// <summary>The limits and times that the rules obey; RaftSettings has checked them.</summary>
internal sealed record CoreOptions
{
    /// <summary>How often a leader lets itself be heard.</summary>
    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The shortest wait for a leader, and how long a leader once heard protects it from votes.</summary>
    public TimeSpan ElectionTimeoutMin { get; init; } = TimeSpan.FromMilliseconds(600);

    /// <summary>The upper bound of the wait for a leader, and how long a leader leads without hearing a majority.</summary>
    public TimeSpan ElectionTimeoutMax { get; init; } = TimeSpan.FromMilliseconds(1200);

    /// <summary>From 0 to 100: who has more stands sooner (<see cref="Consensus.ElectionPriority"/>).</summary>
    public int ElectionPriority { get; init; } = Consensus.ElectionPriority.Default;

    /// <summary>A tick that comes later than this after the one before means that the process stood still.</summary>
    public TimeSpan PauseThreshold => ElectionTimeoutMin / 2;

    public int MaxAppendEntries { get; init; } = 1000;

    public int MaxAppendBytes { get; init; } = 72 * 1024;

    public int MaxInflightAppends { get; init; } = 64;

    public int MaxInflightBytes { get; init; } = 2 * 1024 * 1024;

    /// <summary>Most entries of this leadership that are appended and not yet applied here: uncommitted ones, and those that wait for the state machine.</summary>
    public int MaxPendingProposals { get; init; } = 20_000;

    /// <summary>Most bytes of them.</summary>
    public long MaxPendingProposalBytes { get; init; } = 32 * 1024 * 1024;

    public int MaxPendingReads { get; init; } = 20_000;

    /// <summary>Most entries that are with the state machine at one time.</summary>
    public int MaxApplyEntries { get; init; } = 4096;

    /// <summary>Whether the state machine can take snapshots at all.</summary>
    public bool TakesSnapshots { get; init; }

    /// <summary>After so many applied entries a node takes a snapshot, or somewhat earlier.</summary>
    public int SnapshotEntries { get; init; } = 100_000;

    /// <summary>After so many applied bytes of entries a node takes a snapshot, or somewhat earlier.</summary>
    public long SnapshotBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>So many entries stay behind a snapshot, for followers that lag a little.</summary>
    public int TrailingEntries { get; init; } = 10_000;

    /// <summary>And no more bytes of them than this.</summary>
    public long TrailingBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>Bytes of a snapshot in one message.</summary>
    public int SnapshotChunkBytes { get; init; } = 64 * 1024;

    /// <summary>Most bytes of a snapshot on their way to one peer.</summary>
    public int SnapshotWindowBytes { get; init; } = 2 * 1024 * 1024;

    /// <summary>Whether reads by lease are answered from the lease; else they are confirmed by a round of heartbeats, as all others.</summary>
    public bool LeaseReads { get; init; }

    /// <summary>By how much of its own rate the clock of one node may run faster than that of another.</summary>
    public double ClockDriftBound { get; init; } = 0.1;

    /// <summary>How long a lease lasts on the leader's clock: when it ends, the minimum election timeout has not passed on the fastest clock.</summary>
    public TimeSpan LeaseDuration => ElectionTimeoutMin / (1 + ClockDriftBound);

    /// <summary>Most messages that wait until a term is durable; more are dropped, as a network may.</summary>
    public int MaxDeferredMessages { get; init; } = 256;
}
