using System.Diagnostics;
using Akka.Actor;
using Akka.Persistence;
using AkkaRaft.Consensus;
using AkkaRaft.Journals;
using Microsoft.Data.Sqlite;
using Shouldly;
using Xunit;
using static AkkaRaft.Tests.Journals.JournalSpec;

namespace AkkaRaft.Tests.Journals;

/// <summary>The data folder of a node: its lock, its file, and the plug-in that it describes.</summary>
public sealed class NodeStorageTests : IDisposable
{
    readonly TempFolder _data = new();

    public void Dispose() => _data.Dispose();

    [Fact]
    public void A_new_folder_gets_files_in_wal_mode_with_pages_for_their_rows()
    {
        var folder = Path.Combine(_data.Path, "not", "yet", "there");

        using var storage = NodeStorage.Open(folder, Cluster, Group, ThisNode);

        storage.Folder.ShouldBe(Path.Combine(folder, "main"));
        foreach (var (name, pageBytes) in new[] { ("journal.db", 4096L), ("snapshots.db", 32768L) })
        {
            using var connection = new SqliteConnection($"Data Source={Path.Combine(storage.Folder, name)};Pooling=false");
            connection.Open();
            Scalar(connection, "PRAGMA journal_mode").ShouldBe("wal");
            Scalar(connection, "PRAGMA synchronous").ShouldBe(2L);
            Scalar(connection, "PRAGMA page_size").ShouldBe(pageBytes);
        }
    }

    [Fact]
    public void A_file_whose_pages_were_chosen_before_keeps_them()
    {
        var path = Path.Combine(_data.Path, "snapshots.db");
        new SqliteJournalFile(path, SqliteJournalFile.SmallPages).Prepare(Cluster, Group, ThisNode);

        new SqliteJournalFile(path, SqliteJournalFile.LargePages).Prepare(Cluster, Group, ThisNode);

        using var connection = new SqliteConnection($"Data Source={path};Pooling=false");
        connection.Open();
        Scalar(connection, "PRAGMA page_size").ShouldBe(4096L);
    }

    [Fact, Trait("RaftBug", "B94")]
    public void A_folder_in_use_is_refused_and_free_again_after_dispose()
    {
        using (NodeStorage.Open(_data.Path, Cluster, Group, ThisNode))
        {
            var refused = Should.Throw<RaftStorageException>(() => NodeStorage.Open(_data.Path, Cluster, Group, ThisNode));
            refused.Message.ShouldContain(Path.Combine(_data.Path, "main"));
            refused.Message.ShouldContain("in use");
        }

        NodeStorage.Open(_data.Path, Cluster, Group, ThisNode).Dispose();
    }

    /// <summary>The same lock against another process: flock(1) is one.</summary>
    [Fact, Trait("RaftBug", "B94")]
    public void A_folder_locked_by_another_process_is_refused_until_that_process_is_gone()
    {
        if (!OperatingSystem.IsLinux()) return;
        NodeStorage.Open(_data.Path, Cluster, Group, ThisNode).Dispose();
        var path = Path.Combine(_data.Path, "main", "node.lock");
        using var other = Process.Start(new ProcessStartInfo("flock", ["--exclusive", "--no-fork", path, "sh", "-c", "echo locked; exec sleep 60"])
        {
            RedirectStandardOutput = true,
        })!;
        try
        {
            other.StandardOutput.ReadLine().ShouldBe("locked");
            Should.Throw<RaftStorageException>(() => NodeStorage.Open(_data.Path, Cluster, Group, ThisNode)).Message.ShouldContain("in use");
        }
        finally
        {
            other.Kill();
            other.WaitForExit();
        }

        NodeStorage.Open(_data.Path, Cluster, Group, ThisNode).Dispose();
    }

