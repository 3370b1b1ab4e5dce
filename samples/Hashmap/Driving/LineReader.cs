using System.Buffers;
using System.IO.Pipelines;

namespace AkkaRaft.Samples.Hashmap.Driving;

/// <summary>
/// Reads lines as they arrive. The stream is read on a thread of its own: a read of stdin blocks until something comes, and would take one of the few threads
/// that the client works with.
/// </summary>
public static class LineReader
{
    /// <summary>What a line may have. No operation is as large; of a longer line only that it was there is kept.</summary>
    public const int MaxLineBytes = 1024 * 1024;

    // Little: what was taken from a pipe and waits here is more that must be done after the end of the input.
    const int ReadAhead = 8 * 1024;

    static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <summary>The lines without their ends; null for one that is too long. A last line needs no end.</summary>
    public static async IAsyncEnumerable<byte[]?> Read(Stream stream)
    {
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: ReadAhead, resumeWriterThreshold: ReadAhead / 2, useSynchronizationContext: false));
        new Thread(() => Pump(stream, pipe.Writer)) { IsBackground = true, Name = "input" }.Start();

        var isFirst = true;
        var tooLong = false;
        while (true)
        {
            var read = await pipe.Reader.ReadAsync();
            var rest = read.Buffer;
            while (rest.PositionOf((byte)'\n') is { } end)
            {
                yield return Line(rest.Slice(0, end));
                rest = rest.Slice(rest.GetPosition(1, end));
            }

            if (read.IsCompleted)
            {
                if (rest.Length > 0 || tooLong) yield return Line(rest);
                yield break;
            }

            if (rest.Length > MaxLineBytes)
            {
                tooLong = true;
                rest = rest.Slice(rest.End);
            }

            pipe.Reader.AdvanceTo(rest.Start, rest.End);
        }

        byte[]? Line(ReadOnlySequence<byte> bytes)
        {
            var line = tooLong || bytes.Length > MaxLineBytes ? null : bytes.ToArray();
            if (isFirst && line is not null && line.AsSpan().StartsWith(ByteOrderMark)) line = line[ByteOrderMark.Length..];
            (isFirst, tooLong) = (false, false);
            return line;
        }
    }

    static void Pump(Stream stream, PipeWriter writer)
    {
        try
        {
            while (stream.Read(writer.GetSpan(4096)) is > 0 and var count)
            {
                writer.Advance(count);
                writer.FlushAsync().AsTask().GetAwaiter().GetResult();
            }
        }
        catch (IOException)
        {
            // The other end is gone: that is the end of the input.
        }

        writer.Complete();
    }
}
