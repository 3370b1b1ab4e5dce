namespace AkkaRaft.TestKit;

/// <summary>What a client knows of an operation in the end.</summary>
public enum OperationOutcome
{
    /// <summary>It was carried out, and its result is known.</summary>
    Done,

    /// <summary>It surely was not carried out and never will be.</summary>
    NotDone,

    /// <summary>It may have been carried out, or may still be, at any time after it was invoked.</summary>
    Unknown,
}

/// <summary>One operation of one client, as the client saw it.</summary>
/// <param name="Number">Its place in the order of invocation, from 1.</param>
/// <param name="Client">Which client, from 1; a client has one operation at a time.</param>
/// <param name="Input">The command or query.</param>
/// <param name="IsQuery">Whether it is a query, which changes nothing.</param>
/// <param name="Invoked">Virtual time when it was sent.</param>
/// <param name="Returned">Virtual time when it ended; null if it never did.</param>
/// <param name="Outcome">What is known of it.</param>
/// <param name="Output">The result; null unless <see cref="OperationOutcome.Done"/> (and then null stands for a null result).</param>
/// <param name="Index">Of a command that was done its log index, of such a query the index that its answer reflects; else 0.</param>
public sealed record Operation(
    int Number, int Client, object Input, bool IsQuery, TimeSpan Invoked, TimeSpan? Returned, OperationOutcome Outcome, object? Output, LogIndex Index = default)
{
    /// <summary>What the client was told when it was not <see cref="OperationOutcome.Done"/>; for people.</summary>
    public string? Error { get; init; }

    /// <summary>Of a query: how it was asked; null for linearizable at the leader. Answers to <see cref="ReadConsistency.Local"/> may be old.</summary>
    public SimulatedRead? Read { get; init; }

    /// <summary>Of a local query: what its answer had to reflect.</summary>
    internal LogIndex MinIndex { get; init; }

    internal bool IsLocal => Read is { IsLocal: true };

    /// <summary>Whether the cluster has refused it for what it is, such as its size: another try would end alike.</summary>
    internal bool IsRejected { get; init; }
}
