using AkkaRaft.Tests.Journals;
using AkkaRaft.Tests.Repository;
using Shouldly;
using Xunit;

namespace AkkaRaft.Tests.Groups;

/// <summary>Recovery and restoring of nodes whose journals are in PostgreSQL, by <c>hocon/postgresql.conf</c>.</summary>
public sealed class PostgresRecoverySpec(PostgresServer server) : IClassFixture<PostgresServer>
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task A_survivor_is_recovered_and_a_backup_restored()
    {
        await using var cluster = new LocalCluster(3, more: Shipped());
        foreach (var node in new[] { 1, 2, 3 }) cluster.Start(node);
        (await cluster.Groups[1].Propose<long>(new Increase(5), Patience)).ShouldBe(5);
        var backup = cluster.FileNamed("backup");
        await cluster.Groups[1].Client.Backup(backup, timeout: Patience);
        await Eventually.Holds("node 2 has it", async () =>
            (await cluster.Groups[2].Query<long>(new HowMany(), new ReadOptions { From = ReadFrom.LocalNode }, Patience)) == 5, Patience);
        foreach (var node in new[] { 1, 2, 3 }) await cluster.Stop(node);

        await cluster.Offline(2, async (system, settings) =>
        {
            await using var survivor = await RaftOfflineNode.Open(system, settings);
            survivor.Report.Place.ShouldContain("journal plug-in");
            return await survivor.Recover(new NodeId("2"));
        });
        var recovered = cluster.Start(2);
        (await recovered.Query<long>(new HowMany(), timeout: Patience)).ShouldBe(5);
        (await cluster.Start(1).WhenStopped.WaitAsync(Patience)).Cause.ShouldNotBeNull().Message.ShouldContain("was recovered without it");

        await using var restored = new LocalCluster(1, cluster: "restored", more: Shipped());
        await restored.Offline(1, async (system, settings) =>
        {
            await using var node = await RaftOfflineNode.Restore(system, settings, backup);
            return node.Report.SnapshotLast.ShouldNotBeNull();
        });
        (await restored.Start(1).Propose<long>(new Increase(1), Patience)).ShouldBe(6);
    }

    string Shipped()
    {
        var connection = server.ConnectionString(server.CreateDatabase());
        return RepositoryRoot.Read("hocon", "postgresql.conf") + Environment.NewLine + $"""
            akka.persistence.journal.sql.connection-string = "{connection}"
            akka.persistence.snapshot-store.sql.connection-string = "{connection}"
            """;
    }
}
