using AkkaRaft.Process.Tests.Support;
using AkkaRaft.Samples.ClusterLauncher.Processes;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace AkkaRaft.Process.Tests;

public sealed class LeaderKillTests(ITestOutputHelper output) : ClusterTest(output)
{
    const int Clients = 8;
    const int WritesBetweenKills = 60;

    /// <summary>Raft 5.4.3: what was committed is in the log of every later leader, whenever the leader dies.</summary>
    [Fact]
    public Task Leader_killed_again_and_again_under_load_loses_no_acknowledged_write_and_adds_none_twice() => WithCluster(3, async cluster =>
    {
        await cluster.Start(Patience);
        await using var session = DriveSession.Start(cluster, Clients);
        var book = new WriteBook();
        var pulse = new LeaderPulse();
        using var end = new CancellationTokenSource();
        var load = session.Load(book.Next, operation =>
        {
            book.Note(operation);
            pulse.Note(operation);
        }, end.Token);

        for (book.Round = 1; book.Round <= Soak.KillRounds; book.Round++)
        {
            var leader = await pulse.WhenAcknowledged(WritesBetweenKills, Patience);
            await cluster[leader].Kill();
            pulse.Forget(leader);
            var successor = await pulse.WhenAcknowledged(WritesBetweenKills, Patience);
            successor.ShouldNotBe(leader);
            cluster[leader].Start();
            await cluster[leader].WhenReady(Patience);
        }

        await end.CancelAsync();
        await load;

        Report.WriteLine($"{Soak.KillRounds} kills: {book.Acknowledged} writes acknowledged, {book.Unknown} unknown.");
        session.Breaches.ShouldBeEmpty();
        await book.Verify(session);
        (await session.End()).ShouldBe(0);
    });
}
