using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using AkkaRaft.Process.Tests.Support;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace AkkaRaft.Process.Tests;

public sealed class FrozenLeaderTests(ITestOutputHelper output) : ClusterTest(output)
{
    const int StaleReads = 50;
    const int EnoughReads = 45;
    static readonly TimeSpan s_threeElectionTimeouts = TimeSpan.FromMilliseconds(3 * 1200);

    /// <summary>Thesis 6.4: a leader that was deposed without knowing it answers no read from its memory, and its writes are not lost.</summary>
    [Fact]
    public Task Leader_frozen_for_three_election_timeouts_is_replaced_and_gives_no_stale_answer_when_it_goes_on() => Freeze(s_threeElectionTimeouts, []);

    /// <summary>
    /// The same with a leader that would wait long before it asks itself whether it still leads (check-quorum, election-timeout-max): only the round
    /// of heartbeats that each read waits for stands between it and a stale answer.
    /// </summary>
    [Fact]
    public async Task Leader_that_still_believes_that_it_leads_gives_no_stale_answer()
    {
        var patient = Path.Combine(Path.GetTempPath(), $"akkaraft-{Guid.NewGuid():N}.conf");
        await File.WriteAllTextAsync(patient, "akka.raft { election-timeout-min = 600ms, election-timeout-max = 8s }");
        await Freeze(TimeSpan.Zero, ["--config", patient]);
        File.Delete(patient);
    }

    Task Freeze(TimeSpan atLeast, string[] settings, [CallerMemberName] string name = "") => WithCluster(3, async cluster =>
    {
        await cluster.Start(Patience);
        await using var session = DriveSession.Start(cluster, 4);
        var first = await WriteFor(session, TimeSpan.Zero, value: 0);
        var old = cluster[first.Answer.Leader!];
        // It knows the old leader only, and is connected to it: what it sends waits at the frozen process's door.
        await using var besieger = DriveSession.Start(cluster, StaleReads, peers: $"{old.Id}={old.Address}", timeout: "60s");
        var warm = await besieger.Send(new DriveRequest(OperationKind.Get, "x"));
        warm.Answer.Value.ShouldBe(first.Request.Value);

        old.Pause();
        var frozen = Stopwatch.StartNew();
        var latest = await WriteFor(session, atLeast, int.Parse(first.Request.Value!, CultureInfo.InvariantCulture) + 1);
        latest.Answer.Leader.ShouldNotBe(old.Id);
        var reads = Enumerable.Range(0, StaleReads).Select(_ => besieger.Send(new DriveRequest(OperationKind.Get, "x"))).ToList();
        frozen.Elapsed.ShouldBeGreaterThanOrEqualTo(atLeast);
        old.Resume();

        var ended = await Task.WhenAll(reads);
        foreach (var (outcome, count) in ended.CountBy(r => $"{r.Answer.Outcome} by {r.Answer.Leader ?? "nobody"}")) Report.WriteLine($"{count} {outcome}");
        ended.Where(r => r.Answer.IsOk && r.Answer.Value != latest.Request.Value).ShouldBeEmpty("Stale answers.");
        // The old leader sends them on to the new one, and they have the time: without this the line above could judge nothing.
        ended.Count(r => r.Answer.IsOk && r.Answer.Leader != old.Id).ShouldBeGreaterThanOrEqualTo(EnoughReads, $"Too few were answered: {ended[0]}");

        HashmapModel.Judge(session.History, besieger.History).Failure.ShouldBeNull();
        await using var client = Statuses.Client(cluster);
        await Statuses.WhenAllAgree(client, cluster);
        (await session.Send(new DriveRequest(OperationKind.Get, "x"))).Answer.Value.ShouldBe(latest.Request.Value);
    }, settings, name);

    // One write after the other: the newest value is known at each moment.
    static async Task<DriveOperation> WriteFor(DriveSession session, TimeSpan time, int value)
    {
        var until = Stopwatch.StartNew();
        DriveOperation? acknowledged = null;
        for (; acknowledged is null || until.Elapsed < time; value++)
        {
            var write = await session.Send(new DriveRequest(OperationKind.Put, "x", $"{value}"));
            if (write.Answer.IsOk) acknowledged = write;
            else acknowledged = null;
            until.Elapsed.ShouldBeLessThan(Patience, "No leader takes writes.");
        }

        return acknowledged;
    }
}
