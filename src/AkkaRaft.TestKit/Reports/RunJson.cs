using System.Globalization;
using System.Text.Json;

namespace AkkaRaft.TestKit.Reports;

/// <summary>
/// A <see cref="RunRecord"/> as the JSON that the page reads (Page/record.js is the other side). It is written for size: one array per column, times as
/// differences in microseconds, names as indexes, each text once. All that is not plain ASCII and all that means something to HTML is escaped, so that it can
/// stand inside a script element.
/// </summary>
internal sealed class RunJson
{
    /// <summary>Of each kind only so many rows, the newest, are written: a browser must be able to hold the page.</summary>
    public const int MaxRows = 400_000;

    /// <summary>Longer texts are cut, with an ellipsis.</summary>
    public const int MaxText = 300;

    /// <summary>The whole failure is worth more room than a line of the trace.</summary>
    const int MaxFailure = 10_000;

    const long Never = -1;

    readonly RunRecord _record;
    readonly Utf8JsonWriter _json;
    readonly List<string> _texts = [];
    readonly Dictionary<string, int> _textNumbers = new(StringComparer.Ordinal);
    readonly List<string> _kinds = [];
    readonly Dictionary<string, int> _kindNumbers = new(StringComparer.Ordinal);
    long _omitted;

    RunJson(RunRecord record, Utf8JsonWriter json) => (_record, _json) = (record, json);

    public static void Write(RunRecord record, Stream stream)
    {
        using var json = new Utf8JsonWriter(stream);
        new RunJson(record, json).Write();
    }

    void Write()
    {
        _json.WriteStartObject();
        WriteHead();
        WriteNames<NodeCondition>("conditions");
        WriteNames<MessageFate>("fates");
        WriteNames<FaultKind>("faultKinds");
        WriteNames<WriteOutcome>("writeOutcomes");
        WriteNames<OperationOutcome>("operationOutcomes");
        WriteSamples();
        WriteMessages();
        WriteFaults();
        WriteWrites();
        WriteOperations();
        WriteNotes();
        WriteStrings("kinds", _kinds);     // after all that use them
        WriteStrings("texts", _texts);
        _json.WriteNumber("omitted", _omitted);
        _json.WriteEndObject();
    }

    void WriteHead()
    {
        _json.WriteString("seed", _record.Seed.ToString(CultureInfo.InvariantCulture));   // it does not fit into a number of JavaScript
        _json.WriteString("title", Clipped(_record.Title, MaxText));
        _json.WriteString("replay", Clipped(_record.Replay, MaxFailure));
        _json.WriteString("failure", Clipped(_record.Failure, MaxFailure));
        _json.WriteNumber("failedAt", Micros(_record.FailedAt));
        _json.WriteString("picture", _record.Picture);
        _json.WriteNumber("end", Micros(_record.End));
        WriteStrings("nodes", _record.Nodes.Select(node => node.Value));
        _json.WriteNumber("clients", _record.Clients);

        _json.WriteStartArray("phases");
        foreach (var phase in _record.Phases)
        {
            _json.WriteStartArray();
            _json.WriteNumberValue(Micros(phase.At));
            _json.WriteStringValue(Clipped(phase.Name, MaxText));
            _json.WriteEndArray();
        }

        _json.WriteEndArray();
    }

    void WriteSamples()
    {
        var rows = Newest(_record.Samples);
        _json.WriteStartObject("samples");
        WriteTimes("at", rows, row => row.At);
        WriteColumn("node", rows, row => row.Node.Value);
        WriteColumn("condition", rows, row => (long)row.Sample.Condition);
        WriteColumn("term", rows, row => row.Sample.Term.Value);
        WriteColumn("leader", rows, row => row.Sample.Leader?.Value ?? Never);
        WriteColumn("last", rows, row => row.Sample.Last.Index.Value);
        WriteColumn("lastTerm", rows, row => row.Sample.Last.Term.Value);
        WriteColumn("durable", rows, row => row.Sample.Durable.Value);
        WriteColumn("commit", rows, row => row.Sample.Commit.Value);
        WriteColumn("applied", rows, row => row.Sample.Applied.Value);
        _json.WriteEndObject();
    }

    void WriteMessages()
    {
        // A copy is recorded when it is made; the page searches by the time of sending.
        MessageRow[] rows = [.. Newest(_record.Messages).OrderBy(row => row.Sent)];
        _json.WriteStartObject("messages");
        WriteTimes("sent", rows, row => row.Sent);
        WriteColumn("took", rows, row => Lasted(row.Sent, row.End));
        WriteColumn("from", rows, row => row.From.Value);
        WriteColumn("to", rows, row => row.To.Value);
        WriteColumn("fate", rows, row => (long)row.Fate);
        WriteColumn("copy", rows, row => row.IsCopy ? 1 : 0);
        WriteColumn("kind", rows, row => NumberOf(row.Kind, _kinds, _kindNumbers));
        WriteColumn("text", rows, row => Text(row.Text));
        _json.WriteEndObject();
    }

