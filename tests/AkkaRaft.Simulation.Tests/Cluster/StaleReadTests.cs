using AkkaRaft.Simulator;
using AkkaRaft.TestKit;
using Shouldly;
using Xunit;
using static AkkaRaft.TestKit.Conditions;

namespace AkkaRaft.Simulation.Tests.Cluster;

/// <summary>Reads of a leader that does not know yet that it is none any more (thesis 6.4).</summary>
public sealed class StaleReadTests
{
    /// <summary>
    /// The old leader is heard for a while, and what it is answered arrives when another one has committed more. Those answers are true, and say nothing about the
    /// reads that came after they were sent.
    /// </summary>
    [Fact, Trait("RaftBug", "B76")]
    public void A_leader_whose_answers_hung_answers_no_read_that_came_after_they_were_sent()
    {
        var written = 0;
        for (var seed = 1ul; seed <= 30; seed++)
        {
            using var cluster = new SimulatedCluster(seed, new ClusterOptions { Nodes = 3, Clients = 3, StateMachine = () => new RegisterMachine() });
            cluster.Start();
            cluster.RunUntil(LeaderElected);
            var old = cluster.Leader!.Value;
            for (var client = 1; client <= 3; client++) cluster.SendUntilDone(new Set(1), client);

            var over = cluster.Now + 1100.Milliseconds();
            cluster.StallLinks(old, 1100.Milliseconds(), LinkDirection.To);
            cluster.RunFor(100.Milliseconds());
            cluster.StallLinks(old, 1000.Milliseconds(), LinkDirection.From);
            cluster.RunUntil(AnotherLeadsOr(old, over));   // in some runs nobody was quick enough
            if (cluster.Leader == old) continue;
            cluster.RestartClient(1);
            var write = cluster.Propose(new Set(2), client: 1, timeout: 300.Milliseconds());
            cluster.RunUntil(write.Ended);
            if (write.Result!.Outcome != OperationOutcome.Done || cluster.StatusOf(old)!.Role != RaftRole.Leader) continue;

            written++;
            var reads = new[] { cluster.Query(new Read(), client: 2), cluster.Query(new Read(), client: 3) };
            cluster.RunUntil(new Condition("reads answered", _ => reads.All(read => read.Result is not null)));
            reads.ShouldAllBe(read => read.Result!.Outcome == OperationOutcome.Done && (int?)read.Result.Output == 2);
        }

        written.ShouldBeGreaterThan(5, "the old leader goes on leading for a while when another one is elected");
    }

    static Condition AnotherLeadsOr(int old, TimeSpan over) =>
        new("another leads, or the links are open again", cluster => cluster.Now >= over || (cluster.Leader is { } leader && leader != old));
}
