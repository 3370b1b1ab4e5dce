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
        if (node.State is not { } state) return;
        var memory = _past[node].Memory;
        var before = memory.Base;
        var changed = memory.Follow(state.Log);
        if (memory.Base != before) MeetBase(node, "in memory", memory.Base, cluster);
        if (changed is not { } first) return;
        for (var index = first; index <= state.Log.Last.Index; index = index.Next)
        {
            state.Log.TryGetId(index.Previous, out var previous);
            Meet(node, inMemory: true, index, previous, state.Log[index], cluster);
        }
    }

    public override void OnStored(NodeView node, ClusterView cluster)
    {
        var past = _past[node];
        var disk = node.Disk;
        if (disk.LogVersion == past.Seen) return;
        if (disk.LogBase != past.Base) MeetBase(node, "on disk", past.Base = disk.LogBase, cluster);
        // What was on disk before the first look has no event that we saw.
        var first = past.Seen == 0 ? 0 : Math.Max(0, (int)(disk.FirstChanged - disk.LogBase.Index - 1));
        past.Seen = disk.LogVersion;
        for (var i = first; i < disk.Log.Count; i++)
            Meet(node, inMemory: false, new LogIndex(disk.LogBase.Index.Value + i + 1), i == 0 ? disk.LogBase : disk.Log[i - 1].Id, disk.Log[i], cluster);
    }

    /// <summary>A log that was compacted, or begun anew, goes on from an entry that there was.</summary>
    void MeetBase(NodeView node, string where, EntryId @base, ClusterView cluster) =>
        Holds(@base == EntryId.Zero || TryFind(@base, out _), cluster, $"{node} has, {where}, a log that begins behind entry {@base}, which nobody ever had");

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

        /// <summary>The disk's log was looked at when it had this version; 0 for never.</summary>
        public long Seen { get; set; }

        public EntryId Base { get; set; }
    }
}
