using System.Collections.Immutable;
using System.Diagnostics;
using AkkaRaft.TestKit;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace AkkaRaft.Simulation.Tests.Checking;

/// <summary>10,000 operations of 20 clients are judged, right or wrong, with the order of the log known or not. The times are for the reader.</summary>
public sealed class BigHistoryTests(ITestOutputHelper output)
{
    const int Count = 10_000;
    const int Clients = 20;

    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 0)]
    [InlineData(false, 0.02)]
    [InlineData(true, 0.02)]
    public void Map_of_eight_keys(bool withIndexes, double unknown) => Judge(new EightKeys(), KeyValueModel.Instance, withIndexes, unknown, (random, i) =>
        random.Between(0, 9) switch
    {
        < 5 => (new KeyValueInput.Get(Key(random)), true),
        < 8 => (new KeyValueInput.Put(Key(random), i), false),
        8 => (new KeyValueInput.Delete(Key(random)), false),
        _ => (new KeyValueInput.CompareAndSet(Key(random), i - random.Between(1, 20), i), false),
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void One_counter(bool withIndexes) => Judge(CounterModel.Instance, CounterModel.Instance, withIndexes, 0, (random, _) =>
        random.Chance(0.3) ? (new CounterInput.Get(), true) : (new CounterInput.Add(random.Between(1, 9)), false));

    [Fact]
    public void One_counter_with_some_unknown_outcomes()
    {
        var history = new RandomHistory(5) { WithIndexes = true, Unknown = 0.002 }.Make(Count, Clients, CounterModel.Instance, (random, _) =>
            random.Chance(0.3) ? (new CounterInput.Get(), true) : (new CounterInput.Add(random.Between(1, 9)), false));
        Timed("right", history, CounterModel.Instance).Failure.ShouldBeNull();
    }

    [Fact]
    public void One_register() => Timed("right", new RandomHistory(5) { WithIndexes = true }.Make(Count, Clients, RegisterModel.Instance, (random, i) =>
        random.Chance(0.5) ? (new RegisterInput.Get(), true) : (new RegisterInput.Set(i), false)), RegisterModel.Instance).Failure.ShouldBeNull();

    /// <summary>Nobody reads most of these writes, so that very many orders explain them: the check may give up, but it must not pass.</summary>
    [Fact]
    public void One_register_with_a_stale_read_does_not_pass()
    {
        var history = new RandomHistory(5).Make(Count, Clients, RegisterModel.Instance, (random, i) =>
            random.Chance(0.5) ? (new RegisterInput.Get(), true) : (new RegisterInput.Set(i), false));
        Spoil(history);

        Timed("wrong", history, RegisterModel.Instance).IsPassed.ShouldBeFalse();
    }

    static string Key(SimulationRandom random) => $"k{random.Between(1, 8)}";

    void Judge<TState>(
        SequentialModel<TState> machine, SequentialModel model, bool withIndexes, double unknown, Func<SimulationRandom, int, (object, bool)> input)
    {
        var right = new RandomHistory(5) { WithIndexes = withIndexes, Unknown = unknown }.Make(Count, Clients, machine, input);
        Timed("right", right, model).Failure.ShouldBeNull();

        var spoilt = Spoil(right);

        var verdict = Timed("wrong", right, model);
        verdict.IsUndecided.ShouldBeFalse(verdict.Failure);
        verdict.Failure.ShouldNotBeNull().ShouldContain($"#{spoilt} cannot be placed");
    }

    // A stale read near the end: it answers what a read answered long before.
    static int Spoil(List<Operation> history)
    {
        var late = history.FindLastIndex(operation => operation.IsQuery && operation.Outcome == OperationOutcome.Done && operation.Number < Count - 100);
        var input = history[late].Input;
        var old = history.FindLast(operation => operation.Input.Equals(input) && operation.Outcome == OperationOutcome.Done && operation.Number < Count - 1000);
        history[late] = history[late] with { Output = old!.Output };
        return history[late].Number;
    }

    Verdict Timed(string what, List<Operation> history, SequentialModel model)
    {
        var watch = Stopwatch.StartNew();
        var verdict = Linearizability.Of(new History(history), model);
        output.WriteLine($"{what}: {watch.ElapsedMilliseconds} ms");
        if (verdict.Failure is not null) output.WriteLine(verdict.Failure);
        return verdict;
    }

    // As one machine, for making the history; KeyValueModel judges each key apart.
    sealed class EightKeys : SequentialModel<ImmutableDictionary<string, object?>>
    {
        public override ImmutableDictionary<string, object?> Initial => ImmutableDictionary<string, object?>.Empty;

        public override (ImmutableDictionary<string, object?> State, object? Output) Apply(ImmutableDictionary<string, object?> state, object input)
        {
            var key = ((KeyValueInput)input).Key;
            var (value, output) = KeyValueModel.Instance.Apply(state.GetValueOrDefault(key), input);
            return (state.SetItem(key, value), output);
        }
    }
}
