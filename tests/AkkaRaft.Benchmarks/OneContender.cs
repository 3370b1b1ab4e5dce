using System.Globalization;
using AkkaRaft.Benchmarks.Contenders;
using AkkaRaft.Benchmarks.Contenders.Raft;
using AkkaRaft.Benchmarks.Load;
using AkkaRaft.Benchmarks.Workers;

namespace AkkaRaft.Benchmarks;

/// <summary>Loads on one contender, and what each cost: for whoever works on it.</summary>
internal static class OneContender
{
    public static async Task<int> Run(IContender contender, string folder, int nodes, IReadOnlyList<LoadRequest> loads, bool inside)
    {
        if (await contender.WhyMissing() is { } missing)
        {
            await Console.Error.WriteLineAsync($"{contender.Title} cannot be measured here: {missing}");
            return 1;
        }

        Directory.CreateDirectory(folder);
        try
        {
            await using var cluster = await contender.Start(folder, nodes);
            await using var client = await WorkerProcess.Start(Path.Combine(folder, "client.log"), ["client", contender.Name, cluster.Endpoints]);
            // Processes of this program say what they have used.
            var workers = (cluster as ProcessCluster<WorkerProcess>)?.Nodes;
            foreach (var load in loads)
            {
                var worker = inside && cluster is RaftCluster ? workers![await cluster.Leader()] : client;
                await worker.Run(load with { Measured = TimeSpan.Zero });
                var leader = await cluster.Leader();
                var before = workers is null ? null : await Costs(workers, client);
                var report = await worker.Run(load with { WarmUp = TimeSpan.Zero });
                var latencies = Histograms.Decode(report.Histogram);
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"{contender.Title}, {load.Kind} {load.InFlight} in flight{(load.Rate > 0 ? $", {load.Rate}/s offered, {report.Shed} shed" : "")}: {report.PerSecond:0}/s, p50 {latencies.Percentile(50):0.00} ms, p99 {latencies.Percentile(99):0.00} ms, longest {latencies.Percentile(100):0.0} ms, {report.Failed} failed {report.FirstFailure}"));
                if (before is null) continue;
                foreach (var (name, used) in (await Costs(workers!, client)).Zip(before, (now, then) => (now.Name, now.Cost.Since(then.Cost))))
                    Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                        $"   {(name == $"node {leader + 1}" ? "leader" : name),-8} {used.CpuSeconds / report.Done * 1e6,7:0.0} us CPU, {(double)used.AllocatedBytes / report.Done,8:0} bytes, {used.GcPauseSeconds / load.Measured.TotalSeconds * 100,5:0.0} % GC pauses, collections {string.Join('/', used.Collections)}, {used.JitSeconds / used.CpuSeconds * 100:0} % JIT"));
            }

            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    static async Task<List<(string Name, ProcessCost Cost)>> Costs(IReadOnlyList<WorkerProcess> nodes, WorkerProcess client)
    {
        var costs = new List<(string, ProcessCost)>();
        foreach (var (node, place) in nodes.Select((node, place) => (node, place))) costs.Add(($"node {place + 1}", await node.Cost()));
        costs.Add(("client", await client.Cost()));
        return costs;
    }
}
