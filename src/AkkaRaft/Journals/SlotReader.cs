using Akka.Persistence;

namespace AkkaRaft.Journals;

/// <summary>
/// Reads rows of snapshots, and keeps the last one: the pieces that a peer is sent lie in it one behind the other. Whoever reads one row after the other finds the next one there already: it is
/// read while the last one is on its way.
/// </summary>
internal sealed class SlotReader(SnapshotPlugin plugin, Func<int, string> slotId)
{
    readonly Queue<(SnapshotSlot Slot, int Number, Action<ReadOnlyMemory<byte>, Exception?> Done)> _waiting = new();

    bool _reading;
    Row _last;
    Row _ahead;
    (SnapshotSlot Slot, int Number)? _next;

    /// <summary>How many rows a slot has, also one that was never finished.</summary>
    public void Count(int slot, Action<int, Exception?> done) =>
        plugin.Load(slotId(slot), long.MaxValue, (found, failure) => done((int)(found?.Metadata.SequenceNr ?? 0), failure));

    /// <summary>A piece, from one row or over the edge of two.</summary>
    /// <param name="slot">Where.</param>
    /// <param name="offset">The first byte.</param>
    /// <param name="length">How many; 0 for none.</param>
    /// <param name="done">Told the bytes, or why they cannot be read.</param>
    public void Read(SnapshotSlot slot, long offset, int length, Action<ReadOnlyMemory<byte>, Exception?> done)
    {
        if (length == 0)
        {
            done(default, null);
            return;
        }

        var number = (int)(offset / slot.ChunkBytes) + 1;
        ReadRow(slot, number, (row, failure) =>
        {
            var from = (int)(offset % slot.ChunkBytes);
            if (failure is not null || from + length <= row.Length)
            {
                done(failure is null ? row.Slice(from, length) : default, failure);
                return;
            }

            var first = row[from..];
            Read(slot, offset + first.Length, length - first.Length, (rest, cause) => done(cause is null ? Joined(first, rest) : default, cause));
        });
    }

    /// <summary>A whole row.</summary>
    public void ReadRow(SnapshotSlot slot, int number, Action<ReadOnlyMemory<byte>, Exception?> done)
    {
        _waiting.Enqueue((slot, number, done));
        ReadNext();
    }

    // One after the other: most of those that wait ask for the row that is being read.
    void ReadNext()
    {
        while (!_reading && _waiting.TryDequeue(out var next))
        {
            if (IsKept(next.Slot, next.Number))
            {
                next.Done(_last.Bytes, null);
                continue;
            }

            Load(next.Slot, next.Number, (row, cause) =>
            {
                if (cause is null) Keep(next.Slot, row);
                next.Done(row.Bytes, cause);
            });
        }

        if (!_reading && _next is var (slot, number)) ReadAhead(slot, number);
    }

    bool IsKept(SnapshotSlot slot, int number)
    {
        if (_ahead.Is(slot, number)) Keep(slot, _ahead);
        return _last.Is(slot, number);
    }

    void Keep(SnapshotSlot slot, Row row)
    {
        // Only for whoever goes on: several that read at different places would have each row read twice.
        var goesOn = row.Number == 1 || _last.Is(slot, row.Number - 1);
        _last = row;
        _ahead = default;
        _next = goesOn && row.Number < slot.Chunks ? (slot, row.Number + 1) : null;
    }

    // If it cannot be read, whoever wants it will hear so.
    void ReadAhead(SnapshotSlot slot, int number)
    {
        _next = null;
        Load(slot, number, (row, cause) => _ahead = cause is null ? row : default);
    }

    void Load(SnapshotSlot slot, int number, Action<Row, Exception?> done)
    {
        _reading = true;
        plugin.Load(slotId(slot.Number), number, (found, failure) =>
        {
            _reading = false;
            var cause = failure ?? Damage(slot, number, found);
            done(cause is null ? new Row(slot.Number, number, ((SnapshotChunk)found!.Snapshot).Bytes) : default, cause);
            ReadNext();
        });
    }

    static InvalidDataException? Damage(SnapshotSlot slot, int number, SelectedSnapshot? found)
    {
        if (found is null || found.Metadata.SequenceNr != number) return new InvalidDataException($"row {number} of {slot.Chunks} is missing");
        if (found.Snapshot is not SnapshotChunk chunk) return new InvalidDataException($"row {number} of {slot.Chunks} is a {found.Snapshot?.GetType().Name ?? "null"}");
        var length = number < slot.Chunks ? slot.ChunkBytes : (int)(slot.Snapshot.Length - ((long)(slot.Chunks - 1) * slot.ChunkBytes));
        return chunk.Number == number && chunk.Bytes.Length == length && chunk.IsIntact
            ? null
            : new InvalidDataException($"row {number} of {slot.Chunks} has {chunk.Bytes.Length} bytes of row {chunk.Number}; {length} were written");
    }

    static ReadOnlyMemory<byte> Joined(ReadOnlyMemory<byte> first, ReadOnlyMemory<byte> second)
    {
        var both = new byte[first.Length + second.Length];
        first.CopyTo(both);
        second.CopyTo(both.AsMemory(first.Length));
        return both;
    }

    readonly record struct Row(int Slot, int Number, ReadOnlyMemory<byte> Bytes)
    {
        public bool Is(SnapshotSlot slot, int number) => Slot == slot.Number && Number == number;
    }
}
