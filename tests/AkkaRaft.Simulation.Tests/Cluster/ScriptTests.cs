using AkkaRaft.TestKit;
using Shouldly;
using Xunit;

namespace AkkaRaft.Simulation.Tests.Cluster;

/// <summary>Scripted clusters: each does what its script says, and its clients see what they should.</summary>
public sealed class ScriptTests
{
    [Fact]
    public void A_cluster_elects_a_leader_and_serves()
    {
        using var cluster = Elected();
        var write = Done(cluster, cluster.Propose(new AddLine("a")));
        write.Outcome.ShouldBe(OperationOutcome.Done, write.Error);
        write.Output.ShouldBe(1);
        Done(cluster, cluster.Query(new ReadLines())).Output.ShouldBe("a");
        cluster.RunUntil(Conditions.Converged);
        cluster.StatusOf(1)!.AppliedIndex.ShouldBe(write.Index);
    }

    [Fact]
    public void A_cluster_of_one_serves()
    {
        using var cluster = Elected(nodes: 1);
        Done(cluster, cluster.Propose(new AddLine("a"))).Output.ShouldBe(1);
    }

    [Fact]
    public void A_leader_that_crashes_is_replaced_and_nothing_acknowledged_is_lost()
    {
        using var cluster = Elected();
        Done(cluster, cluster.Propose(new AddLine("kept"))).Outcome.ShouldBe(OperationOutcome.Done);
        var first = cluster.Leader!.Value;
        cluster.Crash(first);
        cluster.StatusOf(first).ShouldBeNull();
        cluster.RunUntil(Conditions.LeaderElected);
        cluster.Leader.ShouldNotBe(first);
        Done(cluster, cluster.Query(new ReadLines())).Output.ShouldBe("kept");
        cluster.Restart(first);
        cluster.RunUntil(Conditions.Converged);
        cluster.Counters.Crashes.ShouldBe(1);
        cluster.Counters.Elections.ShouldBe(2);
    }

    [Fact]
    public void All_nodes_may_lose_power_at_once()
    {
        using var cluster = Elected();
        Done(cluster, cluster.Propose(new AddLine("kept"))).Outcome.ShouldBe(OperationOutcome.Done);
        for (var node = 1; node <= 3; node++) cluster.Crash(node);
        cluster.Start();
        cluster.RunUntil(Conditions.Converged);
        Done(cluster, cluster.Query(new ReadLines())).Output.ShouldBe("kept");
    }

    [Fact]
    public void A_minority_that_is_cut_off_with_the_clients_serves_nobody()
    {
        using var cluster = Elected();
        var leader = cluster.Leader!.Value;
        cluster.SendUntilDone(new AddLine("first"));   // opens the client's session
        cluster.Partition([leader], [.. Others(leader)]);
        Done(cluster, cluster.Propose(new AddLine("lost"), timeout: 3.Seconds())).Outcome.ShouldBe(OperationOutcome.Unknown);
        cluster.RunUntil(new Condition("the others have a leader", c => c.Leader is { } other && other != leader));
        Done(cluster, cluster.Propose(new AddLine("refused"), timeout: 1.Seconds())).Outcome.ShouldBe(OperationOutcome.NotDone);
        cluster.Heal();
        cluster.RunUntil(Conditions.Converged);
        Done(cluster, cluster.Query(new ReadLines())).Output.ShouldBe("first");
    }

    [Fact]
    public void A_leader_that_hears_nobody_is_replaced_though_it_is_heard()
    {
        using var cluster = Elected();
        var leader = cluster.Leader!.Value;
        foreach (var other in Others(leader)) cluster.CutOneWay(from: other, to: leader);
        cluster.RunUntil(new Condition("another leader", c => c.Leader is { } other && other != leader));
        cluster.Heal();
        cluster.RunUntil(Conditions.Converged);
    }

