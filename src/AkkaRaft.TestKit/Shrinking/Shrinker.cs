using AkkaRaft.TestKit.Planning;
using AkkaRaft.TestKit.Scenarios;

namespace AkkaRaft.TestKit.Shrinking;

/// <summary>
/// Makes a failing run smaller while it fails with the same problem: fewer faults, operations, nodes and clients, in less time, with the usual settings. Each try is
/// one run of the same seed, and of several that fail the smaller is kept; the next step starts from there, until nothing can be left out any more.
/// </summary>
internal sealed class Shrinker
{
    static readonly TimeSpan[] RoundTimes = [1.Milliseconds(), 10.Milliseconds(), 100.Milliseconds(), 1.Seconds()];

    readonly Scenario _scenario;
    readonly RunResult _original;
    readonly ShrinkBudget _budget;
    readonly HashSet<string> _tried = [];

    RunPlan _plan;
    RunResult _failed;

    Shrinker(Scenario scenario, RunResult failed, ShrinkBudget budget)
    {
        _scenario = scenario;
        _original = _failed = failed;
        _plan = failed.Plan;
        _budget = budget;
    }

    /// <summary>Shrinks a failed run.</summary>
    /// <param name="scenario">What was run.</param>
    /// <param name="failed">How it failed.</param>
    /// <param name="budget">How much work it may be.</param>
    public static ShrinkResult Shrink(Scenario scenario, RunResult failed, ShrinkBudget budget) => new Shrinker(scenario, failed, budget).Go();

    ShrinkResult Go()
    {
        var repeated = Run(_plan.AsScript(_failed));
        if (repeated is not null && Fails(repeated))
        {
            Keep(_plan.AsScript(_failed), repeated);
            // What fails by itself could come to need a fault when there are fewer nodes.
            Try(_plan with { Actions = [], LastOperations = [], Duration = TimeSpan.Zero });
            RunPlan before;
            do
            {
                before = _plan;
                Round();
            }
            while (!ReferenceEquals(before, _plan) && _budget.Reached is null);
            return new ShrinkResult(_plan, _failed with { Plan = _plan }, _budget);
        }

        return new ShrinkResult(null, repeated, _budget);
    }

    void Round()
    {
        DeltaDebugging.Reduce(_plan.Settings, settings => Try(_plan with { Settings = settings }));
        FewerNodes();
        FewerFaults();
        FewerOperations();
        FewerClients();
        WeakerFaults();
        if (_plan.RestartStoppedNodes) Try(_plan with { RestartStoppedNodes = false });
        LessTime();
    }

    void FewerNodes()
    {
        for (var spares = 0; spares < _plan.Spares; spares++)
        {
            if (Try(_plan.WithSpares(spares))) break;
        }

        // The spares have the numbers after the founders': with fewer of those they would be others.
        if (_plan.Spares > 0) return;
        for (var nodes = 1; nodes < _plan.Nodes; nodes++)
        {
            if (Try(_plan.WithNodes(nodes))) return;
        }
    }

    void FewerClients()
    {
        for (var clients = 1; clients < _plan.Clients; clients++)
        {
            if (Try(_plan.WithClients(clients))) return;
        }
    }

    /// <summary>Whole episodes first: half an episode often does nothing, and yet changes what comes after.</summary>
    void FewerFaults()
    {
        List<PlannedAction> faults = [.. _plan.Actions.Where(action => !action.IsOperation)];
        List<IReadOnlyList<PlannedAction>> episodes = [.. faults.Index()
            .GroupBy(fault => fault.Item.Episode == 0 ? -1 - fault.Index : fault.Item.Episode)
            .Select(IReadOnlyList<PlannedAction> (episode) => [.. episode.Select(fault => fault.Item)])];
        DeltaDebugging.Reduce(episodes, kept => Try(_plan.Keeping(kept.SelectMany(episode => episode), faults)));
        faults = [.. _plan.Actions.Where(action => !action.IsOperation)];
        DeltaDebugging.Reduce(faults, kept => Try(_plan.Keeping(kept, faults)));
    }

    void FewerOperations()
    {
        DeltaDebugging.Reduce(_plan.LastOperations, last => Try(_plan with { LastOperations = last }));
        List<PlannedAction> operations = [.. _plan.Actions.Where(action => action.IsOperation)];
        DeltaDebugging.Reduce(operations, kept => Try(_plan.Keeping(kept, operations)));
    }

    void WeakerFaults()
    {
        for (var i = 0; i < _plan.Actions.Count;)
        {
            var action = _plan.Actions[i];
            if (!action.Weaker.Any(weaker => Try(_plan.Replacing(action, weaker)))) i++;
        }

        foreach (var action in _plan.Actions)
        {
            if (action.Operation is { } operation && operation.Timeout != PlannedOperation.UsualTimeout)
                Try(_plan.Replacing(action, PlannedAction.Of(action.At, operation with { Timeout = PlannedOperation.UsualTimeout })));
        }
    }

    /// <summary>Shorter waits, and rounder ones, which people read more easily.</summary>
    void LessTime()
    {
        for (var i = 0; i <= _plan.Actions.Count; i++)
        {
            var gap = _plan.GapBefore(i);
            _ = Shorter(gap).Any(shorter => Try(_plan.WithGap(i, shorter)));
        }
    }

    static IEnumerable<TimeSpan> Shorter(TimeSpan gap)
    {
        if (gap == TimeSpan.Zero) yield break;
        yield return TimeSpan.Zero;
        foreach (var round in RoundTimes)
        {
            if (round < gap) yield return round;
        }

        var half = TimeSpan.FromMicroseconds((long)(gap.TotalMicroseconds / 2));
        if (half > RoundTimes[^1]) yield return half;
        foreach (var unit in RoundTimes.Reverse())
        {
            var rounded = TimeSpan.FromTicks(gap.Ticks / unit.Ticks * unit.Ticks);
            if (rounded > TimeSpan.Zero && rounded < gap) yield return rounded;
        }
    }

    /// <summary>Keeps a plan if it fails with the same problem.</summary>
    bool Try(RunPlan plan)
    {
        if (Run(plan) is not { } result || !Fails(result)) return false;
        Keep(plan.AsScript(result), result);
        return true;
    }

    bool Fails(RunResult result) => result.Failure?.Problem == _original.Failure!.Problem;

    void Keep(RunPlan plan, RunResult failed)
    {
        _tried.Add(ScriptText.Body(_scenario, plan));
        (_plan, _failed) = (plan, failed);
    }

    /// <returns>Null if it was tried before, or nothing more may be tried.</returns>
    RunResult? Run(RunPlan plan) =>
        _tried.Add(ScriptText.Body(_scenario, plan)) && _budget.Take() ? new ScenarioRun(_scenario, plan).Go() : null;
}

/// <summary>What shrinking came to.</summary>
/// <param name="Plan">The smallest plan found that fails with the same problem; null if the run did not even fail when it was repeated.</param>
/// <param name="Run">How that went; if it was not repeatable, how the repetition went, null if the budget had none.</param>
/// <param name="Budget">What it took.</param>
internal sealed record ShrinkResult(RunPlan? Plan, RunResult? Run, ShrinkBudget Budget);
