namespace AkkaRaft.TestKit.Cluster;

/// <summary>
/// What the results of everything up to an index come to, chained, as the first machine had them that applied that far: where a machine goes on that begins anew from a
/// snapshot. That all results at one index are the same is an invariant of its own.
/// </summary>
internal sealed class AppliedChains
{
    readonly List<ulong> _chains = [];

    /// <summary>A machine has applied the entry of this index.</summary>
    public void Add(LogIndex index, ulong chain)
    {
        if (index.Value == _chains.Count + 1) _chains.Add(chain);
    }

    /// <summary>The chain up to an index; 0 before anybody was there.</summary>
    public ulong At(LogIndex index) => index.Value > 0 && index.Value <= _chains.Count ? _chains[(int)index.Value - 1] : 0;
}
