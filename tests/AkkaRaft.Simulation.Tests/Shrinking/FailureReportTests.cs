using AkkaRaft.TestKit;
using AkkaRaft.TestKit.Scenarios;
using AkkaRaft.TestKit.Shrinking;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace AkkaRaft.Simulation.Tests.Shrinking;

/// <summary>What a person gets of a failed run.</summary>
public sealed class FailureReportTests(ITestOutputHelper output) : IDisposable
{
    readonly string _folder = Path.Combine(Path.GetTempPath(), $"akkaraft-report-{Guid.NewGuid():N}");

    [Fact]
    public void A_report_says_what_failed_how_to_repeat_it_and_gives_a_small_script()
    {
        var (failed, failure) = Report("stale reads", new ShrinkBudget());
        output.WriteLine(failure.Message);

        failure.Seed.ShouldBe(failed.Plan.Seed);
        failure.Problem.ShouldBe("history");
        var lines = failure.Message.Split('\n').Select(line => line.TrimEnd('\r')).ToList();
        lines[0].ShouldStartWith($"Seed {failed.Plan.Seed}: history at ");
        lines[1].ShouldBe($"Repeat it: repeat {failed.Plan.Seed}");
        failure.Message.ShouldContain($"Made smaller, from {failed.Plan.Actions.Count} actions to ");
        lines.ShouldContain($"    public void Account_survives_seed_{failed.Plan.Seed}()");
        lines.ShouldContain("        cluster.Check(history => Linearizability.Of(history, Forgetful.Model));");
        failure.Message.ShouldContain("None of its faults and operations can be left out");
        failure.Message.ShouldContain("What happened last");
        lines.Count.ShouldBeLessThan(350);
    }

    [Fact]
    public void The_whole_run_the_script_and_the_picture_are_in_files_that_the_report_names()
    {
        var (failed, failure) = Report("stale reads", new ShrinkBudget());

        var name = $"Account_survives-{failed.Plan.Seed}";
        string[] files = [.. new[] { ".txt", ".cs", ".svg" }.Select(extension => Path.Combine(_folder, name + extension))];
        Directory.GetFiles(_folder).ShouldBe(files, ignoreOrder: true);
        foreach (var file in files) failure.Message.ShouldContain(file);
        var whole = File.ReadAllText(files[0]);
        whole.ShouldContain($"What really happened: {failed.Counters}");
        whole.ShouldContain(failed.Failure!.Facts!.LastTrace(300)[0]);
        File.ReadAllText(files[2]).ShouldStartWith("<svg");
        ScriptCompiler.Run(File.ReadAllText(files[1])).ShouldNotBeNull().Problem.ShouldBe("history");
    }

    [Fact]
    public void Without_shrinking_the_report_tells_the_original_run()
    {
        var (failed, failure) = Report("throwing machine", budget: null);

        failure.Message.ShouldNotContain("Made smaller");
        failure.Message.ShouldContain(failed.Failure!.Facts!.LastTrace(1)[0]);
        Directory.GetFiles(_folder).ShouldBe([Path.Combine(_folder, $"Account_survives-{failed.Plan.Seed}.txt")]);
    }

    [Fact]
    public void A_budget_that_was_too_small_is_confessed()
    {
        var (_, failure) = Report("stale reads", new ShrinkBudget(maxRuns: 3));

        failure.Message.ShouldContain("It may not be the smallest: the limit of 3 runs was reached.");
    }

    [Fact]
    public void A_run_that_does_not_repeat_is_told_so()
    {
        var made = 0;
        var bug = new PlantedBug("only once", "node stopped", cluster => cluster
            .StateMachine(() => made++ < 3 ? new Throwing() : new Journaled()));

        var failure = FailureReport.Of(bug.Scenario, bug.Fail(), "Account_survives", _folder, new ShrinkBudget());

        failure.Message.ShouldContain("when it was repeated with the same seed it did not fail. Something in it depends on more than the seed");
    }

    [Fact]
    public void A_folder_that_cannot_be_written_does_not_hide_the_failure()
    {
        File.WriteAllText(_folder, "a file is in the way");
        var bug = PlantedBug.All[1];

        var failure = FailureReport.Of(bug.Scenario, bug.Fail(), "Account_survives", _folder, budget: null);

        failure.Problem.ShouldBe("node stopped");
        failure.Message.ShouldContain("could not be written");
    }

    [Fact]
    public void A_test_that_passes_writes_nothing_and_one_that_fails_throws_the_report()
    {
        var name = $"test-{Guid.NewGuid():N}";
        Simulate.Seeds(1, cluster => cluster.For(1.Seconds()).Faults(Faults.Calm).StateMachine(() => new Journaled()).Clients(1, _ => new AddLine("a")), name);
        Files().ShouldBeEmpty();

        var failure = Should.Throw<SimulationFailedException>(() => Simulate.Seeds(1, cluster => cluster
            .For(1.Seconds()).Faults(Faults.Calm).StateMachine(() => new Throwing()).Clients(1, _ => new AddLine("a")), name));

        failure.Message.ShouldContain("Made smaller");
        failure.Message.ShouldContain($"AKKARAFT_SEED=1 dotnet test --filter \"FullyQualifiedName~{name}\"");
        Files().Length.ShouldBe(2);
        foreach (var file in Files()) File.Delete(file);

        string[] Files() => Directory.Exists(FailureFiles.DefaultFolder) ? Directory.GetFiles(FailureFiles.DefaultFolder, $"{name}*") : [];
    }

    [Fact]
    public void AKKARAFT_SHRINK_0_switches_shrinking_off()
    {
        var name = $"test-{Guid.NewGuid():N}";
        Environment.SetEnvironmentVariable("AKKARAFT_SHRINK", "0");
        try
        {
            var failure = Should.Throw<SimulationFailedException>(() => Simulate.Seed(1, cluster => cluster
                .For(1.Seconds()).Faults(Faults.Calm).StateMachine(() => new Throwing()).Clients(1, _ => new AddLine("a")), name));

            failure.Message.ShouldNotContain("Made smaller");
        }
        finally
        {
            Environment.SetEnvironmentVariable("AKKARAFT_SHRINK", null);
            foreach (var file in Directory.GetFiles(FailureFiles.DefaultFolder, $"{name}*")) File.Delete(file);
        }
    }

    public void Dispose()
    {
        if (Directory.Exists(_folder)) Directory.Delete(_folder, recursive: true);
        else File.Delete(_folder);
    }

    (RunResult Failed, SimulationFailedException Failure) Report(string name, ShrinkBudget? budget)
    {
        var bug = PlantedBug.All.Single(bug => bug.Name == name);
        var failed = bug.Fail();
        return (failed, FailureReport.Of(bug.Scenario, failed, "Account_survives", _folder, budget));
    }
}
