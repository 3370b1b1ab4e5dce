using System.Globalization;
using System.IO.Hashing;
using System.Text;
using AkkaRaft.Consensus;
using AkkaRaft.Journals;
using AkkaRaft.TestKit.Invariants;

namespace AkkaRaft.Simulation.Tests.Invariants;

/// <summary>What a store did in one moment, and what it then has to say; null for nothing.</summary>
internal sealed record StoreStep(Input? Answer);

/// <summary>The snapshot store of a <see cref="LoopNode"/>: one row after the other goes to the disk, and a crash comes between any two.</summary>
internal sealed class LoopStore(NodeView view)
{
    const int ChunkBytes = 7;

    readonly Queue<Func<Input?>> _work = [];
    readonly Dictionary<EntryId, byte[]> _contents = [];
    Receiving? _receiving;
    int _slot;
    long _directory;

    SnapshotRows Rows => view.Disk.Snapshots;

    /// <summary>A state as a snapshot has it, of different lengths.</summary>
    static byte[] BytesOf(SnapshotMark at, long sum) => Encoding.UTF8.GetBytes($"{sum} {new string('x', (int)(at.Last.Index.Value % 40))}");

    public static long SumIn(byte[] bytes) => long.Parse(Encoding.UTF8.GetString(bytes).Split(' ')[0], CultureInfo.InvariantCulture);

    public static StoredSnapshot Of(SnapshotMark at, long sum) => new(at, BytesOf(at, sum).Length, XxHash64.HashToUInt64(BytesOf(at, sum)));

    /// <summary>A durable snapshot's bytes.</summary>
    public byte[]? Read(EntryId last) => _contents.GetValueOrDefault(last);

    public void Take(SnapshotMark at, long sum, Lie lie)
    {
        var bytes = BytesOf(at, sum);
        var slot = ++_slot;
        var pieces = bytes.Chunk(ChunkBytes).ToList();
        for (var number = 1; number <= pieces.Count; number++)
        {
            if (lie == Lie.LastChunkNotStored && number == pieces.Count) break;
            Write(slot, number, pieces[number - 1]);
        }

        var taken = Of(at, sum);
        _work.Enqueue(() =>
        {
            Name(new SnapshotSlot(slot, taken, pieces.Count, ChunkBytes), bytes);
            return lie == Lie.SnapshotToldBeforeItIsStored ? null : new SnapshotTaken(taken);
        });
    }

    public void Ask(Effect effect) => _work.Enqueue(() => Do(effect));

    /// <summary>Does the oldest thing; null if there is nothing to do.</summary>
    public StoreStep? Next() => _work.TryDequeue(out var work) ? new StoreStep(work()) : null;

    /// <summary>What was not written is lost, and what no directory speaks of is of no use.</summary>
    public void Crash()
    {
        _work.Clear();
        _receiving = null;
    }

    Input? Do(Effect effect)
    {
        switch (effect)
        {
            case BeginReceiving begin:
                _receiving = new Receiving(begin.Transfer, begin.Snapshot, ++_slot);
                return null;
            case AbandonReceiving abandon:
                if (_receiving?.Transfer == abandon.Transfer) _receiving = null;
                return null;
            case RetainSnapshots retain:
                Retain(retain.Kept);
                return null;
            case StoreSnapshotChunk chunk when _receiving is { } receiving && receiving.Transfer == chunk.Transfer:
                return Receive(receiving, chunk);
            default:
                return null;
        }
    }

    Input Receive(Receiving receiving, StoreSnapshotChunk chunk)
    {
        receiving.Bytes.AddRange(chunk.Bytes.Span);
        var bytes = receiving.Bytes.ToArray();
        if (bytes.Length < receiving.Snapshot.Length) return new SnapshotChunkStored(receiving.Transfer, bytes.Length);
        _receiving = null;
        if (XxHash64.HashToUInt64(bytes) != receiving.Snapshot.Checksum) return new SnapshotNotReceived(receiving.Transfer);
        var pieces = bytes.Chunk(ChunkBytes).ToList();
        for (var number = 1; number <= pieces.Count; number++) Rows.Store(receiving.Slot, number, new SnapshotChunk(number, pieces[number - 1], 0));
        Name(new SnapshotSlot(receiving.Slot, receiving.Snapshot, pieces.Count, ChunkBytes), bytes);
        return new SnapshotReceived(receiving.Transfer, receiving.Snapshot);
    }

    void Write(int slot, int number, byte[] piece) => _work.Enqueue(() =>
    {
        Rows.Store(slot, number, new SnapshotChunk(number, piece, Crc32.HashToUInt32(piece)));
        return null;
    });

    void Name(SnapshotSlot named, byte[] bytes)
    {
        _contents[named.Snapshot.Last] = bytes;
        Rows.Store(++_directory, new SnapshotDirectory(_directory, [.. Rows.Slots.Where(slot => slot.Snapshot.Last != named.Snapshot.Last), named]));
    }

    /// <summary>What is newer than all that is to be kept is not told yet: the core does not know of it.</summary>
    void Retain(IReadOnlyList<EntryId> kept)
    {
        var newest = kept.Count > 0 ? kept.Max(entry => entry.Index) : LogIndex.Zero;
        var gone = Rows.Slots.Where(slot => slot.Snapshot.Last.Index < newest && !kept.Contains(slot.Snapshot.Last)).ToList();
        if (gone.Count == 0) return;
        Rows.Store(++_directory, new SnapshotDirectory(_directory, [.. Rows.Slots.Except(gone)]));
        foreach (var slot in gone)
        {
            _contents.Remove(slot.Snapshot.Last);
            for (var number = 1; number <= slot.Chunks; number++) Rows.DeleteChunk(slot.Number, number);
        }
    }

    sealed record Receiving(TransferId Transfer, StoredSnapshot Snapshot, int Slot)
    {
        public List<byte> Bytes { get; } = [];
    }
}
