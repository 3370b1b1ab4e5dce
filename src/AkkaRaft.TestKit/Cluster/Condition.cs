namespace AkkaRaft.TestKit;

/// <summary>Something that a script waits for: <c>cluster.RunUntil(Conditions.LeaderElected)</c>.</summary>
/// <param name="Name">What it is, for people; with code where that can be, as in <c>Conditions.LeaderElected</c>.</param>
/// <param name="Holds">Whether it holds now; asked after every step.</param>
public sealed record Condition(string Name, Func<SimulatedCluster, bool> Holds)
{
    /// <summary>Whether it holds.</summary>
    public Func<SimulatedCluster, bool> Holds { get; init; } = Holds ?? throw new ArgumentNullException(nameof(Holds));

    /// <summary>The name.</summary>
    public override string ToString() => Name;
}

/// <summary>Conditions that scripts often wait for.</summary>
public static class Conditions
{
    /// <summary>Some node leads, and a majority follows it.</summary>
    public static readonly Condition LeaderElected = new(nameof(LeaderElected), cluster => cluster.Leader is not null);

    /// <summary>Every operation of every client has ended.</summary>
    public static readonly Condition OperationsEnded = new(nameof(OperationsEnded), cluster => cluster.PendingOperations == 0);

    /// <summary>
    /// All members are up, no change of them is under way, and they have the same log, all of it committed and applied, with the same results on each.
    /// </summary>
    public static readonly Condition Converged = new(nameof(Converged), cluster => cluster.HasConverged());

    /// <summary>A node leads.</summary>
    /// <param name="node">Its number, from 1.</param>
    public static Condition Leads(int node) => new($"Leads({node})", cluster => cluster.Leader == node);

    /// <summary>A node has applied at least this much of the log.</summary>
    /// <param name="node">Its number, from 1.</param>
    /// <param name="index">A log index.</param>
    public static Condition HasApplied(int node, LogIndex index) =>
        new($"HasApplied({node}, new LogIndex({index}))", cluster => cluster.StatusOf(node) is { } status && status.AppliedIndex >= index);
}

/// <summary>Times as scripts write them.</summary>
public static class Durations
{
    /// <summary>So many seconds.</summary>
    /// <param name="value">How many.</param>
    public static TimeSpan Seconds(this int value) => TimeSpan.FromSeconds(value);

    /// <summary>So many milliseconds.</summary>
    /// <param name="value">How many.</param>
    public static TimeSpan Milliseconds(this int value) => TimeSpan.FromMilliseconds(value);

    /// <summary>So many microseconds.</summary>
    /// <param name="value">How many.</param>
    public static TimeSpan Microseconds(this int value) => TimeSpan.FromMicroseconds(value);
}
