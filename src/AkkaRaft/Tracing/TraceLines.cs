using System.Buffers;
using System.Text.Json;

namespace AkkaRaft.Tracing;

/// <summary>Makes the lines of one trace (docs/trace.md): stamps that never fall, one object of JSON a line.</summary>
/// <param name="time">The clock: on a real machine the same for all its processes, in a simulation the virtual one.</param>
/// <param name="after">The newest stamp that the trace has already.</param>
internal sealed class TraceLines(TimeProvider time, long after = 0)
{
    const long NanosecondsPerSecond = 1_000_000_000;

    readonly ArrayBufferWriter<byte> _bytes = new(256);
    readonly Utf8JsonWriter _json = new(Stream.Null);

    /// <summary>The stamp of the newest line.</summary>
    public long Newest { get; private set; } = after;

    /// <summary>What time it is by such a clock, in nanoseconds from its own origin.</summary>
    public static long Now(TimeProvider time) => (long)((Int128)time.GetTimestamp() * NanosecondsPerSecond / time.TimestampFrequency);

    /// <summary>The next line, with its line feed. It is valid until the next call.</summary>
    public ReadOnlySpan<byte> Next(NodeId node, TraceEvent happened)
    {
        Newest = Math.Max(Newest, Now(time));
        _bytes.ResetWrittenCount();
        _json.Reset(_bytes);
        _json.WriteStartObject();
        _json.WriteNumber("ts", Newest);
        _json.WriteString("n", node.Value);
        Write(happened);
        _json.WriteEndObject();
        _json.Flush();
        _bytes.Write("\n"u8);
        return _bytes.WrittenSpan;
    }

    void Write(TraceEvent happened)
    {
        switch (happened)
        {
            case StoodForElection { Term: var term, Last: var last }:
                Begin("cand", term);
                Write("last", last);
                break;
            case VoteGranted { Term: var term, For: var candidate }:
                Begin("vote", term);
                _json.WriteString("for", candidate.Value);
                break;
            case TermRose { Term: var term }:
                Begin("term", term);
                break;
            case BeganToLead { Term: var term }:
                Begin("lead", term);
                break;
            case EntriesStored { LeaderTerm: var term, Previous: var previous, Entries: var entries }:
                Begin("app", term);
                Write("prev", previous);
                _json.WriteStartArray("t");
                foreach (var entry in entries) _json.WriteNumberValue(entry.Term.Value);
                _json.WriteEndArray();
                break;
            case CommitRose { Term: var term, Index: var index }:
                Begin("commit", term);
                _json.WriteNumber("i", index.Value);
                break;
            case SnapshotInstalled { Last: var last }:
                _json.WriteString("e", "snap");
                _json.WriteNumber("i", last.Index.Value);
                _json.WriteNumber("t", last.Term.Value);
                break;
            case Started found:
                Write(found);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(happened), happened, "The trace does not know this event.");
        }
    }

    void Write(Started found)
    {
        Begin("crash", found.Term);
        _json.WriteString("vote", found.Vote?.Value ?? "");
        Write("base", found.Base);
        Write("last", found.Last);
        _json.WriteStartArray("runs");
        foreach (var first in found.Runs) WritePair(first);
        _json.WriteEndArray();
    }

    void Begin(string name, Term term)
    {
        _json.WriteString("e", name);
        _json.WriteNumber("term", term.Value);
    }

    void Write(string name, EntryId id)
    {
        _json.WritePropertyName(name);
        WritePair(id);
    }

    void WritePair(EntryId id)
    {
        _json.WriteStartArray();
        _json.WriteNumberValue(id.Index.Value);
        _json.WriteNumberValue(id.Term.Value);
        _json.WriteEndArray();
    }
}
