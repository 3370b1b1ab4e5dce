using AkkaRaft.Consensus;

namespace AkkaRaft.Serialization;

/// <summary>Turns the user's objects into payloads and back. Safe to use from any thread: clients encode on their caller's.</summary>
internal interface IPayloadCodec
{
    /// <summary>Serializes; throws when the type is not registered or its serializer fails.</summary>
    Payload Encode(object value);

    /// <summary>Checks and deserializes; throws when the payload is damaged, or of a type that cannot be read here.</summary>
    object Decode(Payload payload);
}
