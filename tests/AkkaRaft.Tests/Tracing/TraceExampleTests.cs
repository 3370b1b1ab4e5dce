using AkkaRaft.Tests.Consensus;
using AkkaRaft.Tests.Repository;
using Shouldly;
using Xunit;

namespace AkkaRaft.Tests.Tracing;

/// <summary>The example of docs/trace.md is a run.</summary>
public sealed class TraceExampleTests
{
    [Fact]
    public void The_trace_in_the_documentation_is_that_of_an_election_a_write_a_crash_and_a_restart()
    {
        var clock = new ClusterTime();
        var trace = new Recorder(clock);
        var cluster = new CoreCluster(3, observer: trace.Observer);
        clock.Of = cluster[1];
        foreach (var node in cluster.Nodes) node.Clock += TimeSpan.FromMilliseconds(100);
        cluster.Step(cluster[1], AkkaRaft.Consensus.Campaign.Instance);
        cluster.Stabilize(cluster.Nodes);
        foreach (var node in cluster.Nodes) node.Clock += TimeSpan.FromMilliseconds(20);
        cluster.Propose(cluster[1], (1, "a"), (2, "b"));
        cluster.Stabilize(cluster.Nodes);
        cluster.Tick(cluster[1], CoreCluster.TickInterval * 2);
        cluster.Stabilize(cluster.Nodes);
        cluster.Crash(cluster[3]);
        cluster.Start(cluster[3]);
        cluster.Tick(cluster[1], CoreCluster.TickInterval * 2);
        cluster.Stabilize(cluster.Nodes);

        RepositoryRoot.Read("docs", "trace.md").ShouldContain($"```json\n{string.Join('\n', trace.Lines)}\n```", Case.Sensitive);
    }

    /// <summary>The virtual clock of node 1, which the others follow.</summary>
    sealed class ClusterTime : TimeProvider
    {
        public ClusterNode? Of { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => (Of?.Clock ?? TimeSpan.FromSeconds(10)).Ticks;
    }
}
