using System.Diagnostics;
using AkkaRaft.TestKit;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace AkkaRaft.Simulation.Tests.Checking;

/// <summary>10,000 operations of 20 clients on ONE register or counter are judged, right or wrong, known order or not. The times are for the reader.</summary>
public sealed class BigHistoryTests(ITestOutputHelper output)
{
    const int Count = 10_000;
    const int Clients = 20;

    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 0)]
    [InlineData(false, 0.02)]
    [InlineData(true, 0.02)]
    public void Register(bool withIndexes, double unknown) => Judge(RegisterModel.Instance, withIndexes, unknown, (random, i) => random.Between(0, 9) switch
    {
        < 5 => (new RegisterInput.Get(), true),
        < 8 => (new RegisterInput.Set(i), false),
        _ => (new RegisterInput.CompareAndSet(i - random.Between(1, 20), i), false),
    });

    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 0)]
    [InlineData(false, 0.02)]
    [InlineData(true, 0.02)]
    public void Counter(bool withIndexes, double unknown) => Judge(CounterModel.Instance, withIndexes, unknown, (random, _) =>
        random.Chance(0.3) ? (new CounterInput.Get(), true) : (new CounterInput.Add(random.Between(1, 9)), false));

    void Judge<TState>(SequentialModel<TState> model, bool withIndexes, double unknown, Func<SimulationRandom, int, (object, bool)> input)
    {
        var right = new RandomHistory(5) { WithIndexes = withIndexes, Unknown = unknown }.Make(Count, Clients, model, input);
        Timed("right", right, model).Failure.ShouldBeNull();

        // A stale read near the end: it answers what a read answered long before.
        var spoilt = right.FindLastIndex(operation => operation.IsQuery && operation.Outcome == OperationOutcome.Done && operation.Number < Count - 100);
        var old = right.FindLastIndex(operation => operation.IsQuery && operation.Outcome == OperationOutcome.Done && operation.Number < Count - 1000);
        right[spoilt] = right[spoilt] with { Output = right[old].Output };

        var verdict = Timed("wrong", right, model);
        verdict.IsUndecided.ShouldBeFalse(verdict.Failure);
        verdict.Failure.ShouldNotBeNull().ShouldContain($"#{right[spoilt].Number} cannot be placed");
    }

    Verdict Timed<TState>(string what, List<Operation> history, SequentialModel<TState> model)
    {
        var watch = Stopwatch.StartNew();
        var verdict = Linearizability.Of(new History(history), model);
        output.WriteLine($"{what}: {watch.ElapsedMilliseconds} ms");
        if (verdict.Failure is not null) output.WriteLine(verdict.Failure);
        return verdict;
    }
}
