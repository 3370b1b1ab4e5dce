using AkkaRaft.Consensus;

namespace AkkaRaft.TestKit.Invariants;

/// <summary>
/// The durable order on which safety rests (Raft figure 2: "updated on stable storage before responding"): a term is announced, and entries of it are stored,
/// only when it is on disk itself; a vote is announced only when it is on disk; only what is on disk is acknowledged, or taken for durable.
/// </summary>
internal sealed class JournalOrder : ClusterInvariant
{
    readonly PerNode<Past> _past = new();

    public override string Name => "Journal Order";

    public override string Section => "Raft figure 2, 5.2, 5.3";

    public override void OnJoined(NodeView node, ClusterView cluster)
    {
        if (node.State is not { } state) return;
        Holds(state.Log.Last == node.Disk.Last && state.Log.Durable == node.Disk.Last.Index, cluster,
            $"{node} starts with a log up to {state.Log.Last}, durable up to {state.Log.Durable}, and its disk holds one up to {node.Disk.Last}");
        Holds(state.Snapshot?.Last == node.Disk.Snapshot?.Last, cluster,
            $"{node} starts with {Snapshot(state.Snapshot)}, and the newest one on its disk is {Snapshot(node.Disk.Snapshot)}");
    }

    public override void OnEffect(NodeView node, Effect effect, ClusterView cluster)
    {
        switch (effect)
        {
            case Send send:
                JudgeMessage(node, send.To, send.Message, cluster);
                break;
            case SendSnapshotChunk send:
                JudgeMessage(node, send.To, send.Message, cluster);
                break;
            case RestartLog restart:
                Holds(restart.Base.Term <= node.Disk.Term, cluster,
                    $"{node} asks its journal to begin its log anew behind entry {restart.Base}, and its disk holds term {node.Disk.Term} only");
                break;
            case AppendToLog write:
                Holds(write.Entries[^1].Term <= node.Disk.Term, cluster,
                    $"{node} gives entry {write.Entries[^1].Id} to its journal, and its disk holds term {node.Disk.Term} only");
                break;
            case RoleChanged { To: RaftRole.Leader } change:
                Holds(node.Disk.Term == change.Term && node.Disk.VotedFor == node.Id, cluster,
                    $"{node} becomes the leader of term {change.Term}, and its disk holds {OnDisk(node)}");
                break;
        }
    }

    public override void OnStored(NodeView node, ClusterView cluster)
    {
        Holds(node.Disk.Last.Term <= node.Disk.Term, cluster, $"the disk of {node} holds entry {node.Disk.Last} and term {node.Disk.Term} only");
        if (node.State is { } state) JudgeDurable(node, state, cluster);
    }

    public override void OnStep(NodeView node, ClusterView cluster)
    {
        if (node.State is not { } state) return;
        var past = _past[node];
        if (!ReferenceEquals(past.State, state)) past.StartOver(state);

        // A leader may have committed more than its own disk holds, and keep that commit index when it leads no longer.
        var mayPassDurable = past.Led || state.Role == RaftRole.Leader;
        if (state.CommitIndex != past.Commit)
        {
            Holds(mayPassDurable || state.CommitIndex <= state.Log.Durable, cluster,
                $"{node} raises its commit index from {past.Commit} to {state.CommitIndex}, and its log is durable up to {state.Log.Durable} only");
            past.Commit = state.CommitIndex;
        }

        past.Led = state.Role == RaftRole.Leader;
        var durable = state.Log.Durable > state.Log.Base.Index ? state.Log[state.Log.Durable] : null;
        if (ReferenceEquals(durable, past.Durable) && state.Vote.DurableTerm == past.DurableTerm && state.Log.Base == past.Base) return;
        (past.Durable, past.DurableTerm, past.Base) = (durable, state.Vote.DurableTerm, state.Log.Base);
        JudgeDurable(node, state, cluster);
    }

    void JudgeDurable(NodeView node, NodeState state, ClusterView cluster)
    {
        Holds(state.Vote.DurableTerm <= node.Disk.Term, cluster,
            $"{node} takes term {state.Vote.DurableTerm} for durable, and its disk holds term {node.Disk.Term}");
        // A snapshot that is stored and not yet told makes the stored log void; until it is told, the node goes by that log.
        var isUntold = node.Disk.Snapshot is { } stored && (state.Snapshot is null || stored.Last.Index > state.Snapshot.Last.Index);
        Holds(state.Log.TryGetId(state.Log.Durable, out var id) && (node.Disk.Holds(id) || (isUntold && node.Disk.LogHolds(id))), cluster,
            $"{node} takes its log up to {id} for durable, and its disk holds {EntryOnDisk(node, state.Log.Durable)}");
    }

