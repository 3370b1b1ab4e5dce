namespace AkkaRaft.Consensus;

/// <summary>The commit index (Raft 5.3): raised here only, and never lowered (B33).</summary>
internal static class Commitment
{
    public static void RaiseTo(NodeState node, LogIndex index, Effects effects)
    {
        if (index <= node.CommitIndex) return;
        Invariant.Holds(index <= node.Log.Last.Index);
        Invariant.Holds(node.Role == RaftRole.Leader || index <= node.Log.Durable);
        node.CommitIndex = index;
        node.LastCommit = node.Now.Monotonic;
        MachineFeed.Feed(node, effects);
    }
}
