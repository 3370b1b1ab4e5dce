using AkkaRaft.TestKit;
using Shouldly;
using Xunit;

namespace AkkaRaft.Simulation.Tests.Cluster;

/// <summary>Scripted clusters: each does what its script says, and its clients see what they should.</summary>
public sealed class ScriptTests
{
    static SimulatedCluster NewCluster(ulong seed = 1, int nodes = 3, int clients = 1) => new(seed, new ClusterOptions
    {
        Nodes = nodes,
        Clients = clients,
        StateMachine = () => new Journaled(),
        Fingerprint = machine => ((Journaled)machine).State,
    });

    [Fact]
    public void A_cluster_elects_a_leader_and_serves()
    {
        using var cluster = NewCluster();
        cluster.Start();
        cluster.RunUntil(Conditions.LeaderElected);
        var write = cluster.Propose(new AddLine("a"));
        cluster.RunUntil(write.Ended);
        write.Result!.Outcome.ShouldBe(OperationOutcome.Done, write.Result.Error);
        write.Result.Output.ShouldBe(1);
        var read = cluster.Query(new ReadLines());
        cluster.RunUntil(read.Ended);
        read.Result!.Output.ShouldBe("a");
        cluster.RunUntil(Conditions.Converged);
    }
}
