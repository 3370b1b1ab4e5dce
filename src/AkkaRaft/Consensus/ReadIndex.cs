namespace AkkaRaft.Consensus;

/// <summary>
/// Linearizable reads without writing to the log (thesis 6.4), the leader's half: a read may be answered once (1) the leader knows what is committed, (2) a majority
/// has confirmed, after the read came, that it still leads, and (3) the state machine that answers has applied what was committed when the read came.
/// </summary>
internal static class ReadIndex
{
    public static void OnRead(NodeState node, Read read, Effects effects)
    {
        if (node.Leadership is not { } leader)
        {
            if (read.Anywhere) FollowerReads.OnRead(node, read, effects);
            else foreach (var id in read.ReadIds) effects.Add(new ReadRefused(id, RequestRefusal.NotLeader));
            return;
        }

        var began = false;
        foreach (var id in read.ReadIds)
        {
            if (node.PendingReads >= node.Options.MaxPendingReads) effects.Add(new ReadRefused(id, RequestRefusal.Overloaded));
            else if (read.ByLease && HasLease(node, leader)) node.Reads.Confirmed.Enqueue(new ConfirmedRead(id, node.CommitIndex));
            else began |= Enqueue(node, leader, new Reader(null, id));
        }

        if (began) BeginRound(node, effects);
        else ReadAnswers.Give(node, effects);
    }

    /// <summary>Another node asks for its own readers: it is told what is committed, and waits for its own state machine.</summary>
    public static void OnRequest(NodeState node, ReadIndexRequest request, Effects effects)
    {
        // Who leads no more, or not yet in the asker's term, knows nothing for it; it asks again. A node asks once for all its readers, and bounds those itself.
        if (node.Leadership is not { } leader || request.Term != node.Term) return;
        if (request.ByLease && HasLease(node, leader)) Answer(node, request.From, request.Request, node.CommitIndex, effects);
        else if (Enqueue(node, leader, new Reader(request.From, request.Request))) BeginRound(node, effects);
    }

    /// <summary>The commit index rose: if that committed the no-op, reads that waited for it go on.</summary>
    public static void OnCommitted(NodeState node, Effects effects)
    {
        var leader = node.Leadership!;
        if (leader.ReadsBeforeNoOp.Count == 0 || node.CommitIndex < leader.FirstIndex) return;
        while (leader.ReadsBeforeNoOp.TryDequeue(out var reader)) leader.Reads.Enqueue(new PendingRead(reader, leader.Round + 1, node.CommitIndex));
        BeginRound(node, effects);
    }

    /// <summary>A majority may have answered more rounds: whose round it was goes on, and the lease grows (thesis 6.4.1).</summary>
    public static void AnswerConfirmed(NodeState node, Effects effects)
    {
        var leader = node.Leadership!;
        if (leader.Reads.Count == 0 && !node.Options.LeaseReads) return;
        var confirmed = LeaderReplication.RoundOfMajority(node, leader);
        leader.Lease.Confirmed(confirmed);
        while (leader.Reads.TryPeek(out var read) && read.Round <= confirmed)
        {
            leader.Reads.Dequeue();
            if (read.Reader.Asker is { } asker) Answer(node, asker, read.Reader.Id, read.Index, effects);
            else node.Reads.Confirmed.Enqueue(new ConfirmedRead(read.Reader.Id, read.Index));
        }

        ReadAnswers.Give(node, effects);
    }

    /// <summary>Leading has ended, so that nobody can confirm them here. Other nodes ask the next leader by themselves.</summary>
    public static void RefuseAll(LeaderState leader, Effects effects)
    {
        foreach (var reader in leader.Reads.Select(read => read.Reader).Concat(leader.ReadsBeforeNoOp))
        {
            if (reader.Asker is null) effects.Add(new ReadRefused(reader.Id, RequestRefusal.NotLeader));
        }

        leader.Reads.Clear();
        leader.ReadsBeforeNoOp.Clear();
    }

    /// <returns>Whether it waits for a round that has to begin now.</returns>
    static bool Enqueue(NodeState node, LeaderState leader, Reader reader)
    {
        if (node.CommitIndex < leader.FirstIndex)
        {
            // Until its no-op is committed a new leader's commit index may lie behind what its predecessor acknowledged (B75).
            leader.ReadsBeforeNoOp.Enqueue(reader);
            return false;
        }

        leader.Reads.Enqueue(new PendingRead(reader, leader.Round + 1, node.CommitIndex));
        return true;
    }

    /// <summary>
    /// Whether nobody else can have led and committed by now. Judged by the time of this very step, so that a process that stood still answers nothing from a lease
    /// that ran out meanwhile (B91). A leader that has no vote any more has none: the only voter of all may start again and stand at once, for it has promised nobody else
    /// anything (<see cref="NodeState.IsOnlyVoter"/>).
    /// </summary>
    static bool HasLease(NodeState node, LeaderState leader) =>
        node.Options.LeaseReads && node.Quorum.Contains(node.Self) && node.CommitIndex >= leader.FirstIndex && leader.Lease.Holds(node.Now.Monotonic, node.Options.LeaseDuration);

    static void Answer(NodeState node, NodeId asker, long request, LogIndex index, Effects effects) =>
        effects.Send(asker, new ReadIndexReply(node.Self, node.Term, request, index));

    static void BeginRound(NodeState node, Effects effects)
    {
        LeaderReplication.SendReadRound(node, effects);
        AnswerConfirmed(node, effects);   // an only voter is its own majority
    }
}
