using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using AkkaRaft.Samples.Common;

namespace AkkaRaft.Samples.Hashmap.Driving;

/// <summary>A line of drive's output.</summary>
/// <param name="Id">The id of the input line, as JSON text.</param>
/// <param name="Outcome">How it ended.</param>
/// <param name="StartNs">The monotonic clock just before it was first sent, in nanoseconds.</param>
/// <param name="EndNs">The monotonic clock when its end was known.</param>
public sealed record DriveAnswer(string Id, Outcome<Answer> Outcome, long StartNs, long EndNs)
{
    static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The line, with its end.</summary>
    public byte[] ToLine()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Options))
        {
            writer.WriteStartObject();
            Write(writer, "id", Id);
            writer.WriteString("outcome", Outcome.Kind switch
            {
                OutcomeKind.Ok => "ok",
                OutcomeKind.Failed => "failed",
                _ => "unknown",
            });
            Write(writer, "value", Outcome.Result?.Value ?? JsonValue.Null);
            if (Outcome.Index is { } index) writer.WriteNumber("index", index);
            else writer.WriteNull("index");
            writer.WriteString("leader", Outcome.Node);
            writer.WriteString("error", Outcome.Error ?? Outcome.Result?.Error);
            writer.WriteNumber("start_ns", StartNs);
            writer.WriteNumber("end_ns", EndNs);
            writer.WriteEndObject();
        }

        buffer.Write("\n"u8);
        return buffer.WrittenSpan.ToArray();
    }

    // What is JSON already stays letter for letter what it is.
    static void Write(Utf8JsonWriter writer, string name, string json)
    {
        writer.WritePropertyName(name);
        writer.WriteRawValue(json, skipInputValidation: true);
    }
}
