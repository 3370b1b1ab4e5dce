namespace AkkaRaft.Tracing;

/// <summary>Where the events of one node, or of all nodes of a simulation, go. It stamps them with its clock and keeps their order.</summary>
internal interface ITraceSink
{
    /// <summary>Takes the event; when this returns it is written, or the sink has given up. A real node's throws nothing: a trace harms no node.</summary>
    void Write(NodeId node, TraceEvent happened);
}
