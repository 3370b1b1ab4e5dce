namespace AkkaRaft.Consensus;

/// <summary>Committed entries go to the state machine in log order, each once (Raft 5.3), and never more than it can be expected to hold.</summary>
internal static class MachineFeed
{
    public static void Feed(NodeState node, Effects effects)
    {
        // One owner orders both: while the machine begins anew from a snapshot it is handed nothing (B56).
        if (node.IsRestoring || SnapshotTaking.WaitsForDisk(node)) return;
        var last = LogIndex.Min(node.CommitIndex, node.Applied + node.Options.MaxApplyEntries);
        if (last <= node.Applying) return;
        var entries = node.Log.Slice(node.Applying.Next, last, int.MaxValue, long.MaxValue);
        effects.Add(new ApplyCommitted(entries));
        node.Applying = last;
        foreach (var entry in entries) node.BytesSinceSnapshot += entry.Size;
        SnapshotTaking.TakeIfDue(node, effects);
    }

    public static void OnApplied(NodeState node, Applied applied, Effects effects)
    {
        Invariant.Holds(applied.Index >= node.Applied && applied.Index <= node.Applying);
        node.Applied = applied.Index;
        node.Leadership?.Settle(node);
        Feed(node, effects);
        ReadAnswers.Give(node, effects);
        if (node.Role == RaftRole.Leader) LeadershipTransfer.Advance(node, effects);
    }
}
