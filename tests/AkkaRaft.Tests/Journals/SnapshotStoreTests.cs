using System.Runtime.CompilerServices;
using Akka.Actor;
using Akka.TestKit;
using AkkaRaft.Consensus;
using AkkaRaft.Journals;
using AkkaRaft.Protocol;
using AkkaRaft.Serialization;
using Microsoft.Data.Sqlite;
using Shouldly;
using Xunit;
using static AkkaRaft.Tests.Journals.JournalSpec;

namespace AkkaRaft.Tests.Journals;

/// <summary>The snapshot store over a real SQLite file, set up by <see cref="NodeStorage"/>.</summary>
public sealed class SnapshotStoreTests : IDisposable
{
    static readonly NodeId Peer = NodeId.Parse("1");

    readonly TempFolder _data = new();

    public void Dispose() => _data.Dispose();

    [Fact]
    public void What_was_taken_is_there_after_a_restart_and_is_read_in_pieces_of_any_length()
    {
        var content = Bytes(1000);
        using (var life = new Life(_data.Path))
        {
            life.Recovered().ShouldBeNull();
            life.Take(Mark(7, 2), content).Length.ShouldBe(1000);
        }

        using var next = new Life(_data.Path);
        var newest = next.Recovered().ShouldNotBeNull();
        newest.Mark.ShouldBe(Mark(7, 2));
        next.ReadAll(newest).ShouldBe(content);
        // From the middle of one row to the middle of the next but one.
        next.Store.Tell((object)new SendSnapshotChunk(Peer, Install(newest, offset: 50), 210));
        next.Node.ExpectMsg<SnapshotChunkRead>().Message.Bytes.ToArray().ShouldBe(content[50..260]);
    }

    [Fact, Trait("RaftBug", "B60")]
    public void Half_a_snapshot_is_never_visible_and_its_rows_go_with_the_next_start()
    {
        using (var life = new Life(_data.Path))
        {
            life.Recovered().ShouldBeNull();
            life.Take(Mark(3, 1), Bytes(300));
            life.Store.Tell(new WriteSnapshot(Mark(9, 1), HalfOf(500)));
            life.AwaitRows(slot: 2, count: 5);
        }

        using var next = new Life(_data.Path);
        next.Recovered()!.Mark.ShouldBe(Mark(3, 1));
        next.AwaitRows(slot: 2, count: 0);
        next.Take(Mark(9, 1), Bytes(500));
        next.AwaitRows(slot: 3, count: 5);   // no slot is used twice
    }

    /// <summary>What a killed process leaves: at each cut there is the old snapshot or the new one, and it is whole.</summary>
    [Fact, Trait("RaftBug", "B60")]
    public void A_write_ahead_log_torn_anywhere_shows_whole_snapshots_only()
    {
        var contents = new Dictionary<long, byte[]> { [3] = Bytes(700), [9] = Bytes(900), [12] = Bytes(100) };
        using var crashed = new TempFolder();
        var kept = Directory.CreateDirectory(Path.Combine(crashed.Path, "kept")).FullName;
        using (var life = new Life(_data.Path))
        {
            life.Recovered();
            foreach (var (index, bytes) in contents)
            {
                life.Take(Mark(index, 1), bytes);
                life.Store.Tell((object)new RetainSnapshots([Id(index, 1)]));
            }

            foreach (var file in new[] { "snapshots.db", "snapshots.db-wal" }) File.Copy(Path.Combine(life.Folder, file), Path.Combine(kept, file));
        }

        var wal = new FileInfo(Path.Combine(kept, "snapshots.db-wal")).Length;
        var seen = new HashSet<long>();
        const int cuts = 12;
        for (var cut = 0; cut <= cuts; cut++)
        {
            var folder = Path.Combine(crashed.Path, $"cut{cut}");
            var group = Directory.CreateDirectory(Path.Combine(folder, Group.Value)).FullName;
            foreach (var file in Directory.GetFiles(kept)) File.Copy(file, Path.Combine(group, Path.GetFileName(file)));
            using (var torn = File.OpenWrite(Path.Combine(group, "snapshots.db-wal"))) torn.SetLength(wal * cut / cuts);

            using var life = new Life(folder);
            var newest = life.Recovered();
            seen.Add(newest?.Last.Index.Value ?? 0);
            if (newest is not null) life.ReadAll(newest).ShouldBe(contents[newest.Last.Index.Value]);
        }

        seen.ShouldContain(12);
        seen.Count.ShouldBeGreaterThan(2, "the cuts reached more than one snapshot");
    }

