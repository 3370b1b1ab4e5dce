using System.Buffers.Binary;
using System.IO.Hashing;
using System.Runtime.CompilerServices;
using System.Runtime.Serialization;
using AkkaRaft.Consensus;
using AkkaRaft.Serialization;
using Proto = AkkaRaft.Serialization.Proto;

namespace AkkaRaft.StateMachine;

/// <summary>Reads a snapshot's bytes, row by row: header, sessions, state. What was read is compared with what was written when the end is reached.</summary>
internal sealed class SnapshotReader(StoredSnapshot snapshot, Func<int, Task<ReadOnlyMemory<byte>>> readRow)
{
    /// <summary>A header holds a few numbers and the name of a type.</summary>
    const int LongestHeader = 64 * 1024;

    readonly XxHash64 _checksum = new();

    ReadOnlyMemory<byte> _row;
    int _rows;
    long _length;
    bool _ended;

    public Proto.SnapshotHeader Header { get; private set; } = new();

    /// <summary>The header; first of all.</summary>
    public async Task ReadHeader()
    {
        Header = Parsers.SnapshotHeader.ParseFrom((await ReadMessage("its header", LongestHeader)).Span);
        Checked.Version(Header.Version);
    }

    /// <summary>The sessions; behind the header.</summary>
    public Task<SessionTable> ReadSessions() => SessionFormat.ReadTable(() => ReadMessage("its sessions", snapshot.Length));

    /// <summary>The state of the simple form; behind the sessions.</summary>
    public async Task<Payload> ReadValue()
    {
        if (Header.Form != Proto.SnapshotForm.Value)
            throw Bad("it was taken in the streaming form, and the state machine registers the simple one, Snapshot<T>(take, restore)");
        var bytes = await Read(Header.StateLength, "its state");
        await foreach (var rest in ReadRest()) throw Bad($"{rest.Length} bytes stand behind its end");
        return new Payload(Header.Serializer, Checked.Manifest(Header.Manifest), bytes);
    }

    /// <summary>The state of the streaming form; behind the sessions.</summary>
    public IAsyncEnumerable<ReadOnlyMemory<byte>> ReadState() => Header.Form == Proto.SnapshotForm.Stream
        ? ReadRest()
        : throw Bad("it was taken in the simple form, Snapshot<T>(take, restore), and the state machine registers the streaming one");

    /// <summary>Reads what is left, for the checksum's sake.</summary>
    public async Task SkipRest()
    {
        while (await Fill()) _row = default;
    }

    async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadRest([EnumeratorCancellation] CancellationToken cancellation = default)
    {
        while (await Fill())
        {
            cancellation.ThrowIfCancellationRequested();
            var piece = _row;
            _row = default;
            yield return piece;
        }
    }

    async Task<ReadOnlyMemory<byte>> ReadMessage(string what, long longest)
    {
        var length = BinaryPrimitives.ReadInt32LittleEndian((await Read(SnapshotContent.LengthBytes, what)).Span);
        if (length < 0 || length > longest) throw Bad($"{what} claims {length} bytes");
        return await Read(length, what);
    }

    async Task<ReadOnlyMemory<byte>> Read(long length, string what)
    {
        if (length < 0 || length > snapshot.Length) throw Bad($"{what} claims {length} bytes of {snapshot.Length}");
        var bytes = new byte[length];
        var filled = 0;
        while (filled < length)
        {
            if (!await Fill()) throw Bad($"it ends in {what}");
            var taken = (int)Math.Min(_row.Length, length - filled);
            _row[..taken].CopyTo(bytes.AsMemory(filled));
            _row = _row[taken..];
            filled += taken;
        }

        return bytes;
    }

    // False at the end.
    async ValueTask<bool> Fill()
    {
        if (!_row.IsEmpty) return true;
        if (_ended) return false;
        _row = await readRow(++_rows);
        if (!_row.IsEmpty)
        {
            _checksum.Append(_row.Span);
            _length += _row.Length;
            return true;
        }

        _ended = true;
        if (_length != snapshot.Length || _checksum.GetCurrentHashAsUInt64() != snapshot.Checksum)
            throw Bad($"its {_length} bytes have the checksum {_checksum.GetCurrentHashAsUInt64():x16}; {snapshot.Length} bytes with {snapshot.Checksum:x16} were written");
        return false;
    }

    static SerializationException Bad(string what) => new(what);
}
