namespace AkkaRaft.TestKit;

/// <summary>Writes down the history of a run.</summary>
internal sealed class HistoryRecorder
{
    readonly List<Operation> _operations = [];

    public History History => new(_operations);

    public Operation Begin(int client, object input, bool isQuery, TimeSpan at)
    {
        // Until it ends, nothing is known of it.
        var begun = new Operation(_operations.Count + 1, client, input, isQuery, at, null, OperationOutcome.Unknown, null);
        _operations.Add(begun);
        return begun;
    }

    public void End(Operation operation) => _operations[operation.Number - 1] = operation;
}
