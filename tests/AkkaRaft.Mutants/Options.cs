namespace AkkaRaft.Mutants;

/// <summary>What the command line asks for.</summary>
internal sealed record Options
{
    /// <summary>Prefixes of names; empty means all.</summary>
    public required IReadOnlyList<string> Only { get; init; }

    public required IReadOnlyList<Stage> Stages { get; init; }

    public required int Jobs { get; init; }

    /// <summary>For one mutant, from the moment that it is applied; null for no bound.</summary>
    public required TimeSpan? Budget { get; init; }

    /// <summary>Try also what is known.</summary>
    public required bool Again { get; init; }

    /// <summary>Take the tests as they are built in the working tree, and believe that they pass.</summary>
    public required bool Built { get; init; }
}
