using System.Runtime.Serialization;
using AkkaRaft.Serialization;
using Akka.Actor;
using Akka.Configuration;

namespace AkkaRaft;

/// <summary>
/// The types that may travel and be stored as commands, queries, results and snapshots; one registry per <see cref="ActorSystem"/>, shared by the
/// nodes and clients in it. No other type is ever created from bytes that came off the network or out of a journal.
/// </summary>
/// <remarks>
/// <para>Register the same types on every node and client, before the node starts: in code with <see cref="Register{T}"/>, or by name in
/// <c>akka.raft.payload-types = ["Shop.PlaceOrder, Shop", ...]</c>. A registered type brings in the types that its fields are declared with, their
/// element types and their generic arguments; only types that derive from a declared one must be registered by themselves.</para>
/// <para>Without registration pass: the primitives, string, decimal, Guid, the types of dates and times, Half, Int128, UInt128, BigInteger, Version, and
/// arrays, nullables, tuples, key-value pairs and the usual generic and immutable collections of types that pass. Collections come back with their
/// default comparer.</para>
/// <para>A type that <c>akka.actor.serialization-bindings</c> binds to a serializer of the application is admitted as it is, and written by that one. All
/// others are written by Hyperion: as values and not as graphs, with at most 100 objects inside each other.</para>
/// <para>Safe for use by several threads.</para>
/// </remarks>
public sealed class PayloadTypes : IExtension, IAdmittedTypes
{
    internal const string ConfigKey = "akka.raft.payload-types";

    readonly Lock _registering = new();
    readonly Lazy<PayloadCodec> _codec;
    readonly Lazy<PayloadBindings> _bindings;
    volatile PayloadTypeSet _all = new([]);
    volatile PayloadTypeSet _data = new([]);

    internal PayloadTypes(ExtendedActorSystem system)
    {
        _bindings = new Lazy<PayloadBindings>(() => new PayloadBindings(system));
        _codec = new Lazy<PayloadCodec>(() => new PayloadCodec(system, this, _bindings.Value));
        var config = system.Settings.Config;
        if (!config.HasPath(ConfigKey)) return;
        try
        {
            Register([.. config.GetStringList(ConfigKey).Select(TypeNamed)]);
        }
        catch (ArgumentException e)
        {
            throw new ConfigurationException($"{ConfigKey}: {e.Message}", e);
        }
    }

    /// <summary>The registry of the actor system.</summary>
    /// <exception cref="ConfigurationException"><c>akka.raft.payload-types</c> names a type that does not exist or is not plain data.</exception>
    public static PayloadTypes Get(ActorSystem system) => system.WithExtension<PayloadTypes, PayloadTypesProvider>();

    internal PayloadCodec Codec => _codec.Value;

    /// <summary>Everything registered.</summary>
    internal PayloadTypeSet All => _all;

    /// <summary>What Hyperion may write and read: what is registered and not bound to a serializer of its own, with all that can be inside it.</summary>
    internal PayloadTypeSet Data => _data;

    PayloadTypeSet IAdmittedTypes.All => _all;

    PayloadTypeSet IAdmittedTypes.Data => _data;

    /// <summary>Registers a type and the types that its fields are declared with. Registering a type again changes nothing.</summary>
    /// <exception cref="ArgumentException">See <see cref="Register(Type[])"/>.</exception>
    public PayloadTypes Register<T>() => Register(typeof(T));

    /// <summary>Registers types and the types that their fields are declared with. Registering a type again changes nothing.</summary>
    /// <returns>This registry.</returns>
    /// <exception cref="ArgumentException">
    /// One of the types, or the declared type of a field somewhere inside it, is not plain data: object, a delegate, System.Type, an exception, a stream, an
    /// actor reference, a type of .NET that is not listed above ... Nothing was registered then. The message names the field and says what to do.
    /// </exception>
    public PayloadTypes Register(params Type[] types)
    {
        ArgumentNullException.ThrowIfNull(types);
        lock (_registering)
        {
            var closure = new PayloadTypeClosure(_data.Types);
            var bound = new List<Type>();
            foreach (var type in types)
            {
                if (type is null) throw new ArgumentException("One of the types is null.", nameof(types));

                // What a serializer of the user's own makes of a type is the user's business.
                if (CanBeBound(type) && _bindings.Value.BoundTo(type) is not (null or HyperionPayloadSerializer)) bound.Add(type);
                else closure.Add(type);
            }

            if (closure.Found.Count > 0) _data = new PayloadTypeSet([.. _data.Types, .. closure.Found]);
            _all = new PayloadTypeSet([.. _all.Types, .. closure.Found, .. bound]);
        }

        return this;
    }

    /// <summary>Whether objects of exactly this type may be payloads.</summary>
    public bool Admits(Type type)
    {
        ArgumentNullException.ThrowIfNull(type);
        return _all.Admits(type);
    }

    internal static SerializationException NotRegistered(string typeName) => new($"the type \"{typeName}\" is not registered. {HowToRegister("it")}");

    internal static string HowToRegister(string type) =>
        $"Register {type} with PayloadTypes.Get(system).Register(...) or in {ConfigKey}, the same on every node and client";

    // Akka knows primitives and arrays of bytes too, and binds everything to System.Object.
    static bool CanBeBound(Type type) => !type.ContainsGenericParameters && !PlainTypes.Values.Contains(type) && !type.IsArray && type != typeof(object);

    internal static Type TypeNamed(string name) => Type.GetType(name, throwOnError: false) ?? throw new ConfigurationException(
        $"{ConfigKey} names \"{name}\", and there is no such type. Write \"Namespace.Type, Assembly\", and put the assembly beside the application.");
}

/// <summary>Makes each actor system's <see cref="PayloadTypes"/>.</summary>
public sealed class PayloadTypesProvider : ExtensionIdProvider<PayloadTypes>
{
    /// <inheritdoc />
    public override PayloadTypes CreateExtension(ExtendedActorSystem system) => new(system);
}
