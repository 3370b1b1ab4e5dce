using AkkaRaft.Consensus;

namespace AkkaRaft.TestKit.Invariants;

/// <summary>A leader never overwrites or deletes entries of its log; it only appends (Raft figure 3).</summary>
internal sealed class LeaderAppendOnly : ClusterInvariant
{
    readonly PerNode<Past> _past = new();

    public override string Name => "Leader Append-Only";

    public override string Section => "Raft 5.3, figure 3";

    public override void OnEffect(NodeView node, Effect effect, ClusterView cluster)
    {
        if (effect is not (AppendToLog or RestartLog) || !HasLedSince(node, out var past)) return;
        if (effect is RestartLog restart)
            cluster.Report(Name, $"{node} asks its journal to begin its log anew behind {restart.Base}, and led this term already when its log ended at {past.Last}");
        else Holds(((AppendToLog)effect).Previous.Index >= past.Last.Index, cluster,
            $"{node} asks its journal to keep its log up to {((AppendToLog)effect).Previous} only, and led this term already when its log ended at {past.Last}");
    }

    public override void OnStep(NodeView node, ClusterView cluster)
    {
        if (node.State is not { Role: RaftRole.Leader } state) return;
        var log = state.Log;
        if (HasLedSince(node, out var past) && log.Base.Index >= past.Last.Index)
        {
            // All that it had is compacted, which it can be to the end, and not beyond: what is compacted was durable before.
            Holds(log.Base == past.Last, cluster, $"{node} had a log up to {past.Last} in this leadership, and now it begins behind {log.Base}");
        }
        else if (HasLedSince(node, out past) && past.Entry is { } entry)
        {
            if (log.Last.Index < past.Last.Index) cluster.Report(Name, $"{node} had a log up to {past.Last} in this leadership, and now it ends at {log.Last}");
            else Holds(ReferenceEquals(log[past.Last.Index], entry), cluster,
                $"{node} had entry {past.Last} in this leadership, and has written entry {log[past.Last.Index].Id} over it");
        }

        (past.State, past.Term, past.Last) = (state, state.Term, log.Last);
        past.Entry = log.Last.Index > log.Base.Index ? log[log.Last.Index] : null;
    }

    // The same term of the same start: no other leadership can come between.
    bool HasLedSince(NodeView node, out Past past)
    {
        past = _past[node];
        return node.State is { Role: RaftRole.Leader } state && ReferenceEquals(past.State, state) && past.Term == state.Term;
    }

    sealed class Past
    {
        public NodeState? State { get; set; }

        public Term Term { get; set; }

        public EntryId Last { get; set; }

        public LogEntry? Entry { get; set; }
    }
}
