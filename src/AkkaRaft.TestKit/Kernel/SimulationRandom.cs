using System.Text;
using AkkaRaft.Consensus;

namespace AkkaRaft.TestKit;

/// <summary>
/// A stream of random numbers that its seed and its purpose decide, on every machine alike. Each purpose has a stream of its own, so that one more draw for one
/// purpose changes nothing elsewhere. Not safe for several threads.
/// </summary>
public sealed class SimulationRandom
{
    readonly ElectionRandom _stream;
    readonly ulong _seed;

    /// <param name="seed">The seed of the run.</param>
    /// <param name="purpose">What the numbers are for.</param>
    public SimulationRandom(ulong seed, string purpose)
    {
        ArgumentNullException.ThrowIfNull(purpose);
        _seed = seed;
        _stream = new ElectionRandom(StableHash.Of(seed, purpose));
    }

    /// <summary>Another stream of the same run.</summary>
    /// <param name="purpose">What its numbers are for.</param>
    public SimulationRandom For(string purpose) => new(_seed, purpose);

    /// <summary>64 random bits.</summary>
    public ulong Bits() => _stream.Next();

    /// <summary>A whole number from <paramref name="min"/> to <paramref name="max"/>, both included.</summary>
    /// <param name="min">The smallest.</param>
    /// <param name="max">The largest; not below <paramref name="min"/>.</param>
    public int Between(int min, int max)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(max, min);
        return (int)(min + (long)(Bits() % (ulong)((long)max - min + 1)));
    }

    /// <summary>A time from <paramref name="min"/> up to <paramref name="max"/>, to the microsecond.</summary>
    /// <param name="min">The shortest.</param>
    /// <param name="max">The longest; not below <paramref name="min"/>.</param>
    public TimeSpan Between(TimeSpan min, TimeSpan max)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(max, min);
        var span = (ulong)((max - min).Ticks / TimeSpan.TicksPerMicrosecond);
        return min + TimeSpan.FromMicroseconds((long)(Bits() % (span + 1)));
    }

    /// <summary>A number from 0 up to, and without, 1.</summary>
    public double Fraction() => (Bits() >> 11) * (1.0 / (1UL << 53));

    /// <summary>True with this probability.</summary>
    /// <param name="probability">From 0, never, to 1, always.</param>
    public bool Chance(double probability) => Fraction() < probability;

    /// <summary>One of these, each as likely.</summary>
    /// <typeparam name="T">Their type.</typeparam>
    /// <param name="choices">At least one.</param>
    public T Pick<T>(params IReadOnlyList<T> choices)
    {
        ArgumentNullException.ThrowIfNull(choices);
        ArgumentOutOfRangeException.ThrowIfZero(choices.Count, nameof(choices));
        return choices[Between(0, choices.Count - 1)];
    }

    /// <summary>One of these objects, each as likely: for commands and queries of different types.</summary>
    /// <param name="choices">At least one.</param>
    public object Pick(params object[] choices) => Pick((IReadOnlyList<object>)choices);
}

/// <summary>Hashes that are the same in every process; .NET's own of strings are not.</summary>
internal static class StableHash
{
    const ulong Prime = 0x100000001B3;
    const ulong Basis = 0xCBF29CE484222325;

    public static ulong Of(ulong seed, string text)
    {
        var hash = Mix(Basis, seed);
        foreach (var octet in Encoding.UTF8.GetBytes(text)) hash = (hash ^ octet) * Prime;
        return Finish(hash);
    }

    public static ulong Of(string text) => Of(0, text);

    /// <summary>Adds a number to a running hash.</summary>
    public static ulong Mix(ulong hash, ulong value) => Finish(hash * Prime ^ value);

    static ulong Finish(ulong hash)
    {
        hash = (hash ^ (hash >> 33)) * 0xFF51AFD7ED558CCD;
        hash = (hash ^ (hash >> 33)) * 0xC4CEB9FE1A85EC53;
        return hash ^ (hash >> 33);
    }
}