    void JudgeMessage(NodeView node, NodeId to, RaftMessage message, ClusterView cluster)
    {
        Holds(message.From == node.Id, cluster, $"{node} sends a message in the name of node {message.From}");
        Holds(message.Term <= node.Disk.Term, cluster,
            $"{node} announces term {message.Term} with a {message.GetType().Name} to node {to}, and its disk holds term {node.Disk.Term} only");
        switch (message)
        {
            case VoteRequest request:
                JudgeRequest(node, request, cluster);
                break;
            case VoteReply { Kind: ElectionKind.Vote, Granted: true } reply:
                Holds(node.Disk.Term == reply.Term && node.Disk.VotedFor == to, cluster,
                    $"{node} tells node {to} that it has its vote of term {reply.Term}, and its disk holds {OnDisk(node)}");
                break;
            case AppendEntriesReply { Outcome: AppendOutcome.Accepted } reply:
                JudgeAcknowledgement(node, to, reply.Match, cluster);
                JudgeVerified(node, to, reply.Term, LogIndex.Max(reply.Match, reply.Verified), cluster);
                break;
            case InstallSnapshotReply { Outcome: InstallOutcome.Installed } reply:
                JudgeAcknowledgement(node, to, reply.Match, cluster);
                JudgeVerified(node, to, reply.Term, reply.Match, cluster);
                break;
        }
    }

    void JudgeRequest(NodeView node, VoteRequest request, ClusterView cluster)
    {
        Holds(request.Kind == ElectionKind.PreVote || (node.Disk.Term == request.Term && node.Disk.VotedFor == node.Id), cluster,
            $"{node} asks for votes in term {request.Term}, and its disk holds {OnDisk(node)}");
        Holds(node.Disk.Holds(request.LastEntry), cluster,
            $"{node} stands for election with a log up to {request.LastEntry}, and its disk holds {EntryOnDisk(node, request.LastEntry.Index)}");
    }

    /// <summary>What is acknowledged is on disk, and it is the leader's: that is what the leader counts on when it counts this disk.</summary>
    void JudgeAcknowledgement(NodeView node, NodeId to, LogIndex match, ClusterView cluster)
    {
        var log = node.State!.Log;
        Holds(match <= log.Durable && IsOnDisk(node, log, match), cluster,
            $"{node} acknowledges its log up to {match} to node {to}; it is durable up to {log.Durable}, and its disk holds {EntryOnDisk(node, match)}");
    }

    void JudgeVerified(NodeView node, NodeId to, Term term, LogIndex verified, ClusterView cluster)
    {
        var log = node.State!.Log;
        // What is compacted here is committed, and every later leader has it (Raft 5.4).
        if (verified < log.Base.Index || Find(cluster, to)?.State is not { Role: RaftRole.Leader } leader || leader.Term != term) return;
        Holds(log.TryGetId(verified, out var mine) && leader.Log.Matches(mine), cluster,
            $"{node} tells node {to}, the leader of term {term}, that their logs are equal up to {verified}; it has entry {mine}, and the leader does not");
    }

    /// <summary>Of what is compacted only the index is known: a snapshot on the disk must stand for it.</summary>
    static bool IsOnDisk(NodeView node, RaftLog log, LogIndex index) =>
        log.TryGetId(index, out var id) ? node.Disk.Holds(id) : index < log.Base.Index && node.Disk.Covers(new EntryId(index, Term.Zero));

    static NodeView? Find(ClusterView cluster, NodeId id)
    {
        foreach (var node in cluster.Nodes)
        {
            if (node.Id == id) return node;
        }

        return null;
    }

    static string OnDisk(NodeView node) => $"term {node.Disk.Term} with {(node.Disk.VotedFor is { } vote ? $"its vote for node {vote}" : "no vote")}";

    static string EntryOnDisk(NodeView node, LogIndex index) =>
        !node.Disk.IsLogVoid && node.Disk.Find(index) is { } entry ? $"entry {entry.Id} there" : $"a log up to {node.Disk.Last}";

    static string Snapshot(StoredSnapshot? snapshot) => snapshot is null ? "no snapshot" : $"a snapshot of {snapshot.Last}";

    sealed class Past
    {
        public NodeState? State { get; private set; }

        public LogIndex Commit { get; set; }

        public bool Led { get; set; }

        public LogEntry? Durable { get; set; }

        public Term DurableTerm { get; set; }

        public EntryId Base { get; set; }

        public void StartOver(NodeState state) => (State, Commit, Led, Durable, DurableTerm, Base) = (state, LogIndex.Zero, false, null, Term.Zero, EntryId.Zero);
    }
}
