using AkkaRaft.Consensus;

namespace AkkaRaft.TestKit.Invariants;

/// <summary>
/// A snapshot stands for what is committed, and has the configuration that was committed there (B57); one is taken where the machine will be, of what is durable on
/// the node's own disk (B41); one that is installed stands for more than the node had committed and given to its machine (B54, B56) (Raft 7).
/// </summary>
internal sealed class SnapshotOfCommitted(CommittedLog committed) : ClusterInvariant
{
    readonly PerNode<Past> _past = new();
    Configuration? _founders;

    public override string Name => "Snapshots Stand For What Is Committed";

    public override string Section => "Raft 7, thesis 5.1";

    public override void OnJoined(NodeView node, ClusterView cluster)
    {
        if (node.State is not { } state) return;
        _past[node].StartOver(state);
        if (state.Snapshot is { } snapshot) Judge(node, "starts from", snapshot.Mark, cluster);
        else _founders ??= state.Configurations.CommittedAt(LogIndex.Zero);
    }

    public override void OnEffect(NodeView node, Effect effect, ClusterView cluster)
    {
        switch (effect)
        {
            case ApplyCommitted apply:
                _past[node].Given = apply.Entries[^1].Index;
                break;
            case TakeSnapshot take:
                JudgeTaken(node, take.At, cluster);
                break;
            case RestoreMachine restore:
                JudgeInstalled(node, restore.Snapshot, cluster);
                break;
            case SendSnapshotChunk send:
                Judge(node, "sends", send.Message.Snapshot.Mark, cluster);
                break;
        }
    }

    public override void OnStep(NodeView node, ClusterView cluster)
    {
        if (node.State is not { } state) return;
        committed.Follow(node);
        var past = _past[node];
        if (!ReferenceEquals(past.State, state)) past.StartOver(state);
        if (state.Snapshot is { } snapshot && !ReferenceEquals(snapshot, past.Snapshot))
        {
            Judge(node, "goes by", snapshot.Mark, cluster);
            Holds(past.Snapshot is null || snapshot.Last.Index > past.Snapshot.Last.Index, cluster,
                $"{node} goes by a snapshot of {snapshot.Last}, and went by one of {past.Snapshot?.Last} before");
        }

        (past.Snapshot, past.Commit) = (state.Snapshot, state.CommitIndex);
    }

    public override void OnStored(NodeView node, ClusterView cluster)
    {
        var past = _past[node];
        if (past.Directory == node.Disk.Snapshots.DirectoryVersion) return;
        past.Directory = node.Disk.Snapshots.DirectoryVersion;
        foreach (var slot in node.Disk.Snapshots.Slots) Judge(node, "has on its disk", slot.Snapshot.Mark, cluster);
    }

    void JudgeTaken(NodeView node, SnapshotMark at, ClusterView cluster)
    {
        Judge(node, "takes", at, cluster);
        var state = node.State!;
        Holds(at.Last.Index <= state.CommitIndex && at.Last.Index == _past[node].Given, cluster,
            $"{node} takes a snapshot of {at.Last}, has given its machine {_past[node].Given} entries before that, and committed {state.CommitIndex}");
        Holds(at.Last.Index <= state.Log.Durable && node.Disk.Holds(at.Last), cluster,
            $"{node} takes a snapshot of {at.Last}, takes its log for durable up to {state.Log.Durable}, and its disk holds a log up to {node.Disk.Last}");
    }

    void JudgeInstalled(NodeView node, StoredSnapshot snapshot, ClusterView cluster)
    {
        Judge(node, "installs", snapshot.Mark, cluster);
        var past = _past[node];
        past.Given = snapshot.Last.Index;
        var state = node.State!;
        Holds(!ReferenceEquals(past.State, state) || snapshot.Last.Index > past.Commit, cluster,
            $"{node} installs a snapshot of {snapshot.Last}, and had committed up to {past.Commit} already");
        Holds(state.CommitIndex >= snapshot.Last.Index, cluster,
            $"{node} installs a snapshot of {snapshot.Last}, and takes entries for committed up to {state.CommitIndex} only");
    }

    void Judge(NodeView node, string does, SnapshotMark mark, ClusterView cluster)
    {
        foreach (var each in cluster.Nodes) committed.Follow(each);
        if (!committed.Has(mark.Last) || mark.Last == EntryId.Zero)
        {
            cluster.Report(Name, $"{node} {does} a snapshot of {mark.Last}, and what is committed {committed.Describe(mark.Last.Index)}");
            return;
        }

        var expected = committed.ChangeAt(mark.Last.Index)?.Configuration ?? _founders;
        Holds(expected is null || mark.Configuration.Equals(expected), cluster,
            $"{node} {does} a snapshot of {mark.Last} with the voters {mark.Configuration}; those that were committed there are {expected}");
    }

    sealed class Past
    {
        public NodeState? State { get; private set; }

        public StoredSnapshot? Snapshot { get; set; }

        public LogIndex Commit { get; set; }

        /// <summary>Where the machine will be when it has done all that it was asked for.</summary>
        public LogIndex Given { get; set; }

        public long Directory { get; set; }

        public void StartOver(NodeState state) => (State, Snapshot, Commit, Given) = (state, state.Snapshot, state.CommitIndex, state.Applying);
    }
}
