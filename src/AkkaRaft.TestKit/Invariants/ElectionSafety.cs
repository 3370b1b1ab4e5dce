using AkkaRaft.Consensus;

namespace AkkaRaft.TestKit.Invariants;

/// <summary>
/// At most one leader in a term (Raft figure 3), and that one has the durable votes of a majority (Raft 5.2). A node that has crashed is another leader than it
/// was before.
/// </summary>
internal sealed class ElectionSafety : ClusterInvariant
{
    readonly Dictionary<Term, Leadership> _leaders = [];
    readonly PerNode<Past> _past = new();

    public override string Name => "Election Safety";

    public override string Section => "Raft 5.2, figure 3";

    public override void OnJoined(NodeView node, ClusterView cluster) => RecordVote(node);

    public override void OnStored(NodeView node, ClusterView cluster) => RecordVote(node);

    public override void OnEffect(NodeView node, Effect effect, ClusterView cluster)
    {
        if (effect is RoleChanged { To: RaftRole.Leader } change) Elected(node, change.Term, cluster);
        else if (effect is Send { Message: AppendEntries append }) OnLeads(node, append, cluster);
        else if (effect is SendSnapshotChunk { Message: var install }) OnLeads(node, install, cluster);
    }

    public override void OnStep(NodeView node, ClusterView cluster)
    {
        if (node.State is not { Role: RaftRole.Leader } state) return;
        var past = _past[node];
        if (ReferenceEquals(past.LastLed, state) && past.LastLedTerm == state.Term) return;
        Elected(node, state.Term, cluster);
    }

    void Elected(NodeView node, Term term, ClusterView cluster)
    {
        var state = node.State!;
        var past = _past[node];
        if (ReferenceEquals(past.LastLed, state) && past.LastLedTerm == term) return;
        (past.LastLed, past.LastLedTerm) = (state, term);

        var leadership = new Leadership(node, state, node.Incarnation);
        var isFirst = _leaders.TryAdd(term, leadership);
        Holds(isFirst, cluster, $"term {term} has two leaders: {_leaders[term]}, and now {leadership}");

        var votes = new HashSet<NodeId>();
        foreach (var voter in cluster.Nodes)
        {
            if (_past[voter].Votes.TryGetValue(term, out var candidate) && candidate == node.Id) votes.Add(voter.Id);
        }

        if (state.Quorum.Lacking(votes.Contains) is { } lacking)
            cluster.Report(Name, $"{leadership} leads term {term} with {lacking.Voters.Count(votes.Contains)} durable votes of {lacking.Voters.Length} voters; a majority is {lacking.Size}");
    }

    void OnLeads(NodeView node, RaftMessage message, ClusterView cluster)
    {
        var past = _past[node];
        var leads = ReferenceEquals(past.LastLed, node.State) && past.LastLedTerm == message.Term;
        Holds(leads, cluster, $"{node} sends {message.GetType().Name} of term {message.Term}, and was not elected in it since it started");
    }

    // A vote counts for ever: the voter may have gone on to later terms by the time the candidate has counted.
    void RecordVote(NodeView node)
    {
        if (node.Disk.VotedFor is not { } candidate) return;
        var past = _past[node];
        if (past.LastVoteTerm == node.Disk.Term) return;
        past.LastVoteTerm = node.Disk.Term;
        past.Votes.TryAdd(node.Disk.Term, candidate);
    }

    readonly record struct Leadership(NodeView Node, NodeState State, int Incarnation)
    {
        public override string ToString() => $"node {Node.Id} in its start {Incarnation}";
    }

    sealed class Past
    {
        public NodeState? LastLed { get; set; }

        public Term LastLedTerm { get; set; }

        public Term LastVoteTerm { get; set; }

        public Dictionary<Term, NodeId> Votes { get; } = [];
    }
}
