using AkkaRaft.Process.Tests.Chaos;
using AkkaRaft.Process.Tests.Support;
using AkkaRaft.Samples.ClusterLauncher.Processes;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace AkkaRaft.Process.Tests;

/// <summary><c>./build.sh soak process --operations N</c> makes a long run of it.</summary>
public sealed class ChaosTests(ITestOutputHelper output) : ClusterTest(output)
{
    // Each driver's patience: the first one's is shorter than many faults, so that some outcomes are unknown.
    static readonly string[] s_timeouts = ["1500ms", "4s", "4s"];

    // A long run takes more at once, or it would take hours.
    static readonly int s_clientsOfADriver = Math.Clamp(Soak.ChaosOperations / 1_000, 6, 40);

    // Snapshots every few hundred entries, in several pieces, and little log behind them: who is away for a moment needs one.
    const string Settings = """
        akka.raft {
          lease-reads = on
          snapshot { entries = 300, trailing-entries = 50, chunk-bytes = 1KiB, window-bytes = 4KiB, store-chunk-bytes = 2KiB }
        }
        """;

    /// <summary>Raft 8, thesis 6.3 and 6.4: whatever happens to the processes, the cluster behaves as one copy that does one operation after the other.</summary>
    [Fact]
    public async Task Cluster_of_killed_frozen_stopped_and_restarted_nodes_that_live_on_snapshots_is_linearizable()
    {
        var settings = Path.Combine(Path.GetTempPath(), $"akkaraft-{Guid.NewGuid():N}.conf");
        await File.WriteAllTextAsync(settings, Settings);
        await WithCluster(3, Run, ["--config", settings]);
        File.Delete(settings);
    }

    async Task Run(HashmapCluster cluster)
    {
        var log = new ChaosLog(Report, cluster);
        log.Say($"seed {Soak.ChaosSeed}, {Soak.ChaosOperations} operations, {s_timeouts.Length} drivers with {s_clientsOfADriver} clients each");
        await cluster.Start(Patience);
        await using var client = Statuses.Client(cluster);
        var mix = new ChaosMix(Soak.ChaosSeed, [.. cluster.Nodes.Select(n => n.Id)]);
        var faults = new FaultRun(cluster, client, new FaultPlan(Soak.ChaosSeed), log.Say);
        var sessions = s_timeouts.Select(timeout => DriveSession.Start(cluster, s_clientsOfADriver, timeout: timeout)).ToList();
        try
        {
            await Load(sessions, mix, faults, log);
            await Statuses.WhenAllAgree(client, cluster);
            await ReadAll(cluster, sessions, mix.Keys);
            foreach (var session in sessions) (await session.End()).ShouldBe(0);
            Judge(cluster, sessions, faults, log);
        }
        catch (Exception failure)
        {
            log.Say($"FAILED: {failure.Message}");
            log.Keep(sessions);
            throw;
        }
        finally
        {
            foreach (var session in sessions) await session.DisposeAsync();
        }
    }

    static async Task Load(IReadOnlyList<DriveSession> sessions, ChaosMix mix, FaultRun faults, ChaosLog log)
    {
        using var end = new CancellationTokenSource();
        var ended = 0;
        var harm = faults.Run(end.Token);
        var load = sessions.Select((session, driver) => session.Load(client => mix.Next($"{driver}/{client}"), Note, end.Token)).ToList();
        // What goes wrong there ends it all; the load itself ends only with the token.
        await Task.WhenAny([harm, .. load]);
        await end.CancelAsync();
        await harm;
        await Task.WhenAll(load);

        void Note(DriveOperation operation)
        {
            var count = Interlocked.Increment(ref ended);
            if (count % 5_000 == 0) log.Say($"{count} operations have ended, {faults.Count} faults");
            if (count >= Soak.ChaosOperations && faults.Count >= FaultPlan.Essential) end.Cancel();
        }
    }

    // Everything that was ever written, at each node, by drivers that are patient.
    static async Task ReadAll(HashmapCluster cluster, IReadOnlyList<DriveSession> sessions, IReadOnlyCollection<string> keys)
    {
        var reads = await Task.WhenAll(cluster.Nodes.SelectMany((node, i) =>
            keys.Select(key => sessions[^(1 + i % 2)].Send(new DriveRequest(OperationKind.Get, key, Node: node.Id)))));
        reads.Where(r => !r.Answer.IsOk).ShouldBeEmpty("Reads of a cluster at rest failed.");
    }

    static void Judge(HashmapCluster cluster, IReadOnlyList<DriveSession> sessions, FaultRun faults, ChaosLog log)
    {
        var histories = sessions.Select(s => s.History).ToArray();
        var all = histories.SelectMany(h => h).ToList();
        var (taken, installed) = ChaosLog.Snapshots(cluster);
        var outcomes = all.GroupBy(o => o.Answer.Outcome).OrderBy(g => g.Key)
            .Select(g => $"{g.Count()} {g.Key} (of them {g.Count(o => o.Request.Kind == OperationKind.Get)} gets)");
        log.Say($"{all.Count} operations: {string.Join(", ", outcomes)}");
        log.Say($"of them {string.Join(", ", all.CountBy(o => o.Request.Kind).OrderBy(o => o.Key).Select(o => $"{o.Value} {o.Key}"))}; "
            + $"{all.Count(o => o is { Request: { Kind: OperationKind.Get, Node: not null }, Answer.IsOk: true })} gets answered by a named node, "
            + $"{all.Count(o => o is { Request.ByLease: true, Answer.IsOk: true })} asked for by lease");
        log.Say($"{faults.Count} faults: {string.Join(", ", faults.Done.OrderBy(f => f.Key).Select(f => $"{f.Value} {f.Key}"))}; {faults.TransfersGivenUp} transfers were given up");
        log.Say($"snapshots: {taken} taken, {installed} installed from a leader");

        foreach (var session in sessions) DriveProtocol.Check(session, session.History.Count);
        LogOrder.FindError(all).ShouldBeNull();
        var verdict = HashmapModel.Judge(histories);
        if (verdict.Picture is { } picture) File.WriteAllText(Path.Combine(cluster.DataFolder, "counterexample.svg"), picture);
        verdict.Failure.ShouldBeNull();
        log.Say("linearizable");

        // Otherwise it would have shown little.
        all.Count(o => o.Answer.IsOk).ShouldBeGreaterThan(all.Count / 2);
        taken.ShouldBeGreaterThan(0);
        installed.ShouldBeGreaterThan(0);
    }
}
