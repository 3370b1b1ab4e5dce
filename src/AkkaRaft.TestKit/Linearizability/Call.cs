using System.Runtime.CompilerServices;

namespace AkkaRaft.TestKit.Checking;

/// <summary>An answer that is not the recorded one: of a question "what if it had answered this?".</summary>
internal sealed record Answer(object? Value);

/// <summary>An operation as the search sees it.</summary>
/// <param name="Operation">What was recorded.</param>
/// <param name="Input">The number of its input.</param>
/// <param name="Invoked">It takes effect at this time or later.</param>
/// <param name="Returned">It takes effect at this time or earlier; <see cref="TimeSpan.MaxValue"/> if it is optional.</param>
internal sealed record Call(Operation Operation, int Input, TimeSpan Invoked, TimeSpan Returned)
{
    /// <summary>It may take effect or never, and whatever it then answers is right.</summary>
    public bool IsOptional { get; private init; }

    /// <summary>Demanded of the model in place of the recorded output.</summary>
    public Answer? Instead { get; init; }

    public static Call Of(Operation operation, StateSpace space)
    {
        var call = new Call(operation, space.NumberOf(operation.Input), operation.Invoked, TimeSpan.MaxValue) { IsOptional = true };
        if (operation.Outcome != OperationOutcome.Done) return call;
        if (operation.Returned is not { } returned || returned < operation.Invoked)
            throw new ArgumentException($"Operation #{operation.Number} is done, but it returned at "
                + $"{operation.Returned?.ToString() ?? "no time"} and was invoked at {operation.Invoked}. "
                + "An operation that is done needs a time of return, not before that of its invocation.");
        return call with { Returned = returned, IsOptional = false };
    }

    /// <summary>The same with its answer and its end forgotten. Whatever order explains the call explains this too.</summary>
    public Call Forgotten() => this with { Returned = TimeSpan.MaxValue, IsOptional = true, Instead = null };

    /// <summary>An optional call that may take effect at any time at all.</summary>
    public Call AtAnyTime() => this with { Invoked = TimeSpan.MinValue };

    // Each is one of its own, whatever it holds.
    public bool Equals(Call? other) => ReferenceEquals(this, other);

    public override int GetHashCode() => RuntimeHelpers.GetHashCode(this);
}

/// <summary>A question to the search: is there an order of these calls, from this state on?</summary>
internal sealed class Problem
{
    public Problem(StateSpace space, int initial, IEnumerable<Call> calls)
    {
        Space = space;
        Initial = initial;
        var all = calls.ToList();
        Required = [.. all.Where(call => !call.IsOptional).OrderBy(call => call.Invoked).ThenBy(call => call.Operation.Number)];
        // A query changes nothing: whether it took effect or not, when nobody knows its answer, is all the same.
        Optional = [.. all.Where(call => call.IsOptional && !call.Operation.IsQuery)
            .OrderBy(call => call.Invoked).ThenBy(call => call.Operation.Number)
            .GroupBy(call => call.Input).Select(alike => alike.ToArray())];
    }

    public StateSpace Space { get; }

    public int Initial { get; }

    /// <summary>Those that must find their place, in the order of invocation.</summary>
    public Call[] Required { get; }

    /// <summary>
    /// Those that need not, all of one input together, in the order of invocation. They are taken in this order: of two that do the same, the one that could
    /// come earlier can stand wherever the other does.
    /// </summary>
    public Call[][] Optional { get; }

    public IEnumerable<Call> Calls => Required.Concat(Optional.SelectMany(alike => alike));
}
