namespace AkkaRaft.TestKit;

/// <summary>How a simulated client asks a query, when not linearizably at the leader.</summary>
/// <param name="Consistency">How current the answer must be. What is asked as <see cref="ReadConsistency.Local"/> may be old, and is no part of a check for linearizability.</param>
/// <param name="Node">The node that is asked, from 1; 0 for the leader, or, of a local read, for any.</param>
/// <param name="SeesOwn">Local: the answer must reflect everything that this client was told before.</param>
/// <param name="MaxStaleness">Local: how old the state may be; null for any age.</param>
public sealed record SimulatedRead(ReadConsistency Consistency, int Node = 0, bool SeesOwn = false, TimeSpan? MaxStaleness = null)
{
    internal bool IsLocal => Consistency == ReadConsistency.Local;

    internal ReadOptions ToOptions(LogIndex told) => new()
    {
        Consistency = Consistency,
        From = Node > 0 ? ReadFrom.Node(new NodeId($"{Node}")) : null,
        MinIndex = IsLocal && SeesOwn ? told : LogIndex.Zero,
        MaxStaleness = IsLocal ? MaxStaleness : null,
    };
}
