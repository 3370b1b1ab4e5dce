using AkkaRaft.Simulator;
using AkkaRaft.TestKit;
using Shouldly;
using Xunit;
using static AkkaRaft.TestKit.Conditions;

namespace AkkaRaft.Simulation.Tests.Cluster;

/// <summary>Reads of single nodes, and by lease (thesis 6.4).</summary>
public sealed class NodeReadTests
{
    [Fact, Trait("RaftBug", "B80"), Trait("RaftBug", "B77")]
    public void Every_node_answers_linearizably_and_from_its_own_state()
    {
        using var cluster = Make(seed: 5);
        for (var round = 1; round <= 20; round++)
        {
            cluster.SendUntilDone(new Set(round));
            for (var node = 1; node <= 3; node++)
            {
                ValueOf(cluster, new SimulatedRead(ReadConsistency.Linearizable, node)).ShouldBe(round);
                ValueOf(cluster, new SimulatedRead(ReadConsistency.Local, node, SeesOwn: true)).ShouldBe(round);
                ValueOf(cluster, new SimulatedRead(ReadConsistency.Lease, node)).ShouldBe(round);
            }
        }
    }

    [Fact, Trait("RaftBug", "B80")]
    public void A_node_that_is_cut_off_answers_only_what_may_be_old()
    {
        using var cluster = Make(seed: 6);
        cluster.SendUntilDone(new Set(1));
        cluster.RunUntil(Converged);
        var lonely = (cluster.Leader!.Value % 3) + 1;
        cluster.PartitionNodes([lonely], [.. new[] { 1, 2, 3 }.Where(node => node != lonely)]);
        cluster.SendUntilDone(new Set(2));

        ValueOf(cluster, new SimulatedRead(ReadConsistency.Local, lonely)).ShouldBe(1);
        foreach (var current in new[]
        {
            new SimulatedRead(ReadConsistency.Local, lonely, SeesOwn: true), new SimulatedRead(ReadConsistency.Linearizable, lonely),
            new SimulatedRead(ReadConsistency.Lease, lonely), new SimulatedRead(ReadConsistency.Local, lonely, MaxStaleness: 100.Milliseconds()),
        })
        {
            var read = cluster.Query(new Read(), read: current);
            cluster.RunUntil(read.Ended);
            read.Result!.Outcome.ShouldBe(OperationOutcome.NotDone);
        }

        cluster.Heal();
        ValueOf(cluster, new SimulatedRead(ReadConsistency.Local, lonely, SeesOwn: true)).ShouldBe(2);
    }

    /// <summary>
    /// A leader is cut off while it holds a lease, and all others start again at once: they keep the promise that the lease rests on, so that it never answers what
    /// another leader's clients have overwritten.
    /// </summary>
    [Fact, Trait("RaftBug", "B78")]
    public void A_lease_is_kept_by_voters_that_start_again_at_once()
    {
        var (byLease, overwritten) = (0, 0);
        for (var seed = 1ul; seed <= 12; seed++)
        {
            using var cluster = Make(seed, settings => settings.WithLeaseReads(true));
            cluster.SendUntilDone(new Set(1), client: 1);
            cluster.SendUntilDone(new Set(1), client: 2);
            cluster.RunFor(300.Milliseconds());
            var old = cluster.Leader!.Value;
            int[] others = [.. new[] { 1, 2, 3 }.Where(node => node != old)];
            cluster.PartitionNodes([old], others);
            foreach (var node in others) cluster.Crash(node);
            foreach (var node in others) cluster.Restart(node);
            while (cluster.Leader is null || cluster.Leader == old)
            {
                var read = ByLease(cluster, old);
                if (read.Outcome != OperationOutcome.Done) continue;
                byLease++;
                ((int?)read.Output).ShouldBe(1);
            }

            cluster.RestartClient(1);   // it looks for the next leader
            var write = cluster.Propose(new Set(2), client: 1, timeout: 300.Milliseconds());
            cluster.RunUntil(write.Ended);
            if (write.Result!.Outcome != OperationOutcome.Done) continue;
            overwritten++;
            for (var tries = 0; tries < 5; tries++)
            {
                var read = ByLease(cluster, old);
                if (read.Outcome == OperationOutcome.Done) ((int?)read.Output).ShouldBe(2);
            }
        }

        byLease.ShouldBeGreaterThan(12, "the old leader answers from its lease for a while");
        overwritten.ShouldBeGreaterThan(3, "and another one is elected");
    }

    static Operation ByLease(SimulatedCluster cluster, int node)
    {
        var read = cluster.Query(new Read(), client: 2, timeout: 40.Milliseconds(), read: new SimulatedRead(ReadConsistency.Lease, node));
        cluster.RunUntil(read.Ended);
        return read.Result!;
    }

    static SimulatedCluster Make(ulong seed, Func<RaftSettings, RaftSettings>? settings = null)
    {
        var cluster = new SimulatedCluster(seed, new ClusterOptions
        {
            Nodes = 3, Clients = 2, StateMachine = () => new RegisterMachine(), Settings = settings ?? (same => same),
        });
        cluster.Start();
        cluster.RunUntil(LeaderElected);
        return cluster;
    }

    static int? ValueOf(SimulatedCluster cluster, SimulatedRead read)
    {
        var operation = cluster.Query(new Read(), read: read);
        cluster.RunUntil(operation.Ended);
        operation.Result!.Outcome.ShouldBe(OperationOutcome.Done, operation.Result.Error);
        return (int?)operation.Result.Output;
    }
}
