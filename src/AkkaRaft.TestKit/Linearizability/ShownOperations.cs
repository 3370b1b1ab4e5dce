namespace AkkaRaft.TestKit.Checking;

internal enum ShownAs
{
    /// <summary>Cannot be placed.</summary>
    Offender,

    /// <summary>Stands with its answer and its times.</summary>
    Kept,

    /// <summary>Would explain it, had it begun earlier.</summary>
    TooLate,

    /// <summary>For orientation only: whatever became of it changes nothing.</summary>
    Context,
}

/// <param name="Operation">What was recorded.</param>
/// <param name="As">Its part in the story.</param>
/// <param name="Input">For people.</param>
/// <param name="Outcome">For people.</param>
/// <param name="Place">Its place among the shown ones in the longest order; null if it has none there.</param>
internal sealed record ShownOperation(Operation Operation, ShownAs As, string Input, string Outcome, int? Place)
{
    public string Number => $"#{Operation.Number}";

    /// <summary>When the client knew that it ended, or gave up.</summary>
    public TimeSpan? Ended => Operation.Returned;

    public bool IsOpen => Operation.Outcome == OperationOutcome.Unknown;
}

/// <summary>What of a counterexample is shown, in text and picture alike.</summary>
internal static class ShownOperations
{
    const int ContextShown = 8;
    const int KeptShown = 24;

    /// <summary>In the order of invocation.</summary>
    public static List<ShownOperation> Of(Counterexample counterexample)
    {
        var parts = new Dictionary<Operation, ShownAs>(ReferenceEqualityComparer.Instance);
        foreach (var operation in counterexample.OtherCommands.OrderByDescending(operation => operation.Invoked).Take(ContextShown))
            parts[operation] = ShownAs.Context;
        foreach (var operation in counterexample.TooLate.TakeLast(KeptShown)) parts[operation] = ShownAs.TooLate;
        foreach (var operation in counterexample.Kept.TakeLast(KeptShown)) parts[operation] = ShownAs.Kept;
        parts[counterexample.Offender] = ShownAs.Offender;

        var places = new Dictionary<Operation, int>(ReferenceEqualityComparer.Instance);
        foreach (var call in counterexample.LongestOrder.Where(call => parts.ContainsKey(call.Operation))) places.Add(call.Operation, places.Count + 1);

        var model = counterexample.Space.Model;
        return
        [
            .. parts.Keys.OrderBy(operation => operation.Invoked).ThenBy(operation => operation.Number).Select(operation => new ShownOperation(
                operation, parts[operation], model.DescribeInput(operation.Input), Outcome(model, operation),
                places.TryGetValue(operation, out var place) ? place : null)),
        ];
    }

    public static string Outcome(SequentialModel model, Operation operation) => operation.Outcome switch
    {
        OperationOutcome.Done => $"-> {model.DescribeOutput(operation.Output)}",
        _ => "-> unknown",
    };

    /// <summary>What the offender would have had to answer, as the end of a sentence.</summary>
    public static string RightAnswers(Counterexample counterexample)
    {
        var model = counterexample.Space.Model;
        var recorded = counterexample.Offender.Output;
        var same = counterexample.PossibleAnswers.Any(answer => model.DescribeOutput(answer) == model.DescribeOutput(recorded));
        var answers = counterexample.PossibleAnswers.Select(answer => same ? Typed(model, answer) : model.DescribeOutput(answer)).ToList();
        if (answers.Count == 0) return "not known";
        return string.Join(" or ", answers) + (same ? $" (it answered {Typed(model, recorded)}: mind the types, or override SameOutput)" : "");
    }

    static string Typed(SequentialModel model, object? output) => $"{model.DescribeOutput(output)} ({output?.GetType().Name ?? "null"})";
}
