using System.Globalization;
using Akka.Actor;
using AkkaRaft.Benchmarks.Contenders.Raft;
using AkkaRaft.Benchmarks.Load;
using AkkaRaft.Benchmarks.Workers;
using AkkaRaft.Consensus;
using AkkaRaft.Journals;
using AkkaRaft.Offline;

namespace AkkaRaft.Benchmarks.Floors;

/// <summary>What our LogJournal takes without a cluster: entries of 256 bytes, one event after the other, from when it is told until it has confirmed.</summary>
/// <param name="One">Events of one entry.</param>
/// <param name="OneOfThree">Events of one entry, while two other processes write such ones: what three nodes on one disk have.</param>
/// <param name="Many">Events of <see cref="ManyEntries"/> entries.</param>
internal sealed record JournalFloor(FloorFigures One, FloorFigures OneOfThree, FloorFigures Many)
{
    public const string Writer = "journal";

    /// <summary>Entries in an event of <see cref="Many"/>.</summary>
    public const int ManyEntries = 400;

    /// <summary>Entries in a second, in events of <see cref="ManyEntries"/>.</summary>
    public double ManyEntriesPerSecond => Many.PerSecond * ManyEntries;

    /// <param name="folder">A folder on the disk that is measured.</param>
    /// <param name="time">For how long, each.</param>
    public static async Task<JournalFloor> Measure(string folder, FloorTime time) =>
        new(await By(1, folder, 1, time), await By(3, folder, 1, time), await By(1, folder, ManyEntries, time));

    /// <summary>Starts a process that writes to a journal of its own.</summary>
    /// <param name="folder">For its log.</param>
    /// <param name="data">Its data; on the disk that is measured.</param>
    /// <param name="entries">Entries in each event.</param>
    public static Task<WorkerProcess> StartWriter(string folder, string data, int entries) => FloorProcesses.Start(folder, Writer, data, entries.ToString(CultureInfo.InvariantCulture));

    static async Task<FloorFigures> By(int count, string folder, int entries, FloorTime time)
    {
        var data = Path.Combine(folder, Guid.NewGuid().ToString("n"));
        try
        {
            return await FloorProcesses.Measure(count, time, number => StartWriter(folder, Path.Combine(data, number.ToString(CultureInfo.InvariantCulture)), entries));
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }
}

/// <summary>A node's journals without the node.</summary>
internal static class JournalWriter
{
    public static async Task<int> Serve(string folder, int entries)
    {
        using var system = ActorSystem.Create(RaftHocon.SystemName, RaftHocon.Client.WithFallback(AkkaRaft.Raft.DefaultConfig()));
        var node = NodeId.Parse("1");
        await using var stores = await OfflineStores.Open(system, RaftSettings.Create(system)
            .WithClusterId(RaftHocon.Cluster)
            .WithNodeId(node)
            .WithMembers(new RaftMember(node, "127.0.0.1:4051"))
            .WithDataDir(folder));
        await stores.Begin(new StorageId("0123456789abcdef0123456789abcdef"));

        var value = new byte[LoadRequest.ValueBytes];
        Random.Shared.NextBytes(value);
        var term = new Term(1);
        var (write, last) = (0L, EntryId.Zero);
        await WorkerProgram.Serve(new Repeated(() =>
        {
            var time = DateTimeOffset.UtcNow;
            var batch = new LogEntry[entries];
            for (var place = 0; place < entries; place++) batch[place] = new CommandEntry(new EntryId(new LogIndex(last.Index.Value + 1 + place), term), time, new Payload(1, "put", value));
            var append = new AppendToLog(++write, last, batch);
            last = batch[^1].Id;
            return stores.Append(append);
        }));
        return 0;
    }
}
