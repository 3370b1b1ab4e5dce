using System.Globalization;
using AkkaRaft.Benchmarks.Bars;
using AkkaRaft.Benchmarks.Contenders;
using AkkaRaft.Benchmarks.Contenders.Etcd;
using AkkaRaft.Benchmarks.Contenders.Raft;
using AkkaRaft.Benchmarks.Floors;
using AkkaRaft.Benchmarks.Load;
using AkkaRaft.Benchmarks.Workers;

namespace AkkaRaft.Benchmarks.Comparing;

/// <summary>
/// Measures contenders side by side. All clusters live from the beginning to the end, so that each is warm; one at a time runs and has work, the others are stopped (SIGSTOP), in rounds whose order
/// turns: what else this machine does in a round meets all of them. Floors are measured in each round, too.
/// </summary>
/// <param name="plan">What is done.</param>
/// <param name="say">Told how it goes.</param>
/// <param name="keep">Given what there is so far, after each part: the whole takes an hour, and may be cut off.</param>
internal sealed class Comparison(ComparisonPlan plan, Action<string> say, Func<ComparisonResult, Task> keep)
{
    const string Floors = "floors";

    static readonly TimeSpan s_warmUp = TimeSpan.FromSeconds(1);

    readonly List<Measured> _results = [];
    readonly List<MeasuredFloor> _floors = [];
    readonly List<NodeCost> _costs = [];
    readonly Dictionary<string, string> _missing = new(AllContenders.OutOfReach);
    IReadOnlyList<FailOverResult> _failOvers = [];
    IReadOnlyList<BarResult> _ownBars = [];

    /// <summary>Runs all rounds.</summary>
    public async Task<ComparisonResult> Run()
    {
        var begun = DateTimeOffset.UtcNow;
        try
        {
            await Rounds();
            if (!plan.Full) return SoFar();
            await keep(SoFar());
            _failOvers = await FailOvers();
            await keep(SoFar());
            _ownBars = await OwnBars();
            return SoFar();
        }
        finally
        {
            if (Directory.Exists(plan.Folder)) Directory.Delete(plan.Folder, recursive: true);
        }

        ComparisonResult SoFar() => new(begun, plan, _missing, _results, _floors, _costs, _failOvers, _ownBars);
    }

    async Task Rounds()
    {
        RoundFloors? floors = null;
        var running = new List<RunningContender>();
        try
        {
            floors = await StartFloors();
            foreach (var contender in plan.Contenders)
            {
                if (await Begin(contender) is { } one) running.Add(one);
            }

            for (var round = 1; round <= plan.Rounds; round++)
            {
                say($"round {round} of {plan.Rounds}");
                if (floors is not null) await Measure(floors, round);
                for (var turn = 0; turn < running.Count; turn++) await Turn(running[(turn + round) % running.Count], round);
            }
        }
        finally
        {
            if (floors is not null) await floors.DisposeAsync();
            foreach (var one in running) await one.DisposeAsync();
        }
    }

    async Task<RoundFloors?> StartFloors()
    {
        RoundFloors? floors = null;
        try
        {
            say("starts and warms up the floors");
            floors = await RoundFloors.Start(Path.Combine(plan.Folder, "floors"));
            // Each of them is one loop, which is compiled soon.
            await floors.WarmUp(plan.WarmUp / 4);
            floors.Pause();
            return floors;
        }
        catch (Exception problem)
        {
            if (floors is not null) await floors.DisposeAsync();
            Miss(Floors, problem.Message);
            return null;
        }
    }

    async Task<RunningContender?> Begin(IContender contender)
    {
        RunningContender? one = null;
        try
        {
            if (await contender.WhyMissing() is { } why)
            {
                Miss(contender.Name, why);
                return null;
            }

            say($"starts and warms up {contender.Title}");
            one = await RunningContender.Start(contender, Path.Combine(plan.Folder, contender.Name));
            await one.WarmUp(plan.WarmUp);
            one.Pause();
            return one;
        }
        catch (Exception problem)
        {
            if (one is not null) await one.DisposeAsync();
            Miss(contender.Name, problem.Message);
            return null;
        }
    }

    // What it has failed in is missing from its medians, and the table says so; the others go on.
    async Task Turn(RunningContender one, int round)
    {
        if (_missing.ContainsKey(one.Contender.Name)) return;
        try
        {
            await one.Resume();
            await Measure(one, round);
            if (one.Cluster is RaftCluster ours) await MeasureInside(ours, round);
        }
        catch (Exception problem)
        {
            Miss(one.Contender.Name, $"failed in round {round}: {problem.Message}");
        }
        finally
        {
            one.Pause();
        }
    }

