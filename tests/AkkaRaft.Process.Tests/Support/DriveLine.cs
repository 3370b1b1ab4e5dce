using System.Text.Json;
using System.Text.Json.Nodes;

namespace AkkaRaft.Process.Tests.Support;

internal enum OperationKind
{
    Get,
    Put,
    Cas,
    Delete,
    Add,
}

/// <summary>A line for <c>hashmap drive</c>. Values are JSON texts; null is left out, for cas it is "absent". A get may name its node, and be by lease.</summary>
internal sealed record DriveRequest(OperationKind Kind, string Key, string? Value = null, string? Expected = null, string? Node = null, bool ByLease = false)
{
    public string ToJson(long id)
    {
        var line = new JsonObject { ["id"] = id, ["op"] = Kind.ToString().ToLowerInvariant(), ["key"] = Key };
        if (Kind == OperationKind.Cas) line["expected"] = Expected is null ? null : JsonNode.Parse(Expected);
        if (Value is not null) line["value"] = JsonNode.Parse(Value);
        if (Node is not null) line["node"] = Node;
        if (ByLease) line["consistency"] = "lease";
        return line.ToJsonString();
    }
}

/// <summary>A line of its output.</summary>
internal sealed record DriveAnswer(
    long? Id, string Outcome, string? Value, long? Index, string? Leader, string? Error, long Start, long End)
{
    public bool IsOk => Outcome == "ok";

    public static DriveAnswer Parse(string line)
    {
        using var json = JsonDocument.Parse(line);
        var root = json.RootElement;
        return new DriveAnswer(
            Number("id"),
            root.GetProperty("outcome").GetString()!,
            root.GetProperty("value") is { ValueKind: not JsonValueKind.Null } value ? value.GetRawText() : null,
            Number("index"),
            root.GetProperty("leader").GetString(),
            root.GetProperty("error").GetString(),
            root.GetProperty("start_ns").GetInt64(),
            root.GetProperty("end_ns").GetInt64());

        long? Number(string name) => root.GetProperty(name) is { ValueKind: JsonValueKind.Number } number ? number.GetInt64() : null;
    }
}

/// <summary>A line and what came of it.</summary>
internal sealed record DriveOperation(long Id, int Client, DriveRequest Request, DriveAnswer Answer)
{
    public override string ToString() => $"{Request.ToJson(Id)} -> {Answer}";
}
