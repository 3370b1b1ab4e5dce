using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace AkkaRaft.Samples.Hashmap.Driving;

/// <summary>Whether the writer of stdin has closed it, which poll(2) tells of a pipe although there is still something in it to be read.</summary>
public static partial class StandardInput
{
    const short PollHangUp = 0x10;

    /// <summary>Answers the question; null if stdin is a file, or the system is not known to have an answer.</summary>
    public static Func<bool>? HasEnded() => OperatingSystem.IsLinux() && !IsFile() ? HasHungUp : null;

    static bool IsFile()
    {
        using var handle = new SafeFileHandle(0, ownsHandle: false);
        using var stream = new FileStream(handle, FileAccess.Read, bufferSize: 0);
        return stream.CanSeek;
    }

    static bool HasHungUp()
    {
        var stdin = new PollFd { Fd = 0 };
        return Poll(ref stdin, 1, 0) > 0 && (stdin.Returned & PollHangUp) != 0;
    }

    [LibraryImport("libc", EntryPoint = "poll")]
    private static partial int Poll(ref PollFd file, nuint count, int timeoutMilliseconds);

    [StructLayout(LayoutKind.Sequential)]
    struct PollFd
    {
        public int Fd;
        public short Asked;
        public short Returned;
    }
}
