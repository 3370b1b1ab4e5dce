using AkkaRaft.Process.Tests.Support;
using AkkaRaft.Samples.ClusterLauncher.Processes;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace AkkaRaft.Process.Tests;

public sealed class DriveTests(ITestOutputHelper output) : ClusterTest(output)
{
    const int Operations = 10_000;
    const int EnoughOk = 9_000;
    const int Clients = 16;

    /// <summary>Raft 8, thesis 6.3 and 6.4: the cluster behaves as one copy that does one operation after the other.</summary>
    [Fact]
    public Task Ten_thousand_mixed_operations_of_sixteen_clients_are_linearizable_while_the_leader_is_killed_twice() => WithCluster(3, async cluster =>
    {
        await cluster.Start(Patience);
        await using var session = DriveSession.Start(cluster, Clients);
        var mix = new OperationMix(seed: 20_261_123);
        var killings = Killings(cluster, session);

        await SendAll(session, mix);
        await killings;
        await Task.WhenAll(mix.Keys.Select(key => session.Send(new DriveRequest(OperationKind.Get, key))));

        (await session.End()).ShouldBe(0);
        DriveProtocol.Check(session, Operations + mix.Keys.Count);
        ReportOutcomes(session.History);
        // Two killings cost a second or two each: were most operations to fail, the checker would have little to judge.
        session.History.Count(o => o.Answer.IsOk).ShouldBeGreaterThanOrEqualTo(EnoughOk);
        LogOrder.FindError(session.History).ShouldBeNull();
        HashmapModel.Judge(session.History).Failure.ShouldBeNull();
    });

    // Two lines per client: the next one waits in the program when the last one ends.
    static Task SendAll(DriveSession session, OperationMix mix)
    {
        var left = Operations;
        return Task.WhenAll(Enumerable.Range(0, 2 * Clients).Select(async _ =>
        {
            while (Interlocked.Decrement(ref left) >= 0) await session.Send(client => mix.Next(client));
        }));
    }

    static async Task Killings(HashmapCluster cluster, DriveSession session)
    {
        foreach (var moment in new[] { Operations * 3 / 10, Operations * 6 / 10 })
        {
            await Until.IsTrue($"{moment} operations to end", () => session.History.Count >= moment, TimeSpan.FromMinutes(2));
            var leader = session.History.Last(o => o.Answer is { IsOk: true, Leader: not null }).Answer.Leader!;
            await cluster[leader].Kill();
            cluster[leader].Start();
            await cluster[leader].WhenReady(Patience);
        }
    }

    void ReportOutcomes(IReadOnlyList<DriveOperation> history)
    {
        foreach (var outcome in history.GroupBy(o => o.Answer.Outcome)) Report.WriteLine($"{outcome.Key}: {outcome.Count()}");
        Report.WriteLine($"Leaders: {string.Join(", ", history.Where(o => o.Answer.IsOk).Select(o => o.Answer.Leader).Distinct())}");
    }
}
