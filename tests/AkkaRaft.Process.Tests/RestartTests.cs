using AkkaRaft.Process.Tests.Support;
using AkkaRaft.Samples.ClusterLauncher.Processes;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace AkkaRaft.Process.Tests;

public sealed class RestartTests(ITestOutputHelper output) : ClusterTest(output)
{
    const int Clients = 8;

    /// <summary>Raft 5.3: a follower that was away gets what it missed.</summary>
    [Theory, InlineData(true), InlineData(false)]
    public Task Node_restarted_with_its_data_catches_up(bool killed) => WithCluster(3, async cluster =>
    {
        await cluster.Start(Patience);
        await using var session = DriveSession.Start(cluster, Clients);
        var book = new WriteBook();
        var leader = await Write(session, book, 200);
        var follower = cluster.Nodes.First(n => n.Id != leader);

        if (killed) await follower.Kill();
        else (await follower.Stop()).ShouldBe(0);
        await Write(session, book, 1000);
        follower.Start();
        await follower.WhenReady(Patience);
        await Write(session, book, 200);

        await using var client = Statuses.Client(cluster);
        var status = await Statuses.WhenAllAgree(client, cluster);
        status.LastEntry.Index.Value.ShouldBeGreaterThanOrEqualTo(book.Acknowledged);
        await book.Verify(session);
    });

    /// <summary>Raft 5.2, table 1: term, vote and log are on the disk before anyone hears of them.</summary>
    [Fact]
    public Task Whole_cluster_killed_under_load_keeps_everything() => WithCluster(3, async cluster =>
    {
        await cluster.Start(Patience);
        await using var session = DriveSession.Start(cluster, Clients);
        var book = new WriteBook();
        using var end = new CancellationTokenSource();
        var load = session.Load(book.Next, book.Note, end.Token);
        await Until.IsTrue("500 acknowledged writes", () => book.Acknowledged >= 500);

        await Task.WhenAll(cluster.Nodes.Select(n => n.Kill()));
        await end.CancelAsync();
        await load;
        await cluster.Start(Patience);

        await Write(session, book, 100);
        await using var client = Statuses.Client(cluster);
        await Statuses.WhenAllAgree(client, cluster);
        await book.Verify(session);
    });

    // Returns the leader that acknowledged the last of them.
    static async Task<string> Write(DriveSession session, WriteBook book, int count)
    {
        book.Round++;
        var operations = await Task.WhenAll(Enumerable.Range(0, count).Select(_ => session.Send(book.Next)));
        foreach (var operation in operations) book.Note(operation);
        return operations.Last(o => o.Answer.IsOk).Answer.Leader!;
    }
}
