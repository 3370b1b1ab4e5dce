using System.Buffers;
using DotNext.IO;
using DotNext.Net.Cluster.Consensus.Raft.StateMachine;

namespace AkkaRaft.Benchmarks.Contenders.DotNext;

/// <summary>The state machine that is measured: values by number. A command is four bytes of key, then the value.</summary>
internal sealed class StoredValues(DirectoryInfo location) : SimpleStateMachine(location)
{
    // As often as etcd makes one.
    const long EntriesPerSnapshot = 100_000;

    readonly KeptValues _values = new();

    /// <summary>A value; never changed in place. From any thread.</summary>
    public ReadOnlyMemory<byte> this[int key] => _values[key];

    protected override ValueTask<bool> ApplyAsync(LogEntry entry, CancellationToken token)
    {
        // What a new leader commits first is empty.
        if (entry.TryGetPayload(out var payload) && !payload.IsEmpty)
        {
            var command = new SequenceReader<byte>(payload);
            if (!command.TryReadLittleEndian(out int key)) throw new InvalidDataException($"Entry {entry.Index} has no key.");
            _values[key] = command.UnreadSequence.ToArray();
        }

        return ValueTask.FromResult(entry.Index % EntriesPerSnapshot is 0);
    }

    protected override ValueTask PersistAsync(IAsyncBinaryWriter writer, CancellationToken token) => writer.Invoke(_values.ToBytes(), token);

    protected override async ValueTask RestoreAsync(FileInfo snapshotFile, CancellationToken token) => _values.Restore(await File.ReadAllBytesAsync(snapshotFile.FullName, token));
}
