using Akka.Actor;
using Akka.Configuration;
using AkkaRaft.Consensus;
using AkkaRaft.Journals;
using Npgsql;
using Shouldly;
using Xunit;
using static AkkaRaft.Tests.Journals.JournalSpec;

namespace AkkaRaft.Tests.Journals;

/// <summary>The journals over a real PostgreSQL server, by <c>hocon/postgresql.conf</c> alone: only the connection string is replaced.</summary>
public sealed class PostgresJournalTests(PostgresServer server) : IClassFixture<PostgresServer>
{
    static readonly NodeId One = NodeId.Parse("1");

    readonly string _connection = server.ConnectionString(server.CreateDatabase());

    [Fact]
    public void A_node_that_starts_again_has_what_was_acknowledged()
    {
        using (var host = new JournalHost(Shipped()))
        {
            var (term, log) = host.FirstStart(Options(host));
            term.Tell(new PersistTerm(new Term(1), One));
            host.Node.ExpectWritten<TermPersisted>();
            log.Tell(Append(1, EntryId.Zero, Entry(1, 1, 10), Entry(2, 1, 20), Entry(3, 1)));
            host.Node.ExpectWritten<EntriesPersisted>().ShouldBe(new EntriesPersisted(1, Id(3, 1)));
            log.Tell(Append(2, Id(1, 1), Entry(2, 2, 1_000_000)));
            host.Node.ExpectWritten<EntriesPersisted>(TimeSpan.FromSeconds(10)).ShouldBe(new EntriesPersisted(2, Id(2, 2)));
        }

        using (var host = new JournalHost(Shipped()))
        {
            var (_, log, termState, logState) = host.Recover(Options(host));
            termState.ShouldBe(new TermJournalRecovered(Identity, new Term(1), One));
            logState.Storage.ShouldBe(Storage);
            logState.Entries.ShouldBe([Entry(1, 1, 10), Entry(2, 2, 1_000_000)]);
            log.Tell(Append(1, Id(2, 2), Entry(3, 2)));
            host.Node.ExpectWritten<EntriesPersisted>().ShouldBe(new EntriesPersisted(1, Id(3, 2)));
        }
    }

    /// <summary>The server dies under a running node: the write under way fails or is stored, nothing is acknowledged in between, and new journals have all
    /// that was acknowledged.</summary>
    [Fact, Trait("RaftBug", "B95")]
    public void After_a_crash_of_the_server_new_journals_have_what_was_acknowledged()
    {
        using var host = new JournalHost(Shipped());
        var (_, log) = host.FirstStart(Options(host));
        log.Tell(Append(1, EntryId.Zero, Entry(1, 1), Entry(2, 1)));
        host.Node.ExpectWritten<EntriesPersisted>();

        server.Crash();
        using var again = new JournalHost(Shipped());
        var (_, second, _, state) = again.Recover(Options(again));
        state.Entries.ShouldBe([Entry(1, 1), Entry(2, 1)]);
        second.Tell(Append(1, Id(1, 1), Entry(2, 2)));
        again.Node.ExpectWritten<EntriesPersisted>(TimeSpan.FromSeconds(10));

        // The journal of before the crash writes the same sequence number: the database refuses, and the actor ends without an ack.
        log.Tell(Append(2, Id(2, 1), Entry(3, 1)));
        ExpectFailure(host.Node, log, JournalKind.Log).What.ShouldContain("whether it is stored is not known");
    }

    [Fact, Trait("RaftBug", "B94")]
    public void Interleaved_writers_of_a_log_make_recovery_fail()
    {
        using (var host = new JournalHost(Shipped()))
        {
            var (_, log) = host.FirstStart(Options(host));
            log.Tell(Append(1, EntryId.Zero, Entry(1, 1)));
            host.Node.ExpectWritten<EntriesPersisted>();
            log.Tell(Append(2, Id(1, 1), Entry(2, 1)));
            host.Node.ExpectWritten<EntriesPersisted>();
        }

        using (var connection = new NpgsqlConnection(_connection))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = $"UPDATE journal SET writer_uuid = 'another' WHERE persistence_id = '{LogId}' AND sequence_number = 2";
            command.ExecuteNonQuery().ShouldBe(1);
        }

        using var again = new JournalHost(Shipped());
        var journal = again.Node.ChildActorOf(LogJournal.Props(Cluster, Group, ThisNode, Options(again)));

        ExpectFailure(again.Node, journal, JournalKind.Log).Cause.Message.ShouldContain("writer");
    }

    // As a user does it: the file's own key names the plug-in, and the policy accepts it.
    static JournalOptions Options(JournalHost host) => new()
    {
        JournalPluginId = JournalPolicy.Check(host.System, host.System.Settings.Config.GetString("akka.raft.journal.plugin-id"), allowInMemory: false),
    };

    Config Shipped() => ConfigurationFactory.ParseString($"akka.persistence.journal.sql.connection-string = \"{_connection}\"")
        .WithFallback(ConfigurationFactory.ParseString(File.ReadAllText(Path.Combine(RepositoryRoot(), "hocon", "postgresql.conf"))));

    static string RepositoryRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "AkkaRaft.sln"))) folder = Path.GetDirectoryName(folder) ?? throw new FileNotFoundException("AkkaRaft.sln");
        return folder;
    }
}
