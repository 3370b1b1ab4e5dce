namespace AkkaRaft.Benchmarks.Bars;

/// <summary>A bar that needs no peer.</summary>
/// <param name="Name">As <c>./build.sh bench bar</c> knows it.</param>
/// <param name="Rounds">How many rounds it is measured in.</param>
/// <param name="Seconds">For how long each thing is measured in each round.</param>
/// <param name="Measure">Measures it.</param>
internal sealed record OwnBar(string Name, int Rounds, double Seconds, Func<BarRun, Task<IReadOnlyList<BarResult>>> Measure)
{
    public const int RecoveryEntries = 1_000_000;
    public const int RecoveryPerEvent = 100;
    public const int SnapshotMegabytes = 256;
    public const double SnapshotRate = 100;

    public static OwnBar Recovery { get; } = new("recovery", 5, 0, run => RecoveryBar.Measure(run, RecoveryEntries, RecoveryPerEvent));

    public static OwnBar Snapshot { get; } = new("snapshot", 3, 10, run => SnapshotBar.Measure(run, SnapshotMegabytes, SnapshotRate, ""));

    public static OwnBar Sizes { get; } = new("sizes", 5, 3, SizesBar.Measure);

    public static OwnBar Idle { get; } = new("idle", 5, 20, IdleBar.Measure);

    public static OwnBar Allocations { get; } = new("allocations", 1, 5, run => AllocationsBar.Measure(run, AllocationsInFlight));

    /// <summary>All, in the order of the table.</summary>
    public static IReadOnlyList<OwnBar> All { get; } = [Recovery, Snapshot, Sizes, Allocations, Idle];

    /// <summary>Writes under way; the bar is for the first.</summary>
    public static int[] AllocationsInFlight => [1000, 100, 1];

    /// <summary>Measures it in a folder that it makes, and deletes afterwards.</summary>
    /// <param name="folder">On the disk that is measured.</param>
    /// <param name="tell">Told how it goes.</param>
    public async Task<IReadOnlyList<BarResult>> Run(string folder, Action<string> tell)
    {
        Directory.CreateDirectory(folder);
        try
        {
            return await Measure(new BarRun(folder, Rounds, TimeSpan.FromSeconds(Seconds), tell));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
