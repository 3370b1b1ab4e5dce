using System.Globalization;
using AkkaRaft.Benchmarks.Load;
using AkkaRaft.Benchmarks.Workers;

namespace AkkaRaft.Benchmarks.Floors;

/// <summary>The floors that a comparison measures in each of its rounds. Their processes live from its beginning to its end, as those of the contenders do.</summary>
internal sealed class RoundFloors : IAsyncDisposable
{
    public const string Disk = "fdatasync of a block of 4 KiB";
    public const string JournalOne = "LogJournal, 1 entry";
    public const string JournalOneOfThree = "LogJournal, 1 entry, while two other processes write one";
    public const string RoundTrip = "Akka.Remote, round trip of 256 bytes";

    static readonly string s_journalMany = string.Create(CultureInfo.InvariantCulture, $"LogJournal, {JournalFloor.ManyEntries} entries");

    readonly List<WorkerProcess> _processes = [];
    readonly List<Floor> _floors = [];

    RoundFloors()
    {
    }

    /// <summary>Starts the processes.</summary>
    /// <param name="folder">A folder on the disk that is measured; made if it is not there.</param>
    public static async Task<RoundFloors> Start(string folder)
    {
        Directory.CreateDirectory(folder);
        var floors = new RoundFloors();
        try
        {
            await floors.AddDisk(folder);
            await floors.AddJournals(folder);
            await floors.AddRemote(folder);
            return floors;
        }
        catch
        {
            await floors.DisposeAsync();
            throw;
        }
    }

    /// <summary>Each for so long.</summary>
    public async Task WarmUp(TimeSpan time)
    {
        foreach (var floor in _floors) await FloorProcesses.Measure(floor.Workers, new FloorTime(time, TimeSpan.Zero), floor.InFlight);
    }

    /// <summary>Measures each, one after the other.</summary>
    public async Task<IReadOnlyList<MeasuredFloor>> Measure(int round, FloorTime time)
    {
        var measured = new List<MeasuredFloor>();
        foreach (var floor in _floors)
        {
            var figures = await FloorProcesses.Measure(floor.Workers, time, floor.InFlight);
            measured.Add(new MeasuredFloor(floor.Name, round, figures.P50, figures.P99, figures.PerSecond, figures.PerSecond * floor.UnitsEach, floor.Unit));
        }

        return measured;
    }

    /// <summary>Stops the processes, so that they take nothing of the machine while contenders are measured.</summary>
    public void Pause()
    {
        foreach (var process in _processes) process.Pause();
    }

    /// <summary>Lets them go on.</summary>
    public void Resume()
    {
        foreach (var process in _processes) process.Resume();
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes) await process.DisposeAsync();
    }

    async Task AddDisk(string folder) => _floors.Add(new Floor(Disk, [await Keep(DiskFloor.StartWriter(folder, 0))], "blocks/s"));

    async Task AddJournals(string folder)
    {
        List<WorkerProcess> three = [];
        foreach (var number in new[] { "1", "2", "3" }) three.Add(await Keep(JournalFloor.StartWriter(folder, Path.Combine(folder, $"journal-{number}"), entries: 1)));
        var many = await Keep(JournalFloor.StartWriter(folder, Path.Combine(folder, "journal-many"), JournalFloor.ManyEntries));
        _floors.Add(new Floor(JournalOne, [three[0]], "entries/s"));
        _floors.Add(new Floor(JournalOneOfThree, three, "entries/s, together"));
        _floors.Add(new Floor(s_journalMany, [many], "entries/s") { UnitsEach = JournalFloor.ManyEntries });
    }

    async Task AddRemote(string folder)
    {
        var address = RemotePeer.FreeAddress();
        await Keep(FloorProcesses.Start(folder, RemoteFloor.Peer, address));
        var asking = await Keep(RemoteFloor.StartSender(folder, address, RemotePeer.Echo, LoadRequest.ValueBytes));
        var streaming = await Keep(RemoteFloor.StartSender(folder, address, RemotePeer.Sink, RemoteFloor.FrameBytes));
        _floors.Add(new Floor(RoundTrip, [asking], "round trips/s"));
        _floors.Add(new Floor("Akka.Remote, stream of frames of 64 KiB", [streaming], "MB/s") { InFlight = RemoteFloor.FramesInFlight, UnitsEach = RemoteFloor.FrameBytes / 1e6 });
    }

    async Task<WorkerProcess> Keep(Task<WorkerProcess> starting)
    {
        var process = await starting;
        _processes.Add(process);
        return process;
    }

    sealed record Floor(string Name, IReadOnlyList<WorkerProcess> Workers, string Unit)
    {
        public int InFlight { get; init; } = 1;

        public double UnitsEach { get; init; } = 1;
    }
}

/// <summary>What came of one floor in one round.</summary>
/// <param name="Floor">Its name.</param>
/// <param name="Round">From 1.</param>
/// <param name="P50">Milliseconds.</param>
/// <param name="P99">Milliseconds.</param>
/// <param name="PerSecond">How often in a second.</param>
/// <param name="UnitsPerSecond">The same, in what people count.</param>
/// <param name="Unit">What that is.</param>
internal sealed record MeasuredFloor(string Floor, int Round, double P50, double P99, double PerSecond, double UnitsPerSecond, string Unit);
