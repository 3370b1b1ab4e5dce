using System.ComponentModel;
using System.Runtime.InteropServices;

namespace AkkaRaft.Tests.Tracing;

/// <summary>A tmpfs of 64 KiB at a folder; as root, in a container with the capability SYS_ADMIN.</summary>
internal sealed class TinyDisk : IDisposable
{
    const int Detach = 2;

    readonly string _folder;

    TinyDisk(string folder) => _folder = folder;

    public static TinyDisk Mount(string folder)
    {
        if (Mount("akkaraft-test", folder, "tmpfs", 0, "size=64k") == 0) return new TinyDisk(folder);
        throw new InvalidOperationException($"A tmpfs could not be mounted at {folder}: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}. "
            + "This test needs one of its own: run it as root, in a container with the capability SYS_ADMIN.");
    }

    public void Dispose() => Unmount(_folder, Detach);

    [DllImport("libc", EntryPoint = "mount", SetLastError = true)]
    static extern int Mount(string source, string folder, string type, nuint flags, string data);

    [DllImport("libc", EntryPoint = "umount2", SetLastError = true)]
    static extern int Unmount(string folder, int flags);
}
