using System.Diagnostics;
using System.Globalization;
using AkkaRaft.Samples.ClusterLauncher.Processes;
using AkkaRaft.Samples.ClusterLauncher.Traffic;

namespace AkkaRaft.Samples.ClusterLauncher.Measuring;

/// <summary>
/// Writes without end on a bounded map. One of three nodes starts for the first time when the log is compacted, is killed, and comes back after many entries: both times
/// it must catch up by a snapshot while the writes go on. Shows that disk and memory stay bounded, and compares the nodes' maps at the end.
/// </summary>
internal sealed class LongRun(long entries, long away)
{
    const string Late = "3";
    static readonly TimeSpan s_limit = TimeSpan.FromMinutes(5);

    readonly Stopwatch _clock = Stopwatch.StartNew();

    /// <summary>What the nodes are like: all settings as they are by default.</summary>
    public static readonly MeasuredCluster Cluster = new() { Started = 2 };

    /// <summary>Runs it.</summary>
    public async Task Run(HashmapCluster cluster, ClusterClient client, CancellationToken cancellationToken)
    {
        await using var writers = new CountingWriters(client);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        writers.Start();
        var account = Account(cluster, client, writers.Tally, end.Token);

        var leader = (await client.FindLeader(s_limit, cancellationToken)).Node.Value;
        var compacted = await client.WaitFor(leader, "to compact its log", status => status.BaseIndex > LogIndex.Zero, s_limit, cancellationToken);
        Say($"the leader, node {leader}, has compacted its log up to {compacted.BaseIndex}; node {Late} starts for the first time");
        cluster[Late].Start();
        var first = await CatchUp(cluster, client, writers.Tally, LogIndex.Zero, cancellationToken);

        await cluster[Late].Kill();
        var killedAt = writers.Tally.Acknowledged;
        Say($"kill -9 node {Late}, after {killedAt} writes; {away} more are written");
        await writers.WhenAcknowledged(killedAt + away, cancellationToken);
        Say($"node {Late} is started again");
        cluster[Late].Start();
        await CatchUp(cluster, client, writers.Tally, first.LastEntry.Index, cancellationToken);

        await writers.WhenAcknowledged(entries, cancellationToken);
        await writers.Stop();
        await end.CancelAsync();
        await account;
        Say($"the end: {writers.Tally.Acknowledged} acknowledged, {writers.Tally.NotApplied} refused, {writers.Tally.Unknown} unknown");
        await Show(cluster, client, cancellationToken);
        await Compare(cluster, client, writers.Tally, cancellationToken);
    }

    async Task<RaftStatus> CatchUp(HashmapCluster cluster, ClusterClient client, WriteTally tally, LogIndex had, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        var before = tally.Acknowledged;
        await cluster[Late].WhenReady(s_limit, cancellationToken);
        var ready = clock.Elapsed;
        EntryId? installed = null;
        // A log that begins with the snapshot itself, behind all that the node had, can only come from the leader: its own snapshots leave some entries before them.
        var status = await client.WhenCaughtUp(Late, s => installed ??= s.BaseIndex > had && s.Snapshot.Last?.Index == s.BaseIndex ? s.Snapshot.Last : null, s_limit, cancellationToken);
        var rate = (tally.Acknowledged - before) / clock.Elapsed.TotalSeconds;
        Say($"node {Late} has caught up {clock.Elapsed.TotalSeconds:0.0} s after its start (ready after {ready.TotalSeconds:0.0} s), at {status.AppliedIndex}, under {rate:0} writes/s");
        Say($"  {(installed is null ? "no snapshot of the leader was seen" : $"it went on from the leader's snapshot at {installed}")}; its log begins behind {status.BaseIndex}");
        return status;
    }

    // A line for each so many writes.
    async Task Account(HashmapCluster cluster, ClusterClient client, WriteTally tally, CancellationToken cancellationToken)
    {
        var step = Math.Clamp(entries / 10, 1, 1_000_000);
        var next = step;
        var since = _clock.Elapsed;
        var before = 0L;
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                var count = tally.Acknowledged;
                if (count < next) continue;
                var now = _clock.Elapsed;
                Say($"{count} entries, {(count - before) / (now - since).TotalSeconds:0} per second; {tally.NotApplied} refused, {tally.Unknown} unknown");
                await Show(cluster, client, cancellationToken);
                (before, since, next) = (count, now, (count / step * step) + step);
            }
        }
        catch (OperationCanceledException)
        {
            // All is written.
        }
    }

    static async Task Show(HashmapCluster cluster, ClusterClient client, CancellationToken cancellationToken)
    {
        foreach (var node in cluster.Nodes.Where(node => node.IsAlive))
        {
            var status = await client.TryStatus(node.Id, TimeSpan.FromSeconds(5), cancellationToken);
            var log = status is null ? "it does not answer"
                : $"{status.Role}, log {status.BaseIndex}..{status.LastEntry.Index}, applied {status.AppliedIndex}, snapshot {status.Snapshot.Last?.Index.ToString() ?? "none"}";
            Console.WriteLine($"  node {node.Id}: {NodeFootprint.Describe(node)}; {log}");
        }
    }

    // Each node says by itself what it has.
    static async Task Compare(HashmapCluster cluster, ClusterClient client, WriteTally tally, CancellationToken cancellationToken)
    {
        var leader = (await client.FindLeader(s_limit, cancellationToken)).Node.Value;
        var goal = await client.WaitFor(leader, "to commit", status => status.CommitIndex == status.LastEntry.Index, s_limit, cancellationToken);
        var maps = new Dictionary<string, List<string?>>();
        foreach (var node in cluster.Nodes)
            maps[node.Id] = [.. await Task.WhenAll(Enumerable.Range(0, CountingWriters.Keys).Select(n => client.GetLocal(node.Id, CountingWriters.KeyOf(n), goal.CommitIndex)))];

        var first = maps.First().Value;
        var sum = first.Sum(value => long.Parse(value ?? "0", CultureInfo.InvariantCulture));
        var most = tally.Acknowledged + tally.Unknown;
        if (maps.Values.Any(map => !map.SequenceEqual(first))) throw new InvalidOperationException($"The nodes' maps differ at {goal.CommitIndex}.");
        if (sum < tally.Acknowledged || sum > most) throw new InvalidOperationException($"{tally.Acknowledged} to {most} writes were applied, and the keys' sum is {sum}.");
        Console.WriteLine($"all nodes have the same {CountingWriters.Keys} keys at {goal.CommitIndex}, their sum is {sum}: each write was applied exactly once");
    }

    void Say(FormattableString text) => Console.WriteLine($"[{_clock.Elapsed.TotalSeconds,6:0.0} s] {text.ToString(CultureInfo.InvariantCulture)}");
}
