using System.Globalization;
using AkkaRaft.Process.Tests.Support;
using AkkaRaft.Samples.ClusterLauncher.Processes;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace AkkaRaft.Process.Tests;

public sealed class DurabilityTests(ITestOutputHelper output) : ClusterTest(output)
{
    const int WritesPerPhase = 10;
    const string Key = "sum";

    // Longer than anything else that a write waits for: who counts a node that is still syncing is seen to.
    const int SlowSyncMicroseconds = 40_000;

    static readonly string[] s_syncs = ["fsync", "fdatasync"];
    static readonly string[] s_sends = ["sendto", "sendmsg", "write", "writev"];

    /// <summary>
    /// Raft 5.2, 5.3: before an acknowledgement leaves the leader, a majority has the entry on disk, as the kernels of all three nodes saw it. In each phase one node alone has a fast disk, and the
    /// two others are slow to sync: whoever counts one of those before its sync has ended acknowledges too early, be it the leader itself or a follower.
    /// </summary>
    [Fact]
    public Task Each_acknowledged_write_was_synced_by_a_majority_before_its_acknowledgement_left_the_leader() => WithCluster(3, async cluster =>
    {
        await cluster.Start(Patience);
        await using var session = DriveSession.Start(cluster, 1);
        await Add(session, 1);

        var amount = 700_000_000;
        foreach (var fast in cluster.Nodes)
        {
            var traces = await Task.WhenAll(cluster.Nodes.Select(node => Attach(node, isSlow: node != fast)));
            var writes = new List<Acknowledged>();
            for (var write = 0; write < WritesPerPhase; write++) writes.Add(await Add(session, ++amount));
            var calls = (await Task.WhenAll(traces.Select(async trace => (trace.Node, Calls: TracedCall.Read(await trace.Detach()))))).ToDictionary(trace => trace.Node, trace => trace.Calls);
            foreach (var write in writes) Check(write, calls);
        }
    });

    static Task<Strace> Attach(HashmapNode node, bool isSlow)
    {
        string[] what = ["-ttt", "-T", "-y", "-s", "65536", "-e", $"trace={string.Join(',', [.. s_syncs, .. s_sends, "pwrite64"])}"];
        return Strace.Attach(node, isSlow ? [.. what, "-e", string.Create(CultureInfo.InvariantCulture, $"inject={string.Join(',', s_syncs)}:delay_enter={SlowSyncMicroseconds}")] : what);
    }

    // The amount stands in the entry and nowhere else, and the sum in the answer and nowhere else.
    static async Task<Acknowledged> Add(DriveSession session, int amount)
    {
        var text = amount.ToString(CultureInfo.InvariantCulture);
        var write = await session.Send(new DriveRequest(OperationKind.Add, Key, text));
        write.Answer.IsOk.ShouldBeTrue($"{write}");
        return new Acknowledged(text, write.Answer.Value!, write.Answer.Leader!);
    }

    static void Check(Acknowledged write, Dictionary<string, IReadOnlyList<TracedCall>> calls)
    {
        var sent = calls[write.Leader].Where(call => s_sends.Contains(call.Name) && call.Arguments.Contains(write.Sum, StringComparison.Ordinal)).ToList();
        sent.ShouldNotBeEmpty($"The leader, node {write.Leader}, was not seen to send the answer {write.Sum}.");
        var left = sent.Min(call => call.Start);

        var synced = calls.ToDictionary(node => node.Key, node => SyncOf(write.Amount, node.Value));
        synced.Values.Count(end => end <= left).ShouldBeGreaterThanOrEqualTo(2, string.Create(CultureInfo.InvariantCulture,
            $"The answer {write.Sum} left node {write.Leader} at {left:0.000000}. {write.Amount} was synced {string.Join(", ", synced.Select(node => string.Create(CultureInfo.InvariantCulture, $"by node {node.Key} at {node.Value:0.000000}")))}."));
    }

    // SQLite writes a transaction's pages to its log and syncs that, all in one thread.
    static double SyncOf(string amount, IReadOnlyList<TracedCall> calls) =>
        calls.FirstOrDefault(call => call.Name == "pwrite64" && IsJournal(call) && call.Arguments.Contains(amount, StringComparison.Ordinal)) is { } written
        && calls.FirstOrDefault(call => s_syncs.Contains(call.Name) && IsJournal(call) && call.Thread == written.Thread && call.Start >= written.End) is { } sync
            ? sync.End
            : double.PositiveInfinity;

    static bool IsJournal(TracedCall call) => call.Arguments.Contains("journal.db-wal>", StringComparison.Ordinal);

    /// <param name="Amount">What was added.</param>
    /// <param name="Sum">What the answer says.</param>
    /// <param name="Leader">Who gave it.</param>
    sealed record Acknowledged(string Amount, string Sum, string Leader);
}
