using System.Globalization;
using AkkaRaft.Consensus;

namespace AkkaRaft.TestKit.Planning;

/// <summary>
/// Snapshot settings at which snapshots are taken, sent and installed often: few entries, little behind them, small pieces. The draw has a stream of its own, so that the
/// other settings of a seed do not depend on it.
/// </summary>
/// <param name="Entries">After so many applied entries a snapshot is taken.</param>
/// <param name="Bytes">After so many applied bytes of entries one is taken.</param>
/// <param name="TrailingEntries">So many entries stay behind it.</param>
/// <param name="ChunkBytes">Bytes of one message.</param>
/// <param name="WindowBytes">Most bytes on their way to one peer.</param>
/// <param name="StoreChunkBytes">Bytes of a row on disk.</param>
internal sealed record SnapshotDraw(int Entries, long Bytes, int TrailingEntries, int ChunkBytes, int WindowBytes, int StoreChunkBytes)
{
    /// <summary>Draws them.</summary>
    /// <returns>The settings; null for a seed whose nodes take no snapshots, so that the log as it was goes on being tried.</returns>
    public static SnapshotDraw? Of(ulong seed)
    {
        var random = new SimulationRandom(seed, "snapshot settings");
        var takes = random.Chance(0.85);
        var entries = random.Pick(2, 3, 5, 10, 20, 60);
        // Sometimes it is the bytes that decide.
        var bytes = random.Chance(0.2) ? random.Between(200, 4000) : long.MaxValue / 4;
        var trailing = random.Pick(0, 0, 1, 3, 20);
        var chunk = random.Pick(50, 200, 700, 2000);
        var window = chunk * random.Pick(1, 2, 8);
        return takes ? new SnapshotDraw(entries, bytes, trailing, chunk, window, random.Pick(64, 300, 1000, 4000)) : null;
    }

    public PlannedSetting ToSetting() => new(
        string.Create(CultureInfo.InvariantCulture, $"WithSnapshotEntries({Entries}).WithSnapshotBytes({Bytes}).WithSnapshotTrailingEntries({TrailingEntries})") +
        string.Create(CultureInfo.InvariantCulture, $".WithSnapshotChunkBytes({ChunkBytes}).WithSnapshotWindowBytes({WindowBytes}).WithSnapshotStoreChunkBytes({StoreChunkBytes})"),
        settings => settings.WithSnapshotEntries(Entries).WithSnapshotBytes(Bytes).WithSnapshotTrailingEntries(TrailingEntries)
            .WithSnapshotChunkBytes(ChunkBytes).WithSnapshotWindowBytes(WindowBytes).WithSnapshotStoreChunkBytes(StoreChunkBytes));

    /// <summary>The same for cores that run without their shell.</summary>
    public CoreOptions ToCoreOptions() => new()
    {
        TakesSnapshots = true,
        SnapshotEntries = Entries,
        SnapshotBytes = Bytes,
        TrailingEntries = TrailingEntries,
        SnapshotChunkBytes = ChunkBytes,
        SnapshotWindowBytes = WindowBytes,
    };
}
