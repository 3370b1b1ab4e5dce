namespace AkkaRaft.Consensus;

/// <summary>
/// Who stands for election sooner, as far as its owner wishes: a matter of how long a node waits, never of who may vote or lead. So it touches no rule of safety; and
/// it halves with each campaign that brought no leader, so that a cluster whose preferred nodes are gone elects as if there were no priorities.
/// </summary>
internal static class ElectionPriority
{
    public const int Lowest = 0;
    public const int Default = 50;
    public const int Highest = 100;

    /// <summary>
    /// A wait for a leader, drawn anew (Raft 5.2). At the default it lies between the two election timeouts; at 100 in the earlier half of that; at 0 so much later
    /// that whoever has the default has stood before. Never below the minimum: leaders and leases rely on that.
    /// </summary>
    /// <param name="options">Times and priority.</param>
    /// <param name="random">The node's random numbers.</param>
    /// <param name="fruitless">Campaigns since a leader was last heard.</param>
    public static TimeSpan Wait(CoreOptions options, ElectionRandom random, int fruitless)
    {
        var (min, max) = (options.ElectionTimeoutMin, options.ElectionTimeoutMax);
        var weight = (options.ElectionPriority - Default) / (double)Default / (1L << Math.Min(fruitless, 32));
        var span = max - min;
        return weight >= 0
            ? random.Between(min, max - (span * (weight / 2)))
            : random.Between(min - (span * weight), max - (span * weight));
    }
}
