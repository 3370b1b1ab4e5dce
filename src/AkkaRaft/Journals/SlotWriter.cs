using System.IO.Hashing;
using AkkaRaft.Consensus;

namespace AkkaRaft.Journals;

/// <summary>Cuts the bytes of one snapshot into rows, and knows how far they are stored.</summary>
internal sealed class SlotWriter(int slot, int rowBytes)
{
    readonly XxHash64 _checksum = new();

    byte[] _row = [];
    int _filled;
    int _rows;
    long _storedBytes;

    public int Slot => slot;

    /// <summary>Bytes that were added.</summary>
    public long Length { get; private set; }

    /// <summary>Bytes that need not be kept by whoever gave them: they are stored, or there is room for them here.</summary>
    public long Taken => Math.Min(Length, _storedBytes + (2L * rowBytes));

    public bool IsStored => _storedBytes == Length;

    public ulong Checksum => _checksum.GetCurrentHashAsUInt64();

    /// <summary>Its storing has failed, or nobody wants it any more.</summary>
    public bool IsOver { get; private set; }

    public void End() => IsOver = true;

    /// <summary>Adds bytes.</summary>
    /// <returns>Rows that are full now, to be stored in order.</returns>
    public IEnumerable<SnapshotChunk> Add(ReadOnlyMemory<byte> bytes)
    {
        _checksum.Append(bytes.Span);
        Length += bytes.Length;
        var full = new List<SnapshotChunk>();
        while (!bytes.IsEmpty)
        {
            if (_row.Length == 0) _row = new byte[rowBytes];
            var taken = Math.Min(bytes.Length, rowBytes - _filled);
            bytes.Span[..taken].CopyTo(_row.AsSpan(_filled));
            bytes = bytes[taken..];
            _filled += taken;
            if (_filled == rowBytes) full.Add(NextRow());
        }

        return full;
    }

    /// <summary>The last row, if it is not a full one.</summary>
    public SnapshotChunk? Finish() => _filled > 0 ? NextRow() : null;

    public void Stored(SnapshotChunk row) => _storedBytes += row.Bytes.Length;

    public SnapshotSlot ToSlot(SnapshotMark mark) => new(slot, new StoredSnapshot(mark, Length, Checksum), _rows, rowBytes);

    SnapshotChunk NextRow()
    {
        var row = SnapshotChunk.Of(++_rows, _row.AsMemory(0, _filled));
        _row = [];
        _filled = 0;
        return row;
    }
}
