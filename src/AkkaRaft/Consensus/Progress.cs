namespace AkkaRaft.Consensus;

/// <summary>How a leader sends to a peer.</summary>
internal enum ProgressState
{
    /// <summary>It does not know where the peer's log leaves its own, and asks with one append at a time.</summary>
    Probe,

    /// <summary>It knows, and sends one append after the other without waiting for answers.</summary>
    Replicate,

    /// <summary>The peer needs entries that are compacted; only heartbeats go to it until it has a snapshot.</summary>
    Snapshot,
}

/// <summary>
/// What a leader knows of one peer (nextIndex and matchIndex of Raft figure 2), for one term: a new leadership starts with new ones. The peer's messages
/// come late, twice or not at all, so nothing here ever goes back but <see cref="Next"/>, and that never to or below <see cref="Match"/> (B35).
/// </summary>
internal sealed class Progress
{
    readonly Inflights _inflights;

    public Progress(NodeId node, LogIndex next, TimeSpan now, CoreOptions options)
    {
        Node = node;
        Next = next;
        LastContact = now;
        _inflights = new Inflights(options.MaxInflightAppends, options.MaxInflightBytes);
    }

    public NodeId Node { get; }

    public ProgressState State { get; private set; } = ProgressState.Probe;

    /// <summary>Up to here the peer's durable log equals the leader's: what commits are counted by.</summary>
    public LogIndex Match { get; private set; }

    /// <summary>The next entry to send.</summary>
    public LogIndex Next { get; private set; }

    /// <summary>When the peer last answered in this term.</summary>
    public TimeSpan LastContact { get; private set; }

    /// <summary>Whether it has answered this leadership at all; until then <see cref="LastContact"/> is when that began, or it came.</summary>
    public bool HasAnswered { get; private set; }

    /// <summary>The newest round of heartbeats that the peer has answered.</summary>
    public long AckedRound { get; private set; }

    /// <summary>The first round that the peer was sent: an answer to an earlier one is of who had its name before (B93).</summary>
    public long FirstRound { get; init; }

    /// <summary>No sending of a snapshot with a lower number went to it.</summary>
    public long FirstTransfer { get; init; }

    /// <summary>How much its owner wishes that it leads.</summary>
    public int Priority { get; set; } = ElectionPriority.Default;

    public bool ProbeSent { get; private set; }

    /// <summary>The index of the configuration in which the peer is no member any more; null for a member.</summary>
    public LogIndex? Leaves { get; private set; }

    /// <summary>Since when that is known to be committed.</summary>
    public TimeSpan? LeaveSince { get; private set; }

    /// <summary>Who has answered this round knows that.</summary>
    public long LeaveRound { get; private set; }

    public int InflightAppends => _inflights.Count;

    public int InflightBytes => _inflights.Bytes;

    /// <summary>Whether an append may be sent now.</summary>
    public bool MaySend => State switch
    {
        ProgressState.Probe => !ProbeSent,
        ProgressState.Replicate => !_inflights.IsFull,
        _ => false,
    };

    public void Heard(TimeSpan now) => (LastContact, HasAnswered) = (now, true);

    public void LeavesAt(LogIndex index) => Leaves = index;

    public void LeaveIsCommitted(TimeSpan now, long nextRound)
    {
        if (LeaveSince is null) (LeaveSince, LeaveRound) = (now, nextRound);
    }

    public void Answered(TimeSpan now, long round)
    {
        Heard(now);
        AckedRound = Math.Max(AckedRound, round);
    }

    /// <summary>An append (or, when probing, perhaps an empty one) left.</summary>
    public void Sent(LogIndex last, int entries, int bytes)
    {
        if (State == ProgressState.Probe) ProbeSent = true;
        else if (entries > 0)
        {
            _inflights.Add(last, bytes);
            Next = last.Next;
        }
    }

    /// <summary>The peer's log equals ours up to <paramref name="verified"/>, and durably so up to <paramref name="match"/>.</summary>
    /// <returns>Whether the match index rose.</returns>
    public bool Accepted(LogIndex match, LogIndex verified)
    {
        var rose = match > Match;
        Match = LogIndex.Max(Match, match);
        Next = LogIndex.Max(Next, LogIndex.Max(Match, verified).Next);
        _inflights.FreeUpTo(Match);
        if (State == ProgressState.Snapshot && Next > PendingSnapshot)
        {
            Become(ProgressState.Replicate);
            FollowsSnapshot = true;
        }
        else if (State == ProgressState.Probe)
        {
            Become(ProgressState.Replicate);
        }

        return rose;
    }

    /// <summary>The peer lacks <paramref name="rejected"/>; the logs can agree at <paramref name="hint"/> at the latest.</summary>
    /// <returns>Whether it says anything new: an answer that later ones have overtaken does not.</returns>
    public bool Rejected(LogIndex rejected, LogIndex hint)
    {
        if (rejected <= Match) return false;
        if (State == ProgressState.Snapshot) return false;
        if (State == ProgressState.Probe && rejected != Next.Previous) return false;
        Become(ProgressState.Probe);
        Next = LogIndex.Max(Match.Next, LogIndex.Min(rejected, hint.Next));
        return true;
    }

    /// <summary>The snapshot up to here, once the peer has it, ends the <see cref="ProgressState.Snapshot"/> state.</summary>
    public LogIndex PendingSnapshot { get; private set; }

    /// <summary>How far the snapshot has come that is sent to the peer; null while none is.</summary>
    public OutgoingSnapshot? Transfer { get; private set; }

    /// <summary>It has got a snapshot, and not yet all that was committed meanwhile: without the log behind it, it would need another one.</summary>
    public bool FollowsSnapshot { get; private set; }

    /// <summary>It needs no more than any other, or has had its time.</summary>
    public void FollowsAsOthers() => FollowsSnapshot = false;

    /// <summary>The entries that the peer needs next are compacted up to <paramref name="compacted"/>.</summary>
    public void NeedsSnapshot(LogIndex compacted, OutgoingSnapshot transfer)
    {
        Become(ProgressState.Snapshot);
        FollowsSnapshot = false;
        PendingSnapshot = compacted;
        Transfer = transfer;
    }

    /// <summary>The peer is not there; what it needs stays the same.</summary>
    public void GiveUpTransfer() => Transfer = null;

    void Become(ProgressState state)
    {
        State = state;
        Transfer = null;
        ProbeSent = false;
        _inflights.Reset();
    }
}
