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

    /// <summary>What the clients ask when the faults have ended, one after the other, each until it is done.</summary>
    public required IReadOnlyList<PlannedOperation> LastOperations { get; init; }

    /// <summary>
    /// Whether an operation is left out when its client is far behind. Scripts leave nothing out: the plan of a script has only operations that were begun.
    /// </summary>
    public bool LeavesOutWhenBusy { get; init; } = true;

    /// <summary>Whether somebody starts a node again that gave up because of its disk.</summary>
    public bool RestartStoppedNodes { get; init; } = true;

    /// <summary>How long the faults go on.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>How long the cluster may take to heal, in virtual time.</summary>
    public required TimeSpan HealWithin { get; init; }
}

/// <param name="Code">As C#, such as <c>WithApplyMaxEntries(3)</c>.</param>
/// <param name="Apply">The same.</param>
internal sealed record PlannedSetting(string Code, Func<RaftSettings, RaftSettings> Apply);
