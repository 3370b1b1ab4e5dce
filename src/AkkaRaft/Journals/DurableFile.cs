using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace AkkaRaft.Journals;

/// <summary>Makes a file durable, and says so when that fails: on Unix .NET returns normally from a flush whose fsync failed.</summary>
internal static class DurableFile
{
    /// <exception cref="IOException">It cannot be made durable: what was written may be lost.</exception>
    public static void Sync(FileStream file)
    {
        if (OperatingSystem.IsWindows())
        {
            file.Flush(flushToDisk: true);
            return;
        }

        if (Fsync(file.SafeFileHandle) != 0)
            throw new IOException($"The file {file.Name} cannot be made durable: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}.");
    }

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
    static extern int Fsync(SafeFileHandle handle);
}
