namespace AkkaRaft.TestKit.Checking;

/// <summary>
/// A point of the search (Lowe's configuration): which calls have found their place, and the state after them. The required ones are all before
/// <see cref="First"/> and those marked in <see cref="Window"/>, which stays as short as calls overlap.
/// </summary>
internal sealed class Configuration
{
    /// <summary>Where it was reached from first; null at the start.</summary>
    public Configuration? Parent { get; init; }

    /// <summary>The calls that were placed since, in order.</summary>
    public required Call[] Placed { get; init; }

    public required int State { get; init; }

    /// <summary>The first required call that has no place.</summary>
    public required int First { get; init; }

    /// <summary>One bit for each required call from <see cref="First"/> on, as far as any has its place.</summary>
    public required ulong[] Window { get; init; }

    /// <summary>Of the set of required calls.</summary>
    public required ulong Hash { get; init; }

    /// <summary>How many required calls have their place.</summary>
    public required int Done { get; init; }

    /// <summary>Which optional calls were used.</summary>
    public required OptionalCalls Used { get; init; }

    /// <summary>Another one with the same required calls and state, that uses other optional ones.</summary>
    public Configuration? NextAlike { get; set; }

    /// <summary>Another was found that needs fewer optional calls; this one need not be looked at.</summary>
    public bool IsSuperseded { get; set; }

    /// <summary>The least number of calls that any of those had from which this one, or one that it stands for, was reached in one step.</summary>
    public int ReachedFrom { get; set; }

    /// <summary>All calls in order.</summary>
    public List<Call> Order()
    {
        var order = new List<Call>();
        for (var at = this; at is not null; at = at.Parent) order.AddRange(at.Placed.AsEnumerable().Reverse());
        order.Reverse();
        return order;
    }

    /// <summary>Same required calls, same state.</summary>
    public sealed class AlikeComparer : IEqualityComparer<Configuration>
    {
        public bool Equals(Configuration? x, Configuration? y) =>
            x!.State == y!.State && x.Hash == y.Hash && x.First == y.First && x.Done == y.Done && x.Window.AsSpan().SequenceEqual(y.Window);

        public int GetHashCode(Configuration configuration) => (int)StableHash.Mix(configuration.Hash, (ulong)configuration.State);
    }
}

/// <summary>
/// How many of each group of equal optional calls were used: pairs of group and count, by group. Most searches use few, so the others are not kept.
/// </summary>
internal readonly struct OptionalCalls
{
    readonly int[]? _pairs;

    OptionalCalls(int[] pairs, int count) => (_pairs, Count) = (pairs, count);

    public int Count { get; }

    ReadOnlySpan<int> Pairs => _pairs;

    public int Of(int group)
    {
        var pairs = Pairs;
        for (var i = 0; i < pairs.Length; i += 2)
        {
            if (pairs[i] == group) return pairs[i + 1];
        }

        return 0;
    }

    public OptionalCalls With(int group)
    {
        var pairs = Pairs;
        var at = 0;
        while (at < pairs.Length && pairs[at] < group) at += 2;
        if (at < pairs.Length && pairs[at] == group)
        {
            var more = pairs.ToArray();
            more[at + 1]++;
            return new OptionalCalls(more, Count + 1);
        }

        return new OptionalCalls([.. pairs[..at], group, 1, .. pairs[at..]], Count + 1);
    }

    /// <summary>Whether each of these is among the other's.</summary>
    public bool AreWithin(OptionalCalls other)
    {
        if (Count > other.Count) return false;
        var mine = Pairs;
        var theirs = other.Pairs;
        var j = 0;
        for (var i = 0; i < mine.Length; i += 2)
        {
            while (j < theirs.Length && theirs[j] < mine[i]) j += 2;
            if (j >= theirs.Length || theirs[j] != mine[i] || theirs[j + 1] < mine[i + 1]) return false;
        }

        return true;
    }
}