    [Fact, Trait("RaftBug", "B59")]
    public void A_leaders_snapshot_counts_when_it_is_whole_and_has_its_checksum()
    {
        var content = Bytes(450);
        using var leader = new Life(Path.Combine(_data.Path, "leader"));
        leader.Recovered();
        var sent = leader.Take(Mark(20, 3), content);
        using var life = new Life(Path.Combine(_data.Path, "follower"));
        life.Recovered();

        var damaged = (byte[])content.Clone();
        damaged[200]++;
        life.Receive(new TransferId(new Term(3), 1), sent, damaged);
        life.Node.FishForMessage<Written>(written => written.Input is SnapshotNotReceived).Input.ShouldBe(new SnapshotNotReceived(new TransferId(new Term(3), 1)));

        life.Receive(new TransferId(new Term(3), 2), sent, content);
        life.Node.FishForMessage<Written>(written => written.Input is SnapshotReceived).Input.ShouldBe(new SnapshotReceived(new TransferId(new Term(3), 2), sent));
        life.ReadAll(sent).ShouldBe(content);
    }

    /// <summary>A leader's last pieces may be on their way to the disk while another leader's appends bring the node as far, and it takes its own.</summary>
    [Fact, Trait("RaftBug", "B59")]
    public void Of_two_snapshots_of_the_same_entries_a_peer_gets_the_one_whose_length_and_checksum_it_was_told()
    {
        using var life = new Life(_data.Path);
        life.Recovered();
        byte[] leaders = [.. Bytes(450).Reverse()];
        var received = new StoredSnapshot(Mark(20, 3), leaders.Length, System.IO.Hashing.XxHash64.HashToUInt64(leaders));
        life.Receive(new TransferId(new Term(3), 1), received, leaders);
        life.Node.FishForMessage<Written>(written => written.Input is SnapshotReceived);
        var own = life.Take(Mark(20, 3), Bytes(400));

        foreach (var (snapshot, content) in new[] { (own, Bytes(400)), (received, leaders) })
        {
            life.Store.Tell((object)new SendSnapshotChunk(Peer, Install(snapshot, offset: 0), 400));
            life.Node.ExpectMsg<SnapshotChunkRead>().Message.Bytes.ToArray().ShouldBe(content[..400]);
        }
    }

    [Fact]
    public void An_abandoned_transfer_and_content_that_throws_leave_nothing_and_harm_nothing()
    {
        using var life = new Life(_data.Path);
        life.Recovered();
        var transfer = new TransferId(new Term(3), 1);
        life.Store.Tell((object)new BeginReceiving(transfer, new StoredSnapshot(Mark(20, 3), 500, 1)));
        life.Store.Tell((object)new StoreSnapshotChunk(transfer, 0, Bytes(250)));
        life.Node.ExpectWritten<SnapshotChunkStored>();
        life.Store.Tell((object)new AbandonReceiving(transfer));

        life.Store.Tell(new WriteSnapshot(Mark(5, 1), Failing(300)));
        life.Node.ExpectMsg<SnapshotTrouble>().Cause!.Message.ShouldBe("no more");
        life.Node.ExpectWritten<SnapshotFailed>().At.ShouldBe(Mark(5, 1));

        life.Take(Mark(5, 1), Bytes(100));
        life.AwaitRows(slot: 1, count: 0);
        life.AwaitRows(slot: 2, count: 0);
    }

    [Fact, Trait("RaftBug", "B54")]
    public void Snapshots_that_are_not_kept_are_deleted_but_not_one_that_the_node_was_not_told_of()
    {
        using var life = new Life(_data.Path);
        life.Recovered();
        foreach (var index in new[] { 3, 6, 9 }) life.Take(Mark(index, 1), Bytes(300));

        life.Store.Tell((object)new RetainSnapshots([Id(6, 1)]));

        life.AwaitRows(slot: 1, count: 0);
        life.AwaitRows(slot: 2, count: 3);
        life.AwaitRows(slot: 3, count: 3);
        life.Store.Tell((object)new SendSnapshotChunk(Peer, Install(new StoredSnapshot(Mark(3, 1), 300, 1), 0), 10));
        life.Node.ExpectWritten<SnapshotGone>().To.ShouldBe(Peer);
    }

