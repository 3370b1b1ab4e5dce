namespace AkkaRaft.Consensus;

/// <summary>What a node knows only while it leads (Raft figure 2, volatile state on leaders); made new with each leadership.</summary>
internal sealed class LeaderState
{
    /// <summary>Ordered by id, so that every run sends in the same order.</summary>
    public SortedDictionary<NodeId, Progress> Peers { get; } = [];

    /// <summary>The index of this leadership's no-op: once it is committed, so is everything before it.</summary>
    public LogIndex FirstIndex { get; init; }

    /// <summary>The newest round of heartbeats; never repeats in a term (B76).</summary>
    public long Round { get; set; }

    /// <summary>The number of the newest sending of a snapshot; never repeats in a term (B59).</summary>
    public long LastTransfer { get; set; }

    public TimeSpan NextHeartbeat { get; set; }

    /// <summary>Bytes of the entries that this leader has appended and its state machine has not applied yet.</summary>
    public long UnappliedBytes { get; set; }

    /// <summary>While writes are under way: since when the own journal has confirmed none.</summary>
    public TimeSpan LastWriteProgress { get; set; }

    /// <summary>Leadership is being handed over: no proposal is taken meanwhile.</summary>
    public PendingTransfer? Transfer { get; set; }

    /// <summary>
    /// Whether reads may rest on a lease. Not from the moment on when another node was told to take over: it need not wait for any election timeout (B79). The
    /// call may come late, so that this holds for the rest of the term, also when the handing-over was given up.
    /// </summary>
    public bool MayHoldLease { get; private set; } = true;

    /// <summary>Reads that came before the no-op was committed.</summary>
    public Queue<long> ReadsBeforeNoOp { get; } = [];

    /// <summary>Reads that wait for a majority to answer their round, and then for the state machine; in the order in which they came.</summary>
    public Queue<PendingRead> Reads { get; } = [];

    public void DropLease() => MayHoldLease = false;

    public int PendingReads => ReadsBeforeNoOp.Count + Reads.Count;
}

/// <param name="ReadId">The shell's name for the read.</param>
/// <param name="Round">The round of heartbeats that began after the read came.</param>
/// <param name="Index">What was committed when it came: the state machine must have applied that.</param>
internal readonly record struct PendingRead(long ReadId, long Round, LogIndex Index);
