using System.Diagnostics;
using System.Globalization;
using AkkaRaft.Samples.ClusterLauncher.Processes;
using AkkaRaft.Samples.ClusterLauncher.Traffic;
using AkkaRaft.Samples.Hashmap;

namespace AkkaRaft.Samples.ClusterLauncher.Measuring;

/// <summary>
/// A state that is much larger than what a node may take beside it: the nodes' heaps are limited to the state and 400 MB. They take snapshots of it, are restored from
/// them, and send one to a node that starts late, and another one when it comes back after a while and has a state already.
/// </summary>
internal sealed class BigState(int megabytes)
{
    const string Late = "3";
    const int ValueBytes = 16 * 1024;
    const int SampleValues = 2000;
    const long Beside = 400_000_000;
    const int Step = 500;
    const int ReadAtOnce = 16;
    const int MostInLog = 128_000_000 / ValueBytes;
    static readonly TimeSpan s_limit = TimeSpan.FromMinutes(10);

    readonly BigValues _values = new((int)(megabytes * 1024L * 1024 / ValueBytes), ValueBytes);
    readonly Stopwatch _clock = Stopwatch.StartNew();

    /// <summary>What the nodes are like. The log is in memory too: little of it may stay behind a snapshot.</summary>
    public MeasuredCluster Cluster
    {
        get
        {
            var state = (long)(HeapOfAValue() * _values.Count);
            Say($"the state: {_values.Count} values of {ValueBytes} bytes, {_values.Count * (double)ValueBytes / 1e6:0} MB, which take {state / 1e6:0} MB of a heap; each node's heap is limited to {(state + Beside) / 1e6:0} MB");
            return new MeasuredCluster
            {
                Started = 2,
                ConfigOf = _ => "akka.raft.snapshot.trailing-entries = 1000",
                Environment = new Dictionary<string, string> { ["DOTNET_GCHeapHardLimit"] = (state + Beside).ToString("X", CultureInfo.InvariantCulture) },
            };
        }
    }

    /// <summary>Runs it.</summary>
    public async Task Run(HashmapCluster cluster, ClusterClient client, CancellationToken cancellationToken)
    {
        await Fill(cluster, client, 0, _values.Count, cancellationToken);
        Show(cluster, $"filled, in {_clock.Elapsed.TotalSeconds:0} s");

        await Take(cluster, client, cancellationToken);
        Show(cluster, $"each has taken a snapshot of all of it");

        foreach (var node in Running(cluster))
        {
            await node.Stop();
            var clock = Stopwatch.StartNew();
            node.Start();
            await node.WhenReady(s_limit, cancellationToken);
            await client.WhenCaughtUp(node.Id, _ => { }, s_limit, cancellationToken);
            Show(cluster, $"node {node.Id} was started again, and was restored from its snapshot after {clock.Elapsed.TotalSeconds:0.0} s");
        }

        await Send(cluster, client, "has started for the first time", cancellationToken);
        var had = (await client.WaitFor(Late, "to answer", _ => true, s_limit, cancellationToken)).LastEntry.Index;
        await cluster[Late].Kill();
        await Outrun(cluster, client, had, cancellationToken);
        await Send(cluster, client, "was killed, was away, and has started again with what it had,", cancellationToken);
        await Compare(cluster, client, cancellationToken);
    }

    async Task Send(HashmapCluster cluster, ClusterClient client, string what, CancellationToken cancellationToken)
    {
        foreach (var node in Running(cluster)) NodeFootprint.ForgetPeak(node);
        var clock = Stopwatch.StartNew();
        cluster[Late].Start();
        await cluster[Late].WhenReady(s_limit, cancellationToken);
        RaftSnapshotTransfer? received = null;
        await client.WhenCaughtUp(Late, status => received = status.Snapshot.Receiving ?? received, s_limit, cancellationToken);
        Show(cluster, $"node {Late} {what} and got {(received is null ? "no snapshot" : $"a snapshot of {received.Total / 1e6:0} MB")}, in {clock.Elapsed.TotalSeconds:0.0} s");
    }

