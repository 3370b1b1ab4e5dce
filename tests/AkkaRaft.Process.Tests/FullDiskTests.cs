using System.Runtime.CompilerServices;
using AkkaRaft.Process.Tests.Support;
using AkkaRaft.Samples.ClusterLauncher.Processes;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace AkkaRaft.Process.Tests;

/// <summary>Design, section 4: a failed write steps the node down, it stops acknowledging, tries again with a back-off, and stops after N tries.</summary>
public sealed class FullDiskTests(ITestOutputHelper output) : ClusterTest(output)
{
    const string Small = "3";
    const int DiskMegabytes = 24;

    [Fact]
    public Task Follower_with_a_full_disk_stops_acknowledging_while_the_others_go_on_and_recovers_when_there_is_room_again() =>
        WithSmallDisk(maxRestarts: 1000, async (cluster, disk, session, book) =>
        {
            disk.Fill();
            await Write(session, book, 200);
            var error = await cluster[Small].Process!.Errors.WaitFor("the error of the journal", line => line.Contains("a journal failed"), Patience);
            error.ShouldContain("full", Case.Insensitive);
            var last = await Write(session, book, 200);
            await using var client = Statuses.Client(cluster);
            var small = await client.TryStatus(Small, TimeSpan.FromSeconds(1), default);
            (small?.DurableIndex.Value ?? 0).ShouldBeLessThan(last, "A node whose disk is full cannot have stored the last entries.");

            disk.Free();

            await cluster[Small].Process!.Errors.WaitFor("the word that the journals work", line => line.Contains("its journals work again"), Patience);
            await Write(session, book, 100);
            await Statuses.WhenAllAgree(client, cluster);
            await book.Verify(session);
        });

    [Fact]
    public Task Follower_whose_disk_stays_full_stops_after_its_tries_with_a_sentence_and_can_be_started_again() =>
        WithSmallDisk(maxRestarts: 2, async (cluster, disk, session, book) =>
        {
            disk.Fill();
            using var end = new CancellationTokenSource();
            var load = session.Load(book.Next, Note, end.Token);
            var process = cluster[Small].Process!;
            (await process.Exited.WaitAsync(Patience)).ShouldNotBe(0);
            process.Errors.Last(1)[0].ShouldContain("its journal failed 3 times in a row");
            await end.CancelAsync();
            await load;

            disk.Free();
            cluster[Small].Start();
            await cluster[Small].WhenReady(Patience);

            await using var client = Statuses.Client(cluster);
            await Statuses.WhenAllAgree(client, cluster);
            await book.Verify(session);

            void Note(DriveOperation operation)
            {
                operation.Answer.IsOk.ShouldBeTrue($"The two others are a majority: {operation}");
                book.Note(operation);
            }
        });

    Task WithSmallDisk(
        int maxRestarts, Func<HashmapCluster, SmallDisk, DriveSession, WriteBook, Task> test, [CallerMemberName] string name = "")
    {
        var settings = Path.Combine(Path.GetTempPath(), $"akkaraft-{Guid.NewGuid():N}.conf");
        File.WriteAllText(settings, $"akka.raft.journal {{ max-restarts = {maxRestarts}, restart-backoff-max = 500ms }}");
        return WithCluster(3, async cluster =>
        {
            await using var disk = await SmallDisk.Mount(cluster[Small].DataFolder, DiskMegabytes);
            await cluster.Start(Patience);
            await using var session = DriveSession.Start(cluster, 8);
            var book = new WriteBook();
            await MakeFollower(cluster, session);
            await Write(session, book, 100);
            try
            {
                await test(cluster, disk, session, book);
            }
            finally
            {
                // Its open files would keep the disk.
                await cluster[Small].DisposeAsync();
                File.Delete(settings);
            }
        }, ["--config", settings], name);
    }

    // A frozen leader is deposed.
    static async Task MakeFollower(HashmapCluster cluster, DriveSession session)
    {
        if (await LeaderOfAWrite() != Small) return;
        cluster[Small].Pause();
        await Until.Holds("another leader", LeaderOfAWrite, leader => leader is not null && leader != Small);
        cluster[Small].Resume();

        async Task<string?> LeaderOfAWrite() => (await session.Send(new DriveRequest(OperationKind.Put, "who", "1"))).Answer.Leader;
    }

    // Returns the log index of the last of them.
    static async Task<long> Write(DriveSession session, WriteBook book, int count)
    {
        var operations = await Task.WhenAll(Enumerable.Range(0, count).Select(_ => session.Send(book.Next)));
        foreach (var operation in operations)
        {
            operation.Answer.IsOk.ShouldBeTrue($"Two nodes of three are a majority: {operation}");
            book.Note(operation);
        }

        return operations.Max(o => o.Answer.Index!.Value);
    }
}