    [Fact]
    public void A_leader_that_stands_still_is_replaced_and_answers_nothing_old_when_it_wakes()
    {
        using var cluster = Elected(clients: 2);
        var leader = cluster.Leader!.Value;
        cluster.Pause(leader);
        cluster.RunUntil(new Condition("another leader", c => c.Leader is { } other && other != leader));
        Done(cluster, cluster.Propose(new AddLine("new"), client: 2)).Outcome.ShouldBe(OperationOutcome.Done);
        cluster.Resume(leader);
        Done(cluster, cluster.Query(new ReadLines(), client: 1)).Output.ShouldBe("new");
        cluster.RunUntil(Conditions.Converged);
        cluster.Counters.Pauses.ShouldBe(1);
    }

    [Fact]
    public void A_leader_whose_disk_hangs_for_ever_is_no_leader_for_ever()
    {
        using var cluster = Elected();
        var leader = cluster.Leader!.Value;
        cluster.StallDisk(leader, 60.Seconds());
        var write = cluster.Propose(new AddLine("a"));
        cluster.RunUntil(write.Ended);
        write.Result!.Outcome.ShouldBe(OperationOutcome.Done, "a majority of disks is enough");
    }

    [Fact]
    public void A_journal_that_fails_silences_its_node_until_it_has_replayed()
    {
        using var cluster = Elected();
        var leader = cluster.Leader!.Value;
        cluster.SetDiskFaults(leader, DiskFaults.None with { FailProbability = 1 });
        cluster.Propose(new AddLine("a"));
        cluster.RunUntil(new Condition("the leader is gone", c => c.Leader != leader));
        cluster.SetDiskFaults(leader, DiskFaults.None);
        cluster.RunUntil(Conditions.OperationsEnded);
        cluster.RunUntil(Conditions.Converged);
        cluster.Counters.WritesFailed.ShouldBeGreaterThan(0);
    }

    [Fact]
    public void Clocks_that_run_differently_do_no_harm()
    {
        using var cluster = Elected();
        cluster.SetClockRate(1, 0.8);
        cluster.SetClockRate(2, 1.25);
        cluster.SetClockSkew(3, TimeSpan.FromHours(-1));
        cluster.RunFor(20.Seconds());
        Done(cluster, cluster.Propose(new AddLine("a"))).Outcome.ShouldBe(OperationOutcome.Done);
        cluster.Counters.ClockChanges.ShouldBe(3);
    }

    [Fact]
    public void A_crash_can_be_set_into_the_middle_of_a_nodes_work()
    {
        using var cluster = Elected();
        var leader = cluster.Leader!.Value;
        cluster.CrashAfter(leader, messages: 4);
        cluster.Propose(new AddLine("a"));
        cluster.RunUntil(new Condition("it is down", c => c.StatusOf(leader) is null));
        cluster.Counters.Crashes.ShouldBe(1);
    }

    [Fact]
    public void What_never_happens_is_reported_with_seed_and_trace()
    {
        using var cluster = Elected();
        var failure = Should.Throw<SimulationFailedException>(() => cluster.RunUntil(new Condition("pigs fly", _ => false), patience: 1.Seconds()));
        failure.Seed.ShouldBe(1UL);
        failure.Message.ShouldContain("pigs fly");
        failure.Message.ShouldContain("AppendEntries");
        Should.Throw<SimulationFailedException>(() => cluster.RunFor(1.Seconds())).ShouldBe(failure, "a failed cluster stays failed");
    }

    [Fact]
    public void A_machine_that_differs_between_nodes_is_found_out()
    {
        var made = 0;
        using var cluster = new SimulatedCluster(1, new ClusterOptions { StateMachine = () => new Differing(++made) });
        cluster.Start();
        cluster.RunUntil(Conditions.LeaderElected);
        cluster.Propose(new AddLine("a"));
        Should.Throw<SimulationFailedException>(() => cluster.RunUntil(Conditions.Converged)).Problem.ShouldBe("State Machine Safety");
    }

