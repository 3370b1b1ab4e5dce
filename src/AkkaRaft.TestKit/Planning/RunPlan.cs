namespace AkkaRaft.TestKit.Planning;

/// <summary>All of a run that is decided before it begins; the rest, above all the interleaving, follows from the seed.</summary>
internal sealed record RunPlan
{
    public required ulong Seed { get; init; }

    /// <summary>How many found the cluster.</summary>
    public required int Nodes { get; init; }

    /// <summary>How many further ones wait to be added.</summary>
    public int Spares { get; init; }

    public required int Clients { get; init; }

    /// <summary>In the order of their times.</summary>
    public required IReadOnlyList<PlannedAction> Actions { get; init; }

    /// <summary>Settings other than the default, as C# (<c>WithApplyMaxEntries(3)</c>), and what they do.</summary>
    public required IReadOnlyList<PlannedSetting> Settings { get; init; }

    /// <summary>What the clients ask when the faults have ended, one after the other, each until it is done.</summary>
    public required IReadOnlyList<PlannedOperation> LastOperations { get; init; }

    /// <summary>
    /// Whether it is what a script says, to the letter. Else operations are left out whose client is far behind, and a run in which nothing happened has failed.
    /// </summary>
    public bool IsScript { get; init; }

    /// <summary>Whether somebody starts a node again that gave up because of its disk.</summary>
    public bool RestartStoppedNodes { get; init; } = true;

    public bool WipesDisks => Actions.Any(action => action.WipesDisk);

    /// <summary>How long the faults go on.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>How long the cluster may take to heal, in virtual time.</summary>
    public required TimeSpan HealWithin { get; init; }
}

/// <param name="Code">As C#, such as <c>WithApplyMaxEntries(3)</c>.</param>
/// <param name="Apply">The same.</param>
internal sealed record PlannedSetting(string Code, Func<RaftSettings, RaftSettings> Apply);
