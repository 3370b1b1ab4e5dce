using AkkaRaft.TestKit;
using AkkaRaft.TestKit.Checking;

namespace AkkaRaft.Simulation.Tests.Checking;

/// <summary>A history written by hand; times in milliseconds.</summary>
internal sealed class HistoryBuilder
{
    readonly List<Operation> _operations = [];

    public HistoryBuilder Command(int client, object input, int from, int to, object? output = null) =>
        Add(client, input, false, from, to, OperationOutcome.Done, output);

    public HistoryBuilder Query(int client, object input, int from, int to, object? output) =>
        Add(client, input, true, from, to, OperationOutcome.Done, output);

    public HistoryBuilder Unknown(int client, object input, int from, int? to = null) => Add(client, input, false, from, to, OperationOutcome.Unknown, null);

    public HistoryBuilder UnknownQuery(int client, object input, int from) => Add(client, input, true, from, null, OperationOutcome.Unknown, null);

    public HistoryBuilder NotDone(int client, object input, int from, int to) => Add(client, input, false, from, to, OperationOutcome.NotDone, null);

    public History Build() => new(_operations);

    public Verdict Judge(SequentialModel model) => Linearizability.Of(Build(), model);

    /// <summary>The counterexample of a wrong history without keys.</summary>
    public static Counterexample Shrink(History history, SequentialModel model)
    {
        var space = model.NewSpace();
        var calls = history.Operations.Where(operation => operation.Outcome != OperationOutcome.NotDone)
            .Select(operation => Call.Of(operation, space)).ToList();
        return CounterexampleShrinking.Of(space, null, calls, Linearizability.DefaultConfigurationLimit);
    }

    HistoryBuilder Add(int client, object input, bool isQuery, int from, int? to, OperationOutcome outcome, object? output)
    {
        TimeSpan? returned = to is { } time ? TimeSpan.FromMilliseconds(time) : null;
        _operations.Add(new Operation(_operations.Count + 1, client, input, isQuery, TimeSpan.FromMilliseconds(from), returned, outcome, output));
        return this;
    }
}
