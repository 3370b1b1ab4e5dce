namespace AkkaRaft.Consensus;

/// <summary>
/// What no rule of Raft can do: go on after a majority is lost for good. One survivor is made the only voter by hand. What only the lost ones had is given up, and what the survivor has
/// counts, committed or not; therefore the new configuration carries a mark that keeps out whoever belongs to the time before.
/// </summary>
internal static class QuorumLoss
{
    /// <summary>So far the recovered history is ahead of all terms that the lost nodes may still reach among themselves: no entry of theirs ever has the id of one of ours.</summary>
    public const long TermsAhead = 1_000_000;

    /// <summary>The entry that makes the survivor the only voter.</summary>
    /// <param name="state">The survivor as it starts.</param>
    /// <param name="survivors">Who is left, the survivor itself included. The others come back empty, as learners that vote when they have caught up.</param>
    /// <param name="mark">Drawn for this recovery; not 0.</param>
    /// <param name="now">The wall clock.</param>
    /// <exception cref="ArgumentException">The survivor itself, or somebody unknown, is meant.</exception>
    public static ConfigurationEntry Plan(NodeState state, IReadOnlyCollection<NodeId> survivors, ulong mark, DateTimeOffset now)
    {
        Invariant.Holds(mark != 0 && mark != state.Configuration.RecoveryMark && state.Storage is not null);
        if (!survivors.Contains(state.Self))
            throw new ArgumentException($"Node {state.Self}, whose data this is, is not among the survivors ({string.Join(", ", survivors)}). Nothing was changed. Name it too.", nameof(survivors));
        if (state.Configuration.Find(state.Self) is null)
        {
            throw new ArgumentException($"By its own log node {state.Self} is no member of the group ({string.Join(", ", state.Configuration.Members)}): it was removed, or was not added yet. Nothing was " +
                "changed. Recover on a member.", nameof(survivors));
        }

        if (survivors.FirstOrDefault(id => state.Configuration.Find(id) is null) is { Value: not null } unknown)
        {
            throw new ArgumentException($"Node {unknown} is no member that the log here knows ({string.Join(", ", state.Configuration.Members)}). Nothing was changed. " +
                "Recover without it, and add it afterwards.", nameof(survivors));
        }

        var self = state.Configuration.Find(state.Self)! with { Storage = state.Storage, PromoteWhenCaughtUp = false };
        // Under their old storages they would be what they were: they come back as others.
        var others = survivors.Distinct().Where(id => id != state.Self).Select(id => state.Configuration.Find(id)! with { Storage = null, PromoteWhenCaughtUp = true });
        var last = state.Log.Last;
        var stamp = DateTimeOffset.FromUnixTimeMilliseconds(now.ToUnixTimeMilliseconds());
        if (last.Index != state.Log.Base.Index && state.Log[last.Index].Time > stamp) stamp = state.Log[last.Index].Time;
        var term = new Term(state.Term.Value + TermsAhead);
        return new ConfigurationEntry(new EntryId(last.Index.Next, term), stamp, new Configuration([self], others) { RecoveryMark = mark });
    }
}
