namespace AkkaRaft.TestKit.Planning;

/// <summary>Something that a run's plan does at a time: the same as a line of a script.</summary>
/// <param name="At">Virtual time since the start.</param>
/// <param name="Code">The line, as C#.</param>
/// <param name="Do">What it does.</param>
internal sealed record PlannedAction(TimeSpan At, string Code, Action<SimulatedCluster> Do)
{
    /// <summary>The nodes that must be there for it.</summary>
    public IReadOnlyList<int> Nodes { get; init; } = [];

    /// <summary>The client whose operation it is; 0 if it is a fault.</summary>
    public int Client { get; init; }

    /// <summary>Actions of the same episode, such as a crash and its restart, belong together: one without the other would be another story. 0 for none.</summary>
    public int Episode { get; init; }

    public bool IsOperation => Client > 0;
}
