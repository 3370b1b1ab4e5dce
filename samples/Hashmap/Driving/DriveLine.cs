using System.Text.Json;
using AkkaRaft.Samples.Common;

namespace AkkaRaft.Samples.Hashmap.Driving;

/// <summary>A line of drive's input, understood or not.</summary>
/// <param name="Id">Its id, as the JSON text that it came with; null if there is none.</param>
/// <param name="Operation">What to run; null if the line cannot be understood.</param>
/// <param name="Error">Why it cannot; null if it can.</param>
public sealed record DriveLine(string Id, object? Operation, string? Error)
{
    const string OnlyConsistency = "linearizable";

    /// <summary>Reads a line.</summary>
    public static DriveLine Parse(ReadOnlyMemory<byte> line)
    {
        try
        {
            using var document = JsonValue.ParseLine(line);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object) return Unreadable($"The line is a JSON {root.ValueKind.ToString().ToLowerInvariant()}, not an object.");

            var id = IdOf(root);
            try
            {
                return new DriveLine(id, OperationOf(root), null);
            }
            catch (FormatException problem)
            {
                return new DriveLine(id, null, problem.Message);
            }
        }
        catch (Exception problem) when (problem is JsonException or InvalidOperationException)
        {
            return Unreadable($"The line is no JSON object: {JsonValue.Reason(line.Span, problem)}");
        }
    }

    /// <summary>A line that says nothing, not even its id.</summary>
    public static DriveLine Unreadable(string error) => new(JsonValue.Null, null, error);

    // As given: 7 stays 7, and 7.0 stays 7.0. In an object there could be a line break.
    static string IdOf(JsonElement root)
    {
        if (!root.TryGetProperty("id", out var id)) return JsonValue.Null;
        if (id.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array)) return id.GetRawText();
        return JsonValue.TryWrite(id, out var text, out _) ? text : JsonValue.Null;
    }

    static object OperationOf(JsonElement root)
    {
        var op = Text(root, "op");
        object operation = op switch
        {
            "get" => new Get(Text(root, "key")),
            "put" => new Put(Text(root, "key"), Value(root, "value")),
            "cas" => new Cas(Text(root, "key"), Value(root, "expected"), Value(root, "value")),
            "delete" => new Delete(Text(root, "key")),
            "add" => new Add(Text(root, "key"), Value(root, "value")),
            _ => throw new FormatException($"There is no op \"{op}\". The ops are get, put, cas, delete and add."),
        };
        if (op == "get" && root.TryGetProperty("consistency", out var given) && given.ValueKind != JsonValueKind.Null
            && Text(root, "consistency") is var consistency and not OnlyConsistency)
            throw new FormatException($"There is no consistency \"{consistency}\". The only one is {OnlyConsistency}.");
        return MapState.RefusalOf(operation) is { } refusal ? throw new FormatException(refusal) : operation;
    }

    static string Text(JsonElement root, string name)
    {
        if (!root.TryGetProperty(name, out var value) || value.ValueKind != JsonValueKind.String)
            throw new FormatException($"\"{name}\" is missing or no string.");
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException problem)
        {
            throw new FormatException($"\"{name}\" is no text: {problem.Message}", problem);
        }
    }

    static string Value(JsonElement root, string name)
    {
        if (!root.TryGetProperty(name, out var given)) throw new FormatException($"\"{name}\" is missing.");
        return JsonValue.TryWrite(given, out var value, out var error) ? value : throw new FormatException($"\"{name}\": {error}");
    }
}
