using AkkaRaft.TestKit.Checking;

namespace AkkaRaft.TestKit;

/// <summary>
/// Checks that a history could have come from one machine that does one operation after the other, each at some moment between its invocation and its return
/// (Herlihy and Wing, 1990). It looks at what the clients saw only, and knows nothing of Raft.
/// </summary>
public static class Linearizability
{
    /// <summary>How many configurations are looked at, for one key, before the check gives up.</summary>
    public const int DefaultConfigurationLimit = 1_000_000;

    const int QuickLimit = 20_000;

    /// <summary>
    /// Looks for an order of all operations that explains every answer. An operation that was done takes effect between its invocation and its return (equal
    /// times are concurrent); one of unknown outcome at any time after its invocation, or never; one that was not done never.
    /// </summary>
    /// <param name="history">What the clients saw.</param>
    /// <param name="model">What the machine should do.</param>
    /// <param name="configurationLimit">
    /// How many configurations to look at, for one key, before giving up with <see cref="Verdict.Undecided"/>. A million takes some seconds and some hundred
    /// MB.
    /// </param>
    /// <returns>A failure has a minimal counterexample as text and as picture.</returns>
    public static Verdict Of(History history, SequentialModel model, int configurationLimit = DefaultConfigurationLimit)
    {
        ArgumentNullException.ThrowIfNull(history);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(configurationLimit);

        Verdict? undecided = null;
        foreach (var (key, operations) in Parts(history, model))
        {
            var space = model.NewSpace();
            var calls = operations.Select(operation => Call.Of(operation, space)).ToList();
            switch (Judge(space, calls, configurationLimit, out var offender, out var result))
            {
                case SearchEnd.None:
                    var counterexample = CounterexampleShrinking.Of(space, key, calls, configurationLimit, offender);
                    return Verdict.Failed(CounterexampleText.Of(counterexample), CounterexamplePicture.Of(counterexample));
                case SearchEnd.GaveUp:
                    undecided ??= Verdict.Undecided(CounterexampleText.OfUndecided(space, key, calls, result));
                    break;
            }
        }

        return undecided ?? Verdict.Passed;
    }

    // First a quick search, which is enough for most histories, right and wrong; where it is not, a quick look for a plain contradiction before the long
    // search.
    static SearchEnd Judge(StateSpace space, List<Call> calls, int limit, out Call? offender, out SearchResult result)
    {
        offender = null;
        var problem = new Problem(space, StateSpace.Initial, calls);
        result = Search.Run(problem, Math.Min(limit, QuickLimit));
        if (result.End != SearchEnd.GaveUp) return result.End;
        offender = CounterexampleShrinking.FindOffender(space, calls, result.Longest);
        if (offender is not null) return SearchEnd.None;
        if (limit > QuickLimit) result = Search.Run(problem, limit);
        return result.End;
    }

    // In the order in which the keys first appear.
    static IEnumerable<(object? Key, List<Operation> Operations)> Parts(History history, SequentialModel model)
    {
        var withoutKey = new List<Operation>();
        var keys = new List<object>();
        var byKey = new Dictionary<object, List<Operation>>();
        foreach (var operation in history.Operations)
        {
            if (operation.Outcome == OperationOutcome.NotDone || operation.IsLocal) continue;
            if (model.KeyOf(operation.Input) is not { } key)
            {
                withoutKey.Add(operation);
                continue;
            }

            if (!byKey.TryGetValue(key, out var operations))
            {
                keys.Add(key);
                byKey.Add(key, operations = []);
            }

            operations.Add(operation);
        }

        if (withoutKey.Count == 0) return keys.Select(key => ((object?)key, byKey[key]));
        if (keys.Count == 0) return [(null, withoutKey)];
        throw new ArgumentException(
            $"{model.GetType().Name} gives a key to {model.DescribeInput(byKey[keys[0]][0].Input)} and none to {model.DescribeInput(withoutKey[0].Input)}. "
            + "Parts of a state are judged apart, so an input that touches all of them cannot be judged: give every input a key, or none.", nameof(model));
    }
}
