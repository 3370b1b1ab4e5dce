using System.Diagnostics;
using System.Globalization;
using AkkaRaft.Samples.ClusterLauncher.Processes;

namespace AkkaRaft.Samples.ClusterLauncher.Measuring;

/// <summary>The room that a node takes, in memory and on disk, in megabytes (10^6 bytes).</summary>
internal static class NodeFootprint
{
    /// <summary>Its resident memory now; 0 if it does not run.</summary>
    public static double Resident(HashmapNode node) => Of(node, process => process.WorkingSet64);

    /// <summary>The most resident memory that it has had since its start, or since <see cref="ForgetPeak"/>; 0 if it does not run.</summary>
    public static double Peak(HashmapNode node) => Of(node, process => process.PeakWorkingSet64);

    /// <summary>The peak begins anew with what it takes now. Linux only: elsewhere the peak is that since the start.</summary>
    public static void ForgetPeak(HashmapNode node)
    {
        // 5: "reset the peak resident set size", as proc(5) has it.
        if (OperatingSystem.IsLinux() && node.IsAlive) File.WriteAllText($"/proc/{node.Process!.Id}/clear_refs", "5");
    }

    /// <summary>Its files of a name and those that SQLite puts beside them (<c>-wal</c>, <c>-shm</c>).</summary>
    public static double Disk(HashmapNode node, string name) => !Directory.Exists(node.DataFolder) ? 0 :
        new DirectoryInfo(node.DataFolder).EnumerateFiles(name + "*", SearchOption.AllDirectories).Sum(file => file.Length) / 1e6;

    /// <summary>As in <c>disk 12 + 3 MB, memory 200 MB</c>: journal, snapshots.</summary>
    public static string Describe(HashmapNode node) => string.Create(CultureInfo.InvariantCulture,
        $"journal.db {Disk(node, "journal.db"):0} MB ({Disk(node, "journal.db-wal"):0} of it -wal), snapshots.db {Disk(node, "snapshots.db"):0} MB, memory {Resident(node):0} MB");

    static double Of(HashmapNode node, Func<Process, long> bytes)
    {
        if (node.Process is not { HasExited: false } process) return 0;
        using var running = Process.GetProcessById(process.Id);
        return bytes(running) / 1e6;
    }
}
