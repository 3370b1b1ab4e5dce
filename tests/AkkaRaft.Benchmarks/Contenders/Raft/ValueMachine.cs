using System.Buffers.Binary;
using Akka.Actor;
using Akka.Serialization;

namespace AkkaRaft.Benchmarks.Contenders.Raft;

/// <summary>What the machine is told, and tells.</summary>
internal interface IValueMessage;

/// <summary>Writes a value.</summary>
internal sealed record PutValue(int Key, ReadOnlyMemory<byte> Value) : IValueMessage;

/// <summary>Reads one.</summary>
internal sealed record GetValue(int Key) : IValueMessage;

/// <summary>A value; empty if there is none.</summary>
internal sealed record StoredBytes(ReadOnlyMemory<byte> Value) : IValueMessage;

/// <summary>All values, as <see cref="KeptValues.ToBytes"/> writes them.</summary>
internal sealed record AllValues(ReadOnlyMemory<byte> Values) : IValueMessage;

/// <summary>Makes the state larger by so many bytes, which follow from the seed.</summary>
internal sealed record AddBulk(int Seed, int Bytes) : IValueMessage;

/// <summary>The state machine that is measured: values by number.</summary>
internal sealed class ValueMachine : RaftStateMachine
{
    readonly KeptValues _values = new();

    public ValueMachine()
    {
        // A statement: the value of an expression would be the command's result, kept in the session and sent back.
        Command<PutValue>(put => { _values[put.Key] = put.Value.ToArray(); });
        Query<GetValue, StoredBytes>(get => new StoredBytes(_values[get.Key]));
        Snapshot(() => new AllValues(_values.ToBytes()), (AllValues all) => _values.Restore(all.Values.Span));
    }
}

/// <summary>Four bytes of key, then the value: what an application that cares for speed would write.</summary>
internal sealed class ValueSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    /// <summary>Of all bytes that it makes.</summary>
    public const int Id = 7_900;

    public override int Identifier => Id;

    public override string Manifest(object o) => ManifestOf(o);

    public override byte[] ToBinary(object obj) => BytesOf(obj);

    /// <summary>The name of what an object's bytes are.</summary>
    public static string ManifestOf(object o) => o switch
    {
        PutValue => "put",
        GetValue => "get",
        StoredBytes => "value",
        AllValues => "all",
        AddBulk => "bulk",
        _ => throw new ArgumentException($"{o.GetType()} is not for this serializer."),
    };

    /// <summary>An object's bytes.</summary>
    public static byte[] BytesOf(object obj) => obj switch
    {
        PutValue put => Keyed(put.Key, put.Value.Span),
        GetValue get => Keyed(get.Key, []),
        StoredBytes stored => stored.Value.ToArray(),
        AllValues all => all.Values.ToArray(),
        AddBulk bulk => Keyed(bulk.Seed, BitConverter.GetBytes(bulk.Bytes)),
        _ => throw new ArgumentException($"{obj.GetType()} is not for this serializer."),
    };

    public override object FromBinary(byte[] bytes, string manifest) => manifest switch
    {
        "put" => new PutValue(BinaryPrimitives.ReadInt32LittleEndian(bytes), bytes.AsMemory(4)),
        "get" => new GetValue(BinaryPrimitives.ReadInt32LittleEndian(bytes)),
        "value" => new StoredBytes(bytes),
        "all" => new AllValues(bytes),
        "bulk" => new AddBulk(BinaryPrimitives.ReadInt32LittleEndian(bytes), BitConverter.ToInt32(bytes, sizeof(int))),
        _ => throw new ArgumentException($"\"{manifest}\" is no manifest of this serializer."),
    };

    static byte[] Keyed(int key, ReadOnlySpan<byte> value)
    {
        var bytes = new byte[4 + value.Length];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, key);
        value.CopyTo(bytes.AsSpan(4));
        return bytes;
    }
}
