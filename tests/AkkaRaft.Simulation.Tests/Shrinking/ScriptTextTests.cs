using AkkaRaft.TestKit;
using AkkaRaft.TestKit.Planning;
using AkkaRaft.TestKit.Scenarios;
using AkkaRaft.TestKit.Shrinking;
using Shouldly;
using Xunit;

namespace AkkaRaft.Simulation.Tests.Shrinking;

/// <summary>A printed script compiles, and does what the run did that it is printed from.</summary>
public sealed class ScriptTextTests
{
    public static TheoryData<string> Bugs => [.. PlantedBug.All.Select(bug => bug.Name)];

    [Theory, MemberData(nameof(Bugs))]
    public void The_script_of_a_shrunk_run_fails_with_the_same_problem_at_the_same_time(string name)
    {
        var bug = PlantedBug.All.Single(bug => bug.Name == name);
        var shrunk = Shrinker.Shrink(bug.Scenario, bug.Fail(), new ShrinkBudget());

        var failure = ScriptCompiler.Run(ScriptText.File(bug.Scenario, shrunk.Run!, name));

        var expected = shrunk.Run!.Failure!.Facts!;
        failure.ShouldNotBeNull().Problem.ShouldBe(bug.Problem);
        failure.Facts!.At.ShouldBe(expected.At);
        failure.Facts.LastTrace(50).ShouldBe(expected.LastTrace(50));
    }

    /// <summary>Whole plans with faults of all kinds: their scripts do the same, step by step, to the end.</summary>
    [Theory, InlineData(1), InlineData(2), InlineData(3), InlineData(4), InlineData(5), InlineData(6)]
    public void The_script_of_any_run_does_the_same_step_by_step(ulong seed)
    {
        var scenario = Simulate.Defined(cluster => cluster
            .For(6.Seconds())
            .StateMachine(() => new Journaled())
            .Fingerprint(machine => ((Journaled)machine).State)
            .Clients(3, random => random.Chance(0.3) ? new ReadLines() : new AddLine($"\"{random.Between(1, 9)}\"\n"), operationsPerSecond: 20));
        var run = new ScenarioRun(scenario, RunPlanner.Plan(scenario, seed)).Go();
        run.Failure.ShouldBeNull();

        var script = ScriptCompiler.TraceHash(scenario, run.Plan with { Actions = run.Performed, IsScript = true });

        script.ShouldBe(run.TraceHash);
    }

    [Fact]
    public void A_script_reads_like_one_that_a_person_wrote()
    {
        var scenario = Simulate.Defined(cluster => cluster
            .StateMachine(() => new Journaled())
            .Settings(settings => settings.WithMaxPendingReads(9))
            .Clients(1, random => new ReadLines())
            .Check(history => Verdict.Passed));
        var lossy = NetworkFaults.None with { Loss = 0.1, Ordered = false };
        var plan = new RunPlan
        {
            Seed = 12,
            Nodes = 3,
            Clients = 2,
            Actions =
            [
                PlannedAction.Network(TimeSpan.Zero, lossy),
                PlannedAction.Of(1500.Milliseconds(), new PlannedOperation(new AddLine("say \"a\""), 2, 200.Milliseconds())),
                new PlannedAction(1500.Milliseconds(), "cluster.Crash(2);", cluster => cluster.Crash(2)) { Nodes = [2] },
            ],
            Settings = [new PlannedSetting("WithApplyMaxEntries(3)", settings => settings.WithApplyMaxEntries(3))],
            LastOperations = [new PlannedOperation(new ReadLines(), 1, PlannedOperation.UsualTimeout)],
            Duration = TimeSpan.FromMicroseconds(2000010),
            HealWithin = 60.Seconds(),
        };

        ScriptText.Test(scenario, plan, "Lines survive").ReplaceLineEndings("\n").ShouldBe("""
            [Fact]
            public void Lines_survive_seed_12()
            {
                Func<RaftSettings, RaftSettings> settingsOfTest = settings => settings.WithMaxPendingReads(9);
                using var cluster = new SimulatedCluster(seed: 12, new ClusterOptions
                {
                    Nodes = 3,
                    Clients = 2,
                    StateMachine = () => new Journaled(),
                    Settings = settings => settingsOfTest(settings.WithApplyMaxEntries(3)),
                    RestartStoppedNodes = true,
                });
                cluster.Start();
                cluster.NetworkFaults = NetworkFaults.None with { Loss = 0.1, Ordered = false };
                cluster.RunFor(1500.Milliseconds());
                cluster.Send(new AddLine("say \"a\""), client: 2, timeout: 200.Milliseconds());
                cluster.Crash(2);
                cluster.RunFor(500010.Microseconds());

                // All faults end: now the cluster must elect, serve and converge.
                cluster.EndFaults();
                var healed = cluster.Now + 60.Seconds();
                cluster.RunUntil(Conditions.LeaderElected, healed - cluster.Now);
                cluster.SendUntilDone(new ReadLines(), client: 1, patience: healed - cluster.Now);
                cluster.RunUntil(Conditions.OperationsEnded, healed - cluster.Now);
                cluster.RunUntil(Conditions.Converged, healed - cluster.Now);
                cluster.Check(history => Verdict.Passed);
            }

            """.ReplaceLineEndings("\n"));
    }

    [Theory]
    [InlineData(5L, "5L"), InlineData(5, "5"), InlineData(2.0, "2.0"), InlineData(0.1f, "0.1f"), InlineData('\'', "'\\''"), InlineData("a\n\"\\", "\"a\\u000a\\\"\\\\\"")]
    [InlineData(OperationOutcome.Done, "OperationOutcome.Done"), InlineData(FaultKinds.Loss | FaultKinds.Delay, "FaultKinds.Delay | FaultKinds.Loss"), InlineData(null, "null")]
    public void Values_are_printed_as_the_code_that_makes_them(object? value, string code) => CodeText.Of(value).ShouldBe(code);

    [Fact]
    public void Records_are_printed_as_the_code_that_makes_them()
    {
        CodeText.Of(new RegisterInput.Set(5L)).ShouldBe("new RegisterInput.Set(5L)");
        CodeText.Of(new Deposit(5, [1, 2], 0.5m)).ShouldBe("new ScriptTextTests.Deposit(5, [1, 2], 0.5m)");
    }

    public sealed record Deposit(long Amount, IReadOnlyList<int> Parts, decimal Rate);
}
