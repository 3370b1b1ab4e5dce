using System.CommandLine;

namespace AkkaRaft.Samples.Common;

/// <summary>Commands that run one operation: its value goes to stdout as JSON, everything else to stderr.</summary>
public static class OperationCommand
{
    /// <summary>An argument that is a JSON value.</summary>
    public static Argument<string> Json(string name, string description) => new(name)
    {
        Description = description,
        CustomParser = Parsed.As(text => JsonValue.TryParse(text, out var value, out var error)
            ? value
            : throw new FormatException($"{error} A string needs its quotes, as in '\"text\"'.")),
    };

    /// <summary>Makes a command for an operation.</summary>
    /// <param name="app">The program.</param>
    /// <param name="name">The command's name.</param>
    /// <param name="description">For its help.</param>
    /// <param name="read">The operation that the arguments say.</param>
    /// <param name="absent">What to say on stderr when the data says no without giving a value; null for nothing.</param>
    /// <param name="arguments">Its arguments.</param>
    public static Command Create(
        SampleApp app, string name, string description, Func<ParseResult, object> read, Func<ParseResult, string>? absent,
        params IEnumerable<Argument> arguments) => Create(app, name, description, read, absent, null, arguments);

    /// <summary>Makes a command for an operation that reads, with options that say how.</summary>
    /// <param name="app">The program.</param>
    /// <param name="name">The command's name.</param>
    /// <param name="description">For its help.</param>
    /// <param name="read">The operation that the arguments say.</param>
    /// <param name="absent">What to say on stderr when the data says no without giving a value; null for nothing.</param>
    /// <param name="reading">How the query is asked; null for a command that has no such options.</param>
    /// <param name="arguments">Its arguments.</param>
    public static Command Create(
        SampleApp app, string name, string description, Func<ParseResult, object> read, Func<ParseResult, string>? absent, ReadOptionSet? reading,
        params IEnumerable<Argument> arguments)
    {
        ArgumentNullException.ThrowIfNull(app);
        ArgumentNullException.ThrowIfNull(arguments);
        var options = new ClientOptionSet(app);
        var command = new Command(name, description);
        foreach (var argument in arguments) command.Add(argument);
        options.AddTo(command);
        reading?.AddTo(command);
        command.SetAction(async (result, _) =>
        {
            var operation = read(result);
            if (app.RefusalOf(operation) is { } refusal)
            {
                StderrLogger.Say(refusal);
                return ExitCodes.Usage;
            }

            if (StandardOutput.Obstacle() is { } obstacle)
            {
                StderrLogger.Say(obstacle);
                return ExitCodes.Failure;
            }

            var said = options.Read(result);
            var isQuery = app.IsQuery(operation);
            await using var session = ClientSession.Open(app, said);
            var run = new SampleClient(app, session, reading?.Read(result)).Run(operation, said.Timeout);
            if (!isQuery && await Interruption.Before(run)) return ExitCodes.Unknown;
            return Print(await run, isQuery, absent?.Invoke(result));
        });
        return command;
    }

    /// <summary>Prints what came of an operation: its value to stdout, everything else to stderr.</summary>
    /// <param name="outcome">How it ended.</param>
    /// <param name="isQuery">Whether it only read.</param>
    /// <param name="absent">What to say when the data says no without a value or a reason; null for nothing.</param>
    /// <returns>The exit code.</returns>
    public static int Print(Outcome<Answer> outcome, bool isQuery, string? absent = null)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        if (outcome.Result is not { } answer) return NotDone(outcome, isQuery);

        if (answer.Error is not null) StderrLogger.Say(answer.Error);
        else if (absent is not null && answer is { Yes: false, Value: null }) StderrLogger.Say(absent);
        var code = answer.Yes ? ExitCodes.Done : ExitCodes.DataSaysNo;
        return ValueToPrint(answer, isQuery) is { } value ? StandardOutput.WriteLine(value, code) : code;
    }

    /// <summary>What stdout gets; null for nothing: what is absent has no value to print, not even null.</summary>
    public static string? ValueToPrint(Answer answer, bool isQuery)
    {
        ArgumentNullException.ThrowIfNull(answer);
        return answer.Yes || !isQuery ? answer.Value ?? JsonValue.Null : null;
    }

    /// <summary>Says why an operation has no result.</summary>
    /// <returns>The exit code. A query has changed nothing, whatever became of it.</returns>
    public static int NotDone<T>(Outcome<T> outcome, bool isQuery)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(outcome);
        StderrLogger.Say(outcome.Error ?? "There is no result.");
        return isQuery || outcome.Kind == OutcomeKind.Failed ? ExitCodes.NotApplied : ExitCodes.Unknown;
    }
}
