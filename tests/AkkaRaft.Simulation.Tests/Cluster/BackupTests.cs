using System.Buffers.Binary;
using Akka.Actor;
using AkkaRaft.Consensus;
using AkkaRaft.Serialization;
using AkkaRaft.StateMachine;
using AkkaRaft.TestKit;
using Shouldly;
using Xunit;
using Proto = AkkaRaft.Serialization.Proto;

namespace AkkaRaft.Simulation.Tests.Cluster;

/// <summary>Backups of whole clusters that are written to, and whose nodes die meanwhile.</summary>
public sealed class BackupTests
{
    [Fact]
    public void Backup_under_writes_and_crashes_is_what_the_log_up_to_its_last_entry_makes()
    {
        var startedOver = 0;
        for (var seed = 1ul; seed <= 20; seed++)
        {
            using var cluster = Elected(seed);
            for (var i = 0; i < 15; i++) cluster.SendUntilDone(new AddLine($"before{i}"));
            var writes = Enumerable.Range(0, 25).Select(i => cluster.Propose(new AddLine($"meanwhile{i}"), client: 1)).ToList();
            var stream = new MemoryStream();
            var givers = new List<NodeId>();
            Task<RaftBackup>? backup = null;
            cluster.RunAsClient(2, client => backup = client.Backup(stream, progress: new Told(progress =>
            {
                if (progress.Bytes > 0 && !givers.Contains(progress.Node)) givers.Add(progress.Node);
            })));

            // Whoever gives it dies in the middle, or all goes well.
            if (seed % 2 == 0)
            {
                cluster.RunUntil(new Condition("a node sends its snapshot", _ => givers.Count > 0 || backup!.IsCompleted));
                var giver = int.Parse(givers[0].Value);
                cluster.Crash(giver);
                cluster.RunFor(8.Seconds());
                cluster.Restart(giver);
            }

            cluster.RunUntil(new Condition("the backup has ended", _ => backup!.IsCompleted));
            cluster.RunUntil(Conditions.Converged);
            var told = ResultOf(backup!);
            if (givers.Count > 1) startedOver++;

            var lines = LinesOf(stream, told, cluster.SystemOfClient(2));
            lines.Take(15).ShouldBe(Enumerable.Range(0, 15).Select(i => $"before{i}"));
            cluster.SendUntilDone(new AddLine("after"));
            var read = cluster.Query(new ReadLines());
            cluster.RunUntil(read.Ended);
            var all = ((string)read.Result!.Output!).Split(' ');
            all.Take(lines.Length).ShouldBe(lines, "it is a beginning of what everybody has");
            foreach (var write in writes.Where(write => write.Result is { Outcome: OperationOutcome.Done }))
                lines.Contains(((AddLine)write.Result!.Input).Text).ShouldBe(write.Result.Index <= told.LastEntry.Index);
        }

        startedOver.ShouldBeGreaterThan(3);
    }

    static RaftBackup ResultOf(Task<RaftBackup> ended) => ended.GetAwaiter().GetResult();

    static string[] LinesOf(MemoryStream stream, RaftBackup told, ActorSystem system)
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(file, stream.ToArray());
            using var backup = AkkaRaft.Backups.BackupFile.Open(file);
            backup.Sha256.ShouldBe(told.Sha256);
            byte[] content = [.. backup.Content().SelectMany(piece => piece.ToArray())];
            var header = Proto.SnapshotHeader.Parser.ParseFrom(content.AsSpan(SnapshotContent.LengthBytes, BinaryPrimitives.ReadInt32LittleEndian(content)));
            var state = new Payload(header.Serializer, header.Manifest, content.AsMemory((int)(content.Length - header.StateLength)));
            var codec = PayloadCodec.Get(system);
            codec.Admit([typeof(string[])]);
            return codec.Decode(state).ShouldBeOfType<string[]>();
        }
        finally
        {
            File.Delete(file);
        }
    }

    static SimulatedCluster Elected(ulong seed)
    {
        var cluster = new SimulatedCluster(seed, new ClusterOptions
        {
            Nodes = 3,
            Clients = 2,
            StateMachine = () => new Journaled(),
            Fingerprint = machine => ((Journaled)machine).State,
            Settings = settings => settings.WithSnapshotEntries(1000).WithSnapshotChunkBytes(20).WithSnapshotWindowBytes(40).WithSnapshotStoreChunkBytes(50),
        });
        cluster.Start();
        cluster.RunUntil(Conditions.LeaderElected);
        return cluster;
    }

    sealed class Told(Action<RaftBackupProgress> on) : IProgress<RaftBackupProgress>
    {
        public void Report(RaftBackupProgress value) => on(value);
    }
}
