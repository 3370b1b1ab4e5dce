using AkkaRaft.Consensus;

namespace AkkaRaft.TestKit.Invariants;

/// <summary>
/// Term, commit index and applied index never fall, and a vote stands until the term ends (Raft 5.1, 5.2, 5.3). Term and vote hold across crashes too; the
/// other two begin at 0 again with each start.
/// </summary>
internal sealed class MonotonicState : ClusterInvariant
{
    readonly PerNode<Past> _past = new();

    public override string Name => "Nothing Goes Back";

    public override string Section => "Raft 5.1, 5.2, 5.3";

    public override void OnJoined(NodeView node, ClusterView cluster)
    {
        if (node.State is not { } state) return;
        var disk = node.Disk;
        Holds(state.Term == disk.Term && state.Vote.VotedFor == disk.VotedFor, cluster,
            $"{node} starts in term {state.Term} with {Vote(state.Vote.VotedFor)}, and its disk holds term {disk.Term} with {Vote(disk.VotedFor)}");
        _past[node].StartOver(state);
    }

    public override void OnStored(NodeView node, ClusterView cluster)
    {
        var past = _past[node];
        var (term, vote) = (node.Disk.Term, node.Disk.VotedFor);
        if (term == past.StoredTerm && vote == past.StoredVote) return;
        Holds(term >= past.StoredTerm, cluster, $"the journal of {node} held term {past.StoredTerm}, and now holds term {term}");
        Holds(term != past.StoredTerm || past.StoredVote is null, cluster,
            $"the journal of {node} held {Vote(past.StoredVote)} in term {term}, and now holds {Vote(vote)} in the same term");
        (past.StoredTerm, past.StoredVote) = (term, vote);
    }

    public override void OnStep(NodeView node, ClusterView cluster)
    {
        if (node.State is not { } state) return;
        var past = _past[node];
        if (!ReferenceEquals(past.State, state)) past.StartOver(state);

        CompareVote(node, state, past, cluster);
        if (state.CommitIndex == past.Commit && state.Applying == past.Applying && state.Applied == past.Applied) return;

        Holds(state.CommitIndex >= past.Commit, cluster, $"the commit index of {node} fell from {past.Commit} to {state.CommitIndex}");
        Holds(state.Applying >= past.Applying && state.Applied >= past.Applied, cluster,
            $"{node} had given its machine {past.Applying} entries and heard of {past.Applied} as applied; now these are {state.Applying} and {state.Applied}");
        Holds(state.Applied <= state.Applying && state.Applying <= state.CommitIndex && state.CommitIndex <= state.Log.Last.Index, cluster,
            $"{node} applied up to {state.Applied}, gave its machine up to {state.Applying}, committed up to {state.CommitIndex}, and its log ends at {state.Log.Last}");
        (past.Commit, past.Applying, past.Applied) = (state.CommitIndex, state.Applying, state.Applied);
    }

    void CompareVote(NodeView node, NodeState state, Past past, ClusterView cluster)
    {
        if (state.Term == past.Term)
        {
            Holds(past.Vote is null || state.Vote.VotedFor == past.Vote, cluster,
                $"{node} had given its vote of term {past.Term} to node {past.Vote}, and now it says {Vote(state.Vote.VotedFor)} in the same term");
        }
        else
        {
            Holds(state.Term > past.Term, cluster, $"the term of {node} fell from {past.Term}");
            past.Term = state.Term;
        }

        past.Vote = state.Vote.VotedFor;
    }

    static string Vote(NodeId? vote) => vote is { } candidate ? $"its vote for node {candidate}" : "no vote";

    sealed class Past
    {
        public NodeState? State { get; private set; }

        public Term Term { get; set; }

        public NodeId? Vote { get; set; }

        public LogIndex Commit { get; set; }

        public LogIndex Applying { get; set; }

        public LogIndex Applied { get; set; }

        public Term StoredTerm { get; set; }

        public NodeId? StoredVote { get; set; }

        public void StartOver(NodeState state)
        {
            (State, Term, Vote) = (state, state.Term, state.Vote.VotedFor);
            (Commit, Applying, Applied) = (LogIndex.Zero, LogIndex.Zero, LogIndex.Zero);
        }
    }
}
