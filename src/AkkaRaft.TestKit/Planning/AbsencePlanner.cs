namespace AkkaRaft.TestKit.Planning;

/// <summary>
/// Draws long absences: a node is away while the others go on, for so long that they have compacted what it needs when it comes back, and it gets a snapshot. One at a
/// time, so that by themselves they never take a majority away, but of two nodes.
/// </summary>
internal sealed class AbsencePlanner(SimulationRandom random, int nodes, TimeSpan duration)
{
    /// <summary>Each list is an episode.</summary>
    public IEnumerable<IReadOnlyList<PlannedAction>> Plan()
    {
        // Nobody is left who could go on.
        if (nodes == 1) yield break;
        var at = TimeSpan.Zero;
        if (random.Chance(0.4))
        {
            at = Share(0.1, 0.5);
            yield return StartLate(at);
        }

        for (at += Share(0.02, 0.3); at < duration; at += Share(0.02, 0.3))
        {
            var back = at + Share(0.1, 0.5);
            yield return random.Between(0, 3) switch
            {
                0 => CutOff(at, back),
                1 => GoDown(at, back),
                _ => GoDownAndCrashInInstall(at, back),
            };
            at = back;
        }
    }

    /// <summary>Its first start comes when there is a history already: before any of its actors has run it is down again, and its disk is empty.</summary>
    IReadOnlyList<PlannedAction> StartLate(TimeSpan at)
    {
        var node = AnyNode();
        return [Crash(TimeSpan.Zero, node), Restart(at, node)];
    }

    IReadOnlyList<PlannedAction> CutOff(TimeSpan at, TimeSpan back)
    {
        var node = AnyNode();
        return [Of(at, $"cluster.Isolate({node});", cluster => cluster.Isolate(node), node), new PlannedAction(back, "cluster.Heal();", cluster => cluster.Heal())];
    }

    IReadOnlyList<PlannedAction> GoDown(TimeSpan at, TimeSpan back)
    {
        var node = AnyNode();
        return [Crash(at, node), Restart(back, node)];
    }

    /// <summary>It crashes again when the snapshot has begun to come, at a moment from the first piece to some time after the last.</summary>
    IReadOnlyList<PlannedAction> GoDownAndCrashInInstall(TimeSpan at, TimeSpan back)
    {
        var (node, messages) = (AnyNode(), random.Between(1, 80));
        return
        [
            Crash(at, node),
            Of(back, $"cluster.CrashInInstall({node}, messages: {messages});", cluster => cluster.CrashInInstall(node, messages), node),
            Restart(back, node),
            Restart(back + random.Between(300.Milliseconds(), 2.Seconds()), node),
        ];
    }

    static PlannedAction Crash(TimeSpan at, int node) => Of(at, $"cluster.Crash({node});", cluster => cluster.Crash(node), node);

    static PlannedAction Restart(TimeSpan at, int node) => Of(at, $"cluster.Restart({node});", cluster => cluster.Restart(node), node);

    static PlannedAction Of(TimeSpan at, string code, Action<SimulatedCluster> run, int node) => new(at, code, run) { Nodes = [node] };

    int AnyNode() => random.Between(1, nodes);

    TimeSpan Share(double min, double max) => duration * (min + ((max - min) * random.Fraction()));
}
