using System.Text;
using AkkaRaft.Tracing;

namespace AkkaRaft.Tests.Tracing;

/// <summary>Keeps the lines of all nodes in the order in which they are told: what a simulation writes.</summary>
internal sealed class Recorder(TimeProvider? time = null) : ITraceSink
{
    readonly TraceLines _lines = new(time ?? new FrozenTime());

    /// <summary>The lines as they would be in a file.</summary>
    public List<string> Lines { get; } = [];

    /// <summary>Is called before a line is kept.</summary>
    public Action<TraceEvent> OnEvent { get; set; } = _ => { };

    /// <summary>One for each node.</summary>
    public ProtocolTrace Observer() => new(this);

    public void Write(NodeId node, TraceEvent happened)
    {
        OnEvent(happened);
        Lines.Add(Encoding.UTF8.GetString(_lines.Next(node, happened)).TrimEnd('\n'));
    }

    /// <summary>What one node has told since the last call, without the stamps and its name: <c>"e":"term","term":1</c>.</summary>
    public IReadOnlyList<string> News(int node)
    {
        var start = $"{{\"ts\":0,\"n\":\"{node}\",";
        var mine = Lines.Where(line => line.StartsWith(start, StringComparison.Ordinal)).ToList();
        Lines.RemoveAll(mine.Contains);
        return [.. mine.Select(line => line[start.Length..^1])];
    }

    sealed class FrozenTime : TimeProvider
    {
        public override long GetTimestamp() => 0;
    }
}
