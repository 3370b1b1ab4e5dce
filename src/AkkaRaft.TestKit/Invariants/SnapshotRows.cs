using System.IO.Hashing;
using AkkaRaft.Consensus;
using AkkaRaft.Journals;

namespace AkkaRaft.TestKit.Invariants;

/// <summary>The rows of a node's snapshot store: directories, of which the newest one counts, and the chunks that they speak of.</summary>
internal sealed class SnapshotRows
{
    readonly SortedDictionary<long, SnapshotDirectory> _directories = [];
    readonly Dictionary<int, SortedDictionary<long, SnapshotChunk>> _slots = [];

    /// <summary>Grows with each change.</summary>
    public long Version { get; private set; }

    /// <summary>Grows whenever another directory counts than before.</summary>
    public long DirectoryVersion { get; private set; }

    /// <summary>Whose chunk changed last; null if it was the directory.</summary>
    public int? ChangedSlot { get; private set; }

    /// <summary>The snapshots that there are.</summary>
    public IReadOnlyList<SnapshotSlot> Slots { get; private set; } = [];

    /// <summary>The one that stands for most; null if there is none.</summary>
    public StoredSnapshot? Newest { get; private set; }

    public bool Has(EntryId last)
    {
        foreach (var slot in Slots)
        {
            if (slot.Snapshot.Last == last) return true;
        }

        return false;
    }

    public void Store(long number, SnapshotDirectory directory)
    {
        _directories[number] = directory;
        Changed(null);
    }

    public void Store(int slot, long number, SnapshotChunk chunk)
    {
        if (!_slots.TryGetValue(slot, out var chunks)) _slots[slot] = chunks = [];
        chunks[number] = chunk;
        Changed(slot);
    }

    public void DeleteDirectory(long number)
    {
        if (_directories.Remove(number)) Changed(null);
    }

    public void DeleteChunk(int slot, long number)
    {
        if (_slots.TryGetValue(slot, out var chunks) && chunks.Remove(number)) Changed(slot);
    }

    /// <summary>What is wrong with the rows of a snapshot that there is; null if nothing is.</summary>
    public string? WhyNotWhole(SnapshotSlot slot)
    {
        _slots.TryGetValue(slot.Number, out var chunks);
        var hash = new XxHash64();
        long length = 0;
        for (var number = 1; number <= slot.Chunks; number++)
        {
            if (chunks is null || !chunks.TryGetValue(number, out var chunk)) return $"chunk {number} of {slot.Chunks} is not there";
            if (chunk.Number != number) return $"chunk {chunk.Number} is where chunk {number} belongs";
            if (number < slot.Chunks && chunk.Bytes.Length != slot.ChunkBytes) return $"chunk {number} of {slot.Chunks} has {chunk.Bytes.Length} bytes, not {slot.ChunkBytes}";
            hash.Append(chunk.Bytes.Span);
            length += chunk.Bytes.Length;
        }

        if (length != slot.Snapshot.Length) return $"its chunks have {length} bytes together, not {slot.Snapshot.Length}";
        var checksum = hash.GetCurrentHashAsUInt64();
        return checksum == slot.Snapshot.Checksum ? null : $"its chunks have the checksum {checksum:x16}, not {slot.Snapshot.Checksum:x16}";
    }

    void Changed(int? slot)
    {
        Version++;
        ChangedSlot = slot;
        if (slot is not null) return;
        DirectoryVersion++;
        Slots = _directories.Count > 0 ? _directories.Values.Last().Slots : [];
        Newest = null;
        foreach (var there in Slots)
        {
            if (Newest is null || there.Snapshot.Last.Index > Newest.Last.Index) Newest = there.Snapshot;
        }
    }
}
