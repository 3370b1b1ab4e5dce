using System.Collections;
using System.Collections.Concurrent;
using System.Runtime.Serialization;
using Hyperion;
using Hyperion.SerializerFactories;
using Hyperion.ValueSerializers;

namespace AkkaRaft.Serialization;

/// <summary>
/// Stands before everything that Hyperion writes or reads. Hyperion asks the type filter once for each name in the whole process, before it loads the
/// type, and does not ask for what is nested in an object that it writes; it asks its serializer factories, first this one, for each type once
/// for each of our serializers, on writing and reading alike. Only both together let nothing pass.
/// </summary>
internal sealed class PayloadGate(IAdmittedTypes types) : ValueSerializerFactory, ITypeFilter
{
    // How Hyperion writes what is in a dictionary.
    static readonly string DictionaryEntryName = TypeNames.Comparable(typeof(DictionaryEntry));

    /// <summary>Hyperion gives the name with the assembly's version when it writes and without it when it reads.</summary>
    public bool IsAllowed(string typeName)
    {
        if (types.Data.AdmitsName(typeName)) return true;
        if (TypeNames.Parse(typeName) is { } parsed && TypeNames.Comparable(parsed) == DictionaryEntryName) return true;
        throw Refused(typeName, types.All.AdmitsName(typeName));
    }

    public override bool CanSerialize(Hyperion.Serializer serializer, Type type) => IsOurs(type);

    public override bool CanDeserialize(Hyperion.Serializer serializer, Type type) => IsOurs(type);

    /// <summary>Hyperion's own serializer of the type's fields, with the depth counted around it.</summary>
    public override ValueSerializer BuildSerializer(
        Hyperion.Serializer serializer, Type type, ConcurrentDictionary<Type, ValueSerializer> typeMapping)
    {
        var fields = new ObjectSerializer(type);
        var nested = new NestedObjectSerializer(fields);
        if (!typeMapping.TryAdd(type, nested)) return typeMapping[type];
        try
        {
            serializer.CodeGenerator.BuildSerializer(serializer, fields);
        }
        catch
        {
            // Left there half made, it would keep the next caller waiting for ever.
            typeMapping.TryRemove(type, out _);
            throw;
        }

        return nested;
    }

    // Classes and structs of the user are ours; values and containers of .NET, which cannot contain themselves, are left to Hyperion's own factories.
    bool IsOurs(Type type)
    {
        var data = types.Data;
        if (data.Types.Contains(type)) return !type.IsEnum && !type.IsInterface;

        // A bare object has no data; it is how a dictionary's entries are declared.
        if (data.AdmitsAsDeclared(type) || type == typeof(DictionaryEntry) || type == typeof(DictionaryEntry[]) || type == typeof(object)) return false;
        throw Refused(TypeNames.Of(type), types.Admits(type));
    }

    /// <summary>A Hyperion behind this gate. Values, not graphs: equal commands are equal bytes, and an object that is used twice inside one comes back as two.
    /// Fields may come and go between versions of the application.</summary>
    public static Hyperion.Serializer NewHyperion(IAdmittedTypes types)
    {
        var gate = new PayloadGate(types);
        return new Hyperion.Serializer(new SerializerOptions(
            versionTolerance: true, preserveObjectReferences: false, surrogates: null, serializerFactories: [gate], knownTypes: null,
            ignoreISerializable: false, packageNameOverrides: null, disallowUnsafeTypes: true, typeFilter: gate));
    }

    static SerializationException Refused(string type, bool boundElsewhere) => boundElsewhere
        ? new($"the type \"{type}\" is, or holds, one that is bound to a serializer of its own, so it cannot be inside an object that Hyperion writes")
        : PayloadTypes.NotRegistered(type);
}
