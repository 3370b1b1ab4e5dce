using System.Text.Json;
using AkkaRaft.Samples.Common;

namespace AkkaRaft.Samples.Hashmap.Driving;

/// <summary>A line of drive's input, understood or not.</summary>
/// <param name="Id">Its id, as the JSON text that it came with; null if there is none.</param>
/// <param name="Operation">What to run; null if the line cannot be understood.</param>
/// <param name="Error">Why it cannot; null if it can.</param>
public sealed record DriveLine(string Id, object? Operation, string? Error)
{
    /// <summary>Of a get: how it is asked; null for linearizable at the leader, and for all other operations.</summary>
    public ReadOptions? Read { get; init; }

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
                var operation = OperationOf(root);
                return new DriveLine(id, operation, null) { Read = operation is Get ? ReadOf(root) : null };
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
        return MapState.RefusalOf(operation) is { } refusal ? throw new FormatException(refusal) : operation;
    }

    // Only what a checker of linearizability can judge: what a node answers from its own state may be old.
    static ReadOptions? ReadOf(JsonElement root)
    {
        var consistency = OptionalText(root, "consistency") switch
        {
            null or "linearizable" => ReadConsistency.Linearizable,
            "lease" => ReadConsistency.Lease,
            var other => throw new FormatException($"There is no consistency \"{other}\". There are linearizable and lease."),
        };
        var node = OptionalText(root, "node") is { } id ? ReadFrom.Node(NodeId.Parse(id)) : null;
        return node is null && consistency == ReadConsistency.Linearizable ? null : new ReadOptions { Consistency = consistency, From = node };
    }

    static string? OptionalText(JsonElement root, string name) =>
        root.TryGetProperty(name, out var given) && given.ValueKind != JsonValueKind.Null ? Text(root, name) : null;

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
