using AkkaRaft.TestKit;
using AkkaRaft.TestKit.Planning;
using AkkaRaft.TestKit.Reports;
using AkkaRaft.TestKit.Scenarios;
using Shouldly;
using Xunit;

namespace AkkaRaft.Simulation.Tests.Reports;

/// <summary>What the page of a run shows is what really happened, and nobody is disturbed by being looked at.</summary>
public sealed class RecordedRunTests
{
    static readonly Scenario Scenario = Simulate.Defined(cluster => cluster
        .StateMachine(() => new Journaled())
        .Nodes(3)
        .Clients(3, random => random.Chance(0.3) ? new ReadLines() : new AddLine($"{random.Bits()}")));

    static (RunResult Result, RunRecord Record) Recorded(ulong seed)
    {
        RunRecorder? recorder = null;
        var result = new ScenarioRun(Scenario, RunPlanner.Plan(Scenario, seed))
        {
            Made = cluster =>
            {
                recorder = new RunRecorder(cluster, "test");
                SimulationTrace.Of(cluster);
            },
        }.Go();
        recorder!.Finish(result.History, result.Counters.VirtualTime, result.Verdict);
        return (result, recorder.Record);
    }

    [Theory, InlineData(1), InlineData(2), InlineData(3), InlineData(4)]
    public void A_run_that_is_recorded_is_the_same_run(ulong seed)
    {
        var alone = new ScenarioRun(Scenario, RunPlanner.Plan(Scenario, seed)).Go();

        var (watched, _) = Recorded(seed);

        watched.TraceHash.ShouldBe(alone.TraceHash);
        watched.Counters.ShouldBe(alone.Counters);
    }

    [Fact]
    public void The_record_counts_what_the_run_counted()
    {
        var all = new RunCounters();
        for (var seed = 1UL; seed <= 12; seed++)
        {
            var (result, record) = Recorded(seed);
            var counters = result.Counters;
            all.Add(counters);

            var messages = record.Messages.ToArray();
            messages.Count(row => !row.IsCopy).ShouldBe((int)counters.MessagesSent);
            messages.Count(row => row.IsCopy).ShouldBe((int)counters.MessagesDuplicated);
            messages.Count(row => row.Fate is MessageFate.Lost or MessageFate.Cut).ShouldBe((int)counters.MessagesLost);
            messages.ShouldAllBe(row => row.From != row.To);
            var faults = record.Faults.ToArray();
            faults.Count(row => row.Kind == FaultKind.Crash).ShouldBe((int)counters.Crashes);
            faults.Count(row => row.Kind == FaultKind.Restart).ShouldBe((int)counters.Crashes, "in the end all nodes are up");
            faults.Count(row => row.Kind == FaultKind.Pause).ShouldBe((int)counters.Pauses);
            faults.Count(row => row.Kind == FaultKind.Heal).ShouldBe(1);
            Leaderships(record).ShouldBe((int)counters.Elections);
            record.Operations.Length.ShouldBe(result.History.Operations.Count);
            ((long)record.Samples.ToArray().Max(row => row.Sample.Commit.Value)).ShouldBe(counters.Commits);
            record.End.ShouldBe(counters.VirtualTime);
            record.Phases.ToArray().Select(phase => phase.Name).ShouldBe(["faults", "healing"]);
            record.Failure.ShouldBeNull();
        }

        // What did not happen was not tested.
        foreach (var count in new[] { all.Crashes, all.Pauses, all.Cuts, all.Elections, all.MessagesLost, all.MessagesDuplicated }) count.ShouldBeGreaterThan(0);
    }

    [Fact]
    public void A_cut_in_the_record_is_what_the_network_really_cut()
    {
        using var cluster = new SimulatedCluster(1, new ClusterOptions { StateMachine = () => new Journaled(), Clients = 3 });
        var record = new RunRecorder(cluster, "test").Record;
        Lane One() => record.NodeLane(new NodeId("1"));
        Lane Two() => record.NodeLane(new NodeId("2"));

        cluster.CutOneWay(1, 2);
        cluster.RunFor(1.Seconds());
        cluster.Partition([1, 2], [3]);
        cluster.RunFor(1.Seconds());
        cluster.Isolate(1);
        cluster.RunFor(1.Seconds());
        cluster.Heal();

        var cuts = record.Faults.ToArray();
        cuts.Select(cut => (cut.Kind, cut.Begin, cut.End)).ShouldBe(
        [
            (FaultKind.Cut, TimeSpan.Zero, 1.Seconds()),      // the partition mends it: 1 and 2 are together
            (FaultKind.Cut, 1.Seconds(), 3.Seconds()),
            (FaultKind.Cut, 2.Seconds(), 3.Seconds()),
        ]);
        cuts[0].Cut.ShouldBe([new LaneLink(One(), Two())]);
        cuts[1].Cut.ShouldNotContain(new LaneLink(One(), Two()));
        cuts[1].Cut.Count.ShouldBe(2 * (2 + 3), "node 3 and two nodes, node 3 and three clients, both directions");
        cuts[2].Cut.Count.ShouldBe(2 * (1 + 3), "node 1 and node 2, node 1 and three clients; 1 and 3 were cut already");
    }

    [Fact]
    public void A_failure_is_shown_with_its_moment()
    {
        var scenario = Simulate.Defined(cluster => cluster.StateMachine(() => new Forgetful()).Nodes(3).Clients(1, _ => new AddLine("x")).Faults(Faults.Calm));
        RunRecorder? recorder = null;
        var result = new ScenarioRun(scenario, RunPlanner.Plan(scenario, 1)) { Made = cluster => recorder = new RunRecorder(cluster, "test"), ReplayCommand = "again" }.Go();

        recorder!.Finish(result.History, result.Counters.VirtualTime, result.Verdict);

        result.Failure.ShouldNotBeNull();
        var record = recorder.Record;
        record.Failure.ShouldNotBeNull().ShouldStartWith(result.Failure.Problem);
        record.FailedAt.ShouldBe(result.Counters.VirtualTime);
        record.Replay.ShouldBe("again");
    }

    [Fact]
    public void A_history_that_is_wrong_has_a_picture_and_no_moment()
    {
        var scenario = Simulate.Defined(cluster => cluster.StateMachine(() => new Journaled()).Clients(1, _ => new AddLine("x")).Faults(Faults.Calm)
            .Check(_ => Verdict.Failed("it cannot be", "<svg/>")));
        RunRecorder? recorder = null;
        var result = new ScenarioRun(scenario, RunPlanner.Plan(scenario, 1)) { Made = cluster => recorder = new RunRecorder(cluster, "test") }.Go();

        recorder!.Finish(result.History, result.Counters.VirtualTime, result.Verdict);

        (recorder.Record.Failure, recorder.Record.FailedAt, recorder.Record.Picture).ShouldBe(("history: it cannot be", null, "<svg/>"));
    }

    static int Leaderships(RunRecord record)
    {
        var leaders = new HashSet<(Lane, Term)>();
        foreach (var row in record.Samples)
        {
            if (row.Sample.Condition == NodeCondition.Leader) leaders.Add((row.Node, row.Sample.Term));
        }

        return leaders.Count;
    }

    /// <summary>Each replica answers with a number of its own.</summary>
    sealed class Forgetful : RaftStateMachine
    {
        static int _made;

        readonly int _number = Interlocked.Increment(ref _made);

        public Forgetful() => Command<AddLine, int>(_ => _number);
    }
}
