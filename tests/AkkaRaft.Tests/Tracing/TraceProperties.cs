using AkkaRaft.Consensus;
using AkkaRaft.Tests.Consensus;
using AkkaRaft.Tests.Consensus.Properties;
using CsCheck;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace AkkaRaft.Tests.Tracing;

/// <summary>Whatever happens to a cluster, its trace is what its disks hold, and a run of Raft.</summary>
public sealed class TraceProperties(ITestOutputHelper output)
{
    static readonly Gen<(int Kind, int A, int B)> Event = Gen.Select(Gen.Int[0, 99], Gen.Int[0, 1000], Gen.Int[0, 1000]);

    [Theory, InlineData(1, 50), InlineData(3, 200), InlineData(5, 100)]
    public void The_trace_of_any_run_rebuilds_what_the_disks_hold_and_obeys_the_rules_of_Raft(int nodes, int iterations)
    {
        var seen = new SortedDictionary<string, int>();
        Event.Array[200, 800].Sample(events =>
        {
            var trace = new Recorder();
            var replay = new TraceReplay(nodes);
            // Some events of one entry, some of several.
            var chaos = new Chaos(nodes, trace.Observer, maxEventBytes: 160);
            foreach (var (kind, a, b) in events)
            {
                chaos.Happens(kind, a, b);
                Follow();
            }

            chaos.HealsAndServes();
            Follow();
            lock (seen)
            {
                foreach (var (kind, count) in replay.Seen) seen[kind] = seen.GetValueOrDefault(kind) + count;
            }

            void Follow()
            {
                foreach (var line in trace.Lines) replay.Follow(line);
                trace.Lines.Clear();
                foreach (var node in chaos.Cluster.Nodes.Where(n => n.IsRunning)) IsOnDisk(node, replay.Nodes[node.Id.Value]);
            }
        }, iter: iterations);

        output.WriteLine(string.Join(", ", seen.Select(pair => $"{pair.Value} {pair.Key}")));
        var rare = nodes == 1 ? ["vote", "term"] : Array.Empty<string>();
        foreach (var kind in new[] { "cand", "vote", "term", "lead", "app", "commit", "crash" }.Except(rare)) seen[kind].ShouldBeGreaterThan(iterations);
        if (nodes > 1) seen["snap"].ShouldBeGreaterThan(iterations / 10);
    }

    static void IsOnDisk(ClusterNode node, ReplayedNode told)
    {
        var stored = RecoveredLog.Of(node.Disk.Snapshot, node.Disk.LogBase, node.Disk.Log).ShouldNotBeNull();
        told.Log.Skip((int)stored.Base.Index.Value).ShouldBe(stored.Entries.Select(entry => entry.Term.Value));
        told.Log.Count.ShouldBe((int)stored.Base.Index.Value + stored.Entries.Count);
        told.Term.ShouldBe(node.Disk.Term.Value);
        // A vote may have become durable when a newer term forbade to announce it.
        if (told.Vote != "") told.Vote.ShouldBe(node.Disk.VotedFor?.Value);
        told.Commit.ShouldBe((int)node.State.CommitIndex.Value);
    }
}
