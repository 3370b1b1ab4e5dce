namespace AkkaRaft.TestKit.Checking;

/// <summary>
/// Few operations that no order explains. Each of <see cref="Kept"/> stands with its answer and its times. All other operations are weakened so far that what
/// is left is a part of the whole question: a query is left out (it changes nothing), a command may take effect at any time after its invocation, or never,
/// whatever it answered. An order of the whole history would be one of this too; there is none of this, so there is none of the whole.
/// </summary>
internal sealed record Counterexample
{
    public required StateSpace Space { get; init; }

    public required object? Key { get; init; }

    /// <summary>The one that cannot be placed: of the kept ones the last to end.</summary>
    public required Operation Offender { get; init; }

    /// <summary>What it could have answered instead, as far as was found.</summary>
    public required IReadOnlyList<object?> PossibleAnswers { get; init; }

    /// <summary>The state from which the kept ones start: the initial one, or the one that every order of <see cref="Before"/> leads to.</summary>
    public required int Start { get; init; }

    /// <summary>Operations that are over at the start; empty if that is the initial state.</summary>
    public required IReadOnlyList<Call> Before { get; init; }

    /// <summary>With the offender, in the order of invocation.</summary>
    public required IReadOnlyList<Operation> Kept { get; init; }

    /// <summary>Commands that would explain it if they had been invoked earlier.</summary>
    public required IReadOnlyList<Operation> TooLate { get; init; }

    /// <summary>All other commands that were invoked before the offender ended.</summary>
    public required IReadOnlyList<Operation> OtherCommands { get; init; }

    /// <summary>The longest order that explains all that it holds, of the history up to the offender's end.</summary>
    public required IReadOnlyList<Call> LongestOrder { get; init; }

    /// <summary>The state after it.</summary>
    public required int LongestOrderState { get; init; }

    /// <summary>
    /// Whether none of <see cref="Kept"/> can be weakened in its turn: then an order appears. Not known if the search for less was cut short.
    /// </summary>
    public required bool IsMinimal { get; init; }

    /// <summary>How many operations the history has.</summary>
    public required int Operations { get; init; }
}
