using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Collections.ObjectModel;
using System.Numerics;

namespace AkkaRaft.Serialization;

/// <summary>The types of .NET that are plain data: they need no registration, and nothing but data can hide in them.</summary>
internal static class PlainTypes
{
    /// <summary>Single values.</summary>
    public static readonly FrozenSet<Type> Values = new[]
    {
        typeof(bool), typeof(char), typeof(sbyte), typeof(byte), typeof(short), typeof(ushort), typeof(int), typeof(uint), typeof(long), typeof(ulong),
        typeof(Int128), typeof(UInt128), typeof(Half), typeof(float), typeof(double), typeof(decimal), typeof(BigInteger), typeof(string), typeof(Guid),
        typeof(DateTime), typeof(DateTimeOffset), typeof(DateOnly), typeof(TimeOnly), typeof(TimeSpan), typeof(Version),
    }.ToFrozenSet();

    /// <summary>What holds other values; it is plain data when its type arguments are. Hyperion brings each of them back whole, but for comparers.</summary>
    public static readonly FrozenSet<Type> Containers = new[]
    {
        typeof(Nullable<>), typeof(KeyValuePair<,>),
        typeof(ValueTuple<>), typeof(ValueTuple<,>), typeof(ValueTuple<,,>), typeof(ValueTuple<,,,>), typeof(ValueTuple<,,,,>), typeof(ValueTuple<,,,,,>),
        typeof(ValueTuple<,,,,,,>),
        typeof(Tuple<>), typeof(Tuple<,>), typeof(Tuple<,,>), typeof(Tuple<,,,>), typeof(Tuple<,,,,>), typeof(Tuple<,,,,,>), typeof(Tuple<,,,,,,>),
        typeof(List<>), typeof(Dictionary<,>), typeof(HashSet<>), typeof(SortedSet<>), typeof(SortedDictionary<,>), typeof(Queue<>), typeof(Stack<>),
        typeof(LinkedList<>), typeof(Collection<>), typeof(ReadOnlyCollection<>),
        typeof(ImmutableArray<>), typeof(ImmutableList<>), typeof(ImmutableDictionary<,>), typeof(ImmutableSortedDictionary<,>), typeof(ImmutableHashSet<>),
        typeof(ImmutableSortedSet<>), typeof(ImmutableQueue<>), typeof(ImmutableStack<>),
    }.ToFrozenSet();

    /// <summary>How a field may be declared that holds one of the containers.</summary>
    static readonly FrozenSet<Type> ContainerInterfaces = new[]
    {
        typeof(IEnumerable<>), typeof(ICollection<>), typeof(IReadOnlyCollection<>), typeof(IList<>), typeof(IReadOnlyList<>), typeof(ISet<>),
        typeof(IReadOnlySet<>), typeof(IDictionary<,>), typeof(IReadOnlyDictionary<,>), typeof(IImmutableList<>), typeof(IImmutableDictionary<,>),
        typeof(IImmutableSet<>), typeof(IImmutableQueue<>), typeof(IImmutableStack<>),
    }.ToFrozenSet();

    static readonly FrozenSet<string> ValueNames = Values.Select(TypeNames.Comparable).ToFrozenSet();

    static readonly FrozenSet<string> ContainerNames = Containers.Select(TypeNames.Comparable).ToFrozenSet();

    static readonly FrozenSet<string> ContainerInterfaceNames = ContainerInterfaces.Select(TypeNames.Comparable).ToFrozenSet();

    public static bool IsContainer(Type type) => type.IsConstructedGenericType && Containers.Contains(type.GetGenericTypeDefinition());

    public static bool IsContainerInterface(Type type) => type.IsConstructedGenericType && ContainerInterfaces.Contains(type.GetGenericTypeDefinition());

    public static bool IsValueName(string comparableName) => ValueNames.Contains(comparableName);

    public static bool IsContainerName(string comparableDefinitionName) => ContainerNames.Contains(comparableDefinitionName);

    public static bool IsContainerInterfaceName(string comparableDefinitionName) => ContainerInterfaceNames.Contains(comparableDefinitionName);
}
