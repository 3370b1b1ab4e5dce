using AkkaRaft.Consensus;
using Shouldly;

namespace AkkaRaft.Tests.Consensus;

/// <summary>What stories of several nodes and their members are told with.</summary>
internal static class Story
{
    /// <summary>A cluster that node 1 leads, in term 1, with its no-op on all disks.</summary>
    public static CoreCluster Led(int founders, int spares = 0, CoreOptions? options = null, bool storages = false)
    {
        var cluster = new CoreCluster(founders, options, spares: spares, storages: storages);
        cluster.Step(cluster[1], Campaign.Instance);
        cluster.Stabilize(cluster.Nodes);
        Passes(cluster, 100, () => false);
        cluster[1].IsLeader.ShouldBeTrue();
        return cluster;
    }

    /// <summary>Asks the leader, and waits until it is done.</summary>
    public static void Change(CoreCluster cluster, int[] voters, int[]? learners = null, int[]? promote = null, JointUse joint = JointUse.WhenNeeded)
    {
        var leader = cluster.Leader.ShouldNotBeNull();
        Request(cluster, leader.Number, voters, learners, promote, joint).ShouldBeNull();
        Passes(cluster, 1000, () => leader.State.Leadership is null or { Change: null }).ShouldBeTrue();
    }

    /// <returns>How it ended at once; null if it is under way.</returns>
    public static MembershipOutcome? Request(
        CoreCluster cluster, int node, int[] voters, int[]? learners = null, int[]? promote = null, JointUse joint = JointUse.WhenNeeded)
    {
        MembershipOutcome? outcome = null;
        var before = cluster.OnEffect;
        cluster.OnEffect = (at, effect) =>
        {
            if (effect is MembershipEnded ended) outcome = ended.Outcome;
            before(at, effect);
        };
        cluster.Change(cluster[node], new ChangeMembership(1, Entries.Voters(voters).Voters,
            [.. Entries.Voters(learners ?? []).Voters, .. Entries.Voters(promote ?? []).Voters.Select(member => member with { PromoteWhenCaughtUp = true })]) { Joint = joint });
        cluster.OnEffect = before;
        return outcome;
    }

    /// <summary>The leader commits one more command.</summary>
    public static void Committed(CoreCluster cluster, string command)
    {
        var id = cluster.Oracles.Fates.Count + 1;
        cluster.Propose(cluster.Leader.ShouldNotBeNull(), (id, command));
        Passes(cluster, 1000, () => cluster.Oracles.Fates.GetValueOrDefault(id) == "done").ShouldBeTrue($"\"{command}\" is committed");
    }

    public static void Isolate(CoreCluster cluster, int node) => Partition(cluster, [node], [.. cluster.Nodes.Select(n => n.Number).Where(n => n != node)]);

    public static void Partition(CoreCluster cluster, int[] one, int[] other)
    {
        foreach (var (left, right) in one.SelectMany(left => other.Select(right => (left, right))))
        {
            cluster.Cut(left, right);
            cluster.Cut(right, left);
        }
    }

    /// <summary>One hop of what is in flight among these, with terms written and logs not.</summary>
    public static void Deliver(CoreCluster cluster, params int[] among)
    {
        foreach (var node in among.Select(number => cluster[number]))
        {
            foreach (var envelope in cluster.InFlight.Where(e => e.To == node.Number).ToList()) cluster.Deliver(envelope);
            cluster.PersistTerm(node);
        }
    }

    /// <summary>Time passes for all, until something is so.</summary>
    public static bool Passes(CoreCluster cluster, int milliseconds, Func<bool> until)
    {
        for (var passed = 0; passed < milliseconds; passed += 50)
        {
            cluster.Stabilize(cluster.Nodes);
            if (until()) return true;
            foreach (var node in cluster.Nodes)
            {
                if (node.IsRunning) cluster.Tick(node, CoreCluster.TickInterval);
                else node.Clock += CoreCluster.TickInterval;
            }
        }

        cluster.Stabilize(cluster.Nodes);
        return until();
    }
}
