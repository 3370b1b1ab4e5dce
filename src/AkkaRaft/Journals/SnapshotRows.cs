using AkkaRaft.Consensus;

namespace AkkaRaft.Journals;

/// <summary>Which snapshots a node has; stored as a whole, so that a snapshot is there from one moment to the next, or not at all (B60).</summary>
/// <param name="Version">Grows with each change; the highest one that is stored counts.</param>
/// <param name="Slots">Those that hold a whole snapshot. Rows of any other slot are void.</param>
internal sealed record SnapshotDirectory(long Version, IReadOnlyList<SnapshotSlot> Slots) : JournalEvent
{
    /// <summary>Slots that something was being written to; what the next life of the node finds there is void.</summary>
    public IReadOnlyList<int> Open { get; init; } = [];

    /// <summary>The highest slot that was ever used. None is used twice: a write of an earlier life that comes late must not meet a later one's rows (B93).</summary>
    public int LastSlot { get; init; }
}

/// <summary>Where a snapshot lies.</summary>
/// <param name="Number">The slot's number, which its rows are stored under.</param>
/// <param name="Snapshot">What lies there.</param>
/// <param name="Chunks">How many rows it has, numbered from 1.</param>
/// <param name="ChunkBytes">The length of each row but the last one.</param>
internal sealed record SnapshotSlot(int Number, StoredSnapshot Snapshot, int Chunks, int ChunkBytes);

/// <summary>A row of a snapshot.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Bytes">At least one.</param>
/// <param name="Crc32">Of the bytes.</param>
internal sealed record SnapshotChunk(int Number, ReadOnlyMemory<byte> Bytes, uint Crc32) : JournalEvent
{
    public bool IsIntact => Crc32 == System.IO.Hashing.Crc32.HashToUInt32(Bytes.Span);

    public static SnapshotChunk Of(int number, ReadOnlyMemory<byte> bytes) => new(number, bytes, System.IO.Hashing.Crc32.HashToUInt32(bytes.Span));
}