    /// <summary>Where file locks are switched off, or the file system has none, a second node could write too: no node starts there.</summary>
    [Fact, Trait("RaftBug", "B94")]
    public void A_lock_that_keeps_nobody_out_is_not_believed()
    {
        // .NET reads the switch once in a process, so that it takes another one.
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "hashmap.dll"), "server", "1", $"1=127.0.0.1:{FreePort.Next()}", "--data", _data.Path])
        {
            RedirectStandardError = true, Environment = { ["DOTNET_SYSTEM_IO_DISABLEFILELOCKING"] = "1" },
        };
        using var node = Process.Start(start)!;
        try
        {
            var said = new List<string>();
            while (node.StandardError.ReadLine() is { } line && !line.Contains("ready", StringComparison.Ordinal)) said.Add(line);

            said.ShouldContain(line => line.Contains("cannot be locked", StringComparison.Ordinal));
        }
        finally
        {
            node.Kill();
            node.WaitForExit();
        }
    }

    /// <summary>A disk that hangs must not keep a leader leading for ever: such a write fails, and the node starts over (see LogJournalTests).</summary>
    [Fact, Trait("RaftBug", "B90")]
    public void A_write_that_hangs_is_given_up_after_seconds()
    {
        using var storage = NodeStorage.Open(_data.Path, Cluster, Group, ThisNode);

        var limit = storage.Config.GetConfig(storage.JournalPluginId).GetTimeSpan("circuit-breaker.call-timeout", null);

        limit.ShouldBeInRange(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(30));   // a slow disk is no dead one
    }

    [Theory]
    [InlineData("payments", "main", "2")]
    [InlineData("orders", "main", "3")]
    public void A_folder_of_another_node_is_refused_and_left_as_it_is(string cluster, string group, string node)
    {
        NodeStorage.Open(_data.Path, Cluster, Group, ThisNode).Dispose();

        var refused = Should.Throw<RaftStorageException>(
            () => NodeStorage.Open(_data.Path, ClusterId.Parse(cluster), GroupId.Parse(group), NodeId.Parse(node)));

        refused.Message.ShouldContain("orders/main/2");
        refused.Message.ShouldContain($"{cluster}/{group}/{node}");
        NodeStorage.Open(_data.Path, Cluster, Group, ThisNode).Dispose();
    }

    [Fact]
    public void A_file_that_is_no_database_is_refused()
    {
        Directory.CreateDirectory(Path.Combine(_data.Path, "main"));
        File.WriteAllText(Path.Combine(_data.Path, "main", "journal.db"), string.Concat(Enumerable.Repeat("this is not SQLite ", 100)));

        Should.Throw<RaftStorageException>(() => NodeStorage.Open(_data.Path, Cluster, Group, ThisNode)).Message.ShouldContain("journal.db");
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_refused()
    {
        var file = Path.Combine(_data.Path, "file");
        File.WriteAllText(file, "in the way");

        Should.Throw<RaftStorageException>(() => NodeStorage.Open(Path.Combine(file, "data"), Cluster, Group, ThisNode)).Message.ShouldContain("cannot be created");
    }

    /// <summary>Each start writes to the file, so a disk that refuses is found before the node greets anyone; a trigger stands for that disk.</summary>
    [Fact]
    public void A_file_that_cannot_be_written_is_refused()
    {
        NodeStorage.Open(_data.Path, Cluster, Group, ThisNode).Dispose();
        using var writer = new SqliteConnection($"Data Source={Path.Combine(_data.Path, "main", "journal.db")};Pooling=false");
        writer.Open();
        Scalar(writer, "CREATE TRIGGER broken BEFORE UPDATE ON raft_owner BEGIN SELECT RAISE(ABORT, 'disk I/O error'); END");

        Should.Throw<RaftStorageException>(() => NodeStorage.Open(_data.Path, Cluster, Group, ThisNode)).Message.ShouldContain("disk I/O error");
        using (FolderLock.Take(Path.Combine(_data.Path, "main"))) { }
    }

    /// <summary>A name that breaks out of a connection string, of HOCON, or of a file name is only a name.</summary>
    [Theory]
    [InlineData("plain")]
    [InlineData("with space;Mode=Memory")]
    [InlineData("quote'and\"double")]
    [InlineData("${user.home}$ #é漢//{}[]=,+")]
    [InlineData(":memory:")]
    [InlineData("back\\slash\tand tab")]
    public void A_folder_name_with_any_character_works(string name)
    {
        using var data = new TempFolder(name);
        using (var storage = NodeStorage.Open(data.Path, Cluster, Group, ThisNode))
        using (var host = new JournalHost(Akka.Configuration.Config.Empty))
        {
            storage.AddTo(host.System);
            var (_, log) = host.FirstStart(new JournalOptions { JournalPluginId = storage.JournalPluginId });
            log.Tell(Append(1, EntryId.Zero, Entry(1, 1)));
            host.Node.ExpectWritten<EntriesPersisted>();
        }

        Directory.GetDirectories(data.Path).ShouldBe([Path.Combine(data.Path, "main")]);
        new FileInfo(Path.Combine(data.Path, "main", "journal.db")).Length.ShouldBeGreaterThan(0);
    }

    /// <summary>Raft.Start comes when the system has long been running and other journals are in use: the plug-in is found all the same, in each group's
    /// own file, and the names of groups and nodes are free.</summary>
    [Fact]
    public void Groups_share_a_running_system_and_a_folder()
    {
        using var host = new JournalHost(Akka.Configuration.Config.Empty);
        Persistence.Instance.Apply(host.System).JournalFor("akka.persistence.journal.inmem");
        string[] groups = ["main", "a.b", "..", "a-b_c"];
        var storages = groups.Select(group => NodeStorage.Open(_data.Path, Cluster, GroupId.Parse(group), NodeId.Parse("node.1"))).ToList();
        try
        {
            foreach (var (storage, group) in storages.Zip(groups))
            {
                storage.AddTo(host.System);
                var options = new JournalOptions { JournalPluginId = JournalPolicy.Check(host.System, storage.JournalPluginId, allowInMemory: false) };
                var journal = host.Node.ChildActorOf(LogJournal.Props(Cluster, GroupId.Parse(group), NodeId.Parse("node.1"), options));
                host.Node.ExpectMsg<LogJournalRecovered>().Entries.ShouldBeEmpty();
                journal.Tell(new CreateLog(Storage));
                host.Node.ExpectMsg<LogCreated>();
            }

            storages.Select(s => s.JournalPluginId).ShouldBeUnique();
            Directory.GetDirectories(_data.Path).Length.ShouldBe(groups.Length);
            foreach (var storage in storages)
            {
                using var connection = new SqliteConnection($"Data Source={Path.Combine(storage.Folder, "journal.db")};Pooling=false");
                connection.Open();
                Scalar(connection, "SELECT COUNT(*) FROM journal").ShouldBe(1L);
            }
        }
        finally
        {
            storages.ForEach(s => s.Dispose());
        }
    }

    /// <summary>A group that is stopped and started again in one system: the same plug-in for the same folder, another one for another folder.</summary>
    [Fact]
    public void A_group_started_again_in_one_system_uses_the_folder_that_it_was_given()
    {
        using var elsewhere = new TempFolder();
        using var host = new JournalHost(Akka.Configuration.Config.Empty);
        Start(_data.Path, expected: 0, write: 1);
        Start(_data.Path, expected: 1, write: 2);
        Start(elsewhere.Path, expected: 0, write: 1);

        void Start(string folder, int expected, int write)
        {
            using var storage = NodeStorage.Open(folder, Cluster, Group, ThisNode);
            storage.AddTo(host.System);
            var journal = host.Node.ChildActorOf(LogJournal.Props(Cluster, Group, ThisNode, new JournalOptions { JournalPluginId = storage.JournalPluginId }));
            var state = host.Node.ExpectMsg<LogJournalRecovered>();
            state.Entries.Count.ShouldBe(expected);
            if (state.Storage is null)
            {
                journal.Tell(new CreateLog(Storage));
                host.Node.ExpectMsg<LogCreated>();
            }

            journal.Tell(Append(1, expected == 0 ? EntryId.Zero : Id(expected, 1), Entry(write, 1)));
            host.Node.ExpectWritten<EntriesPersisted>();
            host.Node.Watch(journal);
            journal.Tell(FinishJournal.Instance);
            host.Node.ExpectTerminated(journal);
        }
    }

    static object? Scalar(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }
}
