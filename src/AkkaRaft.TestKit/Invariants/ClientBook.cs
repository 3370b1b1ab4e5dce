namespace AkkaRaft.TestKit.Invariants;

/// <summary>What the clients were told so far.</summary>
internal sealed class ClientBook
{
    readonly List<Operation> _ended = [];

    /// <summary>Operations that have ended, in the order in which they did.</summary>
    public IReadOnlyList<Operation> Ended => _ended;

    public void Add(Operation operation) => _ended.Add(operation);
}
