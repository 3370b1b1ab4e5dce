using System.CommandLine;
using System.Text.Json;
using AkkaRaft.Samples.Common;

namespace AkkaRaft.Samples.Hashmap;

/// <summary>The commands that run one operation: its value goes to stdout as JSON, everything else to stderr.</summary>
public static class ClientCommands
{
    /// <summary>All of them.</summary>
    public static IEnumerable<Command> Create()
    {
        var key = new Argument<string>("key") { Description = $"The key, at most {MapState.MaxKeyBytes} bytes." };
        var value = Json("json", "A JSON value, not null; strings with their quotes: '\"text\"'.");
        var expected = Json("expected", "The JSON value that the key must have now; null if it must be absent.");
        var next = Json("new", "The JSON value that it gets then, not null.");
        var amount = Json("number", "A JSON number, also negative or with a fraction.");

        yield return Operation("get", "Prints the value of a key. Exit code 1 if there is none.", result => new Get(result.GetRequiredValue(key)), key);
        yield return Operation("put", "Stores a value.", result => new Put(result.GetRequiredValue(key), result.GetRequiredValue(value)), key, value);
        yield return Operation(
            "cas", "Stores a value if the key has the expected one: prints true, or false with exit code 1.",
            result => new Cas(result.GetRequiredValue(key), result.GetRequiredValue(expected), result.GetRequiredValue(next)), key, expected, next);
        yield return Operation("delete", "Removes a key. Exit code 1 if there is none.", result => new Delete(result.GetRequiredValue(key)), key);
        yield return Operation(
            "add", "Adds to the number of a key, 0 if there is none, and prints the sum. Exit code 1 if the key has no number.",
            result => new Add(result.GetRequiredValue(key), result.GetRequiredValue(amount)), key, amount);
        yield return Keys();
    }

    static Argument<string> Json(string name, string description) => new(name)
    {
        Description = description,
        CustomParser = Parsed.As(text => JsonValue.TryParse(text, out var value, out var error)
            ? value
            : throw new FormatException($"{error} A string needs its quotes, as in '\"text\"'.")),
    };

    static Command Operation(string name, string description, Func<ParseResult, object> read, params IEnumerable<Argument> arguments)
    {
        var options = new ClientOptionSet(HashmapApp.App);
        var command = new Command(name, description);
        foreach (var argument in arguments) command.Add(argument);
        options.AddTo(command);
        command.SetAction(async (result, _) =>
        {
            var operation = read(result);
            if (MapState.RefusalOf(operation) is { } refusal) return Usage(refusal);

            var said = options.Read(result);
            return await Run(new MapClient(ClientSession.Open(HashmapApp.App, said)), operation, said.Timeout, Console.Out);
        });
        return command;
    }

    /// <summary>Runs one operation and prints what came of it.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> Run(IMapClient client, object operation, TimeSpan timeout, TextWriter output)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(output);
        var outcome = await client.Run(operation, timeout);
        if (outcome.Result is not { } result) return NotDone(outcome, isQuery: operation is Get);

        if (result.Error is not null) StderrLogger.Say(result.Error);
        // An absent key has no value to print, not even null.
        if (result.Yes || operation is not Get) await output.WriteLineAsync(result.Value ?? JsonValue.Null);
        return result.Yes ? ExitCodes.Done : ExitCodes.DataSaysNo;
    }

    static Command Keys()
    {
        var options = new ClientOptionSet(HashmapApp.App);
        var command = new Command("keys", "Prints all keys in order, as a JSON array. With very many it is read in parts, between which the map may change.");
        options.AddTo(command);
        command.SetAction(async (result, _) =>
        {
            var said = options.Read(result);
            var client = new MapClient(ClientSession.Open(HashmapApp.App, said));
            var keys = new List<string>();
            string? after = null;
            do
            {
                var outcome = await client.Keys(after, said.Timeout);
                if (outcome.Result is not { } page) return NotDone(outcome, isQuery: true);
                using var part = JsonDocument.Parse(page.Keys);
                keys.AddRange(part.RootElement.EnumerateArray().Select(key => key.GetRawText()));
                after = page.Last;
            }
            while (after is not null);

            await Console.Out.WriteLineAsync($"[{string.Join(',', keys)}]");
            return ExitCodes.Done;
        });
        return command;
    }

    // A query that got no answer has changed nothing, whatever became of it.
    static int NotDone<T>(Outcome<T> outcome, bool isQuery)
        where T : class
    {
        StderrLogger.Say(outcome.Error ?? "No result.");
        return isQuery || outcome.Kind == OutcomeKind.Failed ? ExitCodes.NotApplied : ExitCodes.Unknown;
    }

    static int Usage(string refusal)
    {
        StderrLogger.Say(refusal);
        return ExitCodes.Usage;
    }
}
