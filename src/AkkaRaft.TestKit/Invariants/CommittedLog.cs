using AkkaRaft.Consensus;

namespace AkkaRaft.TestKit.Invariants;

/// <summary>
/// Everything that was ever committed, as the first node that took it for committed had it. The invariants of a run share it; each brings it up to date before
/// it reads it, so that their order does not matter. It is never compacted: what nodes forget is known here.
/// </summary>
internal sealed class CommittedLog
{
    readonly List<Committed> _entries = [];
    readonly PerNode<Known> _known = new();
    readonly List<(LogIndex Index, Configuration Configuration)> _changes = [];

    public LogIndex Last => new(_entries.Count);

    public Committed this[LogIndex index] => _entries[(int)index.Value - 1];

    /// <summary>Whether this very entry is committed.</summary>
    public bool Has(EntryId id) => id == EntryId.Zero || (id.Index > LogIndex.Zero && id.Index <= Last && this[id.Index].Entry.Id == id);

    /// <summary>What is committed at an index, for people.</summary>
    public string Describe(LogIndex index) => index > LogIndex.Zero && index <= Last ? $"there is entry {this[index].Entry.Id}" : $"ends at index {Last}";

    /// <summary>The newest committed change of the configuration at or before an index; null if there was none.</summary>
    public (LogIndex Index, Configuration Configuration)? ChangeAt(LogIndex index)
    {
        for (var place = _changes.Count - 1; place >= 0; place--)
        {
            if (_changes[place].Index <= index) return _changes[place];
        }

        return null;
    }

    /// <summary>Takes in what this node knows to be committed, and nobody has known before.</summary>
    public void Follow(NodeView node)
    {
        if (node.State is not { } state) return;
        var known = _known[node];
        if (state.CommitIndex > Last) Grow(node, state, ReferenceEquals(known.State, state) ? known.Configuration! : state.Configuration);
        (known.State, known.Configuration) = (state, state.Configuration);
    }

    /// <summary>Whether these are one and the same entry, byte for byte.</summary>
    public static bool AreSame(LogEntry left, LogEntry right) => ReferenceEquals(left, right) || left.Equals(right);

    void Grow(NodeView node, NodeState state, Configuration before)
    {
        // A commit index beyond the log, and a log that begins behind all that was committed, are other invariants' affair.
        if (state.Log.Base.Index > Last) return;
        var last = LogIndex.Min(state.CommitIndex, state.Log.Last.Index);
        for (var index = Last.Next; index <= last; index = index.Next)
        {
            var entry = state.Log[index];
            _entries.Add(new Committed(entry, node, state.Term, state.Role, state.Configuration, before));
            if (entry is ConfigurationEntry change) _changes.Add((index, change.Configuration));
        }
    }
}

/// <summary>How a node was when it was last looked at.</summary>
internal sealed class Known
{
    public NodeState? State { get; set; }

    public Configuration? Configuration { get; set; }
}

/// <summary>A committed entry, and who took it for committed first.</summary>
/// <param name="Entry">The entry.</param>
/// <param name="By">The first node whose commit index reached it.</param>
/// <param name="In">That node's term then.</param>
/// <param name="Role">That node's role then: only a leader can be first.</param>
/// <param name="Configuration">The configuration in force there after the step.</param>
/// <param name="Before">The one before: a leader may commit, and append the next configuration, or append one and commit because of it.</param>
internal readonly record struct Committed(LogEntry Entry, NodeView By, Term In, RaftRole Role, Configuration Configuration, Configuration Before)
{
    /// <summary>The voters of whom those who hold it are no majority; null if they are enough.</summary>
    public MajorityQuorum? Lacking(IReadOnlySet<NodeId> holders) => Before.Quorum.Holds(holders.Contains) ? null : Configuration.Quorum.Lacking(holders.Contains);
}
