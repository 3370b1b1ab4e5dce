using System.ComponentModel;
using System.Runtime.InteropServices;

namespace AkkaRaft.Journals;

/// <summary>
/// Makes folders that outlive a power failure. A new folder is a line in its parent's list, and on Unix only an fsync of the parent keeps that line;
/// without it a node could come back with no folder at all and vote twice. .NET neither offers this nor reports fsync's failures.
/// </summary>
internal static class DurableFolder
{
    const int ReadOnly = 0;

    /// <summary>
    /// Creates what is missing of the path, and makes the last folder of it durable also when it is there: an earlier start may have been cut off.
    /// </summary>
    /// <exception cref="IOException">A folder cannot be made or made durable.</exception>
    public static void Create(string fullPath)
    {
        var missing = new Stack<string>();
        for (var path = fullPath; path is not null && !Directory.Exists(path); path = Path.GetDirectoryName(path)) missing.Push(path);

        foreach (var path in missing)
        {
            Directory.CreateDirectory(path);
            Sync(Path.GetDirectoryName(path)!);
        }

        if (missing.Count == 0) Sync(Path.GetDirectoryName(fullPath)!);
    }

    /// <summary>An empty file that is there after a power failure, too.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    public static void Mark(string path)
    {
        File.Create(path).Dispose();
        Sync(Path.GetDirectoryName(path)!);
    }

    /// <summary>That file is gone, and stays so.</summary>
    /// <exception cref="IOException">It cannot be removed.</exception>
    public static void Unmark(string path)
    {
        File.Delete(path);
        Sync(Path.GetDirectoryName(path)!);
    }

    /// <summary>Makes the list of what is in a folder durable.</summary>
    /// <exception cref="IOException">It cannot be.</exception>
    public static void Sync(string folder)
    {
        // NTFS keeps its folders in a log of its own; there is no call for it.
        if (OperatingSystem.IsWindows()) return;

        var handle = Open(folder, ReadOnly);
        if (handle < 0) throw Failure(folder);
        try
        {
            if (Fsync(handle) != 0) throw Failure(folder);
        }
        finally
        {
            _ = Close(handle);
        }
    }

    static IOException Failure(string folder) =>
        new($"The folder {folder} cannot be made durable: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}.");

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    static extern int Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
    static extern int Fsync(int handle);

    [DllImport("libc", EntryPoint = "close")]
    static extern int Close(int handle);
}
