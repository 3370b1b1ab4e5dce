using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Akka.Actor;
using AkkaRaft.Benchmarks.Contenders.Raft;
using AkkaRaft.Benchmarks.Load;
using AkkaRaft.Consensus;
using AkkaRaft.Journals;
using AkkaRaft.Offline;

namespace AkkaRaft.Benchmarks.Bars;

/// <param name="Seconds">That it took.</param>
/// <param name="FileBytes">Of the journal.</param>
internal sealed record WrittenLog(double Seconds, long FileBytes);

/// <summary>Makes the data of a node that is the only one of its cluster, and has taken a client's writes: through its own journals, without the node.</summary>
internal static class LongLog
{
    public const string Kind = "long-log";

    /// <summary>A client whose answers come has no more than this unanswered.</summary>
    const int Unanswered = 1000;

    static readonly Term s_term = new(1);

    /// <summary>The node's settings.</summary>
    public static RaftSettings Settings(ActorSystem system, string data) => RaftSettings.Create(system)
        .WithClusterId(RaftHocon.Cluster)
        .WithNodeId(NodeId.Parse("1"))
        .WithMembers(RaftMember.Parse($"1={Address}"))
        .WithDataDir(data)
        // As good as off.
        .WithSnapshotEntries(int.MaxValue)
        .WithSnapshotBytes(long.MaxValue);

    /// <summary>It has no peers, and its clients are in its own process: any port that is always the same.</summary>
    public const string Address = "127.0.0.1:19051";

    /// <param name="data">Its folder.</param>
    /// <param name="entries">How many.</param>
    /// <param name="perEvent">In one event of the journal.</param>
    public static async Task<int> Run(string data, string entries, string perEvent)
    {
        using var system = ActorSystem.Create(RaftHocon.SystemName, RaftHocon.Client.WithFallback(AkkaRaft.Raft.DefaultConfig()));
        var settings = Settings(system, data);
        var begun = Stopwatch.GetTimestamp();
        await using (var stores = await OfflineStores.Open(system, settings)) await Fill(stores, settings, Number(entries), Number(perEvent));
        var seconds = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        var bytes = Directory.EnumerateFiles(data, "journal.db*", SearchOption.AllDirectories).Sum(file => new FileInfo(file).Length);
        await system.Terminate();
        await Console.Out.WriteLineAsync(JsonSerializer.Serialize(new WrittenLog(seconds, bytes)));
        return 0;
    }

    static async Task Fill(OfflineStores stores, RaftSettings settings, int entries, int perEvent)
    {
        var storage = new StorageId("0123456789abcdef0123456789abcdef");
        await stores.Persist(new NodeIdentity(settings.ClusterId, settings.GroupId, settings.NodeId, storage, settings.ToFirstConfiguration()));
        await stores.Begin(storage);
        await stores.Persist(new PersistTerm(s_term, settings.NodeId));

        var session = new EntryId(new LogIndex(1), s_term);
        var limits = new SessionLimits(settings.SessionTimeout, settings.MaxSessions, settings.MaxSessionResults, settings.MaxSessionResultBytes);
        await stores.Append(new AppendToLog(1, EntryId.Zero, [new OpenSessionEntry(session, DateTimeOffset.UtcNow, limits)]));
        var last = session;
        for (var (written, write) = (0, 2L); written < entries; write++)
        {
            var batch = Batch(last, written, Math.Min(perEvent, entries - written));
            // One event at a time: what waits together becomes one.
            await stores.Append(new AppendToLog(write, last, batch));
            written += batch.Length;
            last = batch[^1].Id;
        }
    }

    static LogEntry[] Batch(EntryId last, int written, int count)
    {
        var time = DateTimeOffset.FromUnixTimeMilliseconds(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
        var batch = new LogEntry[count];
        for (var place = 0; place < count; place++)
        {
            var sequence = written + place + 1L;
            batch[place] = new CommandEntry(new EntryId(new LogIndex(last.Index.Value + 1 + place), s_term), time, Command(sequence))
            {
                Stamp = new SessionStamp(new LogIndex(1), sequence, Math.Max(1, sequence - Unanswered)),
            };
        }

        return batch;
    }

    static Payload Command(long sequence)
    {
        var value = new byte[LoadRequest.ValueBytes];
        Random.Shared.NextBytes(value);
        var put = new PutValue((int)(sequence % LoadRequest.Keys), value);
        return new Payload(ValueSerializer.Id, ValueSerializer.ManifestOf(put), ValueSerializer.BytesOf(put));
    }

    static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
