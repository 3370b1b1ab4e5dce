using System.Runtime.InteropServices;
using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Serialization;

namespace AkkaRaft.Serialization;

/// <summary>
/// Writes and reads the user's objects with Hyperion, when the user binds no serializer of their own: a byte for the format, then Hyperion's. Only
/// types that <see cref="PayloadTypes"/> admits are written or read.
/// </summary>
internal sealed class HyperionPayloadSerializer : SerializerWithStringManifest
{
    public const int Id = 7462;

    const byte FormatVersion = 1;

    // Akka makes its serializers while the system is still starting, when there are no extensions yet.
    readonly Lazy<(PayloadTypes Types, Hyperion.Serializer Hyperion)> _inner;

    readonly SharedHyperion? _shared;

    public HyperionPayloadSerializer(ExtendedActorSystem system) : this(system, null)
    {
    }

    public HyperionPayloadSerializer(ExtendedActorSystem system, PayloadTypes? types) : base(system)
    {
        var shared = system.Settings.Setup.Get<SharedHyperion>();
        if (shared.HasValue) _shared = shared.Value;
        _inner = new(() =>
        {
            var mine = types ?? PayloadTypes.Get(system);
            return (mine, _shared?.Hyperion ?? PayloadGate.NewHyperion(mine));
        });
    }

    public override int Identifier => Id;

    public override string Manifest(object o) => TypeNames.Of(o.GetType());

    /// <exception cref="SerializationException">A type inside is not registered, or Hyperion cannot write it.</exception>
    public override byte[] ToBinary(object obj)
    {
        using var stream = new NestingStream();
        stream.WriteByte(FormatVersion);
        var (types, hyperion) = _inner.Value;
        _shared?.Include(types.Data);
        hyperion.Serialize(obj, stream);
        return stream.ToArray();
    }

    /// <exception cref="SerializationException">The bytes are not what this serializer wrote, or name a type that is not registered.</exception>
    public override object FromBinary(byte[] bytes, string manifest) => Read(bytes, manifest);

    public object Read(ReadOnlyMemory<byte> bytes, string manifest)
    {
        var (types, hyperion) = _inner.Value;
        _shared?.Include(types.Data);
        if (TypeNames.Parse(manifest) is not { } named) throw new SerializationException($"\"{manifest}\" is not the name of a type");
        if (!types.Data.AdmitsName(manifest)) throw PayloadTypes.NotRegistered(manifest);
        if (bytes.IsEmpty) throw new SerializationException("there are no bytes");
        if (bytes.Span[0] != FormatVersion)
            throw new SerializationException($"its format version is {bytes.Span[0]}, and this version of AkkaRaft reads {FormatVersion}");

        if (!MemoryMarshal.TryGetArray(bytes, out var segment)) segment = bytes.ToArray();
        using var stream = new NestingStream(segment.Array!, segment.Offset + 1, segment.Count - 1);
        var read = hyperion.Deserialize<object>(stream);
        if (read is null) throw new SerializationException("there is no object in the bytes");
        if (stream.Position != stream.Length) throw new SerializationException("there are bytes after the object");
        if (TypeNames.Comparable(read.GetType()) != TypeNames.Comparable(named))
            throw new SerializationException($"the bytes hold a \"{TypeNames.Of(read.GetType())}\"");
        return read;
    }
}
