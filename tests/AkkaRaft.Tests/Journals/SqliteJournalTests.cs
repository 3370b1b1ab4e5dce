using Akka.Actor;
using AkkaRaft.Consensus;
using AkkaRaft.Journals;
using Microsoft.Data.Sqlite;
using Shouldly;
using Xunit;
using static AkkaRaft.Tests.Journals.JournalSpec;

namespace AkkaRaft.Tests.Journals;

/// <summary>The journals over real SQLite files, set up by <see cref="NodeStorage"/>.</summary>
public sealed class SqliteJournalTests : IDisposable
{
    static readonly NodeId One = NodeId.Parse("1");

    readonly TempFolder _data = new();

    public void Dispose() => _data.Dispose();

    [Fact]
    public void A_node_that_starts_again_has_what_was_acknowledged()
    {
        using (var storage = Open(_data.Path))
        using (var host = new JournalHost(Akka.Configuration.Config.Empty))
        {
            storage.AddTo(host.System);
            var (term, log) = host.FirstStart(Options(storage));
            term.Tell(new PersistTerm(new Term(1), One));
            host.Node.ExpectWritten<TermPersisted>();
            log.Tell(Append(1, EntryId.Zero, Entry(1, 1, 10), Entry(2, 1, 20), Entry(3, 1)));
            host.Node.ExpectWritten<EntriesPersisted>().ShouldBe(new EntriesPersisted(1, Id(3, 1)));
            term.Tell(new PersistTerm(new Term(2), null));
            host.Node.ExpectWritten<TermPersisted>();
            log.Tell(Append(2, Id(1, 1), Entry(2, 2, 30)));
            host.Node.ExpectWritten<EntriesPersisted>().ShouldBe(new EntriesPersisted(2, Id(2, 2)));
        }

        using (var storage = Open(_data.Path))
        using (var host = new JournalHost(Akka.Configuration.Config.Empty))
        {
            storage.AddTo(host.System);
            var (_, log, termState, logState) = host.Recover(Options(storage));
            termState.ShouldBe(new TermJournalRecovered(Identity, new Term(2), null));
            logState.Storage.ShouldBe(Storage);
            logState.Entries.ShouldBe([Entry(1, 1, 10), Entry(2, 2, 30)]);
            log.Tell(Append(1, Id(2, 2), Entry(3, 2)));
            host.Node.ExpectWritten<EntriesPersisted>().ShouldBe(new EntriesPersisted(1, Id(3, 2)));
        }
    }

    /// <summary>What a killed process leaves is a database and a write-ahead log whose end may be torn: at each cut the log is as after one of the writes, a
    /// cut and its new entries always together; the whole file has all that was acknowledged.</summary>
    [Fact, Trait("RaftBug", "B30"), Trait("RaftBug", "B05")]
    public void A_write_ahead_log_torn_anywhere_replays_whole_writes_only()
    {
        var script = new List<AppendToLog>
        {
            Append(1, EntryId.Zero, Entry(1, 1, 3000), Entry(2, 1, 3000), Entry(3, 1, 3000)),
            Append(2, Id(1, 1), Entry(2, 2, 5000), Entry(3, 2, 5000)),
            Append(3, EntryId.Zero, Entry(1, 3, 100)),
            Append(4, Id(1, 3), Entry(2, 3, 9000)),
        };
        List<IReadOnlyList<LogEntry>> logs =
            [[], .. script.Select((_, i) => Overlay(script.Take(i + 1).Select(w => new EntriesAppended(w.Previous, w.Entries))))];
        using var crashed = new TempFolder();
        long emptyLog;
        using (var storage = Open(_data.Path))
        using (var host = new JournalHost(Akka.Configuration.Config.Empty))
        {
            storage.AddTo(host.System);
            var (term, log) = host.FirstStart(Options(storage));
            emptyLog = new FileInfo(Path.Combine(storage.Folder, "journal.db-wal")).Length;
            foreach (var write in script)
            {
                term.Tell(new PersistTerm(write.Entries[0].Term, write.WriteId % 2 == 0 ? One : null));
                host.Node.ExpectWritten<TermPersisted>();
                log.Tell(write);
                host.Node.ExpectWritten<EntriesPersisted>().WriteId.ShouldBe(write.WriteId);
            }

            // The process lives on; the copy is what is on its disk at this moment.
            var kept = Directory.CreateDirectory(Path.Combine(crashed.Path, "kept")).FullName;
            foreach (var file in new[] { "journal.db", "journal.db-wal" }) File.Copy(Path.Combine(storage.Folder, file), Path.Combine(kept, file));
        }

        var wal = new FileInfo(Path.Combine(crashed.Path, "kept", "journal.db-wal")).Length;
        var seen = new List<int>();
        const int cuts = 15;
        for (var cut = 0; cut <= cuts; cut++)
        {
            var folder = Path.Combine(crashed.Path, $"cut{cut}");
            var group = Directory.CreateDirectory(Path.Combine(folder, Group.Value)).FullName;
            foreach (var file in Directory.GetFiles(Path.Combine(crashed.Path, "kept"))) File.Copy(file, Path.Combine(group, Path.GetFileName(file)));
            using (var torn = File.OpenWrite(Path.Combine(group, "journal.db-wal"))) torn.SetLength(wal - (wal - emptyLog) * cut / cuts);

            using var storage = Open(folder);
            using var host = new JournalHost(Akka.Configuration.Config.Empty);
            storage.AddTo(host.System);
            var (_, _, termState, logState) = host.Recover(Options(storage));

            var state = logs.FindIndex(log => log.SequenceEqual(logState.Entries));
            state.ShouldBeGreaterThanOrEqualTo(0, $"cut {cut}: [{string.Join(' ', logState.Entries.Select(e => e.Id))}] was never the log");
            if (logState.Entries.Count > 0) termState.Term.ShouldBeGreaterThanOrEqualTo(logState.Entries[^1].Term);
            seen.Add(state);
        }

        seen[0].ShouldBe(script.Count, "an untorn copy has everything that was acknowledged");
        seen.Distinct().Order().ToList().ShouldBe([0, 1, 2, 3, 4], "the cuts reached every write");
    }

