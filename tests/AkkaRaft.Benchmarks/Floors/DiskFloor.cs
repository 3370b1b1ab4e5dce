using System.ComponentModel;
using System.Globalization;
using System.Runtime.InteropServices;
using AkkaRaft.Benchmarks.Workers;
using Microsoft.Win32.SafeHandles;

namespace AkkaRaft.Benchmarks.Floors;

/// <summary>What the disk itself takes: a block of 4 KiB, written over an old one, and fdatasync. Nothing durable is faster.</summary>
/// <param name="Alone">By one process.</param>
/// <param name="OfThree">By three at once, each with a file of its own: what three nodes on one disk have.</param>
internal sealed record DiskFloor(FloorFigures Alone, FloorFigures OfThree)
{
    public const string Writer = "disk";

    /// <param name="folder">A folder on the disk that is measured.</param>
    /// <param name="time">For how long, each.</param>
    public static async Task<DiskFloor> Measure(string folder, FloorTime time) => new(await By(1, folder, time), await By(3, folder, time));

    /// <summary>Starts a process that writes blocks.</summary>
    /// <param name="folder">A folder on the disk that is measured.</param>
    /// <param name="number">Which of them it is, for its file.</param>
    public static Task<WorkerProcess> StartWriter(string folder, int number) =>
        FloorProcesses.Start(folder, Writer, Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"blocks-{number}")));

    static Task<FloorFigures> By(int count, string folder, FloorTime time) => FloorProcesses.Measure(count, time, number => StartWriter(folder, number));
}

/// <summary>Writes blocks at the same places again and again, each made durable. On Linux only.</summary>
internal static class BlockWriter
{
    const int BlockBytes = 4096;
    const int Blocks = 256;

    public static async Task<int> Serve(string path)
    {
        // All of it is there before: a block changes no length and needs no new place, so that fdatasync has nothing but the block to write.
        var block = new byte[BlockBytes];
        Random.Shared.NextBytes(block);
        using var file = File.OpenHandle(path, FileMode.Create, FileAccess.Write);
        for (var place = 0; place < Blocks; place++) RandomAccess.Write(file, block, (long)place * BlockBytes);
        Sync(file);

        var next = 0;
        await WorkerProgram.Serve(new Repeated(() =>
        {
            RandomAccess.Write(file, block, (long)(next++ % Blocks) * BlockBytes);
            Sync(file);
            return Task.CompletedTask;
        }));
        return 0;
    }

    // .NET's own is fsync, and says nothing when it fails.
    static void Sync(SafeFileHandle file)
    {
        if (Fdatasync(file) != 0) throw new IOException($"fdatasync: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}.");
    }

    [DllImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    static extern int Fdatasync(SafeFileHandle handle);
}
