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
internal sealed class PayloadGate(PayloadTypes types) : ValueSerializerFactory, ITypeFilter
{
    // How Hyperion writes what is in a dictionary.
    static readonly string DictionaryEntryName = TypeNames.Comparable(typeof(DictionaryEntry));

    /// <summary>Hyperion gives the name with the assembly's version when it writes and without it when it reads.</summary>
    public bool IsAllowed(string typeName)
    {
        if (types.AdmitsName(typeName)) return true;
        if (TypeNames.Parse(typeName) is { } parsed && TypeNames.Comparable(parsed) == DictionaryEntryName) return true;
        throw NotRegistered(typeName);
    }

    public override bool CanSerialize(Hyperion.Serializer serializer, Type type) => Pass(type);

    public override bool CanDeserialize(Hyperion.Serializer serializer, Type type) => Pass(type);

    public override ValueSerializer BuildSerializer(
        Hyperion.Serializer serializer, Type type, ConcurrentDictionary<Type, ValueSerializer> typeMapping) =>
        throw new NotSupportedException("The gate only looks on; other factories write and read.");

    // Always false: it lets Hyperion's own factories do the work.
    bool Pass(Type type)
    {
        // A bare object has no data; it is how a dictionary's entries are declared.
        if (types.Admits(type) || type == typeof(DictionaryEntry) || type == typeof(DictionaryEntry[]) || type == typeof(object)) return false;
        if (type.IsInterface && types.AdmitsAsDeclared(type)) return false;
        throw NotRegistered(TypeNames.Of(type));
    }

    static SerializationException NotRegistered(string type) =>
        new($"the type \"{type}\" is not registered. {PayloadTypes.HowToRegister("it")}");
}
