using AkkaRaft.Consensus;

namespace AkkaRaft.Journals;

/// <summary>
/// Snapshot store: which snapshots there are. Each directory that is saved replaces the one before, whole, so that half a snapshot is never visible (B60): chunks
/// count from the moment when a directory names their slot, and until one does not any more.
/// </summary>
/// <param name="Version">Its own number, which rises with each; also the sequence number under which it is saved.</param>
/// <param name="Slots">The snapshots, all of whose chunks are durable.</param>
internal sealed record SnapshotDirectory(long Version, IReadOnlyList<SnapshotSlot> Slots);

/// <summary>One snapshot of a <see cref="SnapshotDirectory"/>.</summary>
/// <param name="Number">Which slot its chunks are in; part of their persistence id.</param>
/// <param name="Snapshot">What it stands for, its length and its checksum.</param>
/// <param name="Chunks">How many there are, at sequence numbers from 1.</param>
/// <param name="ChunkBytes">The length of each but the last, which may be shorter.</param>
internal sealed record SnapshotSlot(int Number, StoredSnapshot Snapshot, int Chunks, int ChunkBytes);

/// <summary>A piece of a snapshot as it is stored, a row of its own.</summary>
/// <param name="Number">Its place, from 1; also the sequence number under which it is saved.</param>
/// <param name="Bytes">Its bytes; nobody changes them.</param>
/// <param name="Crc32">Of these bytes.</param>
internal sealed record SnapshotChunk(int Number, ReadOnlyMemory<byte> Bytes, uint Crc32);