    [Fact]
    public void A_handler_that_throws_ends_the_run()
    {
        using var cluster = new SimulatedCluster(1, new ClusterOptions { StateMachine = () => new Throwing() });
        cluster.Start();
        cluster.RunUntil(Conditions.LeaderElected);
        cluster.Propose(new AddLine("a"));
        Should.Throw<SimulationFailedException>(() => cluster.RunFor(5.Seconds())).Message.ShouldContain("no lines today");
    }

    [Fact]
    public void Numbers_that_do_not_exist_are_refused()
    {
        using var cluster = Elected();
        Should.Throw<ArgumentOutOfRangeException>(() => cluster.Crash(4)).Message.ShouldContain("1 to 3");
        Should.Throw<ArgumentOutOfRangeException>(() => cluster.Propose(new AddLine("a"), client: 2)).Message.ShouldContain("1 to 1");
        Should.Throw<ArgumentOutOfRangeException>(() => new SimulatedCluster(1, new ClusterOptions { StateMachine = () => new Journaled(), Nodes = 0 }));
    }

    [Fact]
    public void What_makes_no_sense_is_refused()
    {
        var cluster = Elected();
        Should.Throw<ArgumentException>(() => cluster.Partition([1, 2], [2, 3])).Message.ShouldContain("two groups");
        Should.Throw<ArgumentOutOfRangeException>(() => cluster.Partition([1], [7]));
        Should.Throw<ArgumentOutOfRangeException>(() => cluster.RunFor(-1.Seconds()));
        Should.Throw<ArgumentOutOfRangeException>(() => cluster.RunFor(TimeSpan.MaxValue));
        Should.Throw<ArgumentException>(() => cluster.CutOneWay(from: 1, to: 1));
        Should.Throw<ArgumentException>(() => cluster.Partition([1], null!)).Message.ShouldContain("null");
        Should.Throw<ArgumentNullException>(() => cluster.Propose(null!));
        Should.Throw<ArgumentOutOfRangeException>(() => cluster.Query(new AddLine("a"), timeout: TimeSpan.MaxValue));
        Should.Throw<ArgumentOutOfRangeException>(() => cluster.Propose(new AddLine("a"), timeout: TimeSpan.Zero));
        Should.Throw<ArgumentOutOfRangeException>(() => cluster.RunUntil(Conditions.Converged, TimeSpan.MaxValue));
        Should.Throw<ArgumentNullException>(() => new Condition("nothing", null!));
        Should.Throw<ArgumentOutOfRangeException>(() => cluster.StallLinks(1, TimeSpan.MaxValue));
        Should.Throw<ArgumentOutOfRangeException>(() => cluster.StallLinks(1, 1.Seconds(), (LinkDirection)77)).Message.ShouldContain("no such direction");
        Should.Throw<ArgumentOutOfRangeException>(() => cluster.StallDisk(1, TimeSpan.MaxValue));
        Should.Throw<ArgumentOutOfRangeException>(() => cluster.SetClockSkew(1, TimeSpan.MaxValue));
        Should.Throw<ArgumentOutOfRangeException>(() => cluster.StallDisk(1, -1.Seconds()));
        Should.Throw<ArgumentOutOfRangeException>(() => cluster.SetClockRate(1, double.PositiveInfinity));
        Should.Throw<ArgumentOutOfRangeException>(() => cluster.NetworkFaults = NetworkFaults.None with { Loss = 5 }).Message.ShouldContain("Loss = 5");
        Should.Throw<ArgumentOutOfRangeException>(() => cluster.NetworkFaults = NetworkFaults.None with { DelayMin = 1.Seconds() });
        cluster.Heal();
        cluster.Resume(1);
        cluster.Restart(1);
        cluster.RunUntil(Conditions.Converged);
        cluster.Dispose();
        cluster.Dispose();
        Should.Throw<ObjectDisposedException>(() => cluster.RunFor(1.Seconds()));
        Should.Throw<ObjectDisposedException>(() => cluster.Propose(new AddLine("a")));
        Should.Throw<ObjectDisposedException>(cluster.Start);
    }

