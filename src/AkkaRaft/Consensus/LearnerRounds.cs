namespace AkkaRaft.Consensus;

/// <summary>
/// When a learner has caught up (thesis 4.2.1): it is fed in rounds, each up to where the log ended when the round began; a round that takes no longer than the
/// shortest election timeout shows that as a voter it would not hold anybody up. A new leader begins anew.
/// </summary>
internal sealed class LearnerRounds
{
    readonly SortedDictionary<NodeId, (LogIndex Target, TimeSpan Began, int Number, bool IsClose)> _rounds = [];

    /// <summary>How many rounds a learner has had in this leadership.</summary>
    public int RoundsOf(NodeId learner) => _rounds.TryGetValue(learner, out var round) ? round.Number : 0;

    /// <summary>The next learner that is to become a voter, and may; null if there is none.</summary>
    public static NodeId? CaughtUp(NodeState node, LeaderState leader)
    {
        foreach (var learner in node.Configuration.Learners)
        {
            if (learner is not { PromoteWhenCaughtUp: true, Id: var id } || !Identities.IsKnown(node, learner)) continue;
            // A leader that is to be a learner for a while lacks nothing.
            if (id == node.Self || leader.Learners.Look(node, leader.Peers[id])) return id;
        }

        return null;
    }

    /// <summary>Learners that are members no more, or are to stay learners, are not counted on.</summary>
    public void Follow(Configuration configuration)
    {
        foreach (var gone in _rounds.Keys.Where(id => configuration.Learners.All(learner => learner.Id != id || !learner.PromoteWhenCaughtUp)).ToList()) _rounds.Remove(gone);
    }

    /// <summary>Whether what the peer lacks would be sent within about an election timeout: no more than one message's worth of entries.</summary>
    public static bool IsClose(NodeState node, Progress peer) =>
        peer is { State: ProgressState.Replicate } && node.Log.Last.Index - peer.Match <= node.Options.MaxAppendEntries;

    /// <returns>Whether the last round was short, and the learner is still there and close.</returns>
    bool Look(NodeState node, Progress peer)
    {
        var now = node.Now.Monotonic;
        if (!_rounds.TryGetValue(peer.Node, out var round)) round = (node.Log.Last.Index, now, 1, false);
        while (peer.Match >= round.Target)
        {
            round = (node.Log.Last.Index, now, round.Number + 1, now - round.Began <= node.Options.ElectionTimeoutMin);
            if (peer.Match >= round.Target) break;
        }

        _rounds[peer.Node] = round;
        return round.IsClose && IsClose(node, peer) && now - peer.LastContact <= node.Options.ElectionTimeoutMin;
    }
}
