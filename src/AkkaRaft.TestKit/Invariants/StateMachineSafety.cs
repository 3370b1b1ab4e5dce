using System.IO.Hashing;
using AkkaRaft.Consensus;

namespace AkkaRaft.TestKit.Invariants;

/// <summary>
/// No two machines apply different entries at one index (Raft figure 3), nor come to different results there; each applies committed entries only, in log
/// order, each once, but for those that a snapshot stands for from which it begins anew (Raft 7).
/// </summary>
internal sealed class StateMachineSafety(CommittedLog committed) : ClusterInvariant
{
    readonly List<FirstApplied> _applied = [];
    readonly PerNode<Past> _past = new();

    public override string Name => "State Machine Safety";

    public override string Section => "Raft 5.4.3, figure 3";

    /// <summary>A machine begins without a state, or from the node's newest snapshot, which it may still be reading.</summary>
    public override void OnJoined(NodeView node, ClusterView cluster)
    {
        var past = PastOf(node);
        var snapshot = node.State?.Snapshot?.Last;
        if (snapshot is { } asked && past.Restored is null) past.Asked.Enqueue(asked);
        else Holds(past.Restored == snapshot, cluster, $"{node} starts with {Snapshot(snapshot)}, and its machine with {Snapshot(past.Restored)}");
    }

    public override void OnEffect(NodeView node, Effect effect, ClusterView cluster)
    {
        if (effect is RestoreMachine restore) PastOf(node).Asked.Enqueue(restore.Snapshot.Last);
    }

    public override void OnRestored(NodeView node, EntryId last, ClusterView cluster)
    {
        foreach (var each in cluster.Nodes) committed.Follow(each);
        var past = PastOf(node);
        Holds(last.Index > past.Last, cluster, $"the machine of {node} begins anew from a snapshot of {last}, and the last that it applied is {past.Last}");
        Holds(committed.Has(last), cluster, $"the machine of {node} begins anew from a snapshot of {last}, and what is committed {committed.Describe(last.Index)}");
        // Before the node joins nobody has said yet what was asked for. Of several the machine may leave out all but the newest.
        var isAsked = node.State is null;
        while (!isAsked && past.Asked.TryDequeue(out var asked)) isAsked = asked == last;
        Holds(isAsked, cluster, $"the machine of {node} begins anew from a snapshot of {last}, which it was not asked for");
        (past.Last, past.Restored) = (last.Index, last);
    }

    public override void OnApplied(NodeView node, LogEntry entry, ReadOnlyMemory<byte> result, ClusterView cluster)
    {
        committed.Follow(node);
        var past = PastOf(node);
        Holds(entry.Index == past.Last.Next, cluster, $"the machine of {node} applies entry {entry.Id}, and the last that it applied is {past.Last}");
        past.Last = entry.Index;

        if (entry.Index > committed.Last)
        {
            cluster.Report(Name, $"the machine of {node} applies entry {entry.Id}; entries are committed up to {committed.Last} only");
            return;
        }

        Holds(node.State is not { } state || entry.Index <= state.CommitIndex, cluster,
            $"the machine of {node} applies entry {entry.Id}, and the node's commit index is {node.State?.CommitIndex}");
        Holds(CommittedLog.AreSame(entry, committed[entry.Index].Entry), cluster,
            $"the machine of {node} applies entry {entry.Id}, and what is committed there is entry {committed[entry.Index].Entry.Id}{Beside(entry)}");
        Compare(node, entry, XxHash3.HashToUInt64(result.Span), cluster);
    }

    void Compare(NodeView node, LogEntry entry, ulong result, ClusterView cluster)
    {
        var place = (int)entry.Index.Value - 1;
        if (place >= _applied.Count)
        {
            // Whatever was skipped has been reported.
            while (_applied.Count < place) _applied.Add(default);
            _applied.Add(new FirstApplied(node, entry, result));
            return;
        }

        var first = _applied[place];
        if (first.Node is null)
        {
            _applied[place] = new FirstApplied(node, entry, result);
            return;
        }

        Holds(CommittedLog.AreSame(entry, first.Entry), cluster,
            $"the machine of {node} applies entry {entry.Id}; that of node {first.Node.Id} applied entry {first.Entry.Id} at this index{Beside(entry)}");
        Holds(result == first.Result, cluster,
            $"the machines of {node} and node {first.Node.Id} came to different results at entry {entry.Id} ({result:x16} and {first.Result:x16}): "
            + $"the handler uses something besides the command, the state and {nameof(RaftStateMachine)}.Entry");
    }

    Past PastOf(NodeView node)
    {
        var past = _past[node];
        if (past.Machine != node.Machines) past.StartOver(node.Machines);
        return past;
    }

    static string Snapshot(EntryId? last) => last is { } known ? $"a snapshot of {known}" : "no snapshot";

    static string Beside(LogEntry entry) => entry is CommandEntry command ? $"; the command is {command.Command}, checksum {command.Command.Checksum:x8}" : "";

    readonly record struct FirstApplied(NodeView Node, LogEntry Entry, ulong Result);

    sealed class Past
    {
        /// <summary>Which of the node's machines.</summary>
        public int Machine { get; private set; }

        public LogIndex Last { get; set; }

        /// <summary>The snapshot that it began anew from last.</summary>
        public EntryId? Restored { get; set; }

        /// <summary>Snapshots that it is to begin anew from.</summary>
        public Queue<EntryId> Asked { get; } = [];

        public void StartOver(int machine)
        {
            (Machine, Last, Restored) = (machine, LogIndex.Zero, null);
            Asked.Clear();
        }
    }
}
