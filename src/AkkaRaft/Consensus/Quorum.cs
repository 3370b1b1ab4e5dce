using System.Collections.Immutable;

namespace AkkaRaft.Consensus;

/// <summary>How a count of votes stands.</summary>
internal enum VoteOutcome
{
    /// <summary>It is open.</summary>
    Pending,

    /// <summary>What is needed was granted.</summary>
    Won,

    /// <summary>So many refused that what is needed can no longer be granted.</summary>
    Lost,
}

/// <summary>
/// What a decision needs: a majority of the voters, or, in a joint configuration, a majority of each of its two sets of voters (Raft 6; B67).
/// </summary>
internal sealed class Quorum
{
    public Quorum(ImmutableArray<MajorityQuorum> majorities)
    {
        Invariant.Holds(majorities.Length > 0);
        Majorities = majorities;
        Voters = majorities.Length == 1 ? majorities[0].Voters : [.. majorities.SelectMany(majority => majority.Voters).Distinct().Order()];
    }

    /// <summary>The sets of which each must have its majority: one, or the voters after and before a joint configuration.</summary>
    public ImmutableArray<MajorityQuorum> Majorities { get; }

    /// <summary>Whoever votes in any of them.</summary>
    public ImmutableArray<NodeId> Voters { get; }

    public bool Contains(NodeId node) => Voters.Contains(node);

    /// <summary>Whether those of whom <paramref name="agrees"/> is true are enough.</summary>
    public bool Holds(Func<NodeId, bool> agrees) => Lacking(agrees) is null;

    /// <summary>The first set of voters in which those of whom <paramref name="agrees"/> is true are no majority; null if they are enough.</summary>
    public MajorityQuorum? Lacking(Func<NodeId, bool> agrees)
    {
        foreach (var majority in Majorities)
        {
            if (majority.Voters.Count(agrees) < majority.Size) return majority;
        }

        return null;
    }

    /// <summary>How the votes stand; votes of nodes that are no voters count for nothing.</summary>
    public VoteOutcome Count(IReadOnlySet<NodeId> granted, IReadOnlySet<NodeId> refused)
    {
        var outcome = VoteOutcome.Won;
        foreach (var majority in Majorities)
        {
            var one = majority.Count(granted, refused);
            if (one == VoteOutcome.Lost) return VoteOutcome.Lost;
            if (one == VoteOutcome.Pending) outcome = VoteOutcome.Pending;
        }

        return outcome;
    }

    /// <summary>The highest value that each majority has reached (<see cref="MajorityQuorum.ReachedByMajority"/>).</summary>
    /// <param name="valueOf">What a voter has reached; voters of which nothing is known say the least value.</param>
    /// <param name="none">The answer when there are no voters.</param>
    public T ReachedByMajority<T>(Func<NodeId, T> valueOf, T none) where T : IComparable<T>
    {
        var reached = Majorities[0].ReachedByMajority(valueOf, none);
        for (var i = 1; i < Majorities.Length; i++)
        {
            var other = Majorities[i].ReachedByMajority(valueOf, none);
            if (other.CompareTo(reached) < 0) reached = other;
        }

        return reached;
    }
}
