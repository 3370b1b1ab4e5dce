using AkkaRaft.TestKit.Cluster;

namespace AkkaRaft.TestKit.Reports;

/// <summary>
/// Keeps the faults of a <see cref="RunRecord"/> that last: a script says what is from now on, the record wants to know when it began and when it ended.
/// </summary>
/// <param name="cluster">The cluster.</param>
/// <param name="record">Its record.</param>
/// <param name="lanes">The lanes of each host; a client host has those of its clients.</param>
internal sealed class FaultSpans(SimulatedCluster cluster, RunRecord record, IReadOnlyDictionary<string, List<Lane>> lanes)
{
    readonly Dictionary<string, int> _open = [];
    readonly List<(SimulatedNode Node, FaultKind Kind, TimeSpan Until, int Fault)> _hangs = [];
    readonly List<int> _cuts = [];
    readonly HashSet<(string, string)> _cutLinks = [];

    TimeSpan Now => cluster.Now;

    /// <summary>Time has passed: what ends by itself has ended.</summary>
    public void Pass()
    {
        for (var i = _hangs.Count - 1; i >= 0; i--)
        {
            if (_hangs[i].Until <= Now) EndHang(i, _hangs[i].Until);
        }
    }

    /// <summary>Links were cut or mended: new cuts are a fault of their own; when something was mended, what is left is one.</summary>
    public void CutsChanged(string what)
    {
        var now = cluster.Network.CutLinks.ToList();
        if (_cutLinks.Except(now).Any())
        {
            foreach (var cut in _cuts) record.Ended(cut, Now);
            _cuts.Clear();
            _cutLinks.Clear();
        }

        var added = now.Where(_cutLinks.Add).ToList();
        if (added.Count == 0) return;
        var links = added.SelectMany(link => lanes[link.From].SelectMany(from => lanes[link.To].Select(to => new LaneLink(from, to))));
        _cuts.Add(record.Cut(Now, [.. links], what));
    }

    public void NetworkChanged() => Change("network", FaultKind.Network, null, FaultWords.Of(cluster.NetworkFaults));

    public void DiskChanged(SimulatedNode node) =>
        Change($"disk {node.Number}", FaultKind.Disk, node, FaultWords.Of(node.Disk.Faults) is { Length: > 0 } words ? $"disk: {words}" : "");

    public void ClockChanged(SimulatedNode node) => Change($"clock {node.Number}", FaultKind.Clock, node, FaultWords.Of(node.Clock));

    public void DiskHangs(SimulatedNode node, TimeSpan duration) => Hang(node, duration, FaultKind.Disk, "disk hangs");

    public void LinksHang(SimulatedNode node, TimeSpan duration, string what) => Hang(node, duration, FaultKind.Network, what);

    /// <summary>A crash ends the hang of its disk.</summary>
    public void DiskFree(SimulatedNode node)
    {
        for (var i = _hangs.Count - 1; i >= 0; i--)
        {
            if (_hangs[i].Node == node && _hangs[i].Kind == FaultKind.Disk) EndHang(i, Now);
        }
    }

    /// <summary>All faults end.</summary>
    public void End()
    {
        record.Healed(Now);
        _open.Clear();
        _cuts.Clear();
        _cutLinks.Clear();
        _hangs.Clear();
    }

    void Hang(SimulatedNode node, TimeSpan duration, FaultKind kind, string what) =>
        _hangs.Add((node, kind, Now + duration, record.Begin(Now, kind, record.NodeLane(node.Id), $"{what} for {FaultWords.Of(duration)}")));

    void EndHang(int place, TimeSpan at)
    {
        record.Ended(_hangs[place].Fault, at);
        _hangs.RemoveAt(place);
    }

    void Change(string what, FaultKind kind, SimulatedNode? node, string text)
    {
        if (_open.Remove(what, out var before)) record.Ended(before, Now);
        if (text.Length > 0) _open[what] = record.Begin(Now, kind, node is null ? null : record.NodeLane(node.Id), text);
    }
}
