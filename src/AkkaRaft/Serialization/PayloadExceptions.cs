namespace AkkaRaft;

/// <summary>
/// A command, query, result or snapshot cannot be read here: it is damaged, its type is not registered on this node, or its serializer is missing or
/// cannot read it. The message names type, manifest and serializer, and says what to do. Nothing was changed.
/// </summary>
public sealed class PayloadUnreadableException : Exception
{
    internal PayloadUnreadableException(int serializerId, string manifest, string message, Exception? cause = null) : base(message, cause)
    {
        SerializerId = serializerId;
        PayloadManifest = manifest;
    }

    /// <summary>The id of the Akka serializer that wrote the payload.</summary>
    public int SerializerId { get; }

    /// <summary>What that serializer wrote down about the type; of AkkaRaft's own it is "Namespace.Type, Assembly".</summary>
    public string PayloadManifest { get; }
}

/// <summary>
/// An object cannot be made a payload: a type is not registered, or the serializer refuses it. The message names the type and says what to do. Nothing was
/// sent.
/// </summary>
public sealed class PayloadUnwritableException : Exception
{
    internal PayloadUnwritableException(Type payloadType, string message, Exception? cause = null) : base(message, cause) => PayloadType = payloadType;

    /// <summary>The type of the object.</summary>
    public Type PayloadType { get; }
}
