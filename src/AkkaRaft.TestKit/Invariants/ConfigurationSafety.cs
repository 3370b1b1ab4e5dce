using AkkaRaft.Consensus;

namespace AkkaRaft.TestKit.Invariants;

/// <summary>
/// All nodes were founded with one and the same configuration; the last one in a node's log is in force there, committed or not (Raft 6, thesis 4.1); any
/// majority of a configuration shares a voter with any majority of the next one; and a leader begins a change only when it has committed in its term and the
/// change before is committed (thesis 4.1).
/// </summary>
internal sealed class ConfigurationSafety : ClusterInvariant
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
        var past = _past[node];
        if (!ReferenceEquals(past.State, state)) JudgeFounders(node, state, past, cluster);
        if (past.Log.Follow(state.Log) is { } first) Read(node, state, past.Changes, first, cluster);
        else if (ReferenceEquals(past.Effective, state.Configuration)) return;

        past.Effective = state.Configuration;
        var (index, expected) = Last(past.Changes);
        Holds(state.Configurations.EffectiveIndex == index && state.Configuration.Equals(expected), cluster,
            $"{node} goes by the voters {state.Configuration} of index {state.Configurations.EffectiveIndex}, and the last ones in its log are {expected} of index {index}");
    }

    void JudgeFounders(NodeView node, NodeState state, Past past, ClusterView cluster)
    {
        var founders = state.Configurations.CommittedAt(LogIndex.Zero);
        (_founder, _founders) = (_founder ?? node, _founders ?? founders);
        Holds(founders.Equals(_founders), cluster, $"{node} was founded with the voters {founders}, and node {_founder.Id} with {_founders}");
        past.State = state;
    }

    void Read(NodeView node, NodeState state, List<(LogIndex Index, Configuration Configuration)> changes, LogIndex first, ClusterView cluster)
    {
        while (changes.Count > 0 && changes[^1].Index >= first) changes.RemoveAt(changes.Count - 1);
        for (var index = first; index <= state.Log.Last.Index; index = index.Next)
        {
            if (state.Log[index] is not ConfigurationEntry change) continue;
            var (before, old) = Last(changes);
            Holds(MajoritiesOverlap(old, change.Configuration), cluster,
                $"{node} has entry {change.Id}, which replaces the voters {old} by {change.Configuration}: two majorities of these can exist side by side");
            if (state.Leadership is { } leader && change.Term == state.Term)
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

    /// <summary>Whether any majority of the one shares a voter with any majority of the other.</summary>
    static bool MajoritiesOverlap(Configuration left, Configuration right)
    {
        var common = left.Voters.Count(voter => right.IsVoter(voter.Id));
        // Each side fills its majority with its own voters first; what is missing has to come out of the common ones.
        var missing = Math.Max(0, left.Quorum.Size - (left.Voters.Length - common)) + Math.Max(0, right.Quorum.Size - (right.Voters.Length - common));
        return missing > common;
    }

    sealed class Past
    {
        public NodeState? State { get; set; }

        public LogMirror Log { get; } = new();

        public List<(LogIndex Index, Configuration Configuration)> Changes { get; } = [];

        public Configuration? Effective { get; set; }
    }
}
