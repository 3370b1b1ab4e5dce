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
    /// <param name="arguments">Its arguments.</param>
    public static Command Create(SampleApp app, string name, string description, Func<ParseResult, object> read, params IEnumerable<Argument> arguments)
    {
        ArgumentNullException.ThrowIfNull(app);
        ArgumentNullException.ThrowIfNull(arguments);
        var options = new ClientOptionSet(app);
        var command = new Command(name, description);
        foreach (var argument in arguments) command.Add(argument);
        options.AddTo(command);
        command.SetAction(async (result, _) =>
        {
            var operation = read(result);
            if (app.RefusalOf(operation) is { } refusal)
            {
                StderrLogger.Say(refusal);
                return ExitCodes.Usage;
            }

            var said = options.Read(result);
            var outcome = await new SampleClient(app, ClientSession.Open(app, said)).Run(operation, said.Timeout);
            return Print(outcome, app.IsQuery(operation), Console.Out);
        });
        return command;
    }

    /// <summary>Prints what came of an operation.</summary>
    /// <param name="outcome">How it ended.</param>
    /// <param name="isQuery">Whether it only read.</param>
    /// <param name="output">For its value.</param>
    /// <returns>The exit code.</returns>
    public static int Print(Outcome<Answer> outcome, bool isQuery, TextWriter output)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        ArgumentNullException.ThrowIfNull(output);
        if (outcome.Result is not { } answer) return NotDone(outcome, isQuery);

        if (answer.Error is not null) StderrLogger.Say(answer.Error);
        // What is absent has no value to print, not even null.
        if (answer.Yes || !isQuery) output.WriteLine(answer.Value ?? JsonValue.Null);
        return answer.Yes ? ExitCodes.Done : ExitCodes.DataSaysNo;
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
