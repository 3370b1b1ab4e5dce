namespace AkkaRaft.Consensus;

/// <summary>What happens because time passes: elections, heartbeats, and a leader's doubts about itself.</summary>
internal static class Clock
{
    public static void OnTick(NodeState node, Effects effects)
    {
        var now = node.Now.Monotonic;
        var late = IsLate(node);
        if (late) NotePause(node);
        var stoodStill = late && !node.LastTickWasLate;   // one late tick after the other is a slow machine, and that must be able to campaign too
        node.LastTick = now;
        node.LastTickWasLate = late;

        if (node.Role == RaftRole.Leader)
        {
            CheckQuorum(node, effects);
            if (node.Role == RaftRole.Leader) CheckJournal(node, effects);
            if (node.Role == RaftRole.Leader) LeadershipTransfer.OnTick(node, effects);
            if (node.Role == RaftRole.Leader) SnapshotSending.OnTick(node, effects);
            if (node.Role == RaftRole.Leader) Retirement.OnTick(node, node.Leadership!, effects);
            if (node.Role == RaftRole.Leader) Membership.Advance(node, effects);
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

        SnapshotTaking.TakeIfDue(node, effects);
        ReadAnswers.OnTick(node, effects);
    }

    /// <summary>
    /// Before anything else is handled: a leader that wakes after its process stood still checks its quorum now, not at its next tick. Answers that waited in
    /// the mailbox would else make it look as if it had just been heard (B91).
    /// </summary>
    public static void OnInput(NodeState node, Effects effects)
    {
        if (!IsLate(node)) return;
        NotePause(node);
        if (node.Role == RaftRole.Leader) CheckQuorum(node, effects);
    }

    static bool IsLate(NodeState node) => node.Now.Monotonic - node.LastTick > node.Options.PauseThreshold;

    // What waited in the mailbox and in the network's buffers is there long before a minimum election timeout has passed.
    static void NotePause(NodeState node)
    {
        var now = node.Now.Monotonic;
        node.StoodStill = (node.StoodStill is { } earlier && now < earlier.Until ? earlier.Since : node.LastTick, now + node.Options.ElectionTimeoutMin);
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
        var (leader, now) = (node.Leadership!, node.Now.Monotonic);
        return node.Quorum.ReachedByMajority(voter => leader.Of(node, voter, now, peer => peer.LastContact, TimeSpan.Zero), now);
    }

    /// <summary>
    /// A leader whose own journal stands still gives up, though its heartbeats would go on: nothing that needs its disk would ever end, and nobody else would be
    /// elected (B90). It does not stand again while the write hangs (<see cref="Election.OnElectionTimeout"/>). A leader has no write of its term under way.
    /// </summary>
    static void CheckJournal(NodeState node, Effects effects)
    {
        var stalled = node.Now.Monotonic - node.Leadership!.LastWriteProgress;
        if (!node.Log.IsWriting || stalled <= node.Options.ElectionTimeoutMax) return;
        RoleChanges.BecomeFollower(node, node.Term, $"its own journal has confirmed nothing for {stalled.TotalMilliseconds:0} ms", effects);
    }
}
