using Akka.Actor;
using Akka.Serialization;
using AkkaRaft.Consensus;

namespace AkkaRaft.Serialization;

/// <summary>Payloads by whatever serializers the ActorSystem has bound to the types.</summary>
internal sealed class AkkaPayloadCodec(ExtendedActorSystem system) : IPayloadCodec
{
    public Payload Encode(object value)
    {
        var serializer = system.Serialization.FindSerializerFor(value);
        return new Payload(serializer.Identifier, Akka.Serialization.Serialization.ManifestFor(serializer, value), serializer.ToBinary(value));
    }

    public object Decode(Payload payload)
    {
        if (!payload.IsIntact) throw new FormatException($"The payload {payload} is damaged: its checksum is not that of its bytes.");
        return system.Serialization.Deserialize(payload.Bytes.ToArray(), payload.SerializerId, payload.Manifest);
    }
}
