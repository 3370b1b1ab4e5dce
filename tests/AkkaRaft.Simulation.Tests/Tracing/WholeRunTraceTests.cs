using System.Text;
using AkkaRaft.Tests.Tracing;
using AkkaRaft.TestKit;
using AkkaRaft.TestKit.Planning;
using AkkaRaft.TestKit.Reports;
using AkkaRaft.TestKit.Scenarios;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace AkkaRaft.Simulation.Tests.Tracing;

/// <summary>
/// The one trace of a simulated cluster under all faults, read by a checker that knows docs/trace.md and the Raft paper only (<see cref="TraceReplay"/>, which
/// also reads the traces of real nodes).
/// </summary>
public sealed class WholeRunTraceTests(ITestOutputHelper output)
{
    static readonly int Seeds = int.Parse(Environment.GetEnvironmentVariable("AKKARAFT_TRACE_SEEDS") ?? "12");

    [Fact]
    public void The_trace_of_a_cluster_under_all_faults_is_a_run_of_Raft_and_ends_with_what_the_nodes_have()
    {
        var seen = new SortedDictionary<string, int>();
        var crashes = 0L;
        for (var seed = 1UL; seed <= (ulong)Seeds; seed++)
        {
            var replay = Follow(seed, out var counters);
            crashes += counters.Crashes;
            foreach (var (kind, count) in replay.Seen) seen[kind] = seen.GetValueOrDefault(kind) + count;
            // In the end the nodes agree, and so must what the trace says of them; only a leader's own disk may be behind.
            var longest = replay.Nodes.Values.MaxBy(node => node.Log.Count)!.Log;
            longest.Count.ShouldBe((int)counters.Commits);
            foreach (var node in replay.Nodes.Values)
            {
                node.Commit.ShouldBe(longest.Count, $"seed {seed}, node {node.Name}");
                node.Log.ShouldBe(node.LeadsTerm == node.Term ? longest.Take(node.Log.Count) : longest, $"seed {seed}, node {node.Name}");
            }

        }

        output.WriteLine(string.Join(", ", seen.Select(pair => $"{pair.Value} {pair.Key}")));
        crashes.ShouldBeGreaterThan(0);
        seen.Keys.ShouldBe(["app", "cand", "commit", "crash", "lead", "snap", "term", "vote"]);
        seen["crash"].ShouldBeGreaterThan((int)crashes, "the first starts are in it too");
    }

    static TraceReplay Follow(ulong seed, out RunCounters counters)
    {
        var scenario = Simulate.Defined(cluster => cluster.StateMachine(() => new Journaled()).Clients(4, random => new AddLine($"{random.Bits()}")));
        var plan = RunPlanner.Plan(scenario, seed);
        SimulationTrace? trace = null;
        var result = new ScenarioRun(scenario, plan) { Made = cluster => trace = SimulationTrace.Of(cluster) }.Go();
        result.Failure.ShouldBeNull();
        counters = result.Counters;

        using var written = new MemoryStream();
        trace!.CopyTo(written);
        var text = Encoding.UTF8.GetString(written.ToArray());
        text.ShouldEndWith("\n");
        var replay = new TraceReplay(plan.Nodes);
        var line = 0;
        foreach (var each in text.TrimEnd('\n').Split('\n'))
        {
            line++;
            try
            {
                replay.Follow(each);
            }
            catch (ShouldAssertException wrong)
            {
                throw new ShouldAssertException($"seed {seed}, line {line}: {wrong.Message}", wrong);
            }
        }

        return replay;
    }
}