    // While a snapshot of a big state is written the log grows, and the log is in memory: whoever fills goes no faster than it is compacted.
    async Task Fill(HashmapCluster cluster, ClusterClient client, int from, int to, CancellationToken cancellationToken)
    {
        for (var next = from; next < to; next += Step)
        {
            foreach (var node in Running(cluster))
                await client.WaitFor(node.Id, "to compact its log", status => status.LastEntry.Index - status.BaseIndex < MostInLog, s_limit, cancellationToken);
            await _values.Write(client, next, Math.Min(next + Step, to), cancellationToken);
        }
    }

    // Some of the values again, until each has a snapshot that was begun after the filling.
    async Task Take(HashmapCluster cluster, ClusterClient client, CancellationToken cancellationToken)
    {
        foreach (var node in Running(cluster)) NodeFootprint.ForgetPeak(node);
        var leader = await client.FindLeader(s_limit, cancellationToken);
        var full = (await client.WaitFor(leader.Node.Value, "to answer", _ => true, s_limit, cancellationToken)).CommitIndex;
        await Rewrite(cluster, client, status => status.Snapshot.Last is { } last && last.Index >= full, cancellationToken);
    }

    // Some of the values again, until no log begins before what the node that is away needs.
    Task Outrun(HashmapCluster cluster, ClusterClient client, LogIndex had, CancellationToken cancellationToken) =>
        Rewrite(cluster, client, status => status.BaseIndex > had, cancellationToken);

    async Task Rewrite(HashmapCluster cluster, ClusterClient client, Func<RaftStatus, bool> enough, CancellationToken cancellationToken)
    {
        for (var next = 0; ; next = next + Step < _values.Count ? next + Step : 0)
        {
            var all = true;
            foreach (var node in Running(cluster)) all &= enough(await client.WaitFor(node.Id, "to answer", _ => true, s_limit, cancellationToken));
            if (all) return;
            await Fill(cluster, client, next, Math.Min(next + Step, _values.Count), cancellationToken);
        }
    }

    async Task Compare(HashmapCluster cluster, ClusterClient client, CancellationToken cancellationToken)
    {
        var leader = await client.FindLeader(s_limit, cancellationToken);
        var goal = (await client.WaitFor(leader.Node.Value, "to answer", _ => true, s_limit, cancellationToken)).CommitIndex;
        foreach (var node in cluster.Nodes)
        {
            foreach (var some in Enumerable.Range(0, _values.Count).Chunk(ReadAtOnce)) await Task.WhenAll(some.Select(number => Compare(client, node, number, goal)));
        }

        Say($"all {cluster.Nodes.Count} nodes have all {_values.Count} values");
    }

    async Task Compare(ClusterClient client, HashmapNode node, int number, LogIndex goal)
    {
        if (await client.GetLocal(node.Id, BigValues.KeyOf(number), goal) != _values.ValueOf(number))
            throw new InvalidOperationException($"Node {node.Id} has another value under {BigValues.KeyOf(number)} than the one that was written.");
    }

    double HeapOfAValue()
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var state = new MapState();
        for (var number = 0; number < SampleValues; number++) state.Put(new Put(BigValues.KeyOf(number), _values.ValueOf(number)));
        var taken = GC.GetTotalMemory(forceFullCollection: true) - before;
        GC.KeepAlive(state);
        return taken / (double)SampleValues;
    }

    void Show(HashmapCluster cluster, FormattableString what)
    {
        Say(what);
        foreach (var node in Running(cluster))
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  node {node.Id}: {NodeFootprint.Describe(node)}, at most {NodeFootprint.Peak(node):0} MB"));
            NodeFootprint.ForgetPeak(node);
        }
    }

    static IEnumerable<HashmapNode> Running(HashmapCluster cluster) => cluster.Nodes.Where(node => node.IsAlive);

    void Say(FormattableString text) => Console.WriteLine($"[{_clock.Elapsed.TotalSeconds,6:0.0} s] {text.ToString(CultureInfo.InvariantCulture)}");
}
