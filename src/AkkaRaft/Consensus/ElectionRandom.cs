namespace AkkaRaft.Consensus;

/// <summary>
/// The node's own stream of random numbers (SplitMix64): decided by its seed alone, on every machine and version of .NET, so that a run can be repeated.
/// </summary>
internal sealed class ElectionRandom(ulong seed)
{
    ulong _state = seed;

    public ulong Next()
    {
        _state += 0x9E3779B97F4A7C15;
        var z = _state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>A wait between the two, drawn anew each time: split votes are rare and resolve quickly (Raft 5.2).</summary>
    public TimeSpan Between(TimeSpan min, TimeSpan max) =>
        max <= min ? min : min + TimeSpan.FromTicks((long)(Next() % (ulong)(max - min).Ticks));

    /// <summary>From 0 to below 1.</summary>
    public double Fraction() => (Next() >> 11) * (1.0 / (1UL << 53));
}
