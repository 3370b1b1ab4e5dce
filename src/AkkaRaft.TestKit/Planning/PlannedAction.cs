namespace AkkaRaft.TestKit.Planning;

/// <summary>Something that a run's plan does at a time: the same as a line of a script.</summary>
/// <param name="At">Virtual time since the start; whole microseconds, which is what scripts can say.</param>
/// <param name="Code">The line, as C#; empty for an operation, which knows its own.</param>
/// <param name="Do">What it does.</param>
internal sealed record PlannedAction(TimeSpan At, string Code, Action<SimulatedCluster> Do)
{
    /// <summary>The line, as C#. That of an operation is made when somebody reads it: most runs go well, and have many of them.</summary>
    public string Code { get => Operation?.Code ?? field; init; } = Code;

    /// <summary>The nodes that must be there for it.</summary>
    public IReadOnlyList<int> Nodes { get; init; } = [];

    /// <summary>The operation that a client begins; null if it is a fault.</summary>
    public PlannedOperation? Operation { get; init; }

    /// <summary>Actions of the same episode, such as a crash and its restart, belong together: one without the other would be another story. 0 for none.</summary>
    public int Episode { get; init; }

    /// <summary>The same with one thing less that is wrong, each another one; empty if it is all or nothing.</summary>
    public IEnumerable<PlannedAction> Weaker { get; init; } = [];

    /// <summary>Whether a disk is wiped: somebody has to look after that in the end.</summary>
    public bool WipesDisk { get; init; }

    /// <summary>The client that starts again; 0 for none.</summary>
    public int RestartedClient { get; private init; }

    public bool IsOperation => Operation is not null;

    public static PlannedAction Of(TimeSpan at, PlannedOperation operation) => new(at, "", operation.Begin)
    {
        Operation = operation,
        Nodes = operation.Read is { Node: > 0 and var node } ? [node] : [],
    };

    /// <summary>A client starts again.</summary>
    public static PlannedAction ClientRestart(TimeSpan at, int client) =>
        new(at, $"cluster.RestartClient({client});", cluster => cluster.RestartClient(client)) { RestartedClient = client };

    /// <summary>The client that asks for a new leader; 0 for none.</summary>
    public int TransferringClient { get; private init; }

    /// <summary>The node that is to lead; null for any.</summary>
    public int? TransferTo { get; private init; }

    /// <summary>A client asks the leader to hand its leadership over.</summary>
    public static PlannedAction Transfer(TimeSpan at, int? to, int client) =>
        new(at, $"cluster.TransferLeadership({(to is { } named ? $"to: {named}, " : "")}client: {client});", cluster => cluster.TransferLeadership(to, client))
        {
            Nodes = to is { } node ? [node] : [],
            TransferringClient = client,
            TransferTo = to,
        };

    /// <summary>The network behaves so from now on.</summary>
    public static PlannedAction Network(TimeSpan at, NetworkFaults faults) =>
        new(at, $"cluster.NetworkFaults = {CodeText.Of(faults)};", cluster => cluster.NetworkFaults = faults)
        {
            Weaker = FaultReductions.Of(faults).Select(weaker => Network(at, weaker)),
        };

    /// <summary>A node's disk behaves so from now on.</summary>
    public static PlannedAction Disk(TimeSpan at, int node, DiskFaults faults) =>
        new(at, $"cluster.SetDiskFaults({node}, {CodeText.Of(faults)});", cluster => cluster.SetDiskFaults(node, faults))
        {
            Nodes = [node],
            Weaker = FaultReductions.Of(faults).Select(weaker => Disk(at, node, weaker)),
        };
}

/// <summary>An operation of a client, planned.</summary>
/// <param name="Input">The command or query.</param>
/// <param name="Client">Whose, from 1.</param>
/// <param name="Timeout">How long the client tries.</param>
internal sealed record PlannedOperation(object Input, int Client, TimeSpan Timeout)
{
    /// <summary>How long a client tries unless it is told.</summary>
    public static readonly TimeSpan UsualTimeout = TimeSpan.FromSeconds(5);

    public string Code => $"cluster.Send({CodeText.Of(Input)}, client: {Client}{(Timeout == UsualTimeout ? "" : $", timeout: {CodeText.Of(Timeout)}")}"
        + $"{(Read is null ? "" : $", read: {CodeText.Of(Read)}")});";

    /// <summary>Of a query: how it is asked; null for linearizable at the leader.</summary>
    public SimulatedRead? Read { get; init; }

    public void Begin(SimulatedCluster cluster) => cluster.Send(Input, Client, Timeout, Read);
}