    /// <summary>An operation may end so late that the time is over before the next one begins.</summary>
    [Fact]
    public void A_client_whose_time_is_over_between_two_tries_fails_as_one_whose_time_is_over()
    {
        for (var late = 0; late <= 2400; late += 200)
        {
            using var cluster = Elected();
            for (var node = 1; node <= cluster.Nodes; node++) cluster.Crash(node);

            Should.Throw<SimulationFailedException>(() => cluster.SendUntilDone(new AddLine("a"), patience: (5_000_000 + late).Microseconds()));
        }
    }

    [Fact]
    public void A_run_in_which_nothing_is_carried_out_says_why()
    {
        var failed = Should.Throw<SimulationFailedException>(() => Simulate.Seeds(1, cluster => cluster
            .Nodes(1).StateMachine(() => new Journaled()).Clients(1, _ => "hello").Faults(Faults.Calm)));

        failed.Message.ShouldContain("nothing happened");
        failed.Message.ShouldContain("no handler for the command System.String");
    }

    [Fact]
    public void A_cluster_belongs_to_the_thread_that_made_it()
    {
        using var cluster = Elected();
        Exception? refused = null;
        var thread = new Thread(() => refused = Record.Exception(() => cluster.RunFor(1.Seconds())));
        thread.Start();
        thread.Join();
        refused.ShouldBeOfType<InvalidOperationException>().Message.ShouldContain("another thread");
    }

    [Fact]
    public void A_command_that_is_refused_for_what_it_is_does_not_hold_up_the_end_of_a_run() =>
        Simulate.Seeds(2, cluster => cluster.Nodes(3).For(3.Seconds()).Faults(Faults.Calm).StateMachine(() => new Journaled())
            .Clients(2, random => new AddLine(new string('x', random.Pick(10, 100_000)))));

    [Fact]
    public void When_all_faults_end_clocks_are_right_and_disks_work()
    {
        using var cluster = Elected();
        cluster.SetClockSkew(1, TimeSpan.FromHours(1));
        cluster.StallDisk(1, TimeSpan.FromHours(1));
        cluster.StallDisk(2, TimeSpan.FromHours(1));
        cluster.EndFaults();
        Done(cluster, cluster.Propose(new AddLine("a"))).Outcome.ShouldBe(OperationOutcome.Done);
        cluster.RunUntil(Conditions.Converged);
    }

    [Fact]
    public void Clients_may_reach_both_sides_of_a_partition()
    {
        using var cluster = Elected();
        var leader = cluster.Leader!.Value;
        cluster.PartitionNodes([leader], Others(leader));
        cluster.RunUntil(new Condition("the others have a leader", c => c.Leader is { } other && other != leader));
        cluster.SendUntilDone(new AddLine("a")).Result!.Outcome.ShouldBe(OperationOutcome.Done);
    }

    [Fact]
    public void What_a_scenario_throws_reaches_its_caller() =>
        Should.Throw<NotSupportedException>(() => Simulate.Seeds(3, cluster => cluster
            .StateMachine(() => new Journaled()).Clients(1, _ => throw new NotSupportedException("no ideas")))).Message.ShouldBe("no ideas");

    static SimulatedCluster Elected(int nodes = 3, int clients = 1)
    {
        var cluster = new SimulatedCluster(1, new ClusterOptions
        {
            Nodes = nodes,
            Clients = clients,
            StateMachine = () => new Journaled(),
            Fingerprint = machine => ((Journaled)machine).State,
        });
        cluster.Start();
        cluster.RunUntil(Conditions.LeaderElected);
        return cluster;
    }

    static Operation Done(SimulatedCluster cluster, SimulatedOperation operation)
    {
        cluster.RunUntil(operation.Ended);
        return operation.Result!;
    }

    static int[] Others(int node) => [.. Enumerable.Range(1, 3).Where(other => other != node)];

    sealed class Differing : RaftStateMachine
    {
        public Differing(int number) => Command<AddLine, int>(_ => number);
    }

    sealed class Throwing : RaftStateMachine
    {
        public Throwing() => Command<AddLine>(_ => throw new InvalidOperationException("no lines today"));
    }
}
