using System.Text.Json;
using Microsoft.Win32.SafeHandles;

namespace AkkaRaft.Tracing;

/// <summary>How far a trace that is on disk is whole.</summary>
/// <param name="Length">The bytes of its whole lines.</param>
/// <param name="Stamp">The stamp of the last whole line; 0 if there is none.</param>
internal readonly record struct TraceEnd(long Length, long Stamp)
{
    const byte LineFeed = (byte)'\n';
    const int Chunk = 64 * 1024;

    // Far above any line: the largest event of a journal has some ten thousand entries.
    const int LongestLine = 64 * 1024 * 1024;

    public static readonly TraceEnd OfNothing = new(0, 0);

    /// <summary>Looks at the file from its end.</summary>
    /// <exception cref="IOException">It cannot be read, or its end is not that of a trace.</exception>
    public static TraceEnd Of(SafeFileHandle file, string path)
    {
        var length = RandomAccess.GetLength(file);
        var whole = AfterLineFeedBefore(file, length);
        // A file that somebody named by mistake must not lose its last line to the cut.
        if (!BeginsLikeALine(Read(file, whole, Math.Min(length, whole + LineStart.Length)))) throw NoTrace(path);
        if (whole == 0) return OfNothing;
        var last = AfterLineFeedBefore(file, whole - 1);
        if (whole - last > LongestLine) throw NoTrace(path);
        return new TraceEnd(whole, StampOf(Read(file, last, whole)) ?? throw NoTrace(path));
    }

    static IOException NoTrace(string path) =>
        new($"{path} exists and does not end like a trace. Nothing was changed. Name another file, or move this one away.");

    static ReadOnlySpan<byte> LineStart => """{"ts":"""u8;

    static bool BeginsLikeALine(ReadOnlySpan<byte> torn) => LineStart.StartsWith(torn);

    static long? StampOf(byte[] line)
    {
        try
        {
            using var json = JsonDocument.Parse(line);
            return json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("ts", out var stamp)
                && stamp.ValueKind == JsonValueKind.Number && stamp.TryGetInt64(out var value) ? value : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The place after the last line feed among the first <paramref name="end"/> bytes.</summary>
    static long AfterLineFeedBefore(SafeFileHandle file, long end)
    {
        while (end > 0)
        {
            var start = Math.Max(0, end - Chunk);
            var found = Array.LastIndexOf(Read(file, start, end), LineFeed);
            if (found >= 0) return start + found + 1;
            end = start;
        }

        return 0;
    }

    static byte[] Read(SafeFileHandle file, long start, long end)
    {
        var bytes = new byte[checked((int)(end - start))];
        var read = 0;
        while (read < bytes.Length)
        {
            var count = RandomAccess.Read(file, bytes.AsSpan(read), start + read);
            if (count == 0) throw new IOException("The file grew shorter while it was read.");
            read += count;
        }

        return bytes;
    }
}
