using System.Collections.Frozen;
using System.Reflection.Metadata;
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
/// <para>Safe for use by several threads.</para>
/// </remarks>
public sealed class PayloadTypes : IExtension
{
    internal const string ConfigKey = "akka.raft.payload-types";

    readonly Lock _registering = new();
    readonly Lazy<PayloadCodec> _codec;
    volatile Registered _registered = new([]);

    internal PayloadTypes(ExtendedActorSystem system)
    {
        _codec = new Lazy<PayloadCodec>(() => new PayloadCodec(system, this));
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

    /// <summary>Everything registered, without what passes anyhow.</summary>
    internal IReadOnlySet<Type> All => _registered.Types;

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
            var closure = new PayloadTypeClosure(_registered.Types);
            foreach (var type in types) closure.Add(type ?? throw new ArgumentException("One of the types is null.", nameof(types)));
            if (closure.Found.Count > 0) _registered = new Registered([.. _registered.Types, .. closure.Found]);
        }

        return this;
    }

    /// <summary>Whether objects of exactly this type may be payloads, or parts of payloads.</summary>
    public bool Admits(Type type)
    {
        ArgumentNullException.ThrowIfNull(type);
        return PlainTypes.Values.Contains(type) || _registered.Types.Contains(type)
            || (type.IsArray && Admits(type.GetElementType()!))
            || (PlainTypes.IsContainer(type) && type.GetGenericArguments().All(AdmitsAsDeclared));
    }

    /// <summary>The same question for a type that is known only by name, asked before the type is loaded.</summary>
    internal bool AdmitsName(string name) => TypeNames.Parse(name) is { } parsed && AdmitsName(parsed);

    internal static string HowToRegister(string type) =>
        $"Register {type} with PayloadTypes.Get(system).Register(...) or in {ConfigKey}, the same on every node and client";

    // List<IShape> holds shapes, of whatever registered type.
    internal bool AdmitsAsDeclared(Type type) => Admits(type) || (PlainTypes.IsContainerInterface(type) && type.GetGenericArguments().All(AdmitsAsDeclared));

    bool AdmitsName(TypeName name)
    {
        if (name.IsPointer || name.IsByRef) return false;
        var comparable = TypeNames.Comparable(name);
        if (PlainTypes.IsValueName(comparable) || _registered.Names.Contains(comparable)) return true;
        if (name.IsArray) return AdmitsName(name.GetElementType());
        return name.IsConstructedGenericType
            && PlainTypes.IsContainerName(TypeNames.Comparable(name.GetGenericTypeDefinition()))
            && name.GetGenericArguments().All(AdmitsNameAsDeclared);
    }

    bool AdmitsNameAsDeclared(TypeName name) => AdmitsName(name)
        || (name.IsConstructedGenericType && PlainTypes.IsContainerInterfaceName(TypeNames.Comparable(name.GetGenericTypeDefinition()))
            && name.GetGenericArguments().All(AdmitsNameAsDeclared));

    internal static Type TypeNamed(string name) => Type.GetType(name, throwOnError: false) ?? throw new ConfigurationException(
        $"{ConfigKey} names \"{name}\", and there is no such type. Write \"Namespace.Type, Assembly\", and put the assembly beside the application.");

    sealed class Registered(IEnumerable<Type> types)
    {
        public FrozenSet<Type> Types { get; } = types.ToFrozenSet();

        public FrozenSet<string> Names { get; } = types.Select(TypeNames.Comparable).ToFrozenSet();
    }
}

/// <summary>Makes each actor system's <see cref="PayloadTypes"/>.</summary>
public sealed class PayloadTypesProvider : ExtensionIdProvider<PayloadTypes>
{
    /// <inheritdoc />
    public override PayloadTypes CreateExtension(ExtendedActorSystem system) => new(system);
}
