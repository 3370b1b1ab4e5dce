using AkkaRaft.Consensus;
using AkkaRaft.StateMachine;

namespace AkkaRaft.TestKit.Invariants;

/// <summary>
/// Something that must hold after every step, whatever happens. One file each; made new for each run; it keeps what it needs of the past, and looks only at what
/// has changed, since it is asked after every delivered message.
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

    /// <summary>A node's journal has stored an event; the node does not know it yet.</summary>
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

    /// <summary>A node has crashed: what it had in memory is gone.</summary>
    public virtual void OnCrashed(NodeView node, ClusterView cluster)
    {
    }

    /// <summary>A client's operation has ended.</summary>
    public virtual void OnEnded(Operation operation, ClusterView cluster)
    {
    }

    protected void Holds(bool condition, ClusterView cluster, Func<string> what)
    {
        if (!condition) cluster.Report(Name, what());
    }
}
