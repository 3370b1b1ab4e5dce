using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace AkkaRaft.Tracing;

/// <summary>
/// The trace of one real node. A line is one write(2) with nothing buffered before it, so that it is with the kernel, whatever becomes of the process, when
/// the node goes on. A line that cannot be written ends the trace and nothing else.
/// </summary>
internal sealed class TraceFile : ITraceSink, IDisposable
{
    const int FromEnd = 2;

    readonly SafeFileHandle _file;
    readonly TraceLines _lines;
    readonly Action<string> _report;

    long _length;
    bool _ended;

    TraceFile(SafeFileHandle file, string path, TraceLines lines, Action<string> report)
    {
        _file = file;
        _lines = lines;
        _report = report;
        Path = path;
        _length = RandomAccess.GetLength(file);
    }

    /// <summary>Where it is.</summary>
    public string Path { get; }

    /// <summary>
    /// Opens the file to append to it, and makes it and its folder if they are absent. What a killed process left of its last line is cut off: the node died
    /// before it acted on that event. A file of an earlier run of the machine is set aside, as its clock began anew.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="time">The node's clock.</param>
    /// <param name="report">Is told in words what was done to the file, and later that the trace has ended too early.</param>
    /// <exception cref="IOException">The file cannot be used, another process has it, or it is no trace.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be used.</exception>
    public static TraceFile Open(string path, TimeProvider time, Action<string> report)
    {
        path = System.IO.Path.GetFullPath(path);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path) ?? path);
        var file = Hold(path);
        try
        {
            var end = TraceEnd.Of(file, path);
            if (end.Stamp > TraceLines.Now(time))
            {
                var aside = $"{path}.{end.Stamp}";
                file.Dispose();
                File.Move(path, aside);
                report($"The trace {path} is of an earlier boot of this machine, and its clock began anew: the trace is {aside} now, and a new one begins.");
                file = Hold(path);
                end = TraceEnd.OfNothing;
            }

            if (end.Length < RandomAccess.GetLength(file))
            {
                RandomAccess.SetLength(file, end.Length);
                report($"The last line of the trace {path} was incomplete, and was removed: the process had ended before the node acted on it.");
            }

            if (!OperatingSystem.IsWindows() && Seek(file, 0, FromEnd) < 0) throw new IOException($"{path} cannot be appended to: {LastError()}");
            return new TraceFile(file, path, new TraceLines(time, end.Stamp), report);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <inheritdoc />
    public void Write(NodeId node, TraceEvent happened)
    {
        if (_ended) return;
        var line = _lines.Next(node, happened);
        var problem = TryWrite(line);
        if (problem is null) _length += line.Length;
        else End(node, line, problem);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _ended = true;
        _file.Dispose();
    }

    // A second call for the rest of a line would be a second chance to be killed in the middle of it: a line that did not go out whole has failed.
    string? TryWrite(ReadOnlySpan<byte> line)
    {
        if (OperatingSystem.IsWindows()) return TryWriteOnWindows(line);
        var written = WriteTo(_file, in MemoryMarshal.GetReference(line), line.Length);
        return written == line.Length ? null : written < 0 ? LastError() : $"only {written} of {line.Length} bytes were written";
    }

    string? TryWriteOnWindows(ReadOnlySpan<byte> line)
    {
        try
        {
            RandomAccess.Write(_file, line, _length);
            return null;
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            return failed.Message;
        }
    }

    void End(NodeId node, ReadOnlySpan<byte> line, string problem)
    {
        _ended = true;
        var lost = System.Text.Encoding.UTF8.GetString(line).TrimEnd();
        try
        {
            RandomAccess.SetLength(_file, _length);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            // The next start cuts off what is there of the line.
        }

        _file.Dispose();
        _report($"The trace {Path} of node {node} ends too early: a line could not be written ({problem}). Missing are {Start(lost)} and all later events of "
            + "this process; the node itself goes on. Make room, and move the file away before the node is started again: a trace with a gap cannot be "
            + "checked.");
    }

    static string Start(string line) => line.Length <= 200 ? line : line[..200] + "...";

    static SafeFileHandle Hold(string path) => File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);

    static string LastError() => new Win32Exception(Marshal.GetLastPInvokeError()).Message;

    [DllImport("libc", EntryPoint = "write", SetLastError = true)]
    static extern nint WriteTo(SafeFileHandle file, in byte bytes, nint count);

    [DllImport("libc", EntryPoint = "lseek", SetLastError = true)]
    static extern long Seek(SafeFileHandle file, long offset, int from);
}
