using AkkaRaft.TestKit;
using Shouldly;
using Xunit;

namespace AkkaRaft.Simulation.Tests.Cluster;

/// <summary>A seed decides a run, step by step.</summary>
public sealed class DeterminismTests
{
    [Fact]
    public void The_same_script_with_the_same_seed_does_the_same()
    {
        Run(7).ShouldBe(Run(7));
        Run(8).ShouldNotBe(Run(7));
    }

    static (ulong, RunCounters) Run(ulong seed)
    {
        using var cluster = new SimulatedCluster(seed, new ClusterOptions { StateMachine = () => new Journaled(), Clients = 3 });
        cluster.Start();
        cluster.RunUntil(Conditions.LeaderElected);
        for (var i = 0; i < 30; i++)
        {
            cluster.Propose(new AddLine($"{i}"), client: 1 + i % 3);
            if (i == 10) cluster.Crash(cluster.Leader!.Value);
            if (i == 20) cluster.Start();
            cluster.RunFor(100.Milliseconds());
        }

        cluster.RunUntil(Conditions.OperationsEnded);
        cluster.RunUntil(Conditions.Converged);
        return (cluster.TraceHash, cluster.Counters);
    }
}
