using AkkaRaft.TestKit.Kernel;
using AkkaRaft.Tracing;

namespace AkkaRaft.TestKit.Reports;

/// <summary>
/// The protocol events of all nodes of a simulated cluster, in the order in which they happened, with virtual time (docs/trace.md). It is kept in memory until
/// the run is over, so that no file can disturb the run.
/// </summary>
internal sealed class SimulationTrace(SimulationKernel kernel) : ITraceSink
{
    readonly MemoryStream _written = new();
    readonly TraceLines _lines = new(new VirtualTime(kernel));

    /// <summary>Lets all nodes of a cluster write to one trace; before it starts.</summary>
    public static SimulationTrace Of(SimulatedCluster cluster)
    {
        var trace = new SimulationTrace(cluster.Kernel);
        foreach (var node in cluster.AllNodes) node.TraceTo(trace);
        return trace;
    }

    public void Write(NodeId node, TraceEvent happened) => _written.Write(_lines.Next(node, happened));

    /// <summary>Copies what was written so far.</summary>
    public void CopyTo(Stream stream) => _written.WriteTo(stream);

    /// <summary>True time: the nodes' own clocks may be wrong, and stamps must not fall from one node to the next.</summary>
    sealed class VirtualTime(SimulationKernel kernel) : TimeProvider
    {
        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => kernel.Now.Ticks;
    }
}
