using AkkaRaft.Consensus;
using AkkaRaft.Protocol;
using AkkaRaft.Tests.Backups;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace AkkaRaft.Tests.Client;

/// <summary>A client that makes a backup: whom it asks, what it pulls, and what it makes of nodes that cannot.</summary>
public sealed class BackupClientSpec(ITestOutputHelper output) : ClientSpec(output)
{
    static readonly StoredSnapshot Snapshot = SomeBackup.HeaderOf(SomeBackup.Content[..10]).Snapshot;

    [Fact]
    public void A_follower_is_asked_until_its_snapshot_is_ready_and_then_for_all_of_it()
    {
        var client = NewClientOf(leader: 1, term: 7);
        var stream = new MemoryStream();
        var backup = client.Backup(stream, timeout: TimeSpan.FromMinutes(1));
        TellWhoIsThere();

        var asked = Next<BackupRequest>(2);
        Tell(new BackupReply(Id(2), asked.RequestId, BackupOutcome.Working, ""), from: 2);
        Next<BackupRequest>(2).ShouldBe(asked, "it is the same request");
        Tell(Ready(2, asked), from: 2);
        SendPieces(2);

        var told = ResultOf(backup);
        told.Node.ShouldBe(Id(2));
        told.LastEntry.ShouldBe(Snapshot.Last);
        told.FileBytes.ShouldBe(stream.Length);
        NobodyAsks(3);
    }

    [Fact]
    public void A_node_that_cannot_now_or_lost_its_snapshot_is_left_for_another_and_nothing_of_it_stays()
    {
        var client = NewClientOf(leader: 1, term: 7);
        var stream = new MemoryStream();
        var backup = client.Backup(stream, timeout: TimeSpan.FromMinutes(1));
        TellWhoIsThere();

        Tell(new BackupReply(Id(2), Next<BackupRequest>(2).RequestId, BackupOutcome.NotNow, "it is raining"), from: 2);
        Tell(Ready(3, Next<BackupRequest>(3)), from: 3);
        var first = Next<BackupPieceRequest>(3);
        Tell(Piece(3, first), from: 3);
        Tell(BackupPiece.Gone(Id(3), Next<BackupPieceRequest>(3)), from: 3);
        Tell(Ready(1, Next<BackupRequest>(1)), from: 1);
        SendPieces(1);

        ResultOf(backup).Node.ShouldBe(Id(1));
        ResultOf(backup).FileBytes.ShouldBe(stream.Length);
    }

    [Fact]
    public void A_stream_that_cannot_go_back_ends_with_the_first_node_that_fails()
    {
        var client = NewClientOf(leader: 1, term: 7);
        var backup = client.Backup(new OneWay(), timeout: TimeSpan.FromMinutes(1));
        TellWhoIsThere();

        Tell(Ready(2, Next<BackupRequest>(2)), from: 2);
        Tell(BackupPiece.Gone(Id(2), Next<BackupPieceRequest>(2)), from: 2);
        Tell(Ready(3, Next<BackupRequest>(3)), from: 3);

        FailureOf<RaftBackupException>(backup).Message.ShouldContain("Throw away what the stream got");
    }

    [Fact]
    public void A_group_that_takes_no_snapshots_is_asked_once()
    {
        var client = NewClientOf(leader: 1, term: 7);
        var backup = client.Backup(new MemoryStream(), timeout: TimeSpan.FromMinutes(1));
        TellWhoIsThere();

        Tell(new BackupReply(Id(2), Next<BackupRequest>(2).RequestId, BackupOutcome.NoSnapshots, ""), from: 2);

        FailureOf<RaftBackupException>(backup).Failure.ShouldBe(RaftBackupFailure.NoSnapshots);
        NobodyAsks(3);
    }

    /// <summary>Node 1 leads, and says that 2 and 3 follow, and that 3 lags.</summary>
    void TellWhoIsThere()
    {
        ExpectLeaderRequest(1);
        Hint(1, 1, term: 7);
        Next<StatusRequest>(1);
        var members = new Configuration([.. Enumerable.Range(1, 3).Select(n => new Member(Id(n), AddressOf(n)))]);
        Tell(new StatusReply(new RaftStatus(Id(1), RaftRole.Leader, new Term(7), Id(1), Snapshot.Last, Snapshot.Last.Index, Snapshot.Last.Index, Snapshot.Last.Index)
        {
            Configuration = RaftConfiguration.Of(LogIndex.Zero, members, LogIndex.Zero),
            Peers = [.. new[] { 2, 3 }.Select(n => new RaftPeerStatus(Id(n), AddressOf(n)) { HeardAgo = TimeSpan.Zero, State = RaftPeerState.Replicate, Lag = n })],
        }), from: 1);
    }

    /// <summary>The next message of its kind: the client looks for a leader beside.</summary>
    T Next<T>(int node) => Node(node).FishForMessage<T>(_ => true);

    void NobodyAsks(int node)
    {
        Settle();
        while (Node(node).HasMessages) Node(node).ExpectMsg<LeaderRequest>();
    }

    static BackupReply Ready(int node, BackupRequest asked) => new(Id(node), asked.RequestId, BackupOutcome.Ready, "") { Snapshot = Snapshot, PieceBytes = 4 };

    static BackupPiece Piece(int node, BackupPieceRequest asked) =>
        new(Id(node), asked.RequestId, false, asked.Offset, SomeBackup.Content.AsMemory((int)asked.Offset, asked.Bytes));

    /// <summary>All three pieces of ten bytes; the last one first.</summary>
    void SendPieces(int node)
    {
        var asked = Enumerable.Range(0, 3).Select(_ => Next<BackupPieceRequest>(node)).ToList();
        asked.Select(each => (each.Offset, each.Bytes)).ShouldBe([(0, 4), (4, 4), (8, 2)]);
        foreach (var each in Enumerable.Reverse(asked)) Tell(Piece(node, each), from: node);
    }

    sealed class OneWay : MemoryStream
    {
        public override bool CanSeek => false;
    }
}
