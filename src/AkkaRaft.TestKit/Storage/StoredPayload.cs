using Akka.Actor;

namespace AkkaRaft.TestKit.Storage;

/// <summary>An event's or a snapshot's content as it lies on the disk: bytes of the system's own serializer, so that each read really reads them.</summary>
internal readonly struct StoredPayload
{
    readonly object? _object;
    readonly byte[]? _bytes;
    readonly int _serializer;
    readonly string _manifest;

    StoredPayload(object? kept, byte[]? bytes, int serializer, string manifest) => (_object, _bytes, _serializer, _manifest) = (kept, bytes, serializer, manifest);

    public int Size => _bytes?.Length ?? 0;

    /// <summary>The object itself: quicker, and it proves nothing about the serializer.</summary>
    public static StoredPayload AsObject(object payload) => new(payload, null, 0, "");

    public static StoredPayload AsBytes(ActorSystem system, object payload)
    {
        // Asked for each time: a system builds its Serialization anew whenever an extension adds its configuration.
        var serializer = system.Serialization.FindSerializerFor(payload);
        return Akka.Serialization.Serialization.WithTransport((ExtendedActorSystem)system, (serializer, payload), static it => new StoredPayload(
            null, it.serializer.ToBinary(it.payload), it.serializer.Identifier, Akka.Serialization.Serialization.ManifestFor(it.serializer, it.payload)));
    }

    /// <summary>The same with one bit in its middle turned over; what is kept as an object has none.</summary>
    public StoredPayload Damaged()
    {
        if (_bytes is null) throw new InvalidOperationException("This disk keeps objects instead of bytes: nothing of them can be damaged.");
        var damaged = _bytes.ToArray();
        damaged[damaged.Length / 2] ^= 0x10;
        return new StoredPayload(null, damaged, _serializer, _manifest);
    }

    public object Read(ActorSystem system)
    {
        if (_bytes is null) return _object!;
        return Akka.Serialization.Serialization.WithTransport((ExtendedActorSystem)system, (system, stored: this), static it =>
            it.system.Serialization.Deserialize(it.stored._bytes!, it.stored._serializer, it.stored._manifest));
    }
}
