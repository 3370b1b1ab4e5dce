using System.Buffers;
using System.Text;
using System.Text.Json;
using AkkaRaft.Samples.Common;

namespace AkkaRaft.Samples.Hashmap;

/// <summary>The map in a snapshot: for each key a line with the key and a line with its value, both JSON, which has no line breaks of its own here.</summary>
static class MapLines
{
    const int PieceBytes = 64 * 1024;

    public static async IAsyncEnumerable<ReadOnlyMemory<byte>> Write(IEnumerable<KeyValuePair<string, string>> values)
    {
        var piece = new ArrayBufferWriter<byte>();
        foreach (var (key, value) in values)
        {
            Encoding.UTF8.GetBytes(JsonValue.OfText(key), piece);
            piece.Write("\n"u8);
            Encoding.UTF8.GetBytes(value, piece);
            piece.Write("\n"u8);
            if (piece.WrittenCount < PieceBytes) continue;

            yield return piece.WrittenMemory;
            piece.ResetWrittenCount();
        }

        await Task.CompletedTask;
        if (piece.WrittenCount > 0) yield return piece.WrittenMemory;
    }

    public static async IAsyncEnumerable<KeyValuePair<string, string>> Read(IAsyncEnumerable<ReadOnlyMemory<byte>> pieces)
    {
        var line = new ArrayBufferWriter<byte>();
        string? key = null;
        await foreach (var piece in pieces)
        {
            var rest = piece;
            int end;
            while ((end = rest.Span.IndexOf((byte)'\n')) >= 0)
            {
                line.Write(rest.Span[..end]);
                rest = rest[(end + 1)..];
                if (key is null)
                {
                    key = JsonSerializer.Deserialize<string>(line.WrittenSpan) ?? throw new JsonException("A key is null.");
                }
                else
                {
                    yield return new KeyValuePair<string, string>(key, Encoding.UTF8.GetString(line.WrittenSpan));
                    key = null;
                }

                line.ResetWrittenCount();
            }

            line.Write(rest.Span);
        }

        if (key is not null || line.WrittenCount > 0) throw new JsonException("The snapshot ends within a key or a value.");
    }
}
