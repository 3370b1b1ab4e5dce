using AkkaRaft.Consensus;

namespace AkkaRaft.TestKit.Invariants;

/// <summary>What the invariants may look at: all nodes and all disks, which no node itself can see.</summary>
internal sealed class ClusterView
{
    /// <summary>Those that are there, in the order of their numbers, and then those whose disk was wiped: what a leader had counted on was there.</summary>
    public required IReadOnlyList<NodeView> Nodes
    {
        get;
        init
        {
            _nodes = [.. value];
            field = _nodes;
            for (var place = 0; place < value.Count; place++) value[place].Place = place;
        }
    }

    readonly List<NodeView> _nodes = [];

    /// <summary>A node's disk is another one: what has its name from now on is another node.</summary>
    public void Replace(NodeView lost, NodeView by)
    {
        by.Place = _nodes.Count;
        _nodes[_nodes.IndexOf(lost)] = by;
        _nodes.Add(lost);
    }

    /// <summary>What was acknowledged to clients, what they may still hope for, and what they read; filled as the run goes.</summary>
    public ClientBook Clients { get; } = new();

    public TimeSpan Now { get; set; }

    /// <summary>The first violation ends the run after the step.</summary>
    public Violation? Violation { get; private set; }

    /// <summary>Reports a broken invariant. It does not throw: it may be called from inside an actor, which would swallow that.</summary>
    public void Report(string invariant, string what) => Violation ??= new Violation(invariant, what, Now);
}

/// <summary>A broken invariant.</summary>
/// <param name="Invariant">Its name.</param>
/// <param name="What">What was seen.</param>
/// <param name="At">Virtual time.</param>
internal sealed record Violation(string Invariant, string What, TimeSpan At);

/// <summary>One node: its state while it takes part, and its disk always.</summary>
internal sealed class NodeView
{
    public required NodeId Id { get; init; }

    /// <summary>A number of its own, from 0, which it keeps.</summary>
    public int Place { get; set; }

    /// <summary>Counts the node's starts.</summary>
    public int Incarnation { get; set; }

    /// <summary>Counts the state machines that were made for it: a new one has no state.</summary>
    public int Machines { get; set; }

    /// <summary>The node's state; null while it is down or recovering.</summary>
    public NodeState? State { get; set; }

    /// <summary>What a crash now would surely leave, and what it has stored but not yet told the node.</summary>
    public DiskView Disk { get; } = new();

    /// <summary>As in <c>node 2 (leader of term 4)</c>.</summary>
    public override string ToString() => State switch
    {
        null => $"node {Id} (down)",
        { Role: RaftRole.Leader } state => $"node {Id} (leader of term {state.Term})",
        var state => $"node {Id} ({state.Role.ToString().ToLowerInvariant()} in term {state.Term})",
    };
}
