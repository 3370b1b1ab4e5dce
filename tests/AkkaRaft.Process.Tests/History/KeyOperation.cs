namespace AkkaRaft.Process.Tests.History;

internal enum OperationKind
{
    Get,
    Put,
    Cas,
    Delete,
    Add,
}

/// <summary>An operation on one key, as a client saw it. Values are JSON texts; null is "absent".</summary>
/// <param name="Id">To find it again.</param>
/// <param name="Kind">What was asked.</param>
/// <param name="Argument">Of put the value, of cas the new value, of add the number.</param>
/// <param name="Expected">Of cas.</param>
/// <param name="Start">Before it was sent.</param>
/// <param name="End">After its answer came; <see cref="long.MaxValue"/> for an unknown outcome: it may take effect at any time, or never.</param>
/// <param name="Result">The answer: of get the value, of add the sum, of cas "true" or "false".</param>
internal sealed record KeyOperation(
    long Id, OperationKind Kind, string? Argument, string? Expected, long Start, long End, string? Result)
{
    public bool IsUnknown => End == long.MaxValue;

    public override string ToString() =>
        $"#{Id} {Kind} {(Kind == OperationKind.Cas ? $"{Expected ?? "absent"}->" : "")}{Argument} = " +
        $"{(IsUnknown ? "unknown" : Result ?? "null")} [{Start}..{(IsUnknown ? "" : End)}]";
}
