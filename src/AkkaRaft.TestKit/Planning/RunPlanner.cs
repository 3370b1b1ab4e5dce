namespace AkkaRaft.TestKit.Planning;

/// <summary>Draws the whole plan of a run from its seed.</summary>
internal static class RunPlanner
{
    public static RunPlan Plan(Scenario scenario, ulong seed)
    {
        var random = new SimulationRandom(seed, "plan");
        var nodes = scenario.MinNodes > 0 ? random.Between(scenario.MinNodes, scenario.MaxNodes) : random.Pick(1, 2, 3, 3, 3, 3, 4, 5, 5);
        var duration = InMicroseconds(scenario.FaultTime ?? random.Between(3.Seconds(), 20.Seconds()));
        // A stream of its own: it came later, and leaves the rest of a seed as it was.
        var spares = (scenario.FaultProfile.Kinds & FaultKinds.Membership) == 0 ? 0
            : Math.Min(9 - nodes, new SimulationRandom(seed, "spares").Between(nodes < 3 ? 1 : 0, 3));
        var faults = new FaultPlanner(seed, scenario.FaultProfile, nodes + spares, scenario.ClientCount, duration).Plan().Select(fault => fault with { At = InMicroseconds(fault.At) });
        List<PlannedAction> actions = [.. faults.Concat(PlanOperations(scenario, seed, nodes + spares, duration)).OrderBy(action => action.At)];
        return new RunPlan
        {
            Seed = seed,
            Nodes = nodes,
            Spares = spares,
            Clients = scenario.ClientCount,
            Actions = actions,
            LastOperations = PlanLastOperations(scenario, seed),
            Settings = SettingsPlanner.Plan(seed),
            // What is begun in time is mended in its own time.
            Duration = actions.Count > 0 && actions[^1].At > duration ? actions[^1].At : duration,
            HealWithin = scenario.HealTime,
        };
    }

    /// <summary>Scripts say no smaller times.</summary>
    static TimeSpan InMicroseconds(TimeSpan time) => TimeSpan.FromMicroseconds((long)time.TotalMicroseconds);

    static IReadOnlyList<PlannedOperation> PlanLastOperations(Scenario scenario, ulong seed)
    {
        var random = new SimulationRandom(seed, "last operations");
        return [.. Enumerable.Range(1, scenario.ClientCount).Select(client => new PlannedOperation(scenario.Workload!(random), client, PlannedOperation.UsualTimeout))];
    }

    static IEnumerable<PlannedAction> PlanOperations(Scenario scenario, ulong seed, int nodes, TimeSpan duration)
    {
        var random = new SimulationRandom(seed, "operations");
        var workload = new SimulationRandom(seed, "workload");
        var reads = new ReadPlanner(seed, nodes, scenario.LocalReadShare);
        var at = TimeSpan.Zero;
        while (true)
        {
            at += TimeSpan.FromMicroseconds((long)(-Math.Log(1 - random.Fraction()) * 1_000_000 / scenario.Rate));
            if (at >= duration) yield break;
            var client = random.Between(1, scenario.ClientCount);
            var timeout = random.Chance(0.4) ? PlannedOperation.UsualTimeout : random.Pick(150.Milliseconds(), 300.Milliseconds(), 1.Seconds(), 2.Seconds());
            var input = scenario.Workload!(workload);
            yield return PlannedAction.Of(at, new PlannedOperation(input, client, timeout) { Read = reads.Next() });
        }
    }
}
