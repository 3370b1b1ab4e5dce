using Microsoft.Data.Sqlite;
using Shouldly;
using Xunit;

namespace AkkaRaft.Tests.Groups;

/// <summary>Snapshots as an application has them: real actor systems, Akka.Remote and SQLite in one process.</summary>
public sealed class GroupSnapshotSpec
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    static RaftSettings Often(RaftSettings settings) =>
        settings.WithSnapshotEntries(50).WithSnapshotTrailingEntries(10).WithSnapshotStoreChunkBytes(7).WithSnapshotChunkBytes(5).WithSnapshotWindowBytes(15);

    [Fact]
    public async Task A_node_starts_from_its_snapshot_and_the_log_behind_it()
    {
        await using var cluster = new LocalCluster(1);
        for (var round = 1; round <= 3; round++)
        {
            var group = cluster.Start(1, Often);
            for (var i = 1; i <= 200; i++) (await group.Propose<long>(new Increase(1), Patience)).ShouldBe(((round - 1) * 200) + i);

            // Of all these entries only the last ones stay, and one snapshot that stands for the rest. Both are deleted in the node's own time.
            await Eventually.Holds("the log is deleted", () => Rows(cluster.FolderOf(1), "journal.db", "journal", "persistence_id like '%/log'") < 100, Patience);
            await Eventually.Holds("old snapshots are deleted", () => Rows(cluster.FolderOf(1), "snapshots.db", "snapshot", "persistence_id like '%/snapshots'") < 4, Patience);
            await cluster.Stop(1);
        }
    }

    [Fact]
    [Trait("RaftBug", "B62")]
    public async Task A_node_that_was_away_while_the_others_compacted_gets_a_snapshot_and_so_does_one_that_starts_for_the_first_time()
    {
        await using var cluster = new LocalCluster(3);
        foreach (var node in new[] { 1, 2 }) cluster.Start(node, Often);
        for (var i = 1; i <= 300; i++) await cluster.Groups[1].Propose<long>(new Increase(1), Patience);

        var late = cluster.Start(3, Often);
        await CaughtUp(late, cluster.Groups[1]);

        await cluster.Stop(3);
        for (var i = 1; i <= 300; i++) await cluster.Groups[1].Propose<long>(new Increase(1), Patience);
        var back = cluster.Start(3, Often);
        await CaughtUp(back, cluster.Groups[1]);

        // What it got is what the others have: it goes on with either of them alone.
        await cluster.Stop(1);
        (await back.Propose<long>(new Increase(1), Patience)).ShouldBe(601);
    }

    [Fact]
    public async Task A_snapshot_that_cannot_be_read_stops_the_node_with_an_error_that_names_the_file_and_the_ways_out()
    {
        await using var cluster = new LocalCluster(1);
        var group = cluster.Start(1, Often);
        for (var i = 1; i <= 200; i++) await group.Propose<long>(new Increase(1), Patience);
        await cluster.Stop(1);
        Execute(cluster.FolderOf(1), "snapshots.db", "update snapshot set snapshot = x'0801100122020304' where persistence_id like '%/snapshots/%' and sequence_number = 2");

        var broken = cluster.Start(1, Often);

        var cause = (await broken.WhenStopped.WaitAsync(Patience)).Cause.ShouldNotBeNull();
        cause.Message.ShouldContain("snapshots.db");
        cause.Message.ShouldContain("two ways out");
    }

    static async Task CaughtUp(RaftGroup late, RaftGroup other)
    {
        await late.WhenReady.WaitAsync(Patience);
        var last = (await other.GetStatus(Patience)).CommitIndex;
        await Eventually.Holds($"node {late.Settings.NodeId} catches up", async () => (await late.GetStatus(Patience)).AppliedIndex >= last, Patience);
    }

    static long Rows(string folder, string file, string table, string where) => (long)Execute(folder, file, $"select count(*) from {table} where {where}")!;

    static object? Execute(string folder, string file, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(folder, file)};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }
}
