namespace AkkaRaft.TestKit;

/// <summary>All operations of all clients of a run.</summary>
public sealed class History
{
    /// <param name="operations">In any order; kept in the order of invocation.</param>
    public History(IEnumerable<Operation> operations) => Operations = [.. operations.OrderBy(operation => operation.Number)];

    /// <summary>In the order of invocation.</summary>
    public IReadOnlyList<Operation> Operations { get; }
}
