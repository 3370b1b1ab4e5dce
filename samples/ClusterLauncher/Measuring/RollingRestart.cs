using System.Collections.Concurrent;
using System.Globalization;
using AkkaRaft.Samples.ClusterLauncher.Processes;
using AkkaRaft.Samples.ClusterLauncher.Traffic;

namespace AkkaRaft.Samples.ClusterLauncher.Measuring;

/// <summary>
/// Stops (SIGTERM) and starts each node in turn while writers write without a pause, and says for how long no write was acknowledged. A leader hands over before it
/// stops, so that no write fails and no gap is as long as an election timeout.
/// </summary>
internal sealed class RollingRestart(int runs)
{
    const int Writers = 16;
    static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    readonly AckGaps _gaps = new();
    readonly ConcurrentQueue<string> _failed = [];
    long _number;

    /// <summary>Runs it.</summary>
    public async Task Run(HashmapCluster cluster, ClusterClient client, CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var writing = Task.WhenAll(Enumerable.Range(0, Writers).Select(_ => Write(client, end.Token)));
        var longest = new List<double>();
        try
        {
            await Task.Delay(TimeSpan.FromSeconds(2), cancellationToken);
            for (var run = 1; run <= runs; run++)
            {
                _gaps.TakeOut();
                var failedBefore = _failed.Count;
                var leaders = 0;
                foreach (var node in cluster.Nodes)
                {
                    if ((await client.FindLeader(s_limit, cancellationToken)).Node.Value == node.Id) leaders++;
                    await Restart(node, client, cancellationToken);
                }

                var (count, gap) = _gaps.TakeOut();
                longest.Add(gap.TotalMilliseconds);
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"run {run}: {count} writes, {_failed.Count - failedBefore} failed, {leaders} leaders stopped, longest gap {gap.TotalMilliseconds:0} ms"));
            }
        }
        finally
        {
            await end.CancelAsync();
            await writing;
        }

        longest.Sort();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{runs} rolling restarts of {cluster.Nodes.Count} nodes: {_failed.Count} writes failed; longest gap without an acknowledged write: median {Median(longest):0} ms, worst {longest[^1]:0} ms"));
        foreach (var error in _failed.Distinct().Take(5)) Console.WriteLine($"  {error}");
    }

    static double Median(List<double> sorted) =>
        sorted.Count % 2 == 1 ? sorted[sorted.Count / 2] : (sorted[(sorted.Count / 2) - 1] + sorted[sorted.Count / 2]) / 2;

    static async Task Restart(HashmapNode node, ClusterClient client, CancellationToken cancellationToken)
    {
        await node.Stop().WaitAsync(s_limit, cancellationToken);
        node.Start();
        await node.WhenReady(s_limit, cancellationToken);
        // The next one stops when this one follows again: with two of three away nobody can write.
        var leader = await client.FindLeader(s_limit, cancellationToken);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        var goal = (await client.TryStatus(leader.Node.Value, s_limit, cancellationToken))?.CommitIndex ?? default;
        while (await client.TryStatus(node.Id, TimeSpan.FromSeconds(1), cancellationToken) is not { } status || status.AppliedIndex < goal)
            await timer.WaitForNextTickAsync(cancellationToken);
    }

    async Task Write(ClusterClient client, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            var number = Interlocked.Increment(ref _number);
            try
            {
                await client.Put($"rolling-{number % 1000}", $"{number}", CancellationToken.None);
                _gaps.Acknowledged();
            }
            catch (RaftException failed)
            {
                _failed.Enqueue($"{failed.GetType().Name}: {failed.Message}");
            }
        }
    }
}