    /// <summary>Two processes that write one journal: the second to write a sequence number is refused by the database and ends.</summary>
    [Fact, Trait("RaftBug", "B94"), Trait("RaftBug", "B95")]
    public void The_second_writer_of_a_log_fails_at_its_first_write()
    {
        using var storage = Open(_data.Path);
        using var first = new JournalHost(storage.Config);
        var (_, winner) = first.FirstStart(Options(storage));
        using var second = new JournalHost(storage.Config);
        var (_, loser, _, _) = second.Recover(Options(storage));

        winner.Tell(Append(1, EntryId.Zero, Entry(1, 1)));
        first.Node.ExpectWritten<EntriesPersisted>();
        loser.Tell(Append(1, EntryId.Zero, Entry(1, 2)));

        ExpectFailure(second.Node, loser, JournalKind.Log).Cause.ToString().ShouldContain("UNIQUE");
        winner.Tell(Append(2, Id(1, 1), Entry(2, 1)));
        first.Node.ExpectWritten<EntriesPersisted>().ShouldBe(new EntriesPersisted(2, Id(2, 1)));
    }

    /// <summary>What cannot be serialized is a rejection in Akka.Persistence, which by default only logs it.</summary>
    [Fact, Trait("RaftBug", "B95")]
    public void An_event_that_cannot_be_serialized_ends_the_journal_without_an_ack()
    {
        using var storage = Open(_data.Path);
        using var host = new JournalHost(storage.Config);
        var (_, log) = host.FirstStart(Options(storage));

        log.Tell(Append(1, EntryId.Zero, new NoOpEntry(Id(1, 1), DateTimeOffset.UnixEpoch)));

        ExpectFailure(host.Node, log, JournalKind.Log).What.ShouldContain("rejected");
        using var again = new JournalHost(storage.Config);
        again.Recover(Options(storage)).LogState.Entries.ShouldBeEmpty();
    }

    [Fact, Trait("RaftBug", "B94")]
    public void Interleaved_writers_of_a_log_make_recovery_fail()
    {
        using var storage = Open(_data.Path);
        using (var host = new JournalHost(storage.Config))
        {
            var (_, log) = host.FirstStart(Options(storage));
            log.Tell(Append(1, EntryId.Zero, Entry(1, 1)));
            host.Node.ExpectWritten<EntriesPersisted>();
            log.Tell(Append(2, Id(1, 1), Entry(2, 1)));
            host.Node.ExpectWritten<EntriesPersisted>();
        }

        Sql(storage, $"UPDATE journal SET writer_uuid = 'another' WHERE persistence_id = '{LogId}' AND sequence_number = 2").ShouldBe(1);
        using var again = new JournalHost(storage.Config);
        var journal = again.Node.ChildActorOf(LogJournal.Props(Cluster, Group, ThisNode, Options(storage)));

        ExpectFailure(again.Node, journal, JournalKind.Log).Cause.Message.ShouldContain("writer");
    }

    [Theory]
    [InlineData("DELETE FROM journal WHERE persistence_id = 'raft/orders/main/2/log' AND sequence_number = 2")]
    [InlineData("UPDATE journal SET message = x'00' WHERE persistence_id = 'raft/orders/main/2/log' AND sequence_number = 2")]
    public void A_damaged_database_fails_recovery(string damage)
    {
        using var storage = Open(_data.Path);
        using (var host = new JournalHost(storage.Config))
        {
            var (_, log) = host.FirstStart(Options(storage));
            log.Tell(Append(1, EntryId.Zero, Entry(1, 1)));
            host.Node.ExpectWritten<EntriesPersisted>();
            log.Tell(Append(2, EntryId.Zero, Entry(1, 2)));
            host.Node.ExpectWritten<EntriesPersisted>();
        }

        Sql(storage, damage).ShouldBe(1);
        using var again = new JournalHost(storage.Config);
        var journal = again.Node.ChildActorOf(LogJournal.Props(Cluster, Group, ThisNode, Options(storage)));

        ExpectFailure(again.Node, journal, JournalKind.Log);
    }

    [Fact]
    public void A_log_of_many_large_events_replays_whole()
    {
        const int events = 200;
        using var storage = Open(_data.Path);
        using (var host = new JournalHost(storage.Config))
        {
            var (_, log) = host.FirstStart(Options(storage));
            for (var i = 1; i <= events; i++) log.Tell(Append(i, i == 1 ? EntryId.Zero : Id(i - 1, 1), Entry(i, 1, 100_000)));
            host.Node.FishForMessage(m => m is Written { Input: EntriesPersisted { WriteId: events } }, TimeSpan.FromSeconds(60));
        }

        using var again = new JournalHost(storage.Config);
        var (_, _, _, state) = again.Recover(Options(storage));

        state.Entries.Select(e => e.Id).ShouldBe(Enumerable.Range(1, events).Select(i => Id(i, 1)));
    }

    static NodeStorage Open(string folder) => NodeStorage.Open(folder, Cluster, Group, ThisNode);

    static JournalOptions Options(NodeStorage storage) => new() { JournalPluginId = storage.JournalPluginId };

    static int Sql(NodeStorage storage, string text)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(storage.Folder, "journal.db")};Pooling=false");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = text;
        return command.ExecuteNonQuery();
    }
}
