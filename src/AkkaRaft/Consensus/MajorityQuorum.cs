using System.Collections.Immutable;

namespace AkkaRaft.Consensus;

/// <summary>
/// The arithmetic of majorities (Raft 5.2, 5.3): any two majorities of the same voters share a voter. The one place that knows how many a majority is.
/// </summary>
internal sealed class MajorityQuorum(ImmutableArray<NodeId> voters)
{
    public ImmutableArray<NodeId> Voters { get; } = voters;

    /// <summary>How many voters are a majority: more than half; of no voters, nobody ever is.</summary>
    public int Size => Voters.Length / 2 + 1;

    public bool Contains(NodeId node) => Voters.Contains(node);

    /// <summary>How the votes stand; votes of nodes that are no voters count for nothing.</summary>
    public VoteOutcome Count(IReadOnlySet<NodeId> granted, IReadOnlySet<NodeId> refused)
    {
        var yes = Voters.Count(granted.Contains);
        if (yes >= Size) return VoteOutcome.Won;
        var no = Voters.Count(voter => refused.Contains(voter) && !granted.Contains(voter));
        return Voters.Length - no < Size ? VoteOutcome.Lost : VoteOutcome.Pending;
    }

    /// <summary>
    /// The highest value that a majority has reached: of match indexes the index that is stored on a majority (Raft 5.3), of acknowledged
    /// rounds the round that a majority answered, of contact times the moment since when a majority has been heard.
    /// </summary>
    /// <param name="valueOf">What a voter has reached; voters of which nothing is known say the least value.</param>
    /// <param name="none">The answer when there are no voters.</param>
    public T ReachedByMajority<T>(Func<NodeId, T> valueOf, T none) where T : IComparable<T>
    {
        if (Voters.IsEmpty) return none;
        var values = new T[Voters.Length];
        for (var i = 0; i < values.Length; i++) values[i] = valueOf(Voters[i]);
        Array.Sort(values);
        return values[Voters.Length - Size];
    }
}
