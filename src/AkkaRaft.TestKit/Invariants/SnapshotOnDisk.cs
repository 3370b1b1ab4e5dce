using AkkaRaft.Consensus;

namespace AkkaRaft.TestKit.Invariants;

/// <summary>
/// A snapshot that counts is on disk whole (B60); a node goes by, sends and installs only what is; and the log is compacted, and its events are deleted, only as far as
/// a snapshot on the same disk stands for it (B61) (Raft 7).
/// </summary>
internal sealed class SnapshotOnDisk : ClusterInvariant
{
    readonly PerNode<Past> _past = new();

    public override string Name => "Snapshots Are Whole Before They Count";

    public override string Section => "Raft 7, thesis 5.1.3";

    public override void OnJoined(NodeView node, ClusterView cluster) => OnStep(node, cluster);

    public override void OnEffect(NodeView node, Effect effect, ClusterView cluster)
    {
        switch (effect)
        {
            case RestoreMachine { Snapshot: var snapshot }:
                Holds(node.Disk.Snapshots.Has(snapshot.Last), cluster, $"{node} lets its machine begin anew from a snapshot of {snapshot.Last}, {NotThere(node)}");
                break;
            case SendSnapshotChunk { Message.Snapshot: var snapshot }:
                Holds(node.Disk.Snapshots.Has(snapshot.Last), cluster, $"{node} sends a snapshot of {snapshot.Last}, {NotThere(node)}");
                break;
            case CompactLog compact:
                Holds(node.Disk.Covers(compact.UpTo), cluster, $"{node} asks its journal to forget its log up to {compact.UpTo}, {NotThere(node)}");
                break;
            case RestartLog restart:
                Holds(node.Disk.Covers(restart.Base), cluster, $"{node} asks its journal to begin its log anew behind {restart.Base}, {NotThere(node)}");
                break;
            case RetainSnapshots retain:
                Holds(node.State?.Snapshot is not { } newest || retain.Kept.Contains(newest.Last), cluster,
                    $"{node} lets its store keep {string.Join(", ", retain.Kept)} only, and goes by a snapshot of {node.State?.Snapshot?.Last}");
                break;
        }
    }

    public override void OnStep(NodeView node, ClusterView cluster)
    {
        if (node.State is not { } state) return;
        var past = _past[node];
        if (ReferenceEquals(state.Snapshot, past.Snapshot)) return;
        past.Snapshot = state.Snapshot;
        Holds(state.Snapshot is null || node.Disk.Snapshots.Has(state.Snapshot.Last), cluster, $"{node} goes by a snapshot of {state.Snapshot?.Last}, {NotThere(node)}");
    }

    public override void OnStored(NodeView node, ClusterView cluster)
    {
        var disk = node.Disk;
        var past = _past[node];
        if (past.Rows != disk.Snapshots.Version) JudgeRows(node, cluster);
        if (past.Rows == disk.Snapshots.Version && past.Log == disk.LogVersion && past.DeletedTo == disk.DeletedTo) return;
        (past.Rows, past.Log, past.DeletedTo) = (disk.Snapshots.Version, disk.LogVersion, disk.DeletedTo);

        Holds(disk.LogBase == EntryId.Zero || disk.Covers(disk.LogBase), cluster, $"the disk of {node} holds a log that begins behind {disk.LogBase}, {NotThere(node)}");
        Holds(node.State?.Snapshot is not { } known || (disk.Snapshot is { } newest && newest.Last.Index >= known.Last.Index), cluster,
            $"{node} goes by a snapshot of {node.State?.Snapshot?.Last}, {NotThere(node)}");
        if (disk.DeletedTo > 0) JudgeDeletion(node, disk, cluster);
    }

    /// <summary>All snapshots that there are, not the newest alone: which one will be needed a crash decides.</summary>
    void JudgeRows(NodeView node, ClusterView cluster)
    {
        foreach (var slot in node.Disk.Snapshots.Slots)
        {
            if (node.Disk.Snapshots.ChangedSlot is { } changed && changed != slot.Number) continue;
            Holds(node.Disk.Snapshots.WhyNotWhole(slot) is not { } why, cluster,
                $"the directory on the disk of {node} has a snapshot of {slot.Snapshot.Last} in slot {slot.Number}: {node.Disk.Snapshots.WhyNotWhole(slot)}");
        }
    }

    void JudgeDeletion(NodeView node, DiskView disk, ClusterView cluster)
    {
        Holds(disk.CompactionEvent > disk.DeletedTo, cluster,
            $"the journal of {node} deleted its events up to {disk.DeletedTo}, and no later one says what stands for them; the newest that does is {disk.CompactionEvent}");
        Holds(disk.OldestNeededEvent == 0 || disk.OldestNeededEvent > disk.DeletedTo, cluster,
            $"the journal of {node} deleted its events up to {disk.DeletedTo}, and event {disk.OldestNeededEvent} has entry {disk.LogBase.Index.Next}, which nothing stands for");
    }

    static string NotThere(NodeView node) => node.Disk.Snapshots.Slots.Count == 0
        ? "and no snapshot is on its disk"
        : $"and the snapshots on its disk are of {string.Join(", ", node.Disk.Snapshots.Slots.Select(slot => slot.Snapshot.Last))}";

    sealed class Past
    {
        public StoredSnapshot? Snapshot { get; set; }

        public long Rows { get; set; }

        public long Log { get; set; }

        public long DeletedTo { get; set; }
    }
}
