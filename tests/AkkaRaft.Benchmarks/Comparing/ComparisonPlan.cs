using AkkaRaft.Benchmarks.Contenders;

namespace AkkaRaft.Benchmarks.Comparing;

/// <summary>What a comparison does.</summary>
/// <param name="Contenders">In the order of the table; ours is the first.</param>
/// <param name="Folder">On the disk that is measured; it and what is in it are deleted.</param>
/// <param name="Rounds">How many.</param>
/// <param name="WarmUp">For how long each contender writes before the first round.</param>
/// <param name="Measured">For how long each work is measured in each round.</param>
internal sealed record ComparisonPlan(IReadOnlyList<IContender> Contenders, string Folder, int Rounds, TimeSpan WarmUp, TimeSpan Measured)
{
    /// <summary>Whether latency over offered load, fail-over and the bars that need no peer are measured, too.</summary>
    public bool Full { get; init; }

    /// <summary>How often each leader is killed then.</summary>
    public int Kills { get; init; }
}
