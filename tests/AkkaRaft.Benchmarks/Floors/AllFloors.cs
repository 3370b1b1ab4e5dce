using System.Globalization;

namespace AkkaRaft.Benchmarks.Floors;

/// <summary>Every floor, measured once, one after the other.</summary>
internal sealed record AllFloors(DiskFloor Disk, JournalFloor Journal, RemoteFloor Remote, IdleFloor Idle, AllocationFloor Allocations)
{
    /// <param name="folder">An empty folder on the disk that is measured.</param>
    /// <param name="time">For how long each thing is measured; what is idle, three times as long.</param>
    public static async Task<AllFloors> Measure(string folder, FloorTime time) => new(
        await DiskFloor.Measure(folder, time),
        await JournalFloor.Measure(folder, time),
        await RemoteFloor.Measure(folder, time),
        await IdleFloor.Measure(folder, time with { Measured = time.Measured * 3 }),
        await AllocationFloor.Measure(folder, time));

    /// <summary>For people, a line each.</summary>
    public IEnumerable<string> Lines =>
    [
        Line("fdatasync of 4 KiB", Disk.Alone),
        Line("fdatasync of 4 KiB, three processes at once", Disk.OfThree),
        Line("LogJournal, events of 1 entry", Journal.One),
        Line("LogJournal, events of 1 entry, three processes at once", Journal.OneOfThree),
        Line($"LogJournal, events of {JournalFloor.ManyEntries} entries", Journal.Many) + Text($", {Journal.ManyEntriesPerSecond:0} entries/s"),
        Line("Akka.Remote, round trip of 256 bytes", Remote.RoundTrip),
        Line("Akka.Remote, stream of 64 KiB frames", Remote.Stream) + Text($", {Remote.MegabytesPerSecond:0} MB/s"),
        Text($"Akka.Remote, idle: {Idle.Points:0.00} % of a core ({Idle.First:0.00} and {Idle.Second:0.00})"),
        Text($"Stock allocations: {Allocations.One:0} bytes for a write of one value; {Allocations.OfMany:0} bytes for each of {AllocationFloor.ManyValues} in one"),
    ];

    /// <summary>Measures and prints them.</summary>
    public static async Task<int> Print(string folder, FloorTime time)
    {
        Directory.CreateDirectory(folder);
        try
        {
            foreach (var line in (await Measure(folder, time)).Lines) Console.WriteLine(line);
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    static string Line(string what, FloorFigures figures) => Text($"{what}: p50 {figures.P50:0.000} ms, p99 {figures.P99:0.000} ms, {figures.PerSecond:0}/s");

    static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
