using System.Buffers.Binary;
using System.Collections.Concurrent;
using Akka.Actor;
using AkkaRaft.Backups;
using AkkaRaft.Consensus;
using AkkaRaft.Serialization;
using AkkaRaft.StateMachine;
using AkkaRaft.Tests.Journals;
using Shouldly;
using Xunit;
using Proto = AkkaRaft.Serialization.Proto;

namespace AkkaRaft.Tests.Groups;

/// <summary>Backups of a running group, as an application makes them: real actor systems, Akka.Remote and SQLite in one process.</summary>
public sealed class BackupSpec : IDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    readonly TempFolder _folder = new();

    string FilePath => Path.Combine(_folder.Path, "tally.backup");

    public void Dispose() => _folder.Dispose();

    /// <summary>Small pieces, so that a small state has many of them.</summary>
    static RaftSettings InPieces(RaftSettings settings) => settings.WithSnapshotStoreChunkBytes(7).WithSnapshotChunkBytes(5).WithSnapshotWindowBytes(15);

    [Fact]
    public async Task Backup_under_writes_has_all_that_was_acknowledged_before_and_is_the_log_up_to_its_last_entry()
    {
        await using var cluster = new LocalCluster(3);
        foreach (var node in new[] { 1, 2, 3 }) cluster.Start(node, InPieces);
        var client = cluster.Groups[1].Client;
        var acknowledged = new ConcurrentBag<long>();
        using var enough = new CancellationTokenSource();
        var writing = Write();
        await Eventually.Holds("writes are acknowledged", () => acknowledged.Count >= 20, Patience);

        var before = acknowledged.Count;
        var backup = await client.Backup(FilePath, timeout: Patience);
        var after = acknowledged.Count;
        await Eventually.Holds("writes go on", () => acknowledged.Count > after, Patience);
        await enough.CancelAsync();
        await writing;

        var value = Tallied(FilePath, cluster.SystemOf(1));
        value.ShouldBeGreaterThanOrEqualTo(before);
        value.ShouldBe(acknowledged.Count(index => index <= backup.LastEntry.Index.Value), "each write up to the last entry, and none behind it");
        RaftBackup.Verify(FilePath).ShouldBe(backup);
        backup.Cluster.Value.ShouldBe("test");
        backup.Configuration.Voters.Count().ShouldBe(3);

        async Task Write()
        {
            while (!enough.IsCancellationRequested) acknowledged.Add((await client.ProposeDetailed<long>(new Increase(1), Patience)).Index.Value);
        }
    }

    [Fact]
    public async Task Any_member_gives_it_when_it_is_named_and_only_members_do()
    {
        await using var cluster = new LocalCluster(3);
        foreach (var node in new[] { 1, 2, 3 }) cluster.Start(node, InPieces);
        var client = cluster.Groups[1].Client;
        await client.Propose<long>(new Increase(5), Patience);

        foreach (var node in new[] { 1, 2, 3 })
        {
            var stream = new MemoryStream();
            var backup = await client.Backup(stream, new RaftBackupOptions { From = new NodeId($"{node}") }, timeout: Patience);
            backup.Node.ShouldBe(new NodeId($"{node}"));
            stream.Length.ShouldBe(backup.FileBytes);
            await File.WriteAllBytesAsync(FilePath, stream.ToArray());
            Tallied(FilePath, cluster.SystemOf(1)).ShouldBe(5);
        }

        (await Should.ThrowAsync<ArgumentException>(client.Backup(new MemoryStream(), new RaftBackupOptions { From = new NodeId("7") }, timeout: Patience))).Message.ShouldContain("no member 7");
    }

    [Fact]
    public async Task When_the_node_stops_that_sends_it_another_one_does_and_the_file_is_whole()
    {
        await using var cluster = new LocalCluster(3);
        foreach (var node in new[] { 1, 2, 3 }) cluster.Start(node, InPieces);
        foreach (var group in cluster.Groups.Values) await group.WhenReady.WaitAsync(Patience);
        var leader = cluster.Groups[int.Parse((await cluster.Groups[1].Client.FindLeader(Patience)).Node.Value)];
        await leader.Propose<long>(new Increase(5), Patience);
        var seen = new StopsTheFirst(cluster);

        var backup = await leader.Client.Backup(FilePath, progress: seen, timeout: Patience);

        seen.Stopped.ShouldNotBeNull();
        backup.Node.ShouldNotBe(seen.Stopped.Value);
        Directory.GetFiles(_folder.Path).ShouldBe([FilePath]);
        Tallied(FilePath, cluster.SystemOf(1)).ShouldBe(5);
    }

    [Fact]
    public async Task Backup_that_is_cancelled_or_may_not_overwrite_leaves_what_was_there()
    {
        await using var cluster = new LocalCluster(1);
        var client = cluster.Start(1, InPieces).Client;
        await client.Propose<long>(new Increase(5), Patience);
        using var cancelled = new CancellationTokenSource();
        await Should.ThrowAsync<OperationCanceledException>(client.Backup(FilePath, progress: new Reported(told =>
        {
            if (told.Bytes > 0) cancelled.Cancel();
        }), timeout: Patience, cancellationToken: cancelled.Token));
        Directory.GetFiles(_folder.Path).ShouldBeEmpty();

        var first = await client.Backup(FilePath, timeout: Patience);
        (await Should.ThrowAsync<RaftBackupException>(client.Backup(FilePath, timeout: Patience))).Failure.ShouldBe(RaftBackupFailure.FileExists);
        RaftBackup.Verify(FilePath).ShouldBe(first);

        await client.Propose<long>(new Increase(1), Patience);
        var second = await client.Backup(FilePath, new RaftBackupOptions { Overwrite = true }, timeout: Patience);
        second.LastEntry.Index.ShouldBeGreaterThan(first.LastEntry.Index);
        Tallied(FilePath, cluster.SystemOf(1)).ShouldBe(6);
    }

    [Fact]
    public async Task State_machine_that_takes_no_snapshots_says_so()
    {
        await using var cluster = new LocalCluster(1);
        var system = cluster.NewSystem(1);
        var group = Raft.Get(system).Start(Props.Create(() => new Forgetful()), RaftSettings.Create(system));
        await group.WhenReady.WaitAsync(Patience);

        var error = await Should.ThrowAsync<RaftBackupException>(group.Client.Backup(FilePath, timeout: Patience));

        error.Failure.ShouldBe(RaftBackupFailure.NoSnapshots);
        Directory.GetFiles(_folder.Path).ShouldBeEmpty();
    }

    /// <summary>What a restored <see cref="Tally"/> would have.</summary>
    static long Tallied(string path, ActorSystem system)
    {
        using var file = BackupFile.Open(path);
        byte[] content = [.. file.Content().SelectMany(piece => piece.ToArray())];
        var header = Proto.SnapshotHeader.Parser.ParseFrom(content.AsSpan(SnapshotContent.LengthBytes, BinaryPrimitives.ReadInt32LittleEndian(content)));
        var state = new Payload(header.Serializer, header.Manifest, content.AsMemory((int)(content.Length - header.StateLength)));
        return PayloadCodec.Get(system).Decode(state).ShouldBeOfType<long>();
    }

    public sealed class Forgetful : RaftStateMachine
    {
        public Forgetful() => Command<Increase>(increase => increase.By);
    }

    sealed class Reported(Action<RaftBackupProgress> on) : IProgress<RaftBackupProgress>
    {
        public void Report(RaftBackupProgress value) => on(value);
    }

    /// <summary>Stops the first node that sends anything, after its first piece.</summary>
    sealed class StopsTheFirst(LocalCluster cluster) : IProgress<RaftBackupProgress>
    {
        public NodeId? Stopped { get; private set; }

        public void Report(RaftBackupProgress value)
        {
            if (Stopped is not null || value.Bytes == 0) return;
            Stopped = value.Node;
            cluster.Groups[int.Parse(value.Node.Value)].Stop().WaitAsync(Patience).GetAwaiter().GetResult();
        }
    }
}
