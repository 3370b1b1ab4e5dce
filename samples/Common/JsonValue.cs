using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace AkkaRaft.Samples.Common;

/// <summary>
/// JSON values as text without blanks. As text they are the same on every node and in every version, and numbers keep the digits that they
/// were written with; they are compared by what they mean.
/// </summary>
public static class JsonValue
{
    /// <summary>JSON's null, which stands for "absent" and so cannot be stored.</summary>
    public const string Null = "null";

    /// <summary>How deep objects and arrays may be in each other.</summary>
    public const int MaxDepth = 64;

    /// <summary>JSON's true or false.</summary>
    public static string Of(bool value) => value ? "true" : "false";

    // Two values for one name would be read differently by different readers.
    static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = MaxDepth };

    // Readable text: only what JSON itself asks for is escaped, and what some readers take for the end of a line.
    static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Reads one JSON value and gives it back without blanks.</summary>
    /// <param name="text">What should be JSON.</param>
    /// <param name="value">The value, if it is.</param>
    /// <param name="error">Why it is not, otherwise.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out string? value, [NotNullWhen(false)] out string? error)
    {
        (value, error) = (null, null);
        try
        {
            using var document = JsonDocument.Parse(text, Strict);
            return TryWrite(document.RootElement, out value, out error);
        }
        catch (Exception problem) when (problem is JsonException or ArgumentException)
        {
            error = $"This is no JSON value: {Shortened(text)} ({Reason(Encoding.UTF8.GetBytes(text), problem)})";
            return false;
        }
    }

    /// <summary>The text of a value that was read as a part of something larger.</summary>
    public static bool TryWrite(JsonElement element, [NotNullWhen(true)] out string? value, [NotNullWhen(false)] out string? error)
    {
        (value, error) = (null, null);
        var buffer = new ArrayBufferWriter<byte>();
        try
        {
            using (var writer = new Utf8JsonWriter(buffer, Compact)) element.WriteTo(writer);
        }
        catch (Exception problem) when (problem is InvalidOperationException or ArgumentException)
        {
            // A half of a surrogate pair, which JSON can escape and no text can hold.
            error = $"This JSON value has a string that is no text: {Shortened(element.GetRawText())} ({problem.Message})";
            return false;
        }

        value = Encoding.UTF8.GetString(buffer.WrittenSpan);
        return true;
    }

    /// <summary>Reads a whole line that a tool has written.</summary>
    /// <exception cref="JsonException">It is no JSON.</exception>
    public static JsonDocument ParseLine(ReadOnlyMemory<byte> line) => JsonDocument.Parse(line, Strict);

    /// <summary>Why a text is no JSON, for people: the parser's own words where they say it.</summary>
    public static string Reason(ReadOnlySpan<byte> text, Exception problem)
    {
        ArgumentNullException.ThrowIfNull(problem);
        if (text.Trim(" \t\r\n"u8).IsEmpty) return "it is empty";
        return IsTooDeep(text) ? $"it has objects or arrays in each other that are more than {MaxDepth} deep" : problem.Message;
    }

    static bool IsTooDeep(ReadOnlySpan<byte> text)
    {
        var (depth, inString) = (0, false);
        for (var i = 0; i < text.Length; i++)
        {
            switch (text[i])
            {
                case (byte)'"':
                    inString = !inString;
                    break;
                case (byte)'\\' when inString:
                    i++;
                    break;
                case (byte)'{' or (byte)'[' when !inString:
                    if (++depth > MaxDepth) return true;
                    break;
                case (byte)'}' or (byte)']' when !inString:
                    depth--;
                    break;
            }
        }

        return false;
    }

    /// <summary>A text as a JSON string.</summary>
    public static string OfText(string text) => $"\"{JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(text)}\"";

    /// <summary>Whether two values mean the same: the order of names does not count, 1 is 1.0 and 10e-1, at any precision. Both must be JSON.</summary>
    public static bool Same(string left, string right)
    {
        if (string.Equals(left, right, StringComparison.Ordinal)) return true;
        using var one = JsonDocument.Parse(left);
        using var other = JsonDocument.Parse(right);
        try
        {
            return JsonElement.DeepEquals(one.RootElement, other.RootElement);
        }
        catch (ArgumentOutOfRangeException)
        {
            // A number with an exponent beyond 2^31, which is compared as text; a state machine must not fail over it.
            return false;
        }
    }

    /// <summary>Of a long text only the beginning, for messages.</summary>
    public static string Shortened(string text) => text.Length <= 80 ? text : text[..80] + "...";
}
