using System.Globalization;
using AkkaRaft.Process.Tests.Support;
using AkkaRaft.Samples.ClusterLauncher.Processes;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace AkkaRaft.Process.Tests;

public sealed class DurabilityTests(ITestOutputHelper output) : ClusterTest(output)
{
    const int Writes = 20;

    /// <summary>
    /// Raft 5.2: a server answers only after its disk has the entry. With one node of three away the two others are the majority, so that between the
    /// start of a write and its acknowledgement each of them must have synced its journal, as the kernel saw it.
    /// </summary>
    [Fact]
    public Task Each_acknowledged_write_was_synced_by_a_majority_before_the_acknowledgement() => WithCluster(3, async cluster =>
    {
        await cluster.Start(Patience);
        await using var session = DriveSession.Start(cluster, 1);
        var leader = (await session.Send(new DriveRequest(OperationKind.Put, "warm", "1"))).Answer.Leader!;
        await cluster.Nodes.First(n => n.Id != leader).Kill();
        var majority = cluster.Nodes.Where(n => n.IsAlive).ToList();

        var traces = await Task.WhenAll(majority.Select(node => Strace.Attach(node, "-ttt", "-T", "-e", "trace=fsync,fdatasync")));
        var intervals = new List<(double Start, double End)>();
        for (var i = 0; i < Writes; i++)
        {
            var start = UnixSeconds();
            var write = await session.Send(new DriveRequest(OperationKind.Put, $"key-{i}", $"{i}"));
            write.Answer.IsOk.ShouldBeTrue($"{write}");
            intervals.Add((start, UnixSeconds()));
        }

        foreach (var trace in traces)
        {
            var syncs = (await trace.Detach()).Select(EndOfSync).OfType<double>().ToList();
            foreach (var (start, end) in intervals)
                syncs.Any(s => s >= start && s <= end)
                    .ShouldBeTrue($"Node {trace.Node} synced nothing between {start} and {end}; its syncs ended at {string.Join(", ", syncs)}");
        }
    });

    static double UnixSeconds() => (DateTimeOffset.UtcNow - DateTimeOffset.UnixEpoch).TotalSeconds;

    // 4711 1700000000.123456 fdatasync(42) = 0 <0.000123>, or the call in two halves: ... <unfinished ...> and ... <... fdatasync resumed>) = 0 <0.000123>
    static double? EndOfSync(string line)
    {
        var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (!line.Contains(" = 0 ", StringComparison.Ordinal) || !line.Contains("sync", StringComparison.Ordinal)) return null;
        var stamp = double.Parse(words[1], CultureInfo.InvariantCulture);
        var lasted = double.Parse(words[^1].Trim('<', '>'), CultureInfo.InvariantCulture);
        return line.Contains("resumed", StringComparison.Ordinal) ? stamp : stamp + lasted;
    }
}
