namespace AkkaRaft.Tracing;

/// <summary>The trace of all nodes of a simulation, in the order in which things happen. A stream that fails, fails the run.</summary>
/// <param name="stream">Takes the lines; not closed.</param>
/// <param name="time">The clock that all nodes of the simulation share, not a node's own.</param>
internal sealed class TraceStream(Stream stream, TimeProvider time) : ITraceSink
{
    readonly TraceLines _lines = new(time);

    /// <inheritdoc />
    public void Write(NodeId node, TraceEvent happened) => stream.Write(_lines.Next(node, happened));
}
