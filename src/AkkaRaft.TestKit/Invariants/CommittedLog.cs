using AkkaRaft.Consensus;

namespace AkkaRaft.TestKit.Invariants;

/// <summary>
/// Everything that was ever committed, as the first node that took it for committed had it. The invariants of a run share it; each brings it up to date before
/// it reads it, so that their order does not matter.
/// </summary>
internal sealed class CommittedLog
{
    readonly List<Committed> _entries = [];

    public LogIndex Last => new(_entries.Count);

    public Committed this[LogIndex index] => _entries[(int)index.Value - 1];

    /// <summary>Takes in what this node knows to be committed, and nobody has known before.</summary>
    public void Follow(NodeView node)
    {
        if (node.State is { } state && state.CommitIndex > Last) Grow(node, state);
    }

    /// <summary>Whether these are one and the same entry, byte for byte.</summary>
    public static bool AreSame(LogEntry left, LogEntry right) => ReferenceEquals(left, right) || left.Equals(right);

    void Grow(NodeView node, NodeState state)
    {
        // A commit index beyond the log is another invariant's affair.
        var last = LogIndex.Min(state.CommitIndex, state.Log.Last.Index);
        for (var index = Last.Next; index <= last; index = index.Next)
            _entries.Add(new Committed(state.Log[index], node, state.Term, state.Role, state.Configuration));
    }
}

/// <summary>A committed entry, and who took it for committed first.</summary>
/// <param name="Entry">The entry.</param>
/// <param name="By">The first node whose commit index reached it.</param>
/// <param name="In">That node's term then.</param>
/// <param name="Role">That node's role then: only a leader can be first.</param>
/// <param name="Configuration">The configuration in force there then.</param>
internal readonly record struct Committed(LogEntry Entry, NodeView By, Term In, RaftRole Role, Configuration Configuration);
