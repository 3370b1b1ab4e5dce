using System.Globalization;
using System.Text;
using AkkaRaft.TestKit.Cluster;
using AkkaRaft.TestKit.Planning;
using AkkaRaft.TestKit.Shrinking;

namespace AkkaRaft.TestKit.Scenarios;

/// <summary>What a person gets of a failed run: the fault, how to repeat it, a small script that fails alike, and what happened in it last. The rest is in files.</summary>
internal sealed class FailureReport
{
    const int TraceLines = 200;
    const int AllTraceLines = 4096;

    readonly Scenario _scenario;
    readonly RunResult _original;
    readonly string _test;
    readonly FailureFiles _files;
    readonly StringBuilder _text = new();

    FailureReport(Scenario scenario, RunResult original, string test, string folder)
    {
        _scenario = scenario;
        _original = original;
        _test = test;
        _files = new FailureFiles(folder, test, original.Plan.Seed);
    }

    /// <summary>Shrinks the run, unless <c>AKKARAFT_SHRINK=0</c>, writes the files, and returns what is to be thrown.</summary>
    public static SimulationFailedException Of(Scenario scenario, RunResult failed, string test) =>
        Of(scenario, failed, test, FailureFiles.DefaultFolder, IsShrinkingOn ? new ShrinkBudget() : null);

    /// <param name="scenario">What was run.</param>
    /// <param name="failed">How it failed.</param>
    /// <param name="test">The name of the test.</param>
    /// <param name="folder">Where the files go.</param>
    /// <param name="budget">How much work shrinking may be; null for none.</param>
    public static SimulationFailedException Of(Scenario scenario, RunResult failed, string test, string folder, ShrinkBudget? budget)
    {
        // Of nothing there is no less.
        var shrunk = budget is null || failed.Failure!.Problem == ScenarioRun.NothingHappened ? null : OnThread(() => Shrinker.Shrink(scenario, failed, budget));
        return new FailureReport(scenario, failed, test, folder).Make(shrunk);
    }

    static bool IsShrinkingOn => Environment.GetEnvironmentVariable("AKKARAFT_SHRINK") != "0";

    /// <summary>Runs on a thread like that of the run that failed.</summary>
    static T OnThread<T>(Func<T> work)
    {
        var result = default(T);
        Exception? broken = null;
        var thread = new Thread(() =>
        {
            try
            {
                result = work();
            }
            catch (Exception thrown)
            {
                broken = thrown;
            }
        }, SeedRunner.StackSize) { IsBackground = true, Name = "AkkaRaft shrinking" };
        thread.Start();
        thread.Join();
        return broken is null ? result! : throw new InvalidOperationException($"Shrinking a failed run has itself failed: {broken.Message}", broken);
    }

    SimulationFailedException Make(ShrinkResult? shrunk)
    {
        var seed = _original.Plan.Seed;
        var facts = _original.Failure!.Facts!;
        Line($"Seed {seed}: {Sentence(_original.Failure.Problem, facts)}");
        Line($"Repeat it: {facts.ReplayCommand}");
        Line();
        var told = _original;
        if (shrunk is { Plan: { } plan, Run: { } run })
        {
            told = run;
            WriteScript(plan, shrunk);
        }
        else if (shrunk is not null)
        {
            WriteNotRepeated(shrunk);
        }

        WriteDetails(told, isOriginal: ReferenceEquals(told, _original));
        WriteFiles(told);
        return new SimulationFailedException(seed, _original.Failure.Problem, _text.ToString()) { Facts = told.Failure!.Facts };
    }

