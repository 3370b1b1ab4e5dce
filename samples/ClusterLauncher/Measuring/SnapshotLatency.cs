using System.Diagnostics;
using System.Globalization;
using AkkaRaft.Samples.ClusterLauncher.Processes;
using AkkaRaft.Samples.ClusterLauncher.Traffic;

namespace AkkaRaft.Samples.ClusterLauncher.Measuring;

/// <summary>
/// How long writes take while a node takes a snapshot of a big state: first a follower, then the leader. The nodes differ in <c>akka.raft.snapshot.entries</c>: one never
/// takes a snapshot; one does when the map is full, and is then started again to take no second one; the leader does some time later.
/// </summary>
internal sealed class SnapshotLatency(int megabytes, int seconds, int perSecond)
{
    const string Leader = "1";
    const string Follower = "3";
    const int ValueBytes = 50 * 1024;
    const int HurryWriters = 64;
    const int Never = 1_000_000_000;
    // The disk and the garbage collector still have to do with the filling, which is not to be measured.
    static readonly TimeSpan s_warmUp = TimeSpan.FromSeconds(30);
    static readonly TimeSpan s_settle = TimeSpan.FromSeconds(2);
    static readonly TimeSpan s_behind = TimeSpan.FromSeconds(10);
    static readonly TimeSpan s_limit = TimeSpan.FromMinutes(10);

    readonly BigValues _values = new((int)(megabytes * 1e6 / ValueBytes), ValueBytes);

    // The threshold is drawn between one half and the whole of the setting. Up to the half the follower has the filling and the measurement before; the leader comes when
    // the follower is surely done, though it writes no more than 8 MB in a second.
    int FollowerEntries => 2 * (_values.Count + (perSecond * (seconds + 60)) + 1000);

    int LeaderEntries => 2 * (FollowerEntries + (perSecond * (60 + (megabytes / 8))));

    /// <summary>What the nodes are like.</summary>
    public MeasuredCluster Cluster => new()
    {
        ConfigOf = node => Config(node, node == Leader ? LeaderEntries : node == Follower ? FollowerEntries : Never),
    };

    /// <summary>Runs it.</summary>
    public async Task Run(HashmapCluster cluster, ClusterClient client, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        await _values.Write(client, 0, _values.Count, cancellationToken);
        Say($"filled: {_values.Count} values of {ValueBytes} bytes, {_values.Count * (double)ValueBytes / 1e6:0} MB, in {clock.Elapsed.TotalSeconds:0} s");
        var leader = await client.FindLeader(s_limit, cancellationToken);
        if (leader.Node.Value != Leader) leader = await client.Transfer(Leader);

        var writer = new PacedWriter(client, perSecond);
        await writer.For(s_warmUp);
        await using var disk = new DiskProbe(cluster.DataFolder);
        var before = await writer.For(TimeSpan.FromSeconds(seconds));
        Say($"before, {perSecond} small writes per second for {seconds} s: {before}; {disk.Take()}");
        await During(client, writer, disk, "the follower", Follower, FollowerEntries / 2, before, cancellationToken);
        await NoMore(cluster[Follower], client, cancellationToken);
        await During(client, writer, disk, "the leader", Leader, LeaderEntries / 2, before, cancellationToken);

        var last = await client.FindLeader(s_limit, cancellationToken);
        if (last.Term != leader.Term) Say($"The leader changed meanwhile, from {leader} to {last}: the figures are of no use.");
        foreach (var node in cluster.Nodes) Say($"node {node.Id}: {NodeFootprint.Describe(node)}");
    }

    static string Config(string node, int snapshotEntries) => $$"""
        akka.raft {
          election-priority = {{(node == Leader ? 100 : 10)}}
          snapshot { bytes = 1TiB, entries = {{snapshotEntries}} }
        }
        """;

    static async Task NoMore(HashmapNode node, ClusterClient client, CancellationToken cancellationToken)
    {
        await node.Stop();
        await MeasuredCluster.Configure(node, Config(node.Id, Never), cancellationToken);
        node.Start();
        await node.WhenReady(s_limit, cancellationToken);
        await client.WhenCaughtUp(node.Id, _ => { }, s_limit, cancellationToken);
    }

    async Task During(
        ClusterClient client, PacedWriter writer, DiskProbe disk, string who, string node, int startsAfter, Latencies before, CancellationToken cancellationToken)
    {
        await Hurry(client, node, startsAfter, cancellationToken);
        // What waits from the hurry is not to be measured.
        await Task.Delay(s_settle, cancellationToken);
        disk.Take();
        var clock = Stopwatch.StartNew();
        var done = client.WaitFor(node, "to end its snapshot", status => status.Snapshot.Taking is null, s_limit, cancellationToken);
        var during = await writer.While(done);
        Say($"{who}, node {node}, takes a snapshot of {(await done).Snapshot.Bytes / 1e6:0} MB ({clock.Elapsed.TotalSeconds:0} s of it): {during}; p99 {Ratio(during, before):0.00} times of before; {disk.Take()}");
        var behind = await writer.For(s_behind);
        Say($"  {s_behind.TotalSeconds:0} s behind it, while its old events are deleted: {behind}; p99 {Ratio(behind, before):0.00} times of before; {disk.Take()}");
    }

    // Small writes as fast as it goes, until the node begins its snapshot.
    static async Task Hurry(ClusterClient client, string node, int startsAfter, CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var writing = Task.WhenAll(Enumerable.Range(0, HurryWriters).Select(async writer =>
        {
            while (!end.IsCancellationRequested)
            {
                try
                {
                    await client.Put($"hurry-{writer}", "1", CancellationToken.None);
                }
                catch (RaftException)
                {
                    // Only the log is to grow.
                }
            }
        }));
        try
        {
            var begun = await client.WaitFor(node, "to begin a snapshot", status => status.Snapshot.Taking is not null, s_limit, cancellationToken);
            if (begun.AppliedIndex.Value < startsAfter) throw new InvalidOperationException($"Node {node} took a snapshot before its time: {begun}.");
        }
        finally
        {
            await end.CancelAsync();
            await writing;
        }
    }

    static double Ratio(Latencies now, Latencies before) => now.Percentile(0.99) / before.Percentile(0.99);

    static void Say(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
