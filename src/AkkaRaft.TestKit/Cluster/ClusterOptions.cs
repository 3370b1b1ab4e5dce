namespace AkkaRaft.TestKit;

/// <summary>What a simulated cluster is made of.</summary>
public sealed record ClusterOptions
{
    /// <summary>Makes a state machine; called anew at each start of a node.</summary>
    public required Func<RaftStateMachine> StateMachine { get; init; }

    /// <summary>How many nodes found the cluster, 1 to 9. Default 3.</summary>
    public int Nodes { get; init; } = 3;

    /// <summary>
    /// How many further nodes there are that start without a configuration and wait to be added (<see cref="SimulatedCluster.AddMember"/>); with the others at most 9. They have
    /// the numbers after those. Default 0.
    /// </summary>
    public int Spares { get; init; }

    /// <summary>How many clients, 1 to 100. Default 1.</summary>
    public int Clients { get; init; } = 1;

    /// <summary>Changes the nodes' settings; the same on each node. Default: none changed.</summary>
    public Func<RaftSettings, RaftSettings> Settings { get; init; } = settings => settings;

    /// <summary>
    /// Says what a state machine's state is, as text or as an object with a fit <c>ToString</c>: when the cluster has converged it must be the same on each node.
    /// Null, the default, compares the results of all commands instead.
    /// </summary>
    public Func<RaftStateMachine, object?>? Fingerprint { get; init; }

    /// <summary>
    /// Whether somebody looks after the nodes: one that gave up because its disk failed again and again is started anew 0.2 to 5 virtual seconds later. Default:
    /// nobody does, and it stays down until the script starts it.
    /// </summary>
    public bool RestartStoppedNodes { get; init; }

    /// <summary>
    /// Ends the run when an actor gives work to the thread pool or to a real timer, which would make it unrepeatable; work that comes back from there is always
    /// noticed. It looks at the whole process: only for one in which nothing else runs, so not for a test runner. Default false.
    /// </summary>
    public bool WatchThreads { get; init; }

    internal void Check()
    {
        ArgumentNullException.ThrowIfNull(StateMachine);
        ArgumentNullException.ThrowIfNull(Settings);
        if (Nodes is < 1 or > 9) throw new ArgumentOutOfRangeException(nameof(Nodes), Nodes, "A simulated cluster has 1 to 9 nodes.");
        if (Spares < 0 || Nodes + Spares > 9) throw new ArgumentOutOfRangeException(nameof(Spares), Spares, "A simulated cluster has 9 nodes at most, those that start empty included.");
        if (Clients is < 1 or > 100) throw new ArgumentOutOfRangeException(nameof(Clients), Clients, "A simulated cluster has 1 to 100 clients.");
    }
}