    void WriteScript(RunPlan plan, ShrinkResult shrunk)
    {
        var from = _original.Plan;
        Line($"Made smaller, from {from.Actions.Count} actions to {plan.Actions.Count}: {from.Faults()} faults to {plan.Faults()}, {from.Operations()} operations to "
            + $"{plan.Operations()}, {from.Nodes} nodes to {plan.Nodes}, {from.Clients} clients to {plan.Clients}, {Seconds(from.Duration)} to {Seconds(plan.Duration)}. "
            + "This script fails with the same problem:");
        Line();
        foreach (var line in ScriptText.Test(_scenario, plan, _test).TrimEnd('\n').Split('\n')) Line(line.Length > 0 ? "    " + line : "");
        Line();
        var took = string.Create(CultureInfo.InvariantCulture, $"{shrunk.Budget.Runs} runs, {shrunk.Budget.Passed.TotalSeconds:0.0} s");
        Line(shrunk.Budget.Reached is { } reached
            ? $"It may not be the smallest: {reached}."
            : $"None of its faults and operations can be left out ({took}).");
        Line();
    }

    void WriteNotRepeated(ShrinkResult shrunk)
    {
        var instead = shrunk.Run switch
        {
            null => "there was no time to repeat it",
            { Failure: { } other } => $"when it was repeated with the same seed it failed otherwise: {Sentence(other.Problem, other.Facts!)}",
            _ => "when it was repeated with the same seed it did not fail",
        };
        Line($"The run could not be made smaller: {instead}."
            + (shrunk.Run is null ? "" : " Something in it depends on more than the seed: look for clocks, threads, static state and unseeded chance in the state "
                + "machine, the commands and the workload."));
        Line();
    }

    void WriteDetails(RunResult told, bool isOriginal)
    {
        var facts = told.Failure!.Facts!;
        Line(isOriginal ? "What was found:" : "What was found when the script was run:");
        Line($"{told.Failure.Problem} at {facts.At.TotalSeconds:0.000000} virtual seconds: {facts.What}");
        Line();
        Line(facts.Story(TraceLines));
        Line();
    }

    void WriteFiles(RunResult told)
    {
        _files.Write(".txt", OriginalReport());
        if (!ReferenceEquals(told, _original)) _files.Write(".cs", ScriptText.File(_scenario, told, _test));
        if ((told.Verdict?.Picture ?? _original.Verdict?.Picture) is { } picture) _files.Write(".svg", picture);
        Line("Files: the whole report of the original run, with its trace (.txt); the script (.cs); the picture of the history (.svg); those that there are:");
        foreach (var path in _files.Written) Line($"  {path}");
        if (_files.Problem is { } problem) Line($"  {problem}");
    }

    string OriginalReport()
    {
        var facts = _original.Failure!.Facts!;
        var report = new StringBuilder();
        report.AppendLine(CultureInfo.InvariantCulture, $"Seed {_original.Plan.Seed}: {_original.Failure.Problem} at {facts.At.TotalSeconds:0.000000} virtual seconds: {facts.What}");
        report.AppendLine(CultureInfo.InvariantCulture, $"Repeat it: {facts.ReplayCommand}").AppendLine();
        report.AppendLine(CultureInfo.InvariantCulture, $"What really happened: {_original.Counters}").AppendLine();
        report.AppendLine("The whole plan as a script; an operation of a client that was far behind was left out, and the script does not do that:").AppendLine();
        report.AppendLine(ScriptText.Test(_scenario, _original.Plan, _test));
        report.AppendLine("What the clients saw (virtual seconds):");
        foreach (var operation in _original.History.Operations) report.AppendLine(OperationLine(operation));
        report.AppendLine().AppendLine(facts.Story(AllTraceLines));
        return report.ToString();
    }

    static string OperationLine(Operation operation) => string.Create(CultureInfo.InvariantCulture,
        $"  {operation.Number,5} client {operation.Client}: {operation.Invoked.TotalSeconds:0.000000} to {operation.Returned?.TotalSeconds,10:0.000000} "
        + $"{operation.Input} -> {operation.Outcome} {operation.Output ?? operation.Error}");

    static string Sentence(string problem, FailureFacts facts) =>
        string.Create(CultureInfo.InvariantCulture, $"{problem} at {facts.At.TotalSeconds:0.000000} virtual seconds: {facts.What.Split('\n')[0].Trim().TrimEnd(':')}");

    static string Seconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.######} s");

    void Line(FormattableString line) => _text.AppendLine(line.ToString(CultureInfo.InvariantCulture));

    void Line(string line = "") => _text.AppendLine(line);
}
