using AkkaRaft.Consensus;

namespace AkkaRaft.TestKit.Invariants;

/// <summary>
/// All nodes were founded with one and the same configuration, or start empty and wait to be added; the last one in a node's log is in force there, committed or not (Raft 6, thesis 4.1); any
/// majority of a configuration shares a voter with any majority of the next one; and a leader begins a change only when it has committed in its term and the
/// change before is committed (thesis 4.1). Where a log is compacted, or begins behind a snapshot, what was committed there is in force (Raft 7).
/// </summary>
internal sealed class ConfigurationSafety(CommittedLog committed) : ClusterInvariant
{
    readonly PerNode<Past> _past = new();
    NodeView? _founder;
    Configuration? _founders;

    public override string Name => "Configuration Safety";

    public override string Section => "Raft 6, thesis 4.1";

    public override void OnJoined(NodeView node, ClusterView cluster) => OnStep(node, cluster);

    public override void OnStep(NodeView node, ClusterView cluster)
    {
        if (node.State is not { } state) return;
        committed.Follow(node);
        var past = _past[node];
        if (!ReferenceEquals(past.State, state)) JudgeFounders(node, state, past, cluster);
        var before = past.Log.Base;
        var changed = past.Log.Follow(state.Log);
        if (changed is null && ReferenceEquals(past.Effective, state.Configuration)) return;
        if (changed == past.Log.Base.Index.Next && past.Log.Base != before) BeginAt(past, past.Log.Base.Index);
        if (changed is { } first) Read(node, state, past.Changes, first, cluster);

        past.Effective = state.Configuration;
        var (index, expected) = past.StartedEmpty && past.Changes.Count == 0 ? (LogIndex.Zero, Configuration.Empty) : Last(past.Changes);
        var effective = state.Configurations.EffectiveIndex;
        // Of what a snapshot brought is known that it is in force at the snapshot's last entry, not since when.
        Holds((effective == index || (effective > index && effective == past.Snapshot)) && state.Configuration.Equals(expected), cluster,
            $"{node} goes by the voters {state.Configuration} of index {effective}, and the last ones in its log are {expected} of index {index}");
    }

    public override void OnEffect(NodeView node, Effect effect, ClusterView cluster)
    {
        if (effect is RestartLog restart) _past[node].Snapshot = restart.Base.Index;
    }

    /// <summary>The log begins anew: what was committed up to there is all that it has of what is before.</summary>
    void BeginAt(Past past, LogIndex index)
    {
        past.Changes.Clear();
        if (committed.ChangeAt(index) is { } change) past.Changes.Add(change);
    }

    void JudgeFounders(NodeView node, NodeState state, Past past, ClusterView cluster)
    {
        (past.State, past.Snapshot) = (state, state.Snapshot?.Last.Index ?? LogIndex.Zero);
        // A node that has a snapshot does not know any more what it was founded with; what it goes by is judged.
        if (state.Snapshot is not null) return;
        var founders = state.Configurations.CommittedAt(LogIndex.Zero);
        // Who joins learns from the log who the members are.
        past.StartedEmpty = founders.Members.IsEmpty;
        if (past.StartedEmpty) return;
        (_founder, _founders) = (_founder ?? node, _founders ?? founders);
        Holds(founders.Equals(_founders), cluster, $"{node} was founded with the voters {founders}, and node {_founder.Id} with {_founders}");
    }

    void Read(NodeView node, NodeState state, List<(LogIndex Index, Configuration Configuration)> changes, LogIndex first, ClusterView cluster)
    {
        while (changes.Count > 0 && changes[^1].Index >= first) changes.RemoveAt(changes.Count - 1);
        for (var index = first; index <= state.Log.Last.Index; index = index.Next)
        {
            if (state.Log[index] is not ConfigurationEntry change) continue;
            var (before, old) = Last(changes);
            // A recovery gives up what others may decide; its mark keeps them out.
            Holds(change.Configuration.RecoveryMark != old.RecoveryMark || MajoritiesOverlap(old, change.Configuration), cluster,
                $"{node} has entry {change.Id}, which replaces the voters {old} by {change.Configuration}: two majorities of these can exist side by side");
            // Who votes stays the same when only what is known of the members changes: no two majorities can part ways by that.
            if (state.Leadership is { } leader && change.Term == state.Term && !HaveTheSameVoters(old, change.Configuration))
            {
                Holds(before <= state.CommitIndex, cluster,
                    $"{node} changes the voters with entry {change.Id}; the change of index {before} is not committed, its commit index is {state.CommitIndex}");
                Holds(leader.FirstIndex <= state.CommitIndex, cluster,
                    $"{node} changes the voters with entry {change.Id}, and has not committed its no-op of index {leader.FirstIndex}");
            }

            changes.Add((index, change.Configuration));
        }
    }

    (LogIndex Index, Configuration Configuration) Last(List<(LogIndex Index, Configuration Configuration)> changes) =>
        changes.Count > 0 ? changes[^1] : (LogIndex.Zero, _founders!);

    /// <summary>
    /// Whether whatever the one can decide with shares a voter with whatever the other can decide with. A joint configuration needs a majority of each of its sets, so one
    /// pair of sets that must meet is enough.
    /// </summary>
    static bool MajoritiesOverlap(Configuration left, Configuration right) =>
        left.Quorum.Majorities.Any(one => right.Quorum.Majorities.Any(other => MajoritiesOverlap(one, other)));

    static bool MajoritiesOverlap(MajorityQuorum left, MajorityQuorum right)
    {
        var common = left.Voters.Count(right.Contains);
        // Each side fills its majority with its own voters first; what is missing has to come out of the common ones.
        var missing = Math.Max(0, left.Size - (left.Voters.Length - common)) + Math.Max(0, right.Size - (right.Voters.Length - common));
        return missing > common;
    }

    static bool HaveTheSameVoters(Configuration left, Configuration right) =>
        left.Quorum.Majorities.Length == right.Quorum.Majorities.Length
        && Enumerable.Range(0, left.Quorum.Majorities.Length).All(set => left.Quorum.Majorities[set].Voters.SequenceEqual(right.Quorum.Majorities[set].Voters));

    sealed class Past
    {
        public NodeState? State { get; set; }

        /// <summary>Where the snapshot stands that the node started from, or installed last.</summary>
        public LogIndex Snapshot { get; set; }

        public LogMirror Log { get; } = new();

        public List<(LogIndex Index, Configuration Configuration)> Changes { get; } = [];

        public Configuration? Effective { get; set; }

        public bool StartedEmpty { get; set; }
    }
}
