namespace AkkaRaft.Consensus;

/// <summary>
/// Linearizable reads at a node that does not lead (thesis 6.4): it asks the leader what is committed, never itself (B80), waits until its own state machine has
/// applied that far (B77), and answers. What comes while a request is under way shares the next one.
/// </summary>
internal static class FollowerReads
{
    public static void OnRead(NodeState node, Read read, Effects effects)
    {
        foreach (var id in read.ReadIds)
        {
            if (node.PendingReads >= node.Options.MaxPendingReads) effects.Add(new ReadRefused(id, RequestRefusal.Overloaded));
            else if (IsLeaderless(node)) effects.Add(new ReadRefused(id, RequestRefusal.NoLeader));
            else node.Reads.Forwarded.Enqueue(new ForwardedRead(id, node.Reads.LastRequest + 1, read.ByLease));
        }

        if (!node.Reads.IsAsked) Ask(node, effects);
    }

    /// <summary>
    /// The leader says what was committed when it got the request. That holds for every read that came before the request left, whatever became of earlier requests;
    /// so an answer that comes twice, or late, harms nothing (B76).
    /// </summary>
    public static void OnReply(NodeState node, ReadIndexReply reply, Effects effects)
    {
        var reads = node.Reads;
        if (reply.Term != node.Term || reply.From != node.Leader) return;
        if (reply.Request <= reads.RequestsBefore || reply.Request > reads.LastRequest) return;   // it answers an earlier life of this node
        while (reads.Forwarded.TryPeek(out var read) && read.Request <= reply.Request)
        {
            reads.Forwarded.Dequeue();
            reads.Confirmed.Enqueue(new ConfirmedRead(read.ReadId, reply.Index));
        }

        ReadAnswers.Give(node, effects);
        if (reply.Request != reads.LastRequest) return;
        reads.IsAsked = false;
        Ask(node, effects);
    }

    /// <summary>Another leader is known, or none: what waits is asked of the new one, or confirmed here if that is this node.</summary>
    public static void OnLeaderChanged(NodeState node, Effects effects)
    {
        node.Reads.IsAsked = false;
        if (node.Leadership is { } leader)
        {
            while (node.Reads.Forwarded.TryDequeue(out var read)) leader.ReadsBeforeNoOp.Enqueue(new Reader(null, read.ReadId));
            return;
        }

        Ask(node, effects);
    }

    /// <summary>Time passes: a request or its answer may be lost, and a group without a leader answers nobody.</summary>
    public static void OnTick(NodeState node, Effects effects)
    {
        var reads = node.Reads;
        if (node.Leadership is not null || reads.Forwarded.Count + reads.Confirmed.Count == 0) return;
        if (IsLeaderless(node))
        {
            while (reads.Forwarded.TryDequeue(out var read)) effects.Add(new ReadRefused(read.ReadId, RequestRefusal.NoLeader));
            while (reads.Confirmed.TryDequeue(out var read)) effects.Add(new ReadRefused(read.ReadId, RequestRefusal.NoLeader));
            reads.IsAsked = false;
        }
        else if (reads.IsAsked && node.Now.Monotonic - reads.AskedAt >= 2 * node.Options.HeartbeatInterval)
        {
            Ask(node, effects);
        }
    }

    /// <summary>Nobody was heard for as long as a node waits for a leader at most (Raft 5.2); who led until now has as much time to hear the next one.</summary>
    static bool IsLeaderless(NodeState node) => node.Now.Monotonic - node.LeaderContact > node.Options.ElectionTimeoutMax;

    /// <summary>One request for all that wait, under a number that this node never used before (B76).</summary>
    static void Ask(NodeState node, Effects effects)
    {
        var reads = node.Reads;
        if (reads.Forwarded.Count == 0 || node.Leader is not { } leader) return;
        reads.LastRequest++;
        reads.IsAsked = true;
        reads.AskedAt = node.Now.Monotonic;
        effects.Send(leader, new ReadIndexRequest(node.Self, node.Term, reads.LastRequest, reads.Forwarded.All(read => read.ByLease)));
    }
}
