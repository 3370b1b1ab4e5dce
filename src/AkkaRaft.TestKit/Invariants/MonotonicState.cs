using AkkaRaft.Consensus;

namespace AkkaRaft.TestKit.Invariants;

/// <summary>
/// Term, commit index and applied index never fall, and a vote stands until the term ends (Raft 5.1, 5.2, 5.3). Term and vote hold across crashes too; the
/// other two begin with each start where the newest snapshot stands. The machine is given entry after entry, or a snapshot that stands for more (Raft 7).
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
        var begin = state.Snapshot?.Last.Index ?? LogIndex.Zero;
        Holds(state.Applying == begin && state.Applied == begin && state.CommitIndex >= begin, cluster,
            $"{node} starts as if its machine had been given {state.Applying} entries, had applied {state.Applied}, and {state.CommitIndex} were committed; its snapshot has {begin}");
        _past[node].StartOver(state);
    }

    public override void OnEffect(NodeView node, Effect effect, ClusterView cluster)
    {
        if (effect is not (ApplyCommitted or RestoreMachine) || node.State is not { } state) return;
        var past = _past[node];
        if (effect is RestoreMachine { Snapshot: var snapshot })
        {
            Holds(snapshot.Last.Index > past.Given, cluster, $"{node} lets its machine begin anew from a snapshot of {snapshot.Last}, and has given it {past.Given} entries");
            past.Given = snapshot.Last.Index;
            return;
        }

        var entries = ((ApplyCommitted)effect).Entries;
        Holds(entries[0].Index == past.Given.Next, cluster, $"{node} gives its machine entries from {entries[0].Id} on, and has given it {past.Given}");
        past.Given = entries[^1].Index;
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
        Holds(state.Applying == past.Given, cluster, $"{node} says that it has given its machine {state.Applying} entries, and has given it {past.Given}");
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

        /// <summary>Where the machine will be when it has done all that it was asked for.</summary>
        public LogIndex Given { get; set; }

        public Term StoredTerm { get; set; }

        public NodeId? StoredVote { get; set; }

        public void StartOver(NodeState state)
        {
            (State, Term, Vote) = (state, state.Term, state.Vote.VotedFor);
            (Commit, Applying, Applied, Given) = (LogIndex.Zero, LogIndex.Zero, LogIndex.Zero, state.Applying);
        }
    }
}
