using AkkaRaft.Benchmarks.Comparing;
using AkkaRaft.Benchmarks.Contenders.Raft;
using AkkaRaft.Benchmarks.Contenders;
using AkkaRaft.Benchmarks.Load;
using AkkaRaft.Benchmarks.Workers;

namespace AkkaRaft.Benchmarks.Bars;

/// <summary>
/// Clusters of three, five and seven nodes, all running from the beginning to the end; one at a time has work, in rounds whose order turns. The leader sends what it appends to n - 1 others: writes
/// may fall as 1/(n - 1), and no faster. All nodes share this machine's cores, so that each node more also takes from the others.
/// </summary>
internal static class SizesBar
{
    const int InFlight = 1000;
    static readonly int[] s_sizes = [3, 5, 7];
    static readonly TimeSpan s_firstWarmUp = TimeSpan.FromSeconds(20);
    static readonly TimeSpan s_warmUp = TimeSpan.FromSeconds(1);

    public static async Task<IReadOnlyList<BarResult>> Measure(BarRun run)
    {
        var running = new List<Sized>();
        try
        {
            foreach (var size in s_sizes) running.Add(await Sized.Start(run, size));
            var rates = s_sizes.ToDictionary(size => size, _ => new List<double>());
            for (var round = 1; round <= run.Rounds; round++)
            {
                for (var turn = 0; turn < running.Count; turn++)
                {
                    var one = running[(turn + round) % running.Count];
                    rates[one.Size].Add(await one.WritesPerSecond(s_warmUp, run.Measured));
                }

                run.Say($"round {round} of {run.Rounds}: {string.Join(", ", s_sizes.Select(size => BarRun.Text($"{size} nodes {rates[size][^1]:0}/s")))}");
            }

            return [.. s_sizes.Skip(1).Select(size => Compared(size, rates))];
        }
        finally
        {
            foreach (var one in running) await one.DisposeAsync();
        }
    }

    static BarResult Compared(int size, Dictionary<int, List<double>> rates)
    {
        double[] ratios = [.. rates[size].Zip(rates[s_sizes[0]], (many, few) => many / few)];
        var (ratio, wanted) = (Spread.MedianOf(ratios), (s_sizes[0] - 1d) / (size - 1));
        return new BarResult($"{s_sizes[0]} -> {size} nodes, writes with {InFlight} in flight", BarRun.Text($"at least {s_sizes[0] - 1}/{size - 1} = {wanted:0.00} of them"),
            BarRun.Text($"{ratio:0.00} ({ratios.Min():0.00} to {ratios.Max():0.00}): {Spread.MedianOf(rates[s_sizes[0]]):#,0}/s and {Spread.MedianOf(rates[size]):#,0}/s"), ratio >= wanted);
    }

    sealed record Sized(int Size, IContenderCluster Cluster, WorkerProcess Client) : IAsyncDisposable
    {
        public static async Task<Sized> Start(BarRun run, int size)
        {
            run.Say($"starts and warms up {size} nodes");
            var folder = Path.Combine(run.Folder, BarRun.Text($"of-{size}"));
            Directory.CreateDirectory(folder);
            var contender = new RaftContender();
            var cluster = await contender.Start(folder, size);
            try
            {
                var one = new Sized(size, cluster, await WorkerProcess.Start(Path.Combine(folder, "client.log"), ["client", contender.Name, cluster.Endpoints]));
                await one.WritesPerSecond(s_firstWarmUp, TimeSpan.FromSeconds(1));
                return one;
            }
            catch
            {
                await cluster.DisposeAsync();
                throw;
            }
        }

        public async Task<double> WritesPerSecond(TimeSpan warmUp, TimeSpan measured) =>
            (await Client.Run(new LoadRequest(LoadKind.Write, InFlight, Rate: 0, warmUp, measured))).PerSecond;

        public async ValueTask DisposeAsync()
        {
            await Client.DisposeAsync();
            await Cluster.DisposeAsync();
        }
    }
}