    async Task Measure(RunningContender one, int round)
    {
        var reached = new Dictionary<Work, double>();
        foreach (var work in plan.Full ? [.. Work.All, .. Work.Sweep] : Work.All)
        {
            // At least one in a second: a rate of 0 would be a closed loop.
            var rate = work.Peak is null ? 0 : Math.Max(1, work.ShareOfPeak * reached[work.Peak]);
            var load = new LoadRequest(work.Kind, work.InFlight, rate, s_warmUp, plan.Measured);
            reached[work] = await Measure(one.Contender.Name, one.Client, work, load, round, Work.Costed.Contains(work) ? one.Cluster as RaftCluster : null);
        }
    }

    async Task MeasureInside(RaftCluster cluster, int round)
    {
        var leader = cluster.Nodes[await cluster.Leader()];
        // The client in that process has done nothing yet.
        if (round == 1) await leader.Run(new LoadRequest(LoadKind.Write, 1000, 0, plan.WarmUp / 4, TimeSpan.Zero));
        foreach (var work in Work.ClosedWrites)
            await Measure(ComparisonResult.Inside, leader, work, new LoadRequest(work.Kind, work.InFlight, 0, s_warmUp, plan.Measured), round, costed: null);
    }

    // Warm-up and what is measured are two loads: between them it is asked what the nodes have used so far.
    async Task<double> Measure(string contender, WorkerProcess worker, Work work, LoadRequest load, int round, RaftCluster? costed)
    {
        await worker.Run(load with { Measured = TimeSpan.Zero });
        var before = costed is null ? null : await ClusterUse.Of(costed);
        var report = await worker.Run(load with { WarmUp = TimeSpan.Zero });
        // A closed loop's last writes are acknowledged when the time is over: the nodes have done them, too.
        if (before is not null) _costs.AddRange(await (await ClusterUse.Of(costed!)).Since(before, work, round, report.Done + load.InFlight));

        var result = Measured.Of(contender, work, round, load, report);
        _results.Add(result);
        say(string.Create(CultureInfo.InvariantCulture,
            $"  {contender}, {work.Name}: {result.PerSecond:0}/s, p50 {result.P50:0.00} ms, p99 {result.P99:0.00} ms{(result.Failed > 0 ? $", {result.Failed} failed: {report.FirstFailure}" : "")}{(result.Shed > 0 ? $", {result.Shed} shed" : "")}"));
        return result.PerSecond;
    }

    async Task Measure(RoundFloors floors, int round)
    {
        if (_missing.ContainsKey(Floors)) return;
        try
        {
            floors.Resume();
            foreach (var floor in await floors.Measure(round, new FloorTime(s_warmUp, plan.Measured)))
            {
                _floors.Add(floor);
                say(string.Create(CultureInfo.InvariantCulture, $"  {floor.Floor}: p50 {floor.P50:0.000} ms, p99 {floor.P99:0.000} ms, {floor.UnitsPerSecond:0} {floor.Unit}"));
            }
        }
        catch (Exception problem)
        {
            Miss(Floors, $"failed in round {round}: {problem.Message}");
        }
        finally
        {
            floors.Pause();
        }
    }

    async Task<IReadOnlyList<FailOverResult>> FailOvers()
    {
        IContender[] some = [.. plan.Contenders.Where(contender => contender is RaftContender or EtcdContender && !_missing.ContainsKey(contender.Name)).Select(contender => FailOver.WithTimeout(contender, FailOver.DefaultTimeout))];
        try
        {
            return await new FailOver(some, Path.Combine(plan.Folder, "fail-over"), FailOver.DefaultTimeout, say).Run(plan.Kills, plan.WarmUp);
        }
        catch (Exception problem)
        {
            Miss("fail-over", problem.Message);
            return [];
        }
    }

    async Task<IReadOnlyList<BarResult>> OwnBars()
    {
        var results = new List<BarResult>();
        foreach (var bar in OwnBar.All)
        {
            try
            {
                say($"bar {bar.Name}");
                results.AddRange(await bar.Run(Path.Combine(plan.Folder, bar.Name), say));
            }
            catch (Exception problem)
            {
                Miss($"bar {bar.Name}", problem.Message);
            }
        }

        return results;
    }

    void Miss(string name, string why)
    {
        // The rest of a message is a process's last lines: for who watches, not for the table.
        say($"{name} is missing: {why}");
        _missing[name] = why.Split('\n')[0].TrimEnd('\r', '.', ':');
    }
}
