namespace AkkaRaft.Consensus;

/// <summary>What happens because time passes: elections, heartbeats, and a leader's doubts about itself.</summary>
internal static class Clock
{
    public static void OnTick(NodeState node, Effects effects)
    {
        var now = node.Now.Monotonic;
        var late = now - node.LastTick > node.Options.PauseThreshold;
        var stoodStill = late && !node.LastTickWasLate;   // one late tick after the other is a slow machine, and that must be able to campaign too
        node.LastTick = now;
        node.LastTickWasLate = late;

        if (node.Role == RaftRole.Leader)
        {
            CheckQuorum(node, effects);
            if (node.Role == RaftRole.Leader) SnapshotSending.OnTick(node, effects);
            if (node.Role == RaftRole.Leader && now >= node.Leadership!.NextHeartbeat) LeaderReplication.SendHeartbeats(node, effects);
        }
        else if (stoodStill)
        {
            // The process stood still (GC, VM): the silence was ours, not the leader's, whose messages wait in the mailbox (B91).
            node.RestartElectionTimer();
        }
        else if (now >= node.ElectionDeadline)
        {
            Election.OnElectionTimeout(node, effects);
        }

        ReadAnswers.OnTick(node, effects);
    }

    /// <summary>
    /// A leader that has not heard a majority for an election timeout steps down: its clients go elsewhere, and others may be elected (thesis 6.2).
    /// </summary>
    static void CheckQuorum(NodeState node, Effects effects)
    {
        var now = node.Now.Monotonic;
        var heard = MajorityHeard(node);
        if (now - heard <= node.Options.ElectionTimeoutMax) return;
        RoleChanges.BecomeFollower(node, node.Term, $"no majority has answered for {(now - heard).TotalMilliseconds:0} ms", effects);
    }

    /// <summary>Since when a leader has heard a majority.</summary>
    public static TimeSpan MajorityHeard(NodeState node)
    {
        var peers = node.Leadership!.Peers;
        return node.Quorum.ReachedByMajority(
            voter => voter == node.Self ? node.Now.Monotonic : peers.TryGetValue(voter, out var peer) ? peer.LastContact : TimeSpan.Zero, node.Now.Monotonic);
    }
}
