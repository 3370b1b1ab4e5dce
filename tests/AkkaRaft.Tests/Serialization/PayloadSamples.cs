using System.Collections.Immutable;
using System.Collections.ObjectModel;
using System.Numerics;

namespace AkkaRaft.Tests.Serialization;

public enum Colour
{
    Red = 1,
    Green = 2,
}

public sealed record Order(string Id, Customer Customer, ImmutableArray<Line> Lines, DateTimeOffset At, decimal Total);

public sealed record Customer(string Name, Colour? Favourite);

public readonly record struct Line(string Article, int Count, Price Price);

public readonly record struct Price(decimal Amount);

public sealed record Page<T>(T Item, Page<T>? Next);

public abstract record Shape;

public sealed record Circle(double Radius) : Shape;

public sealed record Square(double Side) : Shape;

public sealed record Drawing(Shape First, IReadOnlyList<Shape> Others);

public sealed class Tagged
{
    public required string Name { get; init; }

    public Dictionary<string, Customer> Friends { get; init; } = [];
}

public sealed record Stranger(string Text);

public sealed record HoldsObject(string Name, object Anything);

public sealed record HoldsDelegate(Func<int> Later);

public sealed record HoldsDeep(Page<List<HoldsObject?>> Inside);

public sealed record Chain(int Depth, Chain? Next);

public sealed record Everything(
    bool B, char C, sbyte I8, byte U8, short I16, ushort U16, int I32, uint U32, long I64, ulong U64, Int128 I128, UInt128 U128, Half F16, float F32,
    double F64, decimal D, BigInteger Big, string S, Guid G, DateTime Dt, DateTimeOffset Dto, DateOnly Do, TimeOnly To, TimeSpan Ts,
    Version V, int? N, Colour E);

/// <summary>Objects that Hyperion must bring back as they were.</summary>
internal static class PayloadSamples
{
    public static readonly Order Order = new(
        "o-1", new Customer("Ann", Colour.Green), [new Line("bolt", 3, new Price(1.25m)), new Line("nut", 4, new Price(0.5m))],
        new DateTimeOffset(2026, 11, 23, 8, 30, 0, TimeSpan.FromHours(2)), 5.75m);

    public static readonly Everything Everything = new(
        true, 'x', -1, 2, -3, 4, -5, 6, -7, 8, Int128.MinValue, UInt128.MaxValue, (Half)1.5, 2.5f, 3.5, 4.5m, BigInteger.Pow(7, 90), "é𝄞",
        new Guid("00112233-4455-6677-8899-aabbccddeeff"), new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc), DateTimeOffset.UnixEpoch,
        new DateOnly(2026, 1, 2), new TimeOnly(3, 4, 5), TimeSpan.FromTicks(123), new Version(1, 2, 3), null, Colour.Red);

    public static IReadOnlyList<object> Collections { get; } =
    [
        new[] { 1, 2 }, new[,] { { 1, 2 }, { 3, 4 } }, new[] { new[] { "a" }, [] }, new List<Price> { new(1), new(2) },
        new Dictionary<string, Customer> { ["a"] = new("Ann", null), ["b"] = new("Bob", Colour.Red) }, new HashSet<string> { "x", "y" },
        new SortedSet<int> { 3, 1, 2 }, new SortedDictionary<string, int> { ["b"] = 2, ["a"] = 1 }, new Queue<int>([1, 2, 3]), new Stack<int>([1, 2, 3]),
        new LinkedList<int>([1, 2, 3]), new Collection<int>([1, 2]), new ReadOnlyCollection<int>([1, 2]),
        ImmutableArray.Create(1, 2), ImmutableList.Create("a", "b"), ImmutableDictionary<string, int>.Empty.Add("a", 1).Add("b", 2),
        ImmutableSortedDictionary<string, int>.Empty.Add("b", 2).Add("a", 1), ImmutableHashSet.Create(1, 2), ImmutableSortedSet.Create(2, 1),
        ImmutableQueue.Create(1, 2, 3), ImmutableStack.Create(1, 2, 3),
    ];
}
