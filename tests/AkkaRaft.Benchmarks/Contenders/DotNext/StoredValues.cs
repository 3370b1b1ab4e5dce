using System.Buffers;
using System.Buffers.Binary;
using AkkaRaft.Benchmarks.Load;
using DotNext.IO;
using DotNext.Net.Cluster.Consensus.Raft.StateMachine;

namespace AkkaRaft.Benchmarks.Contenders.DotNext;

/// <summary>The state machine that is measured: values by number. A command is four bytes of key, then the value.</summary>
internal sealed class StoredValues(DirectoryInfo location) : SimpleStateMachine(location)
{
    // As often as etcd makes one.
    const long EntriesPerSnapshot = 100_000;

    readonly byte[][] _values = [.. Enumerable.Repeat<byte[]>([], LoadRequest.Keys)];

    /// <summary>A value; never changed in place. From any thread.</summary>
    public ReadOnlyMemory<byte> this[int key] => Volatile.Read(ref _values[key]);

    protected override ValueTask<bool> ApplyAsync(LogEntry entry, CancellationToken token)
    {
        // What a new leader commits first is empty.
        if (entry.TryGetPayload(out var payload) && !payload.IsEmpty)
        {
            var command = new SequenceReader<byte>(payload);
            if (!command.TryReadLittleEndian(out int key)) throw new InvalidDataException($"Entry {entry.Index} has no key.");
            Volatile.Write(ref _values[key], command.UnreadSequence.ToArray());
        }

        return ValueTask.FromResult(entry.Index % EntriesPerSnapshot is 0);
    }

    protected override ValueTask PersistAsync(IAsyncBinaryWriter writer, CancellationToken token)
    {
        var all = new ArrayBufferWriter<byte>();
        foreach (var value in _values)
        {
            BinaryPrimitives.WriteInt32LittleEndian(all.GetSpan(sizeof(int)), value.Length);
            all.Advance(sizeof(int));
            all.Write(value);
        }

        return writer.Invoke(all.WrittenMemory, token);
    }

    protected override async ValueTask RestoreAsync(FileInfo snapshotFile, CancellationToken token)
    {
        var all = await File.ReadAllBytesAsync(snapshotFile.FullName, token);
        var rest = all.AsSpan();
        foreach (ref var value in _values.AsSpan())
        {
            var length = BinaryPrimitives.ReadInt32LittleEndian(rest);
            Volatile.Write(ref value, rest.Slice(sizeof(int), length).ToArray());
            rest = rest[(sizeof(int) + length)..];
        }
    }
}
