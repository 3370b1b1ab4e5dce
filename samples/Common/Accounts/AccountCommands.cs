using System.CommandLine;

namespace AkkaRaft.Samples.Common.Accounts;

/// <summary>The commands that show how a cluster is: <c>status</c> and <c>explain</c>. They change nothing, and work without a leader.</summary>
public static class AccountCommands
{
    /// <summary>How long a node has to answer unless told: a frozen one is not worth more.</summary>
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(2);

    /// <summary>What the help says of <c>status</c>.</summary>
    public const string StatusDescription =
        "Shows how each node is: role, log, snapshot, disk, and how the leader's peers keep up. Exit code 1 if a node does not answer or has stopped, 3 if none answers.";

    /// <summary>What the help says of <c>explain</c>.</summary>
    public const string ExplainDescription =
        "Says why there is no leader, or why nothing is committed, with the evidence of all nodes. Exit code 0 if there is no such trouble, 1 if there is, 3 if no node answers.";

    /// <summary>Both commands, for a program.</summary>
    public static IEnumerable<Command> Create(SampleApp app)
    {
        yield return Create(app, "status", StatusDescription, Status);
        yield return Create(app, "explain", ExplainDescription, Explain);
    }

    /// <summary>The option for output that programs read.</summary>
    public static Option<bool> JsonOption() => new("--json") { Description = "As one line of JSON." };

    /// <summary>Shows how each node is.</summary>
    /// <returns>The exit code.</returns>
    public static Task<int> Status(SampleApp app, ClientOptions options, bool asJson) => Show(app, options, told => (
        asJson ? AccountJson.Status(told).ToJsonString() : AccountText.Status(told),
        told.Silent.Count == 0 && told.Explanations.All(answer => answer.WhyStopped is null) ? ExitCodes.Done : ExitCodes.DataSaysNo));

    /// <summary>Says why there is no leader, or why nothing is committed.</summary>
    /// <returns>The exit code.</returns>
    public static Task<int> Explain(SampleApp app, ClientOptions options, bool asJson) => Show(app, options, told => (
        asJson ? AccountJson.Diagnosis(told).ToJsonString() : AccountText.Diagnosis(told), told.IsWell ? ExitCodes.Done : ExitCodes.DataSaysNo));

    static async Task<int> Show(SampleApp app, ClientOptions options, Func<RaftDiagnosis, (string Text, int Code)> show)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (StandardOutput.Obstacle() is { } obstacle)
        {
            StderrLogger.Say(obstacle);
            return ExitCodes.Failure;
        }

        var told = await ClientSession.Open(app, options).Diagnose(options.Timeout);
        var (text, code) = show(told);
        return StandardOutput.WriteLine(text, told.Explanations.Count == 0 ? ExitCodes.NotApplied : code);
    }

    static Command Create(SampleApp app, string name, string description, Func<SampleApp, ClientOptions, bool, Task<int>> run)
    {
        var options = new ClientOptionSet(app, DefaultTimeout);
        var json = JsonOption();
        var command = new Command(name, description);
        options.AddTo(command);
        command.Add(json);
        command.SetAction((result, _) => run(app, options.Read(result), result.GetValue(json)));
        return command;
    }
}
