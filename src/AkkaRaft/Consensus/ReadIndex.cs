namespace AkkaRaft.Consensus;

/// <summary>
/// Linearizable reads without writing to the log (thesis 6.4): a read is answered from the state machine once (1) the leader knows what is committed,
/// (2) a majority has confirmed, after the read came, that it still leads, and (3) the state machine has applied what was committed when the read came.
/// </summary>
internal static class ReadIndex
{
    public static void OnRead(NodeState node, Read read, Effects effects)
    {
        if (node.Leadership is not { } leader)
        {
            foreach (var id in read.ReadIds) effects.Add(new ReadRefused(id, RequestRefusal.NotLeader));
            return;
        }

        var began = false;
        foreach (var id in read.ReadIds)
        {
            if (leader.PendingReads >= node.Options.MaxPendingReads)
            {
                effects.Add(new ReadRefused(id, RequestRefusal.Overloaded));
            }
            else if (node.CommitIndex < leader.FirstIndex)
            {
                // Until its no-op is committed a new leader's commit index may lie behind what its predecessor acknowledged (B75).
                leader.ReadsBeforeNoOp.Enqueue(id);
            }
            else
            {
                leader.Reads.Enqueue(new PendingRead(id, leader.Round + 1, node.CommitIndex));
                began = true;
            }
        }

        if (began) BeginRound(node, effects);
    }

    /// <summary>The commit index rose: if that committed the no-op, reads that waited for it go on.</summary>
    public static void OnCommitted(NodeState node, Effects effects)
    {
        var leader = node.Leadership!;
        if (leader.ReadsBeforeNoOp.Count == 0 || node.CommitIndex < leader.FirstIndex) return;
        while (leader.ReadsBeforeNoOp.TryDequeue(out var id)) leader.Reads.Enqueue(new PendingRead(id, leader.Round + 1, node.CommitIndex));
        BeginRound(node, effects);
    }

    /// <summary>Answers every read whose round a majority has answered and whose index is applied.</summary>
    public static void AnswerConfirmed(NodeState node, Effects effects)
    {
        var leader = node.Leadership!;
        if (leader.Reads.Count == 0) return;
        var confirmed = node.Quorum.ReachedByMajority(
            voter => voter == node.Self ? leader.Round : leader.Peers.TryGetValue(voter, out var peer) ? peer.AckedRound : 0, 0L);
        while (leader.Reads.TryPeek(out var read) && read.Round <= confirmed && read.Index <= node.Applied)
        {
            leader.Reads.Dequeue();
            effects.Add(new ReadReady(read.ReadId, node.Applied));
        }
    }

    public static void RefuseAll(LeaderState leader, Effects effects)
    {
        while (leader.Reads.TryDequeue(out var read)) effects.Add(new ReadRefused(read.ReadId, RequestRefusal.NotLeader));
        while (leader.ReadsBeforeNoOp.TryDequeue(out var id)) effects.Add(new ReadRefused(id, RequestRefusal.NotLeader));
    }

    static void BeginRound(NodeState node, Effects effects)
    {
        LeaderReplication.SendReadRound(node, effects);
        AnswerConfirmed(node, effects);   // an only voter is its own majority
    }
}
