namespace AkkaRaft.TestKit.Planning;

/// <summary>All of a run that is decided before it begins; the rest, above all the interleaving, follows from the seed.</summary>
internal sealed record RunPlan
{
    public required ulong Seed { get; init; }

    public required int Nodes { get; init; }

    public required int Clients { get; init; }

    /// <summary>In the order of their times.</summary>
    public required IReadOnlyList<PlannedAction> Actions { get; init; }

    /// <summary>Settings other than the default, as C# (<c>WithApplyMaxEntries(3)</c>), and what they do.</summary>
    public required IReadOnlyList<PlannedSetting> Settings { get; init; }

    /// <summary>How long the faults go on.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>How long the cluster may take to heal, in virtual time.</summary>
    public required TimeSpan HealWithin { get; init; }
}

/// <param name="Code">As C#, such as <c>WithApplyMaxEntries(3)</c>.</param>
/// <param name="Apply">The same.</param>
internal sealed record PlannedSetting(string Code, Func<RaftSettings, RaftSettings> Apply);
