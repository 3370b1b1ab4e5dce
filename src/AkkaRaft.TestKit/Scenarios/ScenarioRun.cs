using System.Diagnostics.CodeAnalysis;
using AkkaRaft.TestKit.Planning;

namespace AkkaRaft.TestKit.Scenarios;

/// <summary>One run: first the faults, during which nothing unsafe may happen; then all faults end, and the cluster must elect, serve and converge.</summary>
internal sealed class ScenarioRun(Scenario scenario, RunPlan plan)
{
    /// <summary>The problem of a run in which nothing happened: it proves nothing.</summary>
    public const string NothingHappened = "nothing happened";

    readonly List<PlannedAction> _performed = [];

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
            foreach (var check in scenario.Checks) cluster.Check(check.Of);
            if (!plan.IsScript) RequireEvents(cluster);
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

        return new RunResult(plan, failure, cluster.FailedVerdict, cluster.Counters, cluster.TraceHash, cluster.History)
        {
            Performed = _performed,
            StateMachine = cluster.AllNodes.Select(node => node.Machine?.GetType()).FirstOrDefault(type => type is not null),
        };
    }

    ClusterOptions Options() => new()
    {
        Nodes = plan.Nodes,
        Spares = plan.Spares,
        Clients = plan.Clients,
        StateMachine = scenario.MakeStateMachine!,
        Settings = settings => scenario.ChangeSettings(plan.Settings.Aggregate(settings, (all, next) => next.Apply(all))),
        Fingerprint = scenario.FingerprintOf,
        RestartStoppedNodes = plan.RestartStoppedNodes,
        WatchThreads = WatchThreads,
    };

    // Whatever is done here a script must be able to say, see ScriptText: the script of a run that failed must fail alike.
    void DoPlan(SimulatedCluster cluster)
    {
        cluster.Start();
        var at = TimeSpan.Zero;
        foreach (var action in plan.Actions)
        {
            Pass(action.At);
            if (!plan.IsScript && action.Operation is { } operation && !cluster.CanTake(operation.Client)) continue;
            // A command is not asked.
            var performed = action.Operation is { Read: not null } asked && !cluster.IsQuery(asked.Input)
                ? PlannedAction.Of(action.At, asked with { Read = null }) with { Episode = action.Episode }
                : action;
            _performed.Add(performed);
            performed.Do(cluster);
        }

        Pass(plan.Duration);

        void Pass(TimeSpan until)
        {
            if (until > at) cluster.RunFor(until - at);
            at = until;
        }
    }

    void Heal(SimulatedCluster cluster)
    {
        cluster.EndFaults();
        var healed = cluster.Now + plan.HealWithin;
        cluster.RunUntil(Conditions.LeaderElected, healed - cluster.Now);
        if (plan.WipesDisks) cluster.MendWipedDisks(healed - cluster.Now);
        // Every client is served again: it may take more than one try while elections end.
        foreach (var last in plan.LastOperations) cluster.SendUntilDone(last.Input, last.Client, healed - cluster.Now);
        cluster.RunUntil(Conditions.OperationsEnded, healed - cluster.Now);
        cluster.RunUntil(Conditions.Converged, healed - cluster.Now);
    }

    static void RequireEvents(SimulatedCluster cluster)
    {
        if (cluster.Counters is { Elections: > 0, Commits: > 0, OperationsDone: > 0 }) return;
        cluster.Fail(NothingHappened, $"{cluster.Counters}.{cluster.LastError()}");
        cluster.RunFor(TimeSpan.Zero);
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
    RunPlan Plan, SimulationFailedException? Failure, Verdict? Verdict, RunCounters Counters, ulong TraceHash, History History)
{
    /// <summary>The actions of the plan that were carried out before the run ended.</summary>
    public IReadOnlyList<PlannedAction> Performed { get; init; } = [];

    /// <summary>The type of the state machines; null if none was made.</summary>
    public Type? StateMachine { get; init; }
}
