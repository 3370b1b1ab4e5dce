using System.CommandLine;
using System.Text.Json;
using AkkaRaft.Samples.Common;

namespace AkkaRaft.Samples.Hashmap;

/// <summary>The commands that run one operation.</summary>
public static class ClientCommands
{
    /// <summary>All of them.</summary>
    public static IEnumerable<Command> Create()
    {
        var app = HashmapApp.App;
        var key = new Argument<string>("key") { Description = $"The key, at most {MapState.MaxKeyBytes} bytes." };
        var value = OperationCommand.Json("json", "A JSON value, not null; a string with its quotes: '\"text\"'.");
        var expected = OperationCommand.Json("expected", "The JSON value that the key must have now; null if it must be absent.");
        var next = OperationCommand.Json("new", "The JSON value that it gets then, not null.");
        var amount = OperationCommand.Json(
            "number", $"A JSON number, also negative or with a fraction, of at most {JsonNumber.MaxDigits} digits when it is written out.");

        yield return OperationCommand.Create(
            app, "get", "Prints the value of a key. Exit code 1 if there is none.", result => new Get(result.GetRequiredValue(key)), NoSuchKey, new ReadOptionSet(), key);
        yield return OperationCommand.Create(
            app, "put", "Stores a value.", result => new Put(result.GetRequiredValue(key), result.GetRequiredValue(value)), null, key, value);
        yield return OperationCommand.Create(
            app, "cas", "Stores a value if the key has the expected one: prints true, or false with exit code 1.",
            result => new Cas(result.GetRequiredValue(key), result.GetRequiredValue(expected), result.GetRequiredValue(next)), null, key, expected, next);
        yield return OperationCommand.Create(
            app, "delete", "Removes a key. Exit code 1 if there is none.", result => new Delete(result.GetRequiredValue(key)), NoSuchKey, key);
        yield return OperationCommand.Create(
            app, "add", "Adds to the number of a key, 0 if there is none, and prints the sum. Exit code 1 if the key has no number.",
            result => new Add(result.GetRequiredValue(key), result.GetRequiredValue(amount)), null, key, amount);
        yield return Keys();

        string NoSuchKey(ParseResult result) => $"no such key: {JsonValue.OfText(result.GetRequiredValue(key))}";
    }

    static Command Keys()
    {
        var options = new ClientOptionSet(HashmapApp.App);
        var command = new Command(
            "keys", "Prints all keys in order, as a JSON array. When there are very many it reads them in parts, between which the map may change.");
        options.AddTo(command);
        command.SetAction(async (result, _) =>
        {
            if (StandardOutput.Obstacle() is { } obstacle)
            {
                StderrLogger.Say(obstacle);
                return ExitCodes.Failure;
            }

            var said = options.Read(result);
            var session = ClientSession.Open(HashmapApp.App, said);
            var keys = new List<string>();
            string? after = null;
            do
            {
                var outcome = await session.Query<KeyPage>(new ListKeys(after), said.Timeout);
                if (outcome.Result is not { } page) return OperationCommand.NotDone(outcome, isQuery: true);
                using var part = JsonDocument.Parse(page.Keys);
                keys.AddRange(part.RootElement.EnumerateArray().Select(key => key.GetRawText()));
                after = page.Last;
            }
            while (after is not null);

            return StandardOutput.WriteLine($"[{string.Join(',', keys)}]", ExitCodes.Done);
        });
        return command;
    }
}
