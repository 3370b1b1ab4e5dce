using AkkaRaft.TestKit;

namespace AkkaRaft.Simulation.Tests.Checking;

/// <summary>
/// What clients of a machine see that does each operation at some moment between invocation and return, so that an order exists; and ways to spoil it.
/// </summary>
internal sealed class RandomHistory(ulong seed)
{
    readonly SimulationRandom _random = new(seed, "history");

    /// <summary>How many outcomes are unknown, of 1.</summary>
    public double Unknown { get; init; }

    /// <summary>Whether the clients know the order of the log.</summary>
    public bool WithIndexes { get; init; }

    /// <param name="count">How many operations.</param>
    /// <param name="clients">How many clients; each has one operation at a time.</param>
    /// <param name="model">The machine.</param>
    /// <param name="input">The next input, and whether it is a query.</param>
    public List<Operation> Make<TState>(int count, int clients, SequentialModel<TState> model, Func<SimulationRandom, int, (object Input, bool IsQuery)> input)
    {
        var free = new TimeSpan[clients];
        var drafts = new List<(Operation Operation, TimeSpan Effect)>();
        for (var i = 0; i < count; i++)
        {
            var client = Array.IndexOf(free, free.Min());
            var invoked = free[client] + Milliseconds(0, 3);
            var effect = invoked + Milliseconds(1, 10);
            var returned = effect + Milliseconds(1, 10);
            var (what, isQuery) = input(_random, i);
            var isUnknown = _random.Chance(Unknown);
            // Of the unknown ones some take effect long after their client gave up, some never.
            if (isUnknown) effect = _random.Pick(effect, effect + Milliseconds(0, 200), TimeSpan.MaxValue);
            free[client] = returned;
            var outcome = isUnknown ? OperationOutcome.Unknown : OperationOutcome.Done;
            drafts.Add((new Operation(0, client + 1, what, isQuery, invoked, returned, outcome, null), effect));
        }

        return Carry(drafts, model);
    }

    List<Operation> Carry<TState>(List<(Operation Operation, TimeSpan Effect)> drafts, SequentialModel<TState> model)
    {
        var state = model.Initial;
        var index = 0L;
        var ended = new List<Operation>();
        foreach (var (operation, effect) in drafts.OrderBy(draft => draft.Effect))
        {
            object? output = null;
            if (effect < TimeSpan.MaxValue) (state, output) = model.Apply(state, operation.Input);
            if (effect < TimeSpan.MaxValue && !operation.IsQuery) index++;
            ended.Add(operation.Outcome == OperationOutcome.Unknown
                ? operation
                : operation with { Output = output, Index = new LogIndex(WithIndexes ? index : 0) });
        }

        return [.. ended.OrderBy(operation => operation.Invoked).Select((operation, i) => operation with { Number = i + 1 })];
    }

    TimeSpan Milliseconds(int min, int max) => _random.Between(TimeSpan.FromMilliseconds(min), TimeSpan.FromMilliseconds(max));
}
