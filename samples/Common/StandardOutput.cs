using System.Runtime.InteropServices;

namespace AkkaRaft.Samples.Common;

/// <summary>
/// stdout for results. .NET's own takes it for success when nobody reads a pipe any more; a result that nobody got must not end with exit code 0.
/// </summary>
public static partial class StandardOutput
{
    const int Descriptor = 1;
    const int Interrupted = 4;
    const int BadDescriptor = 9;
    const int TryAgain = 11;
    const short PollOut = 4;

    /// <summary>Why nothing can be written; null if something can. A program asks before it changes anything.</summary>
    public static string? Obstacle()
    {
        if (!OperatingSystem.IsLinux()) return null;
        // No byte is written, but a descriptor that is closed, or only open for reading, is refused.
        return WriteTo(Descriptor, [], 0) < 0 && Marshal.GetLastPInvokeError() == BadDescriptor
            ? "stdout is closed, there is nowhere to write the result to. Nothing was done."
            : null;
    }

    /// <summary>The stream. Writing to it throws <see cref="IOException"/> when nobody reads any more.</summary>
    public static Stream Open() => OperatingSystem.IsLinux() ? new Output() : Console.OpenStandardOutput();

    /// <summary>Writes a line to the stream.</summary>
    /// <param name="line">Without its end.</param>
    /// <param name="code">The exit code if it was written.</param>
    /// <returns>The exit code; <see cref="ExitCodes.Failure"/>, with a sentence on stderr, if it was not written.</returns>
    public static int WriteLine(string line, int code)
    {
        try
        {
            using var writer = new StreamWriter(Open());
            writer.WriteLine(line);
            writer.Flush();
            return code;
        }
        catch (IOException broken)
        {
            StderrLogger.Say($"The operation was done, but its result cannot be written: {broken.Message}");
            return ExitCodes.Failure;
        }
    }

    static void WriteAll(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            var count = WriteTo(Descriptor, bytes, (nuint)bytes.Length);
            if (count >= 0)
            {
                bytes = bytes[(int)count..];
                continue;
            }

            switch (Marshal.GetLastPInvokeError())
            {
                case Interrupted:
                    break;
                case TryAgain:
                    // Somebody who shares the terminal or the pipe has made it non-blocking.
                    var output = new PollFd { Fd = Descriptor, Asked = PollOut };
                    _ = Poll(ref output, 1, -1);
                    break;
                case var error:
                    throw new IOException($"{Marshal.GetPInvokeErrorMessage(error)}.");
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint WriteTo(int descriptor, ReadOnlySpan<byte> bytes, nuint count);

    [LibraryImport("libc", EntryPoint = "poll")]
    private static partial int Poll(ref PollFd file, nuint count, int timeoutMilliseconds);

    [StructLayout(LayoutKind.Sequential)]
    struct PollFd
    {
        public int Fd;
        public short Asked;
        public short Returned;
    }

    sealed class Output : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override void Write(ReadOnlySpan<byte> buffer) => WriteAll(buffer);

        public override void Write(byte[] buffer, int offset, int count) => WriteAll(buffer.AsSpan(offset, count));

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
