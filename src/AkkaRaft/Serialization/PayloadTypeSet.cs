using System.Collections.Frozen;
using System.Reflection.Metadata;

namespace AkkaRaft.Serialization;

/// <summary>Registered types at one moment, and the questions about them.</summary>
internal sealed class PayloadTypeSet(IEnumerable<Type> types)
{
    readonly FrozenSet<string> _names = types.Select(TypeNames.Comparable).ToFrozenSet();

    /// <summary>What is registered, without what passes anyhow.</summary>
    public FrozenSet<Type> Types { get; } = types.ToFrozenSet();

    /// <summary>Whether there may be an object of exactly this type.</summary>
    public bool Admits(Type type) =>
        PlainTypes.Values.Contains(type) || Types.Contains(type)
        || (type.IsArray && AdmitsAsDeclared(type.GetElementType()!))
        || (PlainTypes.IsContainer(type) && type.GetGenericArguments().All(AdmitsAsDeclared));

    /// <summary>Whether a field or an element may be declared as this type: IReadOnlyList{Order} for one, which no object ever is.</summary>
    public bool AdmitsAsDeclared(Type type) =>
        Admits(type) || (PlainTypes.IsContainerInterface(type) && type.GetGenericArguments().All(AdmitsAsDeclared));

    /// <summary>The question of <see cref="Admits"/> for a type that is known only by name, asked before it is loaded.</summary>
    public bool AdmitsName(string name) => TypeNames.Parse(name) is { } parsed && AdmitsName(parsed);

    bool AdmitsName(TypeName name)
    {
        if (name.IsPointer || name.IsByRef) return false;
        var comparable = TypeNames.Comparable(name);
        if (PlainTypes.IsValueName(comparable) || _names.Contains(comparable)) return true;
        if (name.IsArray) return AdmitsNameAsDeclared(name.GetElementType());
        return name.IsConstructedGenericType
            && PlainTypes.IsContainerName(TypeNames.Comparable(name.GetGenericTypeDefinition()))
            && name.GetGenericArguments().All(AdmitsNameAsDeclared);
    }

    bool AdmitsNameAsDeclared(TypeName name) => AdmitsName(name)
        || (name.IsConstructedGenericType
            && PlainTypes.IsContainerInterfaceName(TypeNames.Comparable(name.GetGenericTypeDefinition()))
            && name.GetGenericArguments().All(AdmitsNameAsDeclared));
}
