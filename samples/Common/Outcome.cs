namespace AkkaRaft.Samples.Common;

/// <summary>What is known of an operation when it has ended.</summary>
public enum OutcomeKind
{
    /// <summary>Done, with a result.</summary>
    Ok,

    /// <summary>Surely not applied.</summary>
    Failed,

    /// <summary>It may have been applied, or may still be.</summary>
    Unknown,
}

/// <summary>How an operation ended.</summary>
/// <typeparam name="T">The type of the result.</typeparam>
/// <param name="Kind">What is known.</param>
/// <param name="Result">The state machine's result; set if and only if it is ok.</param>
/// <param name="Index">The command's log index, or the index that the answer reflects; null if it is not known.</param>
/// <param name="Node">Who answered; null if nobody did.</param>
/// <param name="Error">What happened, unless it is ok.</param>
public sealed record Outcome<T>(OutcomeKind Kind, T? Result, long? Index, string? Node, string? Error)
    where T : class
{
    /// <summary>Done.</summary>
    public static Outcome<T> Ok(RaftResult<T> result) =>
        new(OutcomeKind.Ok, result.Value, result.Index.Value, result.Answerer.Value, null);

    /// <summary>Surely not applied.</summary>
    public static Outcome<T> Failed(string error) => new(OutcomeKind.Failed, null, null, null, error);

    /// <summary>It may have been applied.</summary>
    public static Outcome<T> Unknown(string error) => new(OutcomeKind.Unknown, null, null, null, error);
}
