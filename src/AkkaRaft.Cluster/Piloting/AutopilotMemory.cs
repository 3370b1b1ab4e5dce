using System.Collections.Immutable;

namespace AkkaRaft.Cluster.Piloting;

/// <summary>What an autopilot keeps from one look to the next, within one leadership: since when things are as they are.</summary>
/// <param name="Term">The leadership. A new leader has seen nothing yet, and counts from its own first look.</param>
/// <param name="StableSince">Learners that were well at every look since.</param>
/// <param name="DeadSince">Members that were dead at every look since.</param>
/// <param name="FailedAt">Changes that failed, by their words, and when.</param>
internal sealed record AutopilotMemory(
    Term Term, ImmutableSortedDictionary<NodeId, TimeSpan> StableSince, ImmutableSortedDictionary<NodeId, TimeSpan> DeadSince, ImmutableDictionary<string, TimeSpan> FailedAt)
{
    public static readonly AutopilotMemory Empty = new(
        Term.Zero, ImmutableSortedDictionary<NodeId, TimeSpan>.Empty, ImmutableSortedDictionary<NodeId, TimeSpan>.Empty, ImmutableDictionary<string, TimeSpan>.Empty);

    /// <summary>A change failed: it is not tried again for a while.</summary>
    public AutopilotMemory Failed(RaftAutopilotAction action, TimeSpan now) => this with { FailedAt = FailedAt.SetItem(action.What, now) };

    /// <summary>The same, with those that are so now: who was so before keeps its time, who is so no more loses it.</summary>
    public static ImmutableSortedDictionary<NodeId, TimeSpan> Since(ImmutableSortedDictionary<NodeId, TimeSpan> before, IEnumerable<NodeId> nodes, TimeSpan now) =>
        nodes.ToImmutableSortedDictionary(node => node, node => before.GetValueOrDefault(node, now));
}
