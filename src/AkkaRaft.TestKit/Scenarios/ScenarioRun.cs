using System.Diagnostics.CodeAnalysis;
using AkkaRaft.TestKit.Planning;

namespace AkkaRaft.TestKit.Scenarios;

/// <summary>One run: first the faults, during which nothing unsafe may happen; then all faults end, and the cluster must elect, serve and converge.</summary>
internal sealed class ScenarioRun(Scenario scenario, RunPlan plan)
{
    Verdict? _verdict;

    /// <summary>Told of the cluster before it starts, for those who want to record the run.</summary>
    public Action<SimulatedCluster>? Made { get; init; }

    public string ReplayCommand { get; init; } = "";

    /// <summary>See <see cref="ClusterOptions.WatchThreads"/>.</summary>
    public bool WatchThreads { get; init; }

    [SuppressMessage("Design", "CA1031", Justification = "Whatever a run throws is its result.")]
    public RunResult Go()
    {
        using var cluster = new SimulatedCluster(plan.Seed, Options()) { ReplayCommand = ReplayCommand };
        Made?.Invoke(cluster);
        SimulationFailedException? failure = null;
        try
        {
            DoPlan(cluster);
            Heal(cluster);
            Check(cluster);
            RequireEvents(cluster);
        }
        catch (SimulationFailedException failed)
        {
            failure = failed;
        }
        catch (Exception broken)
        {
            cluster.Fail("simulation", broken.ToString());
            failure = cluster.Failure;
        }

        return new RunResult(plan, failure, _verdict, cluster.Counters, cluster.TraceHash, cluster.History);
    }

    ClusterOptions Options() => new()
    {
        Nodes = plan.Nodes,
        Clients = plan.Clients,
        StateMachine = scenario.MakeStateMachine!,
        Settings = settings => scenario.ChangeSettings(plan.Settings.Aggregate(settings, (all, next) => next.Apply(all))),
        Fingerprint = scenario.FingerprintOf,
        WatchThreads = WatchThreads,
    };

    void DoPlan(SimulatedCluster cluster)
    {
        var operators = cluster.Random.For("operators");
        // Somebody looks after a node that gave up because of its disk, and starts it again.
        cluster.NodeStopped = node => cluster.Kernel.After(operators.Between(200.Milliseconds(), 5.Seconds()), 0, null, () => cluster.Restart(node.Number));

        cluster.Start();
        foreach (var action in plan.Actions)
        {
            cluster.RunFor(action.At - cluster.Now);
            action.Do(cluster);
        }

        cluster.RunFor(plan.Duration - cluster.Now);
    }

    void Heal(SimulatedCluster cluster)
    {
        cluster.EndFaults();
        var bound = cluster.Now + plan.HealWithin;
        TimeSpan Left() => bound > cluster.Now ? bound - cluster.Now : TimeSpan.Zero;
        cluster.RunUntil(Conditions.LeaderElected, Left());

        // Every client is served again: it may take more than one try while elections end.
        var workload = cluster.Random.For("last operations");
        for (var client = 1; client <= plan.Clients; client++)
        {
            SimulatedOperation last;
            do
            {
                last = cluster.Send(scenario.Workload!(workload), client);
                cluster.RunUntil(last.Ended, Left());
            }
            while (last.Result!.Outcome != OperationOutcome.Done);
        }

        cluster.RunUntil(Conditions.OperationsEnded, Left());
        cluster.RunUntil(Conditions.Converged, Left());
    }

    /// <summary>A run in which nothing happened proves nothing.</summary>
    static void RequireEvents(SimulatedCluster cluster)
    {
        if (cluster.Counters is { Elections: > 0, Commits: > 0, OperationsDone: > 0 }) return;
        cluster.Fail("nothing happened", cluster.Counters.ToString());
        cluster.RunFor(TimeSpan.Zero);
    }

    void Check(SimulatedCluster cluster)
    {
        foreach (var check in scenario.Checks)
        {
            var verdict = check(cluster.History);
            if (verdict.IsPassed) continue;
            _verdict = verdict;
            cluster.Fail("history", verdict.Failure!);
            throw cluster.Failure!;
        }
    }
}

/// <summary>How a run ended.</summary>
/// <param name="Plan">What it was.</param>
/// <param name="Failure">Null if it went well.</param>
/// <param name="Verdict">Of the history, if that was at fault.</param>
/// <param name="Counters">What really happened.</param>
/// <param name="TraceHash">Of all steps.</param>
/// <param name="History">What the clients saw.</param>
internal sealed record RunResult(
    RunPlan Plan, SimulationFailedException? Failure, Verdict? Verdict, RunCounters Counters, ulong TraceHash, History History);
