using System.Globalization;
using AkkaRaft.Consensus;
using AkkaRaft.Journals;
using AkkaRaft.TestKit.Cluster;

namespace AkkaRaft.TestKit;

/// <content>What the cluster hears of snapshots and of what they stand for.</content>
public sealed partial class SimulatedCluster
{
    /// <summary>A node's store keeps its directory under an id that ends so, and the chunks of a slot under that id, a slash, and the slot's number.</summary>
    const string Directories = "/snapshots";

    // Where some node's snapshot stands, or will.
    readonly HashSet<LogIndex> _snapshotPlaces = [];

    /// <summary>
    /// Turns a bit over in the newest snapshot on a node's disk, as a worn-out disk would. The node notices when it reads that, at its next start or when it sends it, and stops.
    /// Nothing of it can be mended by faults that end; it is for a story that is told step by step.
    /// </summary>
    /// <param name="node">Its number.</param>
    /// <param name="chunk">Which of the snapshot's stored chunks, from 1.</param>
    /// <exception cref="InvalidOperationException">The disk has no snapshot, or that one has not so many chunks.</exception>
    public void DamageSnapshot(int node, int chunk = 1)
    {
        RequireUsable();
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(chunk);
        var damaged = NodeAt(node);
        var rows = damaged.View.Disk.Snapshots;
        foreach (var slot in rows.Slots)
        {
            if (slot.Snapshot != rows.Newest || !damaged.Disk.Contents.Damage(ChunksId(damaged, slot.Number), chunk)) continue;
            damaged.IsDamaged = true;
            _trace.Note(Now, $"n{node}", $"chunk {chunk} of its snapshot of {slot.Snapshot.Last} is damaged on disk");
            return;
        }

        throw new InvalidOperationException(
            $"Nothing was damaged: the disk of node {node} has {(rows.Newest is { } newest ? $"a snapshot of {newest.Last} without a chunk {chunk}" : "no snapshot")}.");
    }

    internal void OnInput(Input input)
    {
        if (input is SnapshotTaken) _counters.SnapshotsTaken++;
    }

    /// <summary>A node's machine has begun anew from a snapshot.</summary>
    internal void OnRestored(SimulatedNode node, EntryId last)
    {
        _view.Now = Now;
        foreach (var invariant in _invariants) invariant.OnRestored(node.View, last, _view);
        _snapshotPlaces.Add(last.Index);
        Look(node);
    }

    void CountSnapshots(Effect effect)
    {
        switch (effect)
        {
            case SendSnapshotChunk { Length: > 0 }:
                _counters.SnapshotChunks++;
                break;
            case RestoreMachine:
                _counters.SnapshotsInstalled++;
                break;
            case CompactLog:
                _counters.Compactions++;
                break;
            case Send { Message: InstallSnapshotReply { Outcome: InstallOutcome.Gap } }:
                _counters.SnapshotGaps++;
                break;
        }
    }

    /// <summary>A snapshot will stand here: whoever is here now, or comes here, must be in the same state.</summary>
    void LookWhereSnapshotStands(LogIndex index)
    {
        if (!_snapshotPlaces.Add(index)) return;
        foreach (var node in _nodes) Look(node);
    }

    void Look(SimulatedNode node)
    {
        if (_options.Fingerprint is null || node.Host is null || !_snapshotPlaces.Contains(node.AppliedUpTo) || Fingerprint(node) is not { } state) return;
        foreach (var invariant in _invariants) invariant.OnState(node.View, node.AppliedUpTo, state, _view);
    }

    void OnDeleted(SimulatedNode node, string persistenceId, long upTo)
    {
        if (persistenceId != NodeJournal.PersistenceIdOf(JournalKind.Log, _settings.ClusterId, _settings.GroupId, node.Id)) return;
        node.View.Disk.Delete(upTo);
        TellStored(node);
    }

    void OnSnapshotStored(SimulatedNode node, string persistenceId, long number, object stored)
    {
        switch (stored)
        {
            case SnapshotDirectory directory:
                node.SnapshotsId = persistenceId;
                node.View.Disk.Snapshots.Store(number, directory);
                break;
            case SnapshotChunk chunk when SlotOf(persistenceId) is { } slot:
                node.View.Disk.Snapshots.Store(slot, number, chunk);
                break;
            default:
                return;
        }

        TellStored(node);
    }

    void OnSnapshotDeleted(SimulatedNode node, string persistenceId, long number)
    {
        if (SlotOf(persistenceId) is { } slot) node.View.Disk.Snapshots.DeleteChunk(slot, number);
        else if (persistenceId == node.SnapshotsId) node.View.Disk.Snapshots.DeleteDirectory(number);
        else return;
        TellStored(node);
    }

    static int? SlotOf(string persistenceId)
    {
        var end = persistenceId.LastIndexOf('/');
        return end >= 0 && persistenceId[..end].EndsWith(Directories, StringComparison.Ordinal)
            && int.TryParse(persistenceId[(end + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var slot) ? slot : null;
    }

    static string ChunksId(SimulatedNode node, int slot) => string.Create(CultureInfo.InvariantCulture, $"{node.SnapshotsId}/{slot}");
}
