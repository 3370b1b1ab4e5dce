using AkkaRaft.Benchmarks.Comparing;
using AkkaRaft.Benchmarks.Contenders.Raft;
using AkkaRaft.Benchmarks.Load;

namespace AkkaRaft.Benchmarks.Bars;

/// <summary>
/// Clusters of three, five and seven nodes; one at a time runs and has work, the others are stopped, in rounds whose order turns. The leader sends what it appends to n - 1 others: writes
/// may fall as 1/(n - 1), and no faster. All nodes of a cluster share this machine's cores, so that each node more also takes from the others.
/// </summary>
internal static class SizesBar
{
    const int InFlight = 1000;
    static readonly int[] s_sizes = [3, 5, 7];
    static readonly TimeSpan s_firstWarmUp = TimeSpan.FromSeconds(20);
    static readonly TimeSpan s_warmUp = TimeSpan.FromSeconds(1);

    public static async Task<IReadOnlyList<BarResult>> Measure(BarRun run)
    {
        var running = new List<(int Size, RunningContender Cluster)>();
        try
        {
            foreach (var size in s_sizes) running.Add((size, await Start(run, size)));
            var rates = s_sizes.ToDictionary(size => size, _ => new List<double>());
            for (var round = 1; round <= run.Rounds; round++)
            {
                for (var turn = 0; turn < running.Count; turn++)
                {
                    var (size, cluster) = running[(turn + round) % running.Count];
                    await cluster.Resume();
                    rates[size].Add((await cluster.Client.Run(new LoadRequest(LoadKind.Write, InFlight, Rate: 0, s_warmUp, run.Measured))).PerSecond);
                    cluster.Pause();
                }

                run.Say($"round {round} of {run.Rounds}: {string.Join(", ", s_sizes.Select(size => BarRun.Text($"{size} nodes {rates[size][^1]:0}/s")))}");
            }

            return [.. s_sizes.Skip(1).Select(size => Compared(size, rates))];
        }
        finally
        {
            foreach (var one in running) await one.Cluster.DisposeAsync();
        }
    }

    static async Task<RunningContender> Start(BarRun run, int size)
    {
        run.Say($"starts and warms up {size} nodes");
        var cluster = await RunningContender.Start(new RaftContender(), Path.Combine(run.Folder, BarRun.Text($"of-{size}")), size);
        try
        {
            await cluster.WarmUp(s_firstWarmUp);
            cluster.Pause();
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    static BarResult Compared(int size, Dictionary<int, List<double>> rates)
    {
        double[] ratios = [.. rates[size].Zip(rates[s_sizes[0]], (many, few) => many / few)];
        var (ratio, wanted) = (Spread.MedianOf(ratios), (s_sizes[0] - 1d) / (size - 1));
        return new BarResult($"{s_sizes[0]} -> {size} nodes, writes with {InFlight} in flight", BarRun.Text($"at least {s_sizes[0] - 1}/{size - 1} = {wanted:0.00} of them"),
            BarRun.Text($"{ratio:0.00} ({ratios.Min():0.00} to {ratios.Max():0.00}): {Spread.MedianOf(rates[s_sizes[0]]):#,0}/s and {Spread.MedianOf(rates[size]):#,0}/s"), ratio >= wanted);
    }
}
