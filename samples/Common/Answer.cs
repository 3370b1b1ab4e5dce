namespace AkkaRaft.Samples.Common;

/// <summary>What a sample's state machine says to an operation.</summary>
/// <param name="Yes">Whether the data says yes: the key was there, the expected value was there.</param>
/// <param name="Value">What was read or made, as JSON; null for none.</param>
/// <param name="Error">Why there is no value although the operation was carried out.</param>
/// <param name="Refusal">Why the operation cannot be carried out on any data; then nothing was changed.</param>
public sealed record Answer(bool Yes, string? Value = null, string? Error = null, string? Refusal = null)
{
    /// <summary>An operation that cannot be carried out on any data.</summary>
    public static Answer Refused(string why) => new(false, Refusal: why);
}
