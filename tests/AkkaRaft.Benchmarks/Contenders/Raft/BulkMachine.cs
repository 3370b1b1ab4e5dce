using System.Buffers.Binary;
using AkkaRaft.Benchmarks.Load;

namespace AkkaRaft.Benchmarks.Contenders.Raft;

/// <summary>Values by number, and beside them as much as it is told to add: a state machine with a big state, whose snapshots are streams.</summary>
internal sealed class BulkMachine : RaftStateMachine
{
    /// <summary>How the settings name it.</summary>
    public const string Name = "bulk";

    readonly byte[][] _values = [.. Enumerable.Repeat<byte[]>([], LoadRequest.Keys)];
    readonly List<byte[]> _bulk = [];

    public BulkMachine()
    {
        Command<PutValue>(put => { _values[put.Key] = put.Value.ToArray(); });
        Command<AddBulk>(Add);
        Query<GetValue, StoredBytes>(get => new StoredBytes(_values[get.Key]));
        Snapshot(() => Blocks([.. _values, .. _bulk]), Restore);
    }

    // On every node the same.
    void Add(AddBulk add)
    {
        var bytes = new byte[add.Bytes];
        new Random(add.Seed).NextBytes(bytes);
        _bulk.Add(bytes);
    }

    // A block is never changed, only replaced: these are of the moment in which they were gathered.
    static async IAsyncEnumerable<ReadOnlyMemory<byte>> Blocks(byte[][] blocks)
    {
        await Task.CompletedTask;
        foreach (var block in blocks)
        {
            var length = new byte[sizeof(int)];
            BinaryPrimitives.WriteInt32LittleEndian(length, block.Length);
            yield return length;
            if (block.Length > 0) yield return block;
        }
    }

    async Task Restore(IAsyncEnumerable<ReadOnlyMemory<byte>> pieces)
    {
        _bulk.Clear();
        var place = 0;
        var cutter = new BlockCutter(block =>
        {
            if (place < _values.Length) _values[place++] = block;
            else _bulk.Add(block);
        });
        await foreach (var piece in pieces) cutter.Add(piece.Span);
    }

    /// <summary>Makes blocks, each behind its length, of pieces that begin and end anywhere.</summary>
    sealed class BlockCutter(Action<byte[]> take)
    {
        readonly byte[] _length = new byte[sizeof(int)];
        byte[]? _block;
        int _filled;

        public void Add(ReadOnlySpan<byte> bytes)
        {
            while (bytes.Length > 0)
            {
                var target = _block ?? _length;
                var taken = Math.Min(bytes.Length, target.Length - _filled);
                bytes[..taken].CopyTo(target.AsSpan(_filled));
                bytes = bytes[taken..];
                _filled += taken;
                if (_filled == target.Length) Finish();
            }
        }

        void Finish()
        {
            _filled = 0;
            if (_block is null)
            {
                _block = new byte[BinaryPrimitives.ReadInt32LittleEndian(_length)];
                if (_block.Length > 0) return;
            }

            take(_block);
            _block = null;
        }
    }
}
