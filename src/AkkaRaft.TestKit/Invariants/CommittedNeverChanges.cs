using AkkaRaft.Consensus;

namespace AkkaRaft.TestKit.Invariants;

/// <summary>What is committed stays as it is, in every log that knows it to be committed (Raft 5.3, 5.4).</summary>
internal sealed class CommittedNeverChanges(CommittedLog committed) : ClusterInvariant
{
    readonly PerNode<Past> _past = new();

    public override string Name => "Committed Never Changes";

    public override string Section => "Raft 5.3, 5.4";

    public override void OnEffect(NodeView node, Effect effect, ClusterView cluster)
    {
        if (effect is not (AppendToLog or RestartLog)) return;
        var kept = effect is AppendToLog write ? write.Previous : ((RestartLog)effect).Base;
        var past = _past[node];
        Holds(!ReferenceEquals(past.State, node.State) || kept.Index >= past.Commit, cluster,
            $"{node} asks its journal to cut its log after {kept}, and has committed up to {past.Commit}");
    }

    public override void OnStep(NodeView node, ClusterView cluster)
    {
        if (node.State is not { } state) return;
        committed.Follow(node);
        var past = _past[node];
        if (!ReferenceEquals(past.State, state)) past.StartOver(state);

        // As long as the last committed entry is the same object, or compacted, what lies before it was not touched: a log is only ever cut at its end.
        var log = state.Log;
        if (log.Base != past.Base) JudgeBase(node, state, past, cluster);
        var untouched = past.Last is null || log.Base.Index >= past.Commit || (log.Last.Index >= past.Commit && ReferenceEquals(log[past.Commit], past.Last));
        if (untouched && state.CommitIndex == past.Commit) return;

        var to = LogIndex.Max(state.CommitIndex, past.Commit);
        for (var index = untouched ? past.Commit.Next : new LogIndex(1); index <= to; index = index.Next) Judge(node, log, index, cluster);
        past.Commit = LogIndex.Min(to, log.Last.Index);
        past.Last = past.Commit > log.Base.Index ? log[past.Commit] : null;
    }

    /// <summary>What a log forgets is what was committed: the term of the last forgotten entry tells.</summary>
    void JudgeBase(NodeView node, NodeState state, Past past, ClusterView cluster)
    {
        past.Base = state.Log.Base;
        Holds(past.Base.Index <= state.CommitIndex && committed.Has(past.Base), cluster,
            $"the log of {node} begins behind entry {past.Base}, its commit index is {state.CommitIndex}, and what is committed {committed.Describe(past.Base.Index)}");
    }

    void Judge(NodeView node, RaftLog log, LogIndex index, ClusterView cluster)
    {
        if (index <= log.Base.Index || index > committed.Last) return;
        var first = committed[index];
        if (index > log.Last.Index)
            cluster.Report(Name, $"the log of {node} ends at {log.Last}, and the node has taken entry {first.Entry.Id} for committed");
        else Holds(CommittedLog.AreSame(log[index], first.Entry), cluster,
            $"{node} takes entry {log[index].Id} for committed; node {first.By.Id} committed entry {first.Entry.Id} at this index in term {first.In}");
    }

    sealed class Past
    {
        public NodeState? State { get; private set; }

        public LogIndex Commit { get; set; }

        public EntryId Base { get; set; }

        public LogEntry? Last { get; set; }

        public void StartOver(NodeState state) => (State, Commit, Base, Last) = (state, LogIndex.Zero, EntryId.Zero, null);
    }
}