    /// <summary>The log is written to the same disk.</summary>
    [Fact]
    public void An_old_snapshot_is_deleted_no_faster_than_one_is_written()
    {
        using (var life = new Life(_data.Path))
        {
            life.Recovered();
            life.Take(Mark(3, 1), Bytes(4000));
            life.Take(Mark(6, 1), Bytes(300));
        }

        using var slow = new Life(_data.Path, writeRate: 1);
        slow.Recovered();
        slow.Store.Tell((object)new RetainSnapshots([Id(6, 1)]));

        slow.AwaitRows(slot: 1, count: 24);
        slow.Node.ExpectNoMsg(Quiet);
        slow.AwaitRows(slot: 1, count: 24);
    }

    /// <summary>As the simple form does.</summary>
    [Fact]
    public void A_state_that_comes_all_at_once_is_written_no_faster()
    {
        using var slow = new Life(_data.Path, writeRate: 1);
        slow.Recovered();

        slow.Store.Tell(new WriteSnapshot(Mark(3, 1), Pieces(Bytes(4000), length: 4000)));

        slow.AwaitRows(slot: 1, count: 1);
        slow.Node.ExpectNoMsg(Quiet);
        slow.AwaitRows(slot: 1, count: 1);
    }

    [Fact, Trait("RaftBug", "B56")]
    public void A_snapshot_that_is_being_restored_stays_until_it_is_read()
    {
        using var life = new Life(_data.Path);
        life.Recovered();
        var first = life.Take(Mark(3, 1), Bytes(300));
        life.Store.Tell(new BeginReading(first));
        life.Take(Mark(9, 1), Bytes(300));
        life.Store.Tell((object)new RetainSnapshots([Id(9, 1)]));

        life.ReadAll(first).ShouldBe(Bytes(300));

        life.Store.Tell(new EndReading(first.Last));
        life.Store.Tell(new WriteSnapshot(Mark(12, 1), Pieces(Bytes(10))));   // the next directory does not name it any more
        life.Node.ExpectWritten<SnapshotTaken>();
        life.AwaitRows(slot: 1, count: 0);
    }

    [Fact]
    public void A_snapshot_that_a_client_reads_stays_until_two_others_are_read()
    {
        using var life = new Life(_data.Path);
        life.Recovered();
        var lent = new List<StoredSnapshot>();
        foreach (var index in new[] { 3, 6, 9, 12 })
        {
            lent.Add(life.Take(Mark(index, 1), Bytes(300)));
            if (index < 12) life.Store.Tell(new LendSnapshot(SnapshotName.Of(lent[^1])));
            life.Store.Tell((object)new RetainSnapshots([Id(index, 1)]));
            if (index == 6) ReadPiece(lent[0], 150, 100).ShouldBe(Bytes(300)[150..250]);
        }

        // The first one was read after the second was lent: so the second made room for the third.
        life.AwaitRows(slot: 2, count: 0);
        ReadPiece(lent[1], 0, 10).ShouldBeNull();
        ReadPiece(lent[0], 290, 10).ShouldBe(Bytes(300)[290..]);
        ReadPiece(lent[2], 0, 300).ShouldBe(Bytes(300));
        ReadPiece(lent[3] with { Checksum = 1 }, 0, 10).ShouldBeNull("it is of the same entries, and another one");

        byte[]? ReadPiece(StoredSnapshot snapshot, long offset, int length)
        {
            life.Store.Tell(new ReadSnapshotPiece(life.Machine, new BackupPieceRequest(Cluster, Group, 1, SnapshotName.Of(snapshot), offset, length), length));
            return life.Node.ExpectMsg<SnapshotPieceRead>().Bytes?.ToArray();
        }
    }

    [Theory, InlineData("delete from snapshot"), InlineData("update snapshot set snapshot = x'08011002220105'")]
    public void A_row_that_is_gone_or_damaged_makes_the_snapshot_unreadable_by_name(string damage)
    {
        StoredSnapshot snapshot;
        using (var life = new Life(_data.Path))
        {
            life.Recovered();
            snapshot = life.Take(Mark(3, 1), Bytes(300));
        }

        Run($"{damage} where persistence_id like '%/snapshots/1' and sequence_number = 2");
        using var next = new Life(_data.Path);
        next.Recovered().ShouldBe(snapshot);
        next.Store.Tell(new ReadRow(snapshot.Last, 1), next.Machine);
        next.Machine.ExpectMsg<RowRead>();
        next.Store.Tell(new ReadRow(snapshot.Last, 2), next.Machine);

        var what = next.Node.ExpectMsg<SnapshotUnreadable>().What;
        what.ShouldContain("snapshots.db");
        what.ShouldContain("/snapshots/1");
    }

