using Akka.Actor;
using AkkaRaft.TestKit;
using Shouldly;
using Xunit;

namespace AkkaRaft.Simulation.Tests.Kernel;

/// <summary>What slips out of the simulation is noticed and named: a run that real threads or real time take part in cannot be repeated.</summary>
/// <remarks>Beside nothing else: the thread pool is the whole process's, and what another test gives to it would be taken for this one's.</remarks>
[Collection(Alone.Name)]
public sealed class LeakTests
{
    const string Culprit = "n1/system/raft-default/node/machine";
    const int MaxRuns = 20;

    [Fact]
    public void Work_that_comes_back_from_another_thread_ends_the_run() =>
        Failing(self =>
        {
            var thread = new Thread(() => self.Tell("from elsewhere"));
            thread.Start();
            thread.Join();
        }, watch: false).ShouldContain("foreign thread");

    [Fact]
    public void Work_that_is_given_to_the_thread_pool_ends_a_watched_run_and_names_the_actor()
    {
        // The test runner has the thread pool too: what it does at the wrong moment is taken for an actor's. One run beside which it does nothing is enough.
        var failures = new List<string>();
        do failures.Add(Failing(_ => ThreadPool.QueueUserWorkItem(_ => { }), watch: true));
        while (failures.Count < MaxRuns && !failures[^1].Contains(Culprit, StringComparison.Ordinal));
        failures[^1].ShouldContain(Culprit);
    }

    [Fact]
    public void A_message_between_hosts_that_does_not_pass_the_network_ends_the_run()
    {
        IActorRef? stranger = null;
        Failing(self => (stranger ??= self).Tell("past the network"), watch: false, nodes: 2).ShouldContain("without the network");
    }

    static string Failing(Action<IActorRef> onApply, bool watch, int nodes = 1)
    {
        using var cluster = new SimulatedCluster(1, new ClusterOptions { Nodes = nodes, StateMachine = () => new LeakingMachine(onApply), WatchThreads = watch });
        cluster.Start();
        return Should.Throw<SimulationFailedException>(() =>
        {
            cluster.RunUntil(Conditions.LeaderElected);
            cluster.Propose(new AddLine("a"));
            cluster.RunUntil(Conditions.Converged);
            cluster.RunFor(1.Seconds());
        }).Message;
    }

    sealed class LeakingMachine : RaftStateMachine
    {
        public LeakingMachine(Action<IActorRef> onApply) => Command<AddLine>(_ => onApply(Self));
    }
}

/// <summary>Tests that run when no others do.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "alone";
}
