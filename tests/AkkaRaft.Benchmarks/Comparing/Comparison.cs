using System.Globalization;
using AkkaRaft.Benchmarks.Contenders;
using AkkaRaft.Benchmarks.Contenders.Raft;
using AkkaRaft.Benchmarks.Load;
using AkkaRaft.Benchmarks.Workers;

namespace AkkaRaft.Benchmarks.Comparing;

/// <summary>
/// Measures contenders side by side. All clusters run from the beginning to the end, so that each is warm; one at a time has work, in rounds whose order turns: what else this machine does
/// in a round meets all of them.
/// </summary>
/// <param name="contenders">In the order of the table.</param>
/// <param name="folder">On the disk that is measured; it and what is in it are deleted.</param>
/// <param name="rounds">How many.</param>
/// <param name="measured">For how long each work is measured in each round.</param>
/// <param name="say">Told how it goes.</param>
internal sealed class Comparison(IReadOnlyList<IContender> contenders, string folder, int rounds, TimeSpan measured, Action<string> say)
{
    const int Nodes = 3;
    static readonly TimeSpan s_firstWarmUp = TimeSpan.FromSeconds(25);
    static readonly TimeSpan s_warmUp = TimeSpan.FromSeconds(1);

    readonly List<Measured> _results = [];
    readonly List<NodeCost> _costs = [];
    readonly Dictionary<string, string> _missing = [];

    /// <summary>Runs all rounds.</summary>
    public async Task<ComparisonResult> Run()
    {
        var begun = DateTimeOffset.UtcNow;
        var running = new List<Running>();
        try
        {
            foreach (var contender in contenders)
            {
                if (await contender.WhyMissing() is { } why)
                {
                    _missing.Add(contender.Name, why);
                    say($"{contender.Title} is missing: {why}");
                    continue;
                }

                say($"starts and warms up {contender.Title}");
                running.Add(await Begin(contender));
            }

            for (var round = 1; round <= rounds; round++)
            {
                say($"round {round} of {rounds}");
                for (var turn = 0; turn < running.Count; turn++) await Measure(running[(turn + round) % running.Count], round);
            }
        }
        finally
        {
            foreach (var one in running) await one.DisposeAsync();
            if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        }

        return new ComparisonResult(begun, rounds, measured, contenders, _missing, _results, _costs);
    }

    async Task<Running> Begin(IContender contender)
    {
        var own = Path.Combine(folder, contender.Name);
        Directory.CreateDirectory(own);
        var cluster = await contender.Start(own, Nodes);
        WorkerProcess? client = null;
        try
        {
            client = await WorkerProcess.Start(Path.Combine(own, "client.log"), ["client", contender.Name, cluster.Endpoints]);
            await client.Run(new LoadRequest(LoadKind.Write, 1000, 0, s_firstWarmUp, TimeSpan.Zero));
            await client.Run(new LoadRequest(LoadKind.Read, 100, 0, s_firstWarmUp / 5, TimeSpan.Zero));
            return new Running(contender, cluster, client);
        }
        catch
        {
            if (client is not null) await client.DisposeAsync();
            await cluster.DisposeAsync();
            throw;
        }
    }

    async Task Measure(Running one, int round)
    {
        var peak = 0d;
        foreach (var work in Work.All)
        {
            var load = new LoadRequest(work.Kind, work.InFlight, work.ShareOfPeak * peak, s_warmUp, measured);
            var before = work == Work.All[0] && one.Cluster is RaftCluster ? await Costs(one) : null;
            var report = await one.Client.Run(load);
            if (work == Work.Peak) peak = report.PerSecond;
            if (before is not null) Note(before, await Costs(one), await one.Cluster.Leader(), report.Done * (load.WarmUp + load.Measured) / load.Measured);
            var result = Measured.Of(one.Contender.Name, work, round, report);
            _results.Add(result);
            say(string.Create(CultureInfo.InvariantCulture,
                $"  {one.Contender.Title}, {work.Name}: {result.PerSecond:0}/s, p50 {result.P50:0.00} ms, p99 {result.P99:0.00} ms{(result.Failed > 0 ? $", {result.Failed} failed: {report.FirstFailure}" : "")}{(result.Shed > 0 ? $", {result.Shed} shed" : "")}"));
        }
    }

    static async Task<List<ProcessCost>> Costs(Running one)
    {
        var costs = new List<ProcessCost>();
        foreach (var node in ((RaftCluster)one.Cluster).Nodes) costs.Add(await node.Cost());
        return costs;
    }

    // The warm-up is in it; the rate of the measured time is taken for all of it.
    void Note(List<ProcessCost> before, List<ProcessCost> after, int leader, double writes) =>
        _costs.AddRange(after.Select((cost, node) => new NodeCost(node == leader, cost.Since(before[node]), writes)));

    sealed record Running(IContender Contender, IContenderCluster Cluster, WorkerProcess Client) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await Client.DisposeAsync();
            await Cluster.DisposeAsync();
        }
    }
}

/// <summary>What a node of ours used while it, or its leader, did so many writes.</summary>
internal sealed record NodeCost(bool IsLeader, ProcessCost Used, double Writes);
