using System.Buffers.Binary;
using AkkaRaft.Benchmarks.Load;

namespace AkkaRaft.Benchmarks.Contenders;

/// <summary>Values by number: what each state machine that is measured keeps, and how its snapshots have it. One writes; any thread reads.</summary>
internal sealed class KeptValues
{
    readonly byte[][] _values = [.. Enumerable.Repeat<byte[]>([], LoadRequest.Keys)];

    /// <summary>A value, empty if there is none; never changed in place.</summary>
    public byte[] this[int key]
    {
        get => Volatile.Read(ref _values[key]);
        set => Volatile.Write(ref _values[key], value);
    }

    /// <summary>All values, one behind the other, each with its length.</summary>
    public byte[] ToBytes()
    {
        // Of one moment, even if another thread goes on writing.
        byte[][] values = [.. _values];
        var all = new byte[values.Sum(value => sizeof(int) + value.Length)];
        var rest = all.AsSpan();
        foreach (var value in values)
        {
            BinaryPrimitives.WriteInt32LittleEndian(rest, value.Length);
            value.CopyTo(rest[sizeof(int)..]);
            rest = rest[(sizeof(int) + value.Length)..];
        }

        return all;
    }

    /// <summary>Has the values that <see cref="ToBytes"/> wrote, and no others.</summary>
    public void Restore(ReadOnlySpan<byte> all)
    {
        for (var key = 0; key < _values.Length; key++)
        {
            var length = BinaryPrimitives.ReadInt32LittleEndian(all);
            this[key] = all.Slice(sizeof(int), length).ToArray();
            all = all[(sizeof(int) + length)..];
        }
    }
}
