using AkkaRaft.Consensus;

namespace AkkaRaft.Serialization;

/// <summary>Turns the user's objects into payloads and back. Safe to use from any thread: clients encode on their caller's.</summary>
internal interface IPayloadCodec
{
    /// <summary>Makes types known that this process itself uses as commands, queries or results; those known already stay as they are.</summary>
    /// <exception cref="ArgumentException">One of them is no plain data.</exception>
    void Admit(IEnumerable<Type> types);

    /// <summary>Serializes; throws when the type is not registered or its serializer fails.</summary>
    Payload Encode(object value);

    /// <summary>Checks and deserializes; throws when the payload is damaged, or of a type that cannot be read here.</summary>
    object Decode(Payload payload);
}
