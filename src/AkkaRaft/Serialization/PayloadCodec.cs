using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Runtime.InteropServices;
using System.Runtime.Serialization;
using AkkaRaft.Consensus;
using Akka.Actor;
using Akka.Serialization;

namespace AkkaRaft.Serialization;

/// <summary>
/// Makes payloads of the user's objects and objects of payloads, by the Akka serializer that the user bound to the type, or by Hyperion. It keeps
/// nothing but caches, and any thread may use it.
/// </summary>
internal sealed class PayloadCodec(ExtendedActorSystem system, PayloadTypes types, PayloadBindings bindings) : IPayloadCodec
{
    readonly ConcurrentDictionary<Type, Serializer> _serializers = new();
    readonly HyperionPayloadSerializer _hyperion = new(system, types);
    AdmittedSerializers _admitted = new(null, FrozenDictionary<int, Serializer>.Empty);

    public static PayloadCodec Get(ActorSystem system) => PayloadTypes.Get(system).Codec;

    public void Admit(IEnumerable<Type> admitted)
    {
        Type[] unknown = [.. admitted.Where(type => !types.Admits(type))];
        if (unknown.Length > 0) types.Register(unknown);
    }

    /// <exception cref="PayloadUnwritableException">The type is not registered, or its serializer cannot write the object.</exception>
    public Payload Encode(object value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var type = value.GetType();
        if (!types.Admits(type))
        {
            throw new PayloadUnwritableException(
                type, $"An object of type \"{TypeNames.Of(type)}\" cannot be sent or stored: the type is not registered, so no node could read it. " +
                $"Nothing was sent. {PayloadTypes.HowToRegister("it")}.");
        }

        var serializer = SerializerFor(type);
        try
        {
            return Akka.Serialization.Serialization.WithTransport(system, (serializer, value), static written =>
                new Payload(
                    written.serializer.Identifier, Akka.Serialization.Serialization.ManifestFor(written.serializer, written.value),
                    written.serializer.ToBinary(written.value)));
        }
        catch (Exception e)
        {
            throw new PayloadUnwritableException(
                type, $"An object of type \"{TypeNames.Of(type)}\" cannot be sent or stored: {serializer.GetType().Name} (id {serializer.Identifier}) cannot " +
                $"write it: {Innermost(e).Message}. Nothing was sent.", e);
        }
    }

    /// <exception cref="PayloadUnreadableException">Always this one, whatever is wrong.</exception>
    public object Decode(Payload payload)
    {
        try
        {
            // First of all: damaged bytes must not reach a serializer, which may take any four of them for a length.
            if (!payload.IsIntact) throw new SerializationException("the bytes are damaged: their checksum is not the one that was made of them");
            var value = Read(payload);
            return types.Admits(value.GetType()) ? value : throw PayloadTypes.NotRegistered(TypeNames.Of(value.GetType()));
        }
        catch (Exception e)
        {
            throw new PayloadUnreadableException(
                payload.SerializerId, payload.Manifest,
                $"A payload of type \"{payload.Manifest}\" (serializer {payload.SerializerId}, {payload.Bytes.Length} bytes) cannot be read: " +
                $"{Innermost(e).Message}. Nothing was changed.", e);
        }
    }

    object Read(Payload payload)
    {
        if (payload.SerializerId == HyperionPayloadSerializer.Id) return _hyperion.Read(payload.Bytes, payload.Manifest);
        if (!Admitted().TryGetValue(payload.SerializerId, out var serializer))
        {
            throw new SerializationException(
                $"no registered type is bound to a serializer of id {payload.SerializerId} here. Bind it in akka.actor.serialization-bindings as on the node " +
                $"that wrote it. {PayloadTypes.HowToRegister("the type")}");
        }

        // Akka loads the type that such a manifest names.
        if (serializer is not SerializerWithStringManifest && serializer.IncludeManifest && !types.All.AdmitsName(payload.Manifest))
            throw PayloadTypes.NotRegistered(payload.Manifest);
        return system.Serialization.Deserialize(ArrayOf(payload.Bytes), payload.SerializerId, payload.Manifest)
            ?? throw new SerializationException("there is no object in the bytes");
    }

    Serializer SerializerFor(Type type) => _serializers.GetOrAdd(type, static (t, codec) => codec.BoundTo(t) ?? codec._hyperion, this);

    Serializer? BoundTo(Type type) => bindings.BoundTo(type);

    // Only serializers of registered types: others of the application (Java-style ones above all) may create any type that the bytes ask for.
    FrozenDictionary<int, Serializer> Admitted()
    {
        var admitted = Volatile.Read(ref _admitted);
        var registered = types.All;
        if (!ReferenceEquals(admitted.For, registered))
        {
            var byId = new Dictionary<int, Serializer>();
            foreach (var type in PlainTypes.Values.Append(typeof(byte[])).Concat(registered.Types))
            {
                var serializer = SerializerFor(type);
                byId.TryAdd(serializer.Identifier, serializer);
            }

            admitted = new AdmittedSerializers(registered, byId.ToFrozenDictionary());
            Volatile.Write(ref _admitted, admitted);
        }

        return admitted.ById;
    }

    static byte[] ArrayOf(ReadOnlyMemory<byte> bytes) =>
        MemoryMarshal.TryGetArray(bytes, out var segment) && segment.Offset == 0 && segment.Count == segment.Array!.Length ? segment.Array : bytes.ToArray();

    // Hyperion wraps what our gate says, once for each level of nesting.
    static Exception Innermost(Exception e) => e.InnerException is { } inner ? Innermost(inner) : e;

    sealed record AdmittedSerializers(PayloadTypeSet? For, FrozenDictionary<int, Serializer> ById);
}
