using AkkaRaft.Consensus;

namespace AkkaRaft.Journals;

/// <summary>
/// Which slots hold which snapshots. A slot is opened before anything is written to it, named when it holds a whole snapshot, and deletable when a directory that does not
/// name it is stored and nobody reads it.
/// </summary>
internal sealed class SlotDirectory
{
    /// <summary>A write of the node's life before may still come: its version lies below all of this one's.</summary>
    const long VersionsOfALife = 1 << 20;

    readonly List<SnapshotSlot> _named = [];
    readonly List<int> _open = [];
    // What no directory names any more once the newest is stored; those that were named must be found for as long as they are read.
    readonly List<SnapshotSlot> _held = [];
    readonly List<int> _garbage = [];
    readonly List<int> _deletable = [];
    readonly List<EntryId> _readers = [];

    long _version;
    int _lastSlot;

    public SnapshotSlot? Newest => _named.MaxBy(slot => slot.Snapshot.Last.Index);

    public bool HasGarbage => _garbage.Count > 0;

    /// <summary>What the node's last life left.</summary>
    public void Recover(SnapshotDirectory? stored)
    {
        if (stored is null) return;
        _version = stored.Version + VersionsOfALife;
        _lastSlot = stored.LastSlot;
        _named.AddRange(stored.Slots);
        _garbage.AddRange(stored.Open);
        // An older one is there for a peer that was being sent it, or because the crash came before it was let go; whoever leads now sends the newest.
        if (Newest is { } newest) Retain([newest.Snapshot.Last]);
    }

    /// <returns>The number of a slot that was never used.</returns>
    public int Open()
    {
        _open.Add(++_lastSlot);
        return _lastSlot;
    }

    /// <summary>Everything of it is stored; the next directory says so.</summary>
    public void Name(SnapshotSlot slot)
    {
        _open.Remove(slot.Number);
        _named.Add(slot);
    }

    /// <summary>It is given up.</summary>
    public void Discard(int slot)
    {
        _open.Remove(slot);
        _named.RemoveAll(named => named.Number == slot);
        _garbage.Add(slot);
    }

    /// <summary>All others are given up, as far as they are not newer than these.</summary>
    /// <returns>Whether that changes anything.</returns>
    public bool Retain(IReadOnlyList<EntryId> kept)
    {
        // The node may not have been told yet of what is newer than all that it wants to keep.
        var newest = kept.Max(last => last.Index);
        var gone = _named.Where(slot => slot.Snapshot.Last.Index <= newest && !kept.Contains(slot.Snapshot.Last)).ToList();
        foreach (var slot in gone)
        {
            _named.Remove(slot);
            if (_readers.Contains(slot.Snapshot.Last)) _held.Add(slot);
            else _garbage.Add(slot.Number);
        }

        return gone.Count > 0;
    }

    /// <summary>Its own snapshot and one that a leader sent may stand for the same entries, and have other bytes.</summary>
    public SnapshotSlot? Find(StoredSnapshot snapshot) => _named.Find(slot => slot.Snapshot == snapshot) ?? _held.Find(slot => slot.Snapshot == snapshot);

    public SnapshotSlot? Find(EntryId last) => _named.Find(slot => slot.Snapshot.Last == last) ?? _held.Find(slot => slot.Snapshot.Last == last);

    public SnapshotSlot? Find(Protocol.SnapshotName name) =>
        _named.Find(slot => Protocol.SnapshotName.Of(slot.Snapshot) == name) ?? _held.Find(slot => Protocol.SnapshotName.Of(slot.Snapshot) == name);

    /// <summary>Somebody is going to read it.</summary>
    public void Hold(EntryId last) => _readers.Add(last);

    public void Release(EntryId last)
    {
        _readers.Remove(last);
        if (_readers.Contains(last)) return;
        // The directory that does not name it may not be stored yet; the next one surely does not.
        _garbage.AddRange(_held.Where(slot => slot.Snapshot.Last == last).Select(slot => slot.Number));
        _held.RemoveAll(slot => slot.Snapshot.Last == last);
    }

    /// <returns>The directory as it is now, and the slots that may be deleted once it is stored.</returns>
    public (SnapshotDirectory Directory, IReadOnlyList<int> Covers) NextVersion() => (
        // What is held or garbage stays on the list of open slots, so that the next life finds it if this one ends before it is deleted.
        new SnapshotDirectory(++_version, [.. _named]) { Open = [.. _open, .. _held.Select(slot => slot.Number), .. _garbage, .. _deletable], LastSlot = _lastSlot },
        [.. _garbage]);

    public void Stored(IReadOnlyList<int> covers)
    {
        foreach (var slot in covers)
        {
            if (_garbage.Remove(slot)) _deletable.Add(slot);
        }
    }

    /// <summary>Slots whose rows are to be deleted.</summary>
    public IReadOnlyList<int> Deletable => [.. _deletable];

    /// <summary>Its rows are gone.</summary>
    public void Deleted(int slot) => _deletable.Remove(slot);
}
