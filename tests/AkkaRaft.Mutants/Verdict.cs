using System.Text.Json.Serialization;

namespace AkkaRaft.Mutants;

/// <summary>What became of a mutant in a stage.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Outcome>))]
internal enum Outcome
{
    /// <summary>A test failed, or did not end.</summary>
    Caught,

    /// <summary>All tests passed: one is missing.</summary>
    Survived,

    /// <summary>The time was up before it was known.</summary>
    Undecided,

    /// <summary>The stage has no test to run.</summary>
    Absent,
}

/// <summary>A stage's word on a mutant.</summary>
/// <param name="Outcome">What became of it.</param>
/// <param name="By">The test that failed first, or what a seed of the simulation broke; else why there is no more to say.</param>
/// <param name="Seeds">In how many-th seed of the simulation; null where there are no seeds.</param>
/// <param name="Seconds">How long it took.</param>
internal sealed record Verdict(Outcome Outcome, string By, long? Seeds, double Seconds);

/// <summary>All that is known of a mutant.</summary>
/// <param name="Name">Which.</param>
/// <param name="Patch">The patch's hash.</param>
/// <param name="Source">The hash of the source that it was applied to.</param>
/// <param name="Error">Why it could not be tried: it does not apply or does not build. Null if it could.</param>
/// <param name="Stages">By stage.</param>
internal sealed record MutantResult(string Name, string Patch, string Source, string? Error, SortedDictionary<string, StageResult> Stages)
{
    [JsonIgnore]
    public bool IsCaught => Error is null && Stages.Values.Any(stage => stage.Verdict.Outcome == Outcome.Caught);

    [JsonIgnore]
    public bool IsUndecided => Error is null && !IsCaught && Stages.Values.Any(stage => stage.Verdict.Outcome == Outcome.Undecided);

    [JsonIgnore]
    public bool HasSurvived => Error is null && !IsCaught && !IsUndecided;
}

/// <param name="Tests">The hash of the tests that were run.</param>
/// <param name="Verdict">What they said.</param>
internal sealed record StageResult(string Tests, Verdict Verdict);