    void WriteFaults()
    {
        var rows = Newest(_record.Faults);
        _json.WriteStartObject("faults");
        WriteTimes("at", rows, row => row.Begin);
        WriteColumn("took", rows, row => Lasted(row.Begin, row.End));
        WriteColumn("kind", rows, row => (long)row.Kind);
        WriteColumn("node", rows, row => row.Node?.Value ?? Never);
        WriteColumn("text", rows, row => Text(row.Text));
        _json.WriteStartArray("cut");   // per fault: from, to, from, to ...
        foreach (var row in rows)
        {
            _json.WriteStartArray();
            foreach (var link in row.Cut)
            {
                _json.WriteNumberValue(link.From.Value);
                _json.WriteNumberValue(link.To.Value);
            }

            _json.WriteEndArray();
        }

        _json.WriteEndArray();
        _json.WriteEndObject();
    }

    void WriteWrites()
    {
        var rows = Newest(_record.Writes);
        _json.WriteStartObject("writes");
        WriteTimes("at", rows, row => row.Begin);
        WriteColumn("took", rows, row => Lasted(row.Begin, row.End));
        WriteColumn("node", rows, row => row.Node.Value);
        WriteColumn("outcome", rows, row => (long)row.Outcome);
        WriteColumn("text", rows, row => Text(row.Text));
        _json.WriteEndObject();
    }

    void WriteOperations()
    {
        // They are recorded when they end; the page searches by the time of invocation.
        Operation[] rows = [.. Newest(_record.Operations).OrderBy(row => row.Invoked)];
        _json.WriteStartObject("operations");
        WriteTimes("at", rows, row => row.Invoked);
        WriteColumn("took", rows, row => Lasted(row.Invoked, row.Returned));
        WriteColumn("number", rows, row => row.Number);
        WriteColumn("lane", rows, row => _record.ClientLane(row.Client).Value);
        WriteColumn("query", rows, row => row.IsQuery ? 1 : 0);
        WriteColumn("outcome", rows, row => (long)row.Outcome);
        WriteColumn("index", rows, row => row.Index.Value);
        WriteColumn("input", rows, row => Text(Shown(row.Input)));
        WriteColumn("output", rows, row => Text(row.Outcome == OperationOutcome.Done ? Shown(row.Output) : row.Error ?? ""));
        _json.WriteEndObject();
    }

    void WriteNotes()
    {
        var rows = Newest(_record.Notes);
        _json.WriteStartObject("notes");
        WriteTimes("at", rows, row => row.At);
        WriteColumn("lane", rows, row => row.Lane?.Value ?? Never);
        WriteColumn("text", rows, row => Text(row.Text));
        _json.WriteEndObject();
    }

    T[] Newest<T>(ReadOnlySpan<T> rows)
    {
        var omitted = Math.Max(0, rows.Length - MaxRows);
        _omitted += omitted;
        return rows[omitted..].ToArray();
    }

    void WriteTimes<T>(string name, T[] rows, Func<T, TimeSpan> time)
    {
        var before = 0L;
        WriteColumn(name, rows, row =>
        {
            var now = Micros(time(row));
            var step = now - before;
            before = now;
            return step;
        });
    }

    void WriteColumn<T>(string name, T[] rows, Func<T, long> value)
    {
        _json.WriteStartArray(name);
        foreach (var row in rows) _json.WriteNumberValue(value(row));
        _json.WriteEndArray();
    }

    void WriteNames<T>(string name)
        where T : struct, Enum => WriteStrings(name, Enum.GetNames<T>());

    void WriteStrings(string name, IEnumerable<string> values)
    {
        _json.WriteStartArray(name);
        foreach (var value in values) _json.WriteStringValue(value);
        _json.WriteEndArray();
    }

    long Text(string text) => NumberOf(text, _texts, _textNumbers);

    static long NumberOf(string text, List<string> table, Dictionary<string, int> numbers)
    {
        var clipped = Clipped(text, MaxText)!;
        if (numbers.TryGetValue(clipped, out var number)) return number;

        numbers.Add(clipped, table.Count);
        table.Add(clipped);
        return table.Count - 1;
    }

    static string? Clipped(string? text, int length) => text is null || text.Length <= length ? text : text[..(length - 1)] + "…";

    /// <summary>The user's objects print themselves; one that cannot must not cost the page.</summary>
    static string Shown(object? value)
    {
        try
        {
            return value is IFormattable formattable ? formattable.ToString(null, CultureInfo.InvariantCulture) : value?.ToString() ?? "null";
        }
        catch (Exception problem)
        {
            return $"{value!.GetType().Name} (its ToString threw {problem.GetType().Name})";
        }
    }

    static long Lasted(TimeSpan begin, TimeSpan? end) => end is { } time ? Micros(time) - Micros(begin) : Never;

    static long Micros(TimeSpan? time) => time is { } known ? known.Ticks / TimeSpan.TicksPerMicrosecond : Never;
}
