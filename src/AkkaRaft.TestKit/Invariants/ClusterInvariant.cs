using System.Globalization;
using System.Runtime.CompilerServices;
using AkkaRaft.Consensus;
using AkkaRaft.StateMachine;

namespace AkkaRaft.TestKit.Invariants;

/// <summary>
/// Something that must hold after every step, whatever happens. One file each; made new for each run; it keeps what it needs of the past, and looks only at
/// what has changed, since it is asked after every delivered message.
/// </summary>
internal abstract class ClusterInvariant
{
    /// <summary>As the paper calls it.</summary>
    public abstract string Name { get; }

    /// <summary>Where it is argued for.</summary>
    public abstract string Section { get; }

    /// <summary>A node has recovered, or has recovered again; its state is new.</summary>
    public virtual void OnJoined(NodeView node, ClusterView cluster)
    {
    }

    /// <summary>The core wants this, and the shell is about to do it.</summary>
    public virtual void OnEffect(NodeView node, Effect effect, ClusterView cluster)
    {
    }

    /// <summary>A step of a node, all its effects included, is over. Called after each message that any actor of the node has handled.</summary>
    public virtual void OnStep(NodeView node, ClusterView cluster)
    {
    }

    /// <summary>A node's journal or snapshot store has stored or deleted something; the node does not know it yet.</summary>
    public virtual void OnStored(NodeView node, ClusterView cluster)
    {
    }

    /// <summary>A node's machine has applied an entry.</summary>
    /// <param name="node">Which node.</param>
    /// <param name="entry">The entry.</param>
    /// <param name="result">What its handler returned, as stable bytes of the payload serializer; empty for none.</param>
    /// <param name="cluster">All.</param>
    public virtual void OnApplied(NodeView node, LogEntry entry, ReadOnlyMemory<byte> result, ClusterView cluster)
    {
    }

    /// <summary>A node's machine has begun anew from a snapshot: before the node joins, or when it has installed one.</summary>
    /// <param name="node">Which node.</param>
    /// <param name="last">The last entry that the snapshot stands for.</param>
    /// <param name="cluster">All.</param>
    public virtual void OnRestored(NodeView node, EntryId last, ClusterView cluster)
    {
    }

    /// <summary>A node's machine is where some node's snapshot stands, having applied or restored its way there.</summary>
    /// <param name="node">Which node.</param>
    /// <param name="index">The last entry that its state has.</param>
    /// <param name="state">The state, as the user's fingerprint tells it.</param>
    /// <param name="cluster">All.</param>
    public virtual void OnState(NodeView node, LogIndex index, string state, ClusterView cluster)
    {
    }

    /// <summary>A node's machine is about to run the handler of a command: not told of another copy of one in a session.</summary>
    public virtual void OnHandlerRuns(NodeView node, CommandEntry entry, ClusterView cluster)
    {
    }

    /// <summary>A node has crashed: what it had in memory is gone.</summary>
    public virtual void OnCrashed(NodeView node, ClusterView cluster)
    {
    }

    /// <summary>A client's operation has ended.</summary>
    public virtual void OnEnded(Operation operation, ClusterView cluster)
    {
    }

    /// <summary>Reports it if it does not hold. The text is put together only then: it costs nothing as long as all is well.</summary>
    protected void Holds(bool condition, ClusterView cluster, [InterpolatedStringHandlerArgument(nameof(condition))] ref Complaint what)
    {
        if (!condition) cluster.Report(Name, what.ToStringAndClear());
    }
}

/// <summary>A text that is only written when a condition does not hold.</summary>
[InterpolatedStringHandler]
internal ref struct Complaint
{
    DefaultInterpolatedStringHandler _text;

    public Complaint(int literalLength, int formattedCount, bool condition, out bool isWanted)
    {
        isWanted = !condition;
        _text = isWanted ? new DefaultInterpolatedStringHandler(literalLength, formattedCount, CultureInfo.InvariantCulture) : default;
    }

    public void AppendLiteral(string value) => _text.AppendLiteral(value);

    public void AppendFormatted<T>(T value) => _text.AppendFormatted(value);

    public void AppendFormatted<T>(T value, string? format) => _text.AppendFormatted(value, format);

    public string ToStringAndClear() => _text.ToStringAndClear();
}