    void Run(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(_data.Path, Group.Value, "snapshots.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery().ShouldBe(1);
    }

    static byte[] Bytes(int count) => [.. Enumerable.Range(0, count).Select(i => (byte)(i * 7))];

    static SnapshotMark Mark(long index, long term) => new(Id(index, term), Identity.FirstConfiguration);

    static InstallSnapshot Install(StoredSnapshot snapshot, long offset) => new(ThisNode, new Term(3), new TransferId(new Term(3), 1), snapshot, offset, default);

    static async IAsyncEnumerable<ReadOnlyMemory<byte>> Pieces(byte[] bytes, int length = 30)
    {
        for (var from = 0; from < bytes.Length; from += length)
        {
            await Task.Yield();
            yield return bytes.AsMemory(from, Math.Min(length, bytes.Length - from));
        }
    }

    static async IAsyncEnumerable<ReadOnlyMemory<byte>> HalfOf(int count, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        yield return Bytes(count);
        await Task.Delay(Timeout.Infinite, cancellation);
    }

    static async IAsyncEnumerable<ReadOnlyMemory<byte>> Failing(int count)
    {
        yield return Bytes(count);
        await Task.Yield();
        throw new IOException("no more");
    }

    /// <summary>One life of a process: the store, and probes for node and machine.</summary>
    sealed class Life : IDisposable
    {
        readonly NodeStorage _storage;
        readonly ActorSystem _system;
        readonly Akka.TestKit.Xunit2.TestKit _kit;

        public Life(string folder, long writeRate = 1_000_000_000)
        {
            _storage = NodeStorage.Open(folder, Cluster, Group, ThisNode);
            _system = ActorSystem.Create("snapshots", "akka.loglevel = WARNING\nakka.log-dead-letters = off\nakka.test.single-expect-default = 20s");
            SerializerRegistration.Register((ExtendedActorSystem)_system);
            _storage.AddTo(_system);
            _kit = new Akka.TestKit.Xunit2.TestKit(_system);
            Node = _kit.CreateTestProbe();
            Machine = _kit.CreateTestProbe();
            Store = Node.ChildActorOf(SnapshotStore.Props(Cluster, Group, ThisNode, new SnapshotOptions
            {
                PluginId = _storage.SnapshotPluginId,
                Place = _storage.SnapshotFile,
                RowBytes = 100,
                WriteRate = writeRate,
            }));
        }

        public TestProbe Node { get; }

        public TestProbe Machine { get; }

        public IActorRef Store { get; }

        public string Folder => _storage.Folder;

        public StoredSnapshot? Recovered() => Node.ExpectMsg<SnapshotsRecovered>(TimeSpan.FromSeconds(30)).Newest;

        public StoredSnapshot Take(SnapshotMark at, byte[] content)
        {
            Store.Tell(new WriteSnapshot(at, Pieces(content)));
            return Node.ExpectWritten<SnapshotTaken>().Snapshot;
        }

        public void Receive(TransferId transfer, StoredSnapshot snapshot, byte[] content)
        {
            Store.Tell((object)new BeginReceiving(transfer, snapshot));
            for (var from = 0; from < content.Length; from += 60)
                Store.Tell((object)new StoreSnapshotChunk(transfer, from, content.AsMemory(from, Math.Min(60, content.Length - from))));
        }

        public byte[] ReadAll(StoredSnapshot snapshot)
        {
            var all = new List<byte>();
            for (var number = 1; ; number++)
            {
                Store.Tell(new ReadRow(snapshot.Last, number), Machine);
                var row = Machine.ExpectMsg<RowRead>().Bytes;
                if (row.IsEmpty) return [.. all];
                all.AddRange(row.Span);
            }
        }

        public void AwaitRows(int slot, long count) => _kit.AwaitAssert(() => RowsOf(slot).ShouldBe(count), TimeSpan.FromSeconds(20));

        long RowsOf(int slot)
        {
            using var connection = new SqliteConnection($"Data Source={_storage.SnapshotFile};Pooling=False;Mode=ReadOnly");
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = $"select count(*) from snapshot where persistence_id like '%/snapshots/{slot}'";
            return (long)command.ExecuteScalar()!;
        }

        public void Dispose()
        {
            if (!_system.Terminate().Wait(TimeSpan.FromSeconds(20))) throw new TimeoutException("The actor system did not end within 20 s.");
            _kit.Dispose();
            _storage.Dispose();
        }
    }
}
