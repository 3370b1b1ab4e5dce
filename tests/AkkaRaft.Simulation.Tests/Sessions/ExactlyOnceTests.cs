using AkkaRaft.Simulator;
using AkkaRaft.TestKit;
using Shouldly;
using Xunit;
using static AkkaRaft.TestKit.Conditions;

namespace AkkaRaft.Simulation.Tests.Sessions;

/// <summary>Every write is applied exactly once, whatever is lost, doubled or crashes (thesis 6.3).</summary>
public sealed class ExactlyOnceTests
{
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>Time enough and no end of the sessions: then each command is done in the end, and the sum is what was asked for, not one more and not one less.</summary>
    [Fact, Trait("RaftBug", "B85")]
    public void Under_lost_and_doubled_messages_and_crashing_leaders_the_sum_is_what_was_asked_for()
    {
        const int Clients = 3;
        const int Rounds = 15;
        var total = new RunCounters();
        for (var seed = 1ul; seed <= 8; seed++)
        {
            using var cluster = new SimulatedCluster(seed, Counters(Clients));
            cluster.Start();
            cluster.RunUntil(LeaderElected);
            cluster.NetworkFaults = new NetworkFaults { Loss = 0.05, Duplication = 0.3, Stragglers = 0.05, StragglerDelay = 1.Seconds(), Ordered = seed % 2 == 0 };

            var operations = new List<SimulatedOperation>();
            for (var round = 0; round < Rounds; round++)
            {
                for (var client = 1; client <= Clients; client++) operations.Add(cluster.Propose(new Increase(1), client, Patience));
                cluster.RunFor(500.Milliseconds());
                if (round % 4 == 3 && cluster.Leader is { } leader)
                {
                    cluster.Crash(leader);
                    cluster.RunFor(300.Milliseconds());
                    cluster.Restart(leader);
                }
            }

            cluster.RunUntil(new Condition("all done", _ => operations.All(operation => operation.Result is not null)), Patience);
            operations.Select(operation => operation.Result!.Error).ShouldAllBe(error => error == null);
            operations.Select(operation => (long)operation.Result!.Output!).Order().ShouldBe(Enumerable.Range(1, Clients * Rounds).Select(sum => (long)sum));
            cluster.EndFaults();
            cluster.RunUntil(Converged);
            cluster.SendUntilDone(new Read()).Result!.Output.ShouldBe((long)(Clients * Rounds));
            total.Add(cluster.Counters);
        }

        total.MessagesDuplicated.ShouldBeGreaterThan(1000);
        total.MessagesLost.ShouldBeGreaterThan(400);
        total.Crashes.ShouldBeGreaterThan(10);
    }

    [Fact, Trait("RaftBug", "B85")]
    public void A_command_whose_answer_is_lost_is_sent_again_and_answered_with_the_first_result()
    {
        using var cluster = new SimulatedCluster(7, Counters(clients: 2));
        cluster.Start();
        cluster.RunUntil(LeaderElected);
        var leader = cluster.Leader!.Value;
        cluster.SendUntilDone(new Increase(1), client: 1);

        Answers(cut: true);
        var lost = cluster.Propose(new Increase(10), client: 1, Patience);
        cluster.RunFor(100.Milliseconds());
        cluster.SendUntilDone(new Increase(100), client: 2).Result!.Output.ShouldBe(111L);   // it has been applied
        lost.Result.ShouldBeNull();
        Answers(cut: false);
        cluster.RunUntil(lost.Ended);

        lost.Result!.Outcome.ShouldBe(OperationOutcome.Done);
        lost.Result.Output.ShouldBe(11L);
        cluster.SendUntilDone(new Read()).Result!.Output.ShouldBe(111L);

        // Client 1 has a host of its own.
        void Answers(bool cut) => cluster.Network.SetCut($"n{leader}", "c1", cut);
    }

    [Fact, Trait("RaftBug", "B50"), Trait("RaftBug", "B85")]
    public void A_command_in_the_log_of_a_leader_that_dies_is_done_once_by_the_next_one()
    {
        var repeated = 0;
        for (var seed = 1ul; seed <= 20; seed++)
        {
            using var cluster = new SimulatedCluster(seed, Counters(clients: 1));
            cluster.Start();
            cluster.RunUntil(LeaderElected);
            var leader = cluster.Leader!.Value;
            cluster.SendUntilDone(new Increase(1));

            var under = cluster.Propose(new Increase(10), timeout: Patience);
            cluster.CrashAfter(leader, 6 + (int)(seed % 8));
            cluster.RunUntil(under.Ended);

            under.Result!.Error.ShouldBeNull();
            under.Result.Output.ShouldBe(11L);
            cluster.SendUntilDone(new Read()).Result!.Output.ShouldBe(11L);
            if (cluster.Leader != leader) repeated++;
        }

        repeated.ShouldBeGreaterThan(5, "leaders died with the command under way");
    }

    /// <summary>The next leader's clock is an hour ahead: sessions end, clients are told so, and nothing is applied twice.</summary>
    [Fact, Trait("RaftBug", "B84")]
    public void A_leader_change_to_a_clock_far_ahead_ends_sessions_and_applies_nothing_twice()
    {
        for (var seed = 1ul; seed <= 10; seed++)
        {
            using var cluster = new SimulatedCluster(seed, Counters(clients: 2));
            cluster.Start();
            cluster.RunUntil(LeaderElected);
            var old = cluster.Leader!.Value;
            for (var client = 1; client <= 2; client++) cluster.SendUntilDone(new Increase(1), client);
            foreach (var other in Enumerable.Range(1, 3).Where(node => node != old)) cluster.SetClockSkew(other, TimeSpan.FromHours(1));

            var pending = cluster.Propose(new Increase(10), client: 1, Patience);
            cluster.CrashAfter(old, 4);
            cluster.RunUntil(pending.Ended);
            var sum = (long)cluster.SendUntilDone(new Read(), client: 2).Result!.Output!;
            cluster.Restart(old);

            sum.ShouldBeOneOf(2L, 12L);
            if (pending.Result!.Outcome == OperationOutcome.Done) pending.Result.Output.ShouldBe(12L);
            else pending.Result.Error.ShouldNotBeNull().ShouldContain("session");
            cluster.SendUntilDone(new Increase(100), client: 1).Result!.Output.ShouldBe(sum + 100);   // in another session
            cluster.RunUntil(Converged);
        }
    }

    /// <summary>And back again: the next leader's clock is an hour behind. Time in the log stands still, sessions last.</summary>
    [Fact, Trait("RaftBug", "B84")]
    public void A_leader_change_to_a_clock_far_behind_ends_no_session()
    {
        using var cluster = new SimulatedCluster(3, Counters(clients: 1));
        cluster.Start();
        cluster.RunUntil(LeaderElected);
        var old = cluster.Leader!.Value;
        cluster.SendUntilDone(new Increase(1));
        foreach (var other in Enumerable.Range(1, 3).Where(node => node != old)) cluster.SetClockSkew(other, TimeSpan.FromHours(-1));

        cluster.Crash(old);
        var pending = cluster.Propose(new Increase(10), timeout: Patience);
        cluster.RunUntil(pending.Ended);

        pending.Result!.Output.ShouldBe(11L);
    }

    static ClusterOptions Counters(int clients) => new() { Nodes = 3, Clients = clients, StateMachine = () => new CounterMachine() };
}
