namespace AkkaRaft.Benchmarks.Bars;

/// <summary>One of the goals of this project's speed, and whether it is reached.</summary>
/// <param name="Work">What was done.</param>
/// <param name="Bar">What is wanted.</param>
/// <param name="Seen">What was measured.</param>
/// <param name="Met">Whether that is enough.</param>
internal sealed record BarResult(string Work, string Bar, string Seen, bool Met);
