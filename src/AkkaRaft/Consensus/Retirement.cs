namespace AkkaRaft.Consensus;

/// <summary>
/// Who is removed. A leader that is no voter any more leads until that is committed and told, then hands over and follows (thesis 4.2.2; B69). A peer that is no
/// member any more is sent entries until it knows that, for a bounded time (B70); whoever learns it only later is told when it asks for votes (B23).
/// </summary>
internal static class Retirement
{
    /// <summary>The leader has no vote in the configuration, and that is committed.</summary>
    public static void Advance(NodeState node, LeaderState leader, Effects effects)
    {
        var now = node.Now.Monotonic;
        if (leader.Retires is not { } retires)
        {
            LeaderReplication.SendHeartbeats(node, effects);
            leader.Retires = new PendingRetirement(leader.Round, now + (2 * node.Options.ElectionTimeoutMax));
            return;
        }

        if (now >= retires.Deadline)
        {
            RoleChanges.BecomeFollower(node, node.Term, "it has no vote any more, and nobody has taken over", effects);
            return;
        }

        var told = LeaderReplication.RoundOfMajority(node, leader);
        if (told >= retires.Round && now >= retires.NextTry)
        {
            retires.NextTry = now + node.Options.HeartbeatInterval;
            LeadershipTransfer.Begin(node, leader, effects);
        }
    }

    /// <summary>Who is no member any more leaves at this index. Who is one again may be another storage by that name: nothing is known of it.</summary>
    public static void Follow(NodeState node, LeaderState leader)
    {
        foreach (var peer in leader.Peers.Values.ToList())
        {
            if (node.Configuration.Find(peer.Node) is null)
            {
                if (peer.Leaves is null) peer.LeavesAt(node.Configurations.EffectiveIndex);
            }
            else if (peer.Leaves is not null)
            {
                leader.Peers.Remove(peer.Node);
            }
        }
    }

    /// <summary>A peer that is no member goes when it knows that it is none, or has had its time.</summary>
    public static void OnTick(NodeState node, LeaderState leader, Effects effects)
    {
        if (leader.Peers.Values.All(peer => peer.Leaves is null)) return;
        foreach (var peer in leader.Peers.Values.Where(peer => peer.Leaves <= node.CommitIndex).ToList())
        {
            peer.LeaveIsCommitted(node.Now.Monotonic, leader.Round + 1);
            var knows = peer.Match >= peer.Leaves && peer.AckedRound >= peer.LeaveRound;
            if (knows || node.Now.Monotonic - peer.LeaveSince > 2 * node.Options.ElectionTimeoutMax) Forget(node, leader, peer, effects);
        }
    }

    /// <summary>Nothing goes to it any more.</summary>
    public static void Forget(NodeState node, LeaderState leader, Progress peer, Effects effects)
    {
        leader.Peers.Remove(peer.Node);
        if (peer.State != ProgressState.Snapshot) return;
        SnapshotTaking.Retain(node, effects);
        SnapshotTaking.Compact(node, effects);
    }

    /// <summary>
    /// Whether the asker is surely no member: the committed configuration here lacks it, and no newer one can be in its log, which does not reach beyond what is committed here, or
    /// ends in an earlier term than that configuration is of.
    /// It may be one again by now; then a leader will speak to it.
    /// </summary>
    public static bool IsRemoved(NodeState node, VoteRequest request)
    {
        var (index, committed) = node.Configurations.CommittedWithIndex(node.CommitIndex);
        var isOlder = request.LastEntry.Index <= node.CommitIndex || (node.Log.TryGetId(index, out var change) && request.LastEntry.Term < change.Term);
        return index > LogIndex.Zero && isOlder && committed.Find(request.From) is null;
    }
}

/// <summary>A leader without a vote is about to go.</summary>
/// <param name="round">The round of heartbeats that tells the others that its removal is committed.</param>
/// <param name="deadline">Then it goes, whoever has taken over.</param>
internal sealed class PendingRetirement(long round, TimeSpan deadline)
{
    public long Round => round;

    public TimeSpan Deadline => deadline;

    /// <summary>Not before then it tries (again) to hand over.</summary>
    public TimeSpan NextTry { get; set; }
}
