namespace AkkaRaft.Consensus;

/// <summary>Committed entries go to the state machine in log order, each once (Raft 5.3), and never more than it can be expected to hold.</summary>
internal static class MachineFeed
{
    public static void Feed(NodeState node, Effects effects)
    {
        var last = LogIndex.Min(node.CommitIndex, node.Applied + node.Options.MaxApplyEntries);
        if (last <= node.Applying) return;
        effects.Add(new ApplyCommitted(node.Log.Slice(node.Applying.Next, last, int.MaxValue, long.MaxValue)));
        node.Applying = last;
    }

    public static void OnApplied(NodeState node, Applied applied, Effects effects)
    {
        Invariant.Holds(applied.Index >= node.Applied && applied.Index <= node.Applying);
        node.Applied = applied.Index;
        Feed(node, effects);
        if (node.Role == RaftRole.Leader) ReadIndex.AnswerConfirmed(node, effects);
    }
}
