using AkkaRaft.Consensus;

namespace AkkaRaft.TestKit.Invariants;

/// <summary>
/// Log Matching (Raft figure 3): two logs that hold an entry with the same index and term are equal up to it. It is enough that an index and a term name one
/// and the same entry with one and the same predecessor, in every log in memory and on disk, at all times; the rest follows by induction.
/// </summary>
internal sealed class LogMatching : ClusterInvariant
{
    // Nearly all entries are the first with their index that anybody made; the others are in the second collection.
    readonly List<Known> _first = [];
    readonly Dictionary<EntryId, Known> _others = [];
    readonly PerNode<Past> _past = new();

    public override string Name => "Log Matching";

    public override string Section => "Raft 5.3, figure 3";

    public override void OnJoined(NodeView node, ClusterView cluster)
    {
        OnStored(node, cluster);
        OnStep(node, cluster);
    }

    public override void OnStep(NodeView node, ClusterView cluster)
    {
        if (node.State is not { } state || _past[node].Memory.Follow(state.Log) is not { } first) return;
        for (var index = first; index <= state.Log.Last.Index; index = index.Next)
        {
            state.Log.TryGetId(index.Previous, out var previous);
            Meet(node, inMemory: true, index, previous, state.Log[index], cluster);
        }
    }

    public override void OnStored(NodeView node, ClusterView cluster)
    {
        var past = _past[node];
        var log = node.Disk.Log;
        if (log.Count == 0 || (log.Count == past.Count && ReferenceEquals(log[^1], past.Last))) return;
        // What was on disk before the first look has no event that we saw.
        var first = past.Last is null ? new LogIndex(1) : node.Disk.FirstChanged;
        (past.Count, past.Last) = (log.Count, log[^1]);
        for (var i = (int)first.Value - 1; i < log.Count; i++)
            Meet(node, inMemory: false, new LogIndex(i + 1), i == 0 ? EntryId.Zero : log[i - 1].Id, log[i], cluster);
    }

    void Meet(NodeView node, bool inMemory, LogIndex at, EntryId previous, LogEntry entry, ClusterView cluster)
    {
        var where = inMemory ? "in memory" : "on disk";
        Holds(entry.Index == at && entry.Term >= previous.Term, cluster, $"{node} has, {where}, entry {entry.Id} at index {at}, after entry {previous}");
        if (!TryFind(entry.Id, out var known))
        {
            Add(new Known(entry, previous, node));
            return;
        }

        Holds(CommittedLog.AreSame(known.Entry, entry), cluster,
            $"{node} has, {where}, an entry {entry.Id} that is not node {known.First.Id}'s: {Show(entry)}, and there {Show(known.Entry)}");
        Holds(known.Previous == previous, cluster,
            $"{node} has, {where}, entry {entry.Id} after entry {previous}; node {known.First.Id} has it after entry {known.Previous}");
    }

    bool TryFind(EntryId id, out Known known)
    {
        var place = id.Index.Value - 1;
        known = place >= 0 && place < _first.Count ? _first[(int)place] : default;
        return known.Entry?.Id == id || _others.TryGetValue(id, out known);
    }

    void Add(Known known)
    {
        if (known.Entry.Index.Value == _first.Count + 1) _first.Add(known);
        else _others.Add(known.Entry.Id, known);
    }

    static string Show(LogEntry entry) => entry switch
    {
        CommandEntry command => $"the command {command.Command}, checksum {command.Command.Checksum:x8}, of {command.Time:HH:mm:ss.fff}",
        ConfigurationEntry change => $"the configuration {change.Configuration}",
        _ => $"a {entry.GetType().Name} of {entry.Time:HH:mm:ss.fff}",
    };

    readonly record struct Known(LogEntry Entry, EntryId Previous, NodeView First);

    sealed class Past
    {
        public LogMirror Memory { get; } = new();

        public int Count { get; set; }

        public LogEntry? Last { get; set; }
    }
}
