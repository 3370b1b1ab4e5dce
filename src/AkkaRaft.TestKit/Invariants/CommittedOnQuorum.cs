using AkkaRaft.Consensus;

namespace AkkaRaft.TestKit.Invariants;

/// <summary>
/// An entry is committed by a leader that has counted a majority of disks with it, and with an entry of its own term (Raft 5.3, 5.4.2). From then on a majority
/// keeps it, and so does every disk that has it: in its log, or in a snapshot that stands for it.
/// </summary>
internal sealed class CommittedOnQuorum(CommittedLog committed) : ClusterInvariant
{
    readonly PerNode<Past> _past = new();
    LogIndex _judged;

    public override string Name => "Committed Is Durable On A Quorum";

    public override string Section => "Raft 5.3, 5.4.2";

    public override void OnEffect(NodeView node, Effect effect, ClusterView cluster) => Follow(node, cluster);

    public override void OnStep(NodeView node, ClusterView cluster) => Follow(node, cluster);

    public override void OnStored(NodeView node, ClusterView cluster)
    {
        var past = _past[node];
        var before = past.Held;
        if (node.Disk.Snapshots.DirectoryVersion != past.Directory)
        {
            // Which snapshot there is decides how much of the log is needed, and whether it counts. One that the node was not told of may go again, with a directory
            // whose write failed: nobody relies on it.
            past.Held = LogIndex.Zero;
            past.Directory = node.Disk.Snapshots.DirectoryVersion;
            before = LogIndex.Min(before, LogIndex.Max(node.Disk.LogBase.Index, node.State?.Snapshot?.Last.Index ?? LogIndex.Zero));
        }
        else if (before > LogIndex.Zero && node.Disk.FirstChanged <= before)
        {
            past.Held = node.Disk.FirstChanged.Previous;
        }

        Advance(node, past);
        if (past.Held >= before) return;

        var lost = committed[past.Held.Next].Entry.Id;
        cluster.Report(Name, node.Disk.Find(past.Held.Next) is { } other && other.Id != lost
            ? $"the journal of {node} wrote entry {other.Id} over entry {lost}, which was committed and stored there"
            : $"the journal of {node} cut off entry {lost}, which was committed and stored there");
    }

    void Follow(NodeView node, ClusterView cluster)
    {
        committed.Follow(node);
        if (_judged == committed.Last) return;

        var newest = committed[committed.Last];
        var first = _judged.Next;
        _judged = committed.Last;
        Holds(newest.Role == RaftRole.Leader, cluster,
            $"node {newest.By.Id} commits entry {newest.Entry.Id} in term {newest.In} before any leader has, and is a {newest.Role.ToString().ToLowerInvariant()}");
        Holds(newest.Role != RaftRole.Leader || newest.Entry.Term == newest.In, cluster,
            $"node {newest.By.Id}, leader of term {newest.In}, commits entry {newest.Entry.Id} by counting; only an entry of its own term may be (figure 8)");

        foreach (var each in cluster.Nodes) Advance(each, _past[each]);
        var holders = HoldersOf(committed.Last, cluster);
        if (newest.Lacking(holders) is { } lacking)
            cluster.Report(Name, $"node {newest.By.Id} commits entries {first} to {newest.Entry.Id}; the last one is on {lacking.Voters.Count(holders.Contains)} disks of {lacking.Voters.Length} voters");
    }

    // That an index and a term name one entry with all that is before it, is Log Matching's affair.
    void Advance(NodeView node, Past past)
    {
        var disk = node.Disk;
        if (disk.Snapshot is { } snapshot && snapshot.Last.Index > past.Held && committed.Has(snapshot.Last)) past.Held = snapshot.Last.Index;
        if (disk.IsLogVoid) return;
        var last = LogIndex.Min(committed.Last, disk.LogLast.Index);
        while (past.Held < last && disk.Find(past.Held.Next)?.Id == committed[past.Held.Next].Entry.Id) past.Held = past.Held.Next;
    }

    HashSet<NodeId> HoldersOf(LogIndex index, ClusterView cluster)
    {
        var holders = new HashSet<NodeId>();
        foreach (var node in cluster.Nodes)
        {
            if (_past[node].Held >= index) holders.Add(node.Id);
        }

        return holders;
    }

    sealed class Past
    {
        /// <summary>Up to here its disk holds what is committed.</summary>
        public LogIndex Held { get; set; }

        public long Directory { get; set; }
    }
}
