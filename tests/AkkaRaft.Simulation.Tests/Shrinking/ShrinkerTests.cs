using AkkaRaft.TestKit;
using AkkaRaft.TestKit.Planning;
using AkkaRaft.TestKit.Scenarios;
using AkkaRaft.TestKit.Shrinking;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace AkkaRaft.Simulation.Tests.Shrinking;

/// <summary>What is left of a failing run is small, and fails with the same problem.</summary>
public sealed class ShrinkerTests(ITestOutputHelper output)
{
    [Fact, Trait("RaftBug", "B83")]
    public void A_bug_that_three_commands_show_is_shrunk_to_them()
    {
        var (_, plan) = Shrink("drifting machine");

        plan.Operations().ShouldBe(3);
        plan.Actions.ShouldAllBe(action => action.Operation!.Input is AddLine);
        plan.Faults().ShouldBe(0);
        (plan.Nodes, plan.Clients).ShouldBe((2, 1));
        plan.Settings.ShouldBeEmpty();
        plan.RestartStoppedNodes.ShouldBeFalse();
    }

    [Fact]
    public void A_bug_of_one_node_needs_no_other()
    {
        var (_, plan) = Shrink("throwing machine");

        plan.Operations().ShouldBe(2);
        plan.Faults().ShouldBe(0);
        (plan.Nodes, plan.Clients).ShouldBe((1, 1));
    }

    [Fact]
    public void A_wrong_history_is_shrunk_to_the_operations_that_show_it()
    {
        var (result, plan) = Shrink("stale reads");

        plan.Operations().ShouldBe(2);
        plan.Faults().ShouldBe(0);
        (plan.Nodes, plan.Clients).ShouldBe((1, 1));
        result.Run!.Verdict!.Failure.ShouldNotBeNull();
    }

    [Fact]
    public void Faults_that_the_bug_needs_are_kept()
    {
        var (_, plan) = Shrink("no answer");

        // Of dozens: a command in a session is tried again, so that it takes a little more to leave one without an answer.
        plan.Operations().ShouldBeInRange(1, 8);
        plan.Faults().ShouldBeInRange(1, 2);
    }

    /// <summary>A cluster that has just started has no leader after a millisecond.</summary>
    [Fact]
    public void A_cluster_that_does_not_heal_is_shrunk_without_taking_time_from_its_healing()
    {
        var (_, plan) = Shrink("no time to heal");

        plan.Actions.ShouldBeEmpty();
        plan.LastOperations.ShouldBeEmpty();
        plan.Duration.ShouldBe(TimeSpan.Zero);
        plan.HealWithin.ShouldBe(1.Milliseconds());
    }

    /// <summary>The check calls fewer than five operations a problem of another kind, so none of the smaller plans counts.</summary>
    [Fact]
    public void A_failure_with_another_problem_does_not_count()
    {
        var bug = new PlantedBug("five operations", "history", cluster => cluster
            .StateMachine(() => new Journaled())
            .Check(history => history.Operations.Count >= 5 ? Verdict.Failed("At least five.") : throw new InvalidOperationException("Another problem.")));

        Shrink(bug).Plan.Operations().ShouldBe(5);
    }

    [Fact]
    public void The_same_failure_is_shrunk_alike_each_time()
    {
        var bug = Bug("stale reads");
        var failed = bug.Fail();

        var (first, second) = (Shrinker.Shrink(bug.Scenario, failed, new ShrinkBudget()), Shrinker.Shrink(bug.Scenario, failed, new ShrinkBudget()));

        ScriptText.Body(bug.Scenario, first.Plan!).ShouldBe(ScriptText.Body(bug.Scenario, second.Plan!));
        first.Budget.Runs.ShouldBe(second.Budget.Runs);
    }

    [Fact]
    public void Shrinking_ends_with_the_last_run_of_its_budget_and_says_so()
    {
        var bug = Bug("stale reads");

        var shrunk = Shrinker.Shrink(bug.Scenario, bug.Fail(), new ShrinkBudget(maxRuns: 4));

        shrunk.Budget.Runs.ShouldBe(4);
        shrunk.Budget.Reached.ShouldBe("the limit of 4 runs was reached");
        new ScenarioRun(bug.Scenario, shrunk.Plan!).Go().Failure!.Problem.ShouldBe("history");
    }

    [Fact]
    public void Shrinking_ends_when_its_time_is_over_and_says_so()
    {
        var bug = Bug("stale reads");
        var clock = new SteppingClock(TimeSpan.FromSeconds(1));

        var shrunk = Shrinker.Shrink(bug.Scenario, bug.Fail(), new ShrinkBudget(maxTime: TimeSpan.FromSeconds(6), clock: clock));

        shrunk.Budget.Runs.ShouldBe(5);
        shrunk.Budget.Reached.ShouldBe("the limit of 6 seconds was reached, after 5 runs");
    }

    [Fact]
    public void A_run_that_does_not_repeat_is_not_shrunk()
    {
        var made = 0;
        var bug = new PlantedBug("only once", "node stopped", cluster => cluster
            .StateMachine(() => made++ < 3 ? new Throwing() : new Journaled()));

        var shrunk = Shrinker.Shrink(bug.Scenario, bug.Fail(), new ShrinkBudget());

        shrunk.Plan.ShouldBeNull();
        shrunk.Run!.Failure.ShouldBeNull();
        shrunk.Budget.Runs.ShouldBe(1);
    }

    [Theory]
    [InlineData(new int[0]), InlineData(new[] { 7 }), InlineData(new[] { 0, 99 }), InlineData(new[] { 3, 4, 50, 51 })]
    public void Delta_debugging_finds_exactly_what_is_needed(int[] needed)
    {
        IReadOnlyList<int> best = [.. Enumerable.Range(0, 100)];
        var tries = 0;

        DeltaDebugging.Reduce(best, some =>
        {
            tries++;
            if (!needed.All(some.Contains)) return false;
            best = some;
            return true;
        });

        best.ShouldBe(needed);
        tries.ShouldBeLessThan(100);
    }

    static PlantedBug Bug(string name) => PlantedBug.All.Single(bug => bug.Name == name);

    (ShrinkResult Result, RunPlan Plan) Shrink(string name) => Shrink(Bug(name));

    (ShrinkResult Result, RunPlan Plan) Shrink(PlantedBug bug)
    {
        var failed = bug.Fail();
        var result = Shrinker.Shrink(bug.Scenario, failed, new ShrinkBudget(maxTime: TimeSpan.FromMinutes(10)));
        output.WriteLine($"{failed.Plan.Actions.Count} actions; {result.Budget.Runs} runs, {result.Budget.Passed.TotalSeconds:0.0} s, {result.Budget.Reached}");
        output.WriteLine(ScriptText.Body(bug.Scenario, result.Plan!));
        result.Budget.Reached.ShouldBeNull();
        result.Run!.Failure!.Problem.ShouldBe(bug.Problem);
        return (result, result.Plan!);
    }

    /// <summary>Goes on by a step whenever it is asked.</summary>
    sealed class SteppingClock(TimeSpan step) : TimeProvider
    {
        long _ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _ticks += step.Ticks;
    }
}
