using AkkaRaft.Benchmarks.Comparing;
using AkkaRaft.Benchmarks.Contenders.Raft;
using AkkaRaft.Benchmarks.Floors;
using AkkaRaft.Benchmarks.Load;
using AkkaRaft.Benchmarks.Workers;
using Microsoft.Data.Sqlite;

namespace AkkaRaft.Benchmarks.Bars;

/// <summary>
/// What a write allocates in the leader's process, beside what stock Akka.Remote and Akka.Persistence.Sql allocate for the same bytes (<see cref="AllocationFloor"/>): with as many values in a
/// message and an event as the leader's journal had entries in an event, on an average.
/// </summary>
internal static class AllocationsBar
{
    const double Wanted = 1.5;

    // More than this would be above Akka.Remote's largest frame, and silently dropped. From here on a value more in a message costs as much as each before.
    const int MostValues = 400;
    static readonly TimeSpan s_warmUp = TimeSpan.FromSeconds(25);

    /// <param name="run">How.</param>
    /// <param name="inFlight">Writes under way; the bar is for the first of them, the others are told beside it.</param>
    public static async Task<IReadOnlyList<BarResult>> Measure(BarRun run, IReadOnlyList<int> inFlight)
    {
        var contender = new RaftContender();
        await using var cluster = await RaftCluster.Start(contender, run.Folder, 3, "");
        await using var client = await WorkerProcess.Start(Path.Combine(run.Folder, "client.log"), ["client", contender.Name, cluster.Endpoints]);
        await client.Run(new LoadRequest(LoadKind.Write, inFlight[0], 0, s_warmUp, TimeSpan.Zero));

        var results = new List<BarResult>();
        foreach (var count in inFlight)
        {
            var ratios = new List<Compared>();
            for (var round = 1; round <= run.Rounds; round++)
            {
                var ours = await Ours(run, cluster, client, count);
                var values = (int)Math.Clamp(Math.Round(ours.PerEvent), 1, MostValues);
                var floor = await AllocationFloor.ForEach(values, run.Folder, new FloorTime(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(3)));
                ratios.Add(new Compared(ours.Bytes, ours.PerEvent, floor));
                run.Say($"{count} in flight, round {round} of {run.Rounds}: {ours.Bytes:0} bytes for each write at the leader, {ours.PerEvent:0.0} entries in an event; stock with {values}: {floor:0} bytes");
            }

            results.Add(Result(count, ratios));
        }

        return results;
    }

    static BarResult Result(int inFlight, List<Compared> rounds)
    {
        var ratio = Spread.MedianOf(rounds.Select(round => round.Ours / round.Floor));
        return new BarResult($"allocations per write on the leader, {inFlight} in flight ({Spread.MedianOf(rounds.Select(round => round.PerEvent)):0} entries in an event)",
            BarRun.Text($"at most {Wanted:0.0} x stock Akka.Remote and Akka.Persistence.Sql"),
            BarRun.Text($"{ratio:0.00} x ({Spread.MedianOf(rounds.Select(round => round.Ours)):#,0} and {Spread.MedianOf(rounds.Select(round => round.Floor)):#,0} bytes)"), ratio <= Wanted);
    }

    static async Task<(double Bytes, double PerEvent)> Ours(BarRun run, RaftCluster cluster, WorkerProcess client, int inFlight)
    {
        var leader = await cluster.Leader();
        await client.Run(new LoadRequest(LoadKind.Write, inFlight, 0, TimeSpan.FromSeconds(1), TimeSpan.Zero));
        var (entries, events, cost) = (await Entries(cluster, leader), Events(cluster, leader), await cluster.Nodes[leader].Cost());
        await client.Run(new LoadRequest(LoadKind.Write, inFlight, 0, TimeSpan.Zero, run.Measured));
        var used = (await cluster.Nodes[leader].Cost()).Since(cost);
        var (entriesAfter, eventsAfter) = (await Entries(cluster, leader), Events(cluster, leader));
        if (await cluster.Leader() != leader) throw new InvalidOperationException("The leader has changed meanwhile: what its writes cost is not known.");
        var writes = (double)(entriesAfter - entries);
        return (used.AllocatedBytes / writes, writes / (eventsAfter - events));
    }

    static async Task<long> Entries(RaftCluster cluster, int leader) =>
        (await cluster.Client.GetStatus(NodeId.Parse(BarRun.Text($"{leader + 1}")), TimeSpan.FromSeconds(20))).LastEntry.Index.Value;

    // Numbers of events have no holes, and what a snapshot stands for is deleted meanwhile.
    static long Events(RaftCluster cluster, int leader)
    {
        var file = Directory.EnumerateFiles(cluster.DataFolder(leader), "journal.db", SearchOption.AllDirectories).Single();
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ConnectionString);
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT MAX(sequence_number) FROM journal WHERE persistence_id LIKE '%/log'";
        return (long)command.ExecuteScalar()!;
    }

    sealed record Compared(double Ours, double PerEvent, double Floor);
}
