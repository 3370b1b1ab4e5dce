using AkkaRaft.TestKit;
using Shouldly;
using Xunit;

namespace AkkaRaft.Simulation.Tests.Checking;

/// <summary>The search, with all that makes it fast, says what the bare definition says; and so does what it makes of a wrong history.</summary>
public sealed class BruteForceAgreementTests
{
    const int Histories = 3_000;

    [Fact]
    public void Search_agrees_with_the_definition_on_registers() => Compare(RegisterModel.Instance, random => random.Between(0, 3) switch
    {
        0 => (new RegisterInput.Get(), true, random.Pick<object?>(null, 1, 2, 3)),
        1 => (new RegisterInput.CompareAndSet(random.Pick<object?>(null, 1, 2), random.Between(1, 3)), false, random.Chance(0.5)),
        _ => (new RegisterInput.Set(random.Between(1, 3)), false, null),
    });

    [Fact]
    public void Search_agrees_with_the_definition_on_counters() => Compare(CounterModel.Instance, random => random.Between(0, 2) switch
    {
        0 => (new CounterInput.Get(), true, (long)random.Between(0, 4)),
        _ => (new CounterInput.Add(random.Between(1, 2)), false, (long)random.Between(1, 4)),
    });

    static void Compare<TState>(SequentialModel<TState> model, Func<SimulationRandom, (object Input, bool IsQuery, object? Output)> draw)
    {
        var random = new SimulationRandom(3, model.GetType().Name);
        var (right, wrong) = (0, 0);
        for (var i = 0; i < Histories; i++)
        {
            var history = Draw(random, draw);
            var expected = BruteForce.IsLinearizable(history, model);
            var verdict = Linearizability.Of(new History(history), model);
            verdict.IsPassed.ShouldBe(expected, string.Join("\n", history));
            if (expected)
            {
                right++;
                continue;
            }

            wrong++;
            CheckCounterexample(history, model);
        }

        // Otherwise the two would agree on nothing much.
        right.ShouldBeGreaterThan(Histories / 10);
        wrong.ShouldBeGreaterThan(Histories / 10);
    }

    static List<Operation> Draw(SimulationRandom random, Func<SimulationRandom, (object Input, bool IsQuery, object? Output)> draw)
    {
        var history = new List<Operation>();
        var count = random.Between(2, 6);
        for (var number = 1; number <= count; number++)
        {
            var (input, isQuery, output) = draw(random);
            var outcome = random.Pick(OperationOutcome.Done, OperationOutcome.Done, OperationOutcome.Done, OperationOutcome.Unknown, OperationOutcome.NotDone);
            var invoked = TimeSpan.FromMilliseconds(random.Between(0, 12));
            var returned = invoked + TimeSpan.FromMilliseconds(random.Between(0, 8));
            history.Add(new Operation(number, number, input, isQuery, invoked, returned, outcome, outcome == OperationOutcome.Done ? output : null));
        }

        return history;
    }

    // Sound: what is kept has no order however weak the rest is. Minimal: with one less there is one. All by the definition, not by the search.
    static void CheckCounterexample<TState>(List<Operation> history, SequentialModel<TState> model)
    {
        var counterexample = HistoryBuilder.Shrink(new History(history), model);
        var kept = counterexample.Kept.Select(operation => operation.Number).ToHashSet();
        var ended = counterexample.Offender.Returned;
        var part = history.Where(operation => operation.Invoked <= ended).ToList();

        counterexample.IsMinimal.ShouldBeTrue();
        counterexample.Before.ShouldBeEmpty();
        kept.ShouldContain(counterexample.Offender.Number);
        BruteForce.IsLinearizable(Weakened(part, kept), model).ShouldBeFalse();
        foreach (var one in kept) BruteForce.IsLinearizable(Weakened(part, [.. kept.Where(other => other != one)]), model).ShouldBeTrue();
        var late = counterexample.TooLate.Select(operation => operation.Number).ToHashSet();
        BruteForce.IsLinearizable(Weakened(history, kept, late), model).ShouldBeFalse();
        foreach (var one in late)
            BruteForce.IsLinearizable(Weakened(history, kept, [.. late.Where(other => other != one)]), model).ShouldBeTrue("It began early enough.");
        foreach (var answer in counterexample.PossibleAnswers)
        {
            var otherwise = UpTo(part, counterexample.Offender)
                .Select(operation => operation.Number == counterexample.Offender.Number ? operation with { Output = answer } : operation);
            BruteForce.IsLinearizable([.. otherwise], model).ShouldBeTrue($"It could not have answered {answer}.");
        }
    }

    static List<Operation> Weakened(List<Operation> part, HashSet<int> kept, HashSet<int>? begins = null) =>
    [
        .. part.Where(operation => operation.Outcome != OperationOutcome.NotDone && (kept.Contains(operation.Number) || !operation.IsQuery))
            .Select(operation => kept.Contains(operation.Number) ? operation : operation with { Outcome = OperationOutcome.Unknown, Output = null })
            .Select(operation => begins is not null && !kept.Contains(operation.Number) && !begins.Contains(operation.Number)
                ? operation with { Invoked = TimeSpan.Zero } : operation),
    ];

    // What ended after the offender is forgotten, as in the shortest beginning that is wrong.
    static IEnumerable<Operation> UpTo(List<Operation> part, Operation offender) => part.Where(operation => operation.Outcome != OperationOutcome.NotDone)
        .Where(operation => !operation.IsQuery || !EndsAfter(operation, offender))
        .Select(operation => EndsAfter(operation, offender) ? operation with { Outcome = OperationOutcome.Unknown, Output = null } : operation);

    static bool EndsAfter(Operation operation, Operation offender) =>
        operation.Returned > offender.Returned || operation.Returned == offender.Returned && operation.Number > offender.Number;
}
