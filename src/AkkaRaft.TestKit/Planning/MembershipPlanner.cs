using AkkaRaft.TestKit.Kernel;

namespace AkkaRaft.TestKit.Planning;

/// <summary>
/// Draws what operators do with the members of a cluster, whatever else goes on: what is not possible then is refused, or has no effect. No disk is lost that is needed.
/// </summary>
internal sealed class MembershipPlanner(SimulationRandom random, int nodes, TimeSpan duration, bool changes, bool wipes)
{
    /// <summary>Each list is an episode.</summary>
    public IEnumerable<IReadOnlyList<PlannedAction>> Plan()
    {
        // Before anybody leads there is nothing to change.
        var first = TimeSpan.FromMilliseconds(random.Between(500, 2500));
        if (changes)
        {
            for (var at = first; at < duration; at += TimeSpan.FromMilliseconds(random.Between(20, 1500))) yield return Change(at);
        }

        if (!wipes) yield break;
        for (var at = first + Share(0.05, 0.3); at < duration; at += Share(0.2, 0.5)) yield return Wipe(at);
    }

    IReadOnlyList<PlannedAction> Change(TimeSpan at)
    {
        var node = AnyNode();
        switch (random.Between(0, 9))
        {
            case 0 or 1 or 2:
                return [Add(at, node, learner: random.Chance(0.3))];
            case 3:
                return [Of(at, $"cluster.RemoveMember({node});", cluster => cluster.RemoveMember(node), node)];
            case 4 or 5:
                return [Of(at, $"cluster.SwitchRole({node});", cluster => cluster.SwitchRole(node), node)];
            case 6 or 7:
                var by = AnyNode();
                var ready = at + TimeSpan.FromMilliseconds(random.Between(100, 1500));
                return [Add(at, by, learner: true), Of(ready, $"cluster.ReplaceMember({node}, by: {by});", cluster => cluster.ReplaceMember(node, by), node, by)];
            default:
                return [Set(at)];
        }
    }

    PlannedAction Add(TimeSpan at, int node, bool learner) =>
        Of(at, $"cluster.AddMember({node}{(learner ? ", learner: true" : "")});", cluster => cluster.AddMember(node, learner), node);

    /// <summary>Any set at once.</summary>
    PlannedAction Set(TimeSpan at)
    {
        int[] all = [.. Enumerable.Range(1, nodes).OrderBy(_ => random.Fraction())];
        var voting = random.Between(1, Math.Min(5, nodes));
        int[] voters = [.. all.Take(voting).Order()];
        int[] rest = [.. all.Skip(voting)];
        int[] learners = [.. rest.Where(_ => random.Chance(0.3)).Order()];
        int[] promote = [.. rest.Except(learners).Where(_ => random.Chance(0.4)).Order()];
        var joint = random.Chance(0.3);
        var code = $"cluster.ChangeMembers([{string.Join(", ", voters)}], learners: [{string.Join(", ", learners)}], promote: [{string.Join(", ", promote)}]{(joint ? ", joint: true" : "")});";
        return Of(at, code, cluster => cluster.ChangeMembers(voters, learners, promote, joint), all);
    }

    /// <summary>Its disk is lost; it comes back as if nothing had happened, and somebody looks after that: removes it, starts it empty, adds it again.</summary>
    IReadOnlyList<PlannedAction> Wipe(TimeSpan at)
    {
        var node = AnyNode();
        var back = at + TimeSpan.FromMilliseconds(random.Between(1, 1500));
        var removed = back + TimeSpan.FromMilliseconds(random.Between(1, 2500));
        var empty = removed + TimeSpan.FromMilliseconds(random.Between(300, 1500));
        return
        [
            Of(at, $"cluster.WipeDisk({node});", cluster => cluster.WipeDisk(node), node) with { WipesDisk = true },
            Of(back, $"cluster.Restart({node});", cluster => cluster.Restart(node), node),
            Of(removed, $"cluster.RemoveMember({node});", cluster => cluster.RemoveMember(node), node),
            Of(empty, $"cluster.StartEmpty({node});", cluster => cluster.StartEmpty(node), node),
            Add(empty + TimeSpan.FromMilliseconds(random.Between(1, 1000)), node, learner: random.Chance(0.2)),
        ];
    }

    static PlannedAction Of(TimeSpan at, string code, Action<SimulatedCluster> run, params int[] nodes) => new(at, code, run) { Nodes = nodes };

    int AnyNode() => random.Between(1, nodes);

    TimeSpan Share(double min, double max) => duration * (min + ((max - min) * random.Fraction()));
}
