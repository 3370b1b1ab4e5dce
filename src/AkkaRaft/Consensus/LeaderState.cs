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

    /// <summary>Up to here the entries of this leadership are durable on its own disk and applied by its own state machine: nothing of it waits in memory any more.</summary>
    public LogIndex Settled { get; private set; }

    /// <summary>Bytes of the entries behind that.</summary>
    public long UnsettledBytes { get; private set; }

    /// <summary>While writes are under way: since when the own journal has confirmed none.</summary>
    public TimeSpan LastWriteProgress { get; set; }

    /// <summary>When the first entry behind what was all committed was appended. Evidence for people, not for the rules.</summary>
    public TimeSpan WaitingSince { get; set; }

    /// <summary>Leadership is being handed over: no proposal is taken meanwhile.</summary>
    public PendingTransfer? Transfer { get; set; }

    /// <summary>The request for a membership change that is being carried out, by the shell's name for it.</summary>
    public long? Change { get; set; }

    /// <summary>The storages of members that have answered, until the log names them.</summary>
    public SortedDictionary<NodeId, StorageId> MetStorages { get; } = [];

    /// <summary>Learners that are to become voters.</summary>
    public LearnerRounds Learners { get; } = new();

    /// <summary>This leader is no voter any more, and that is committed.</summary>
    public PendingRetirement? Retires { get; set; }

    /// <summary>Reads that came before the no-op was committed.</summary>
    public Queue<Reader> ReadsBeforeNoOp { get; } = [];

    /// <summary>Reads that wait for a majority to answer their round; in the order in which they came.</summary>
    public Queue<PendingRead> Reads { get; } = [];

    public int PendingReads => ReadsBeforeNoOp.Count + Reads.Count;

    /// <summary>Since when a majority has promised to elect nobody else; only reads by lease ask it.</summary>
    public LeaderLease Lease { get; } = new();

    /// <summary>What is known of a voter: this node's own, a peer's, or nothing yet.</summary>
    public T Of<T>(NodeState node, NodeId voter, T own, Func<Progress, T> peers, T nothing) =>
        voter == node.Self ? own : Peers.TryGetValue(voter, out var peer) ? peers(peer) : nothing;

    /// <summary>Up to where a voter's log is known to be durable and equal to this leader's.</summary>
    public LogIndex StoredBy(NodeState node, NodeId voter) => Of(node, voter, node.Log.Durable, peer => peer.Match, LogIndex.Zero);

    public void Appended(IReadOnlyList<LogEntry> entries)
    {
        foreach (var entry in entries) UnsettledBytes += entry.Size;
    }

    /// <summary>More is durable here, or applied here. A majority may be quicker than this leader's own disk: what waits for that is in memory all the same.</summary>
    public void Settle(NodeState node)
    {
        var upTo = LogIndex.Min(node.Applied, node.Log.Durable);
        for (var index = LogIndex.Max(Settled.Next, FirstIndex); index <= upTo; index = index.Next) UnsettledBytes -= node.Log[index].Size;
        Settled = LogIndex.Max(Settled, upTo);
    }

    /// <summary>
    /// To be called before a TimeoutNow leaves: it lets another node be elected though this leader is alive (thesis 3.10). There is no lease any more in this
    /// leadership, even if the transfer is given up; reads by lease are confirmed by rounds of heartbeats from then on (B79).
    /// </summary>
    public void DropLease() => Lease.GiveUp();
}

/// <param name="Asker">The node that asks for its own readers; null for a read of this node.</param>
/// <param name="Id">The number of the node's request, or the shell's name for the read.</param>
internal readonly record struct Reader(NodeId? Asker, long Id);

/// <param name="Reader">Who reads.</param>
/// <param name="Round">The round of heartbeats that began after the read came.</param>
/// <param name="Index">What was committed when it came: the state machine that answers must have applied that.</param>
internal readonly record struct PendingRead(Reader Reader, long Round, LogIndex Index);
