using System.Runtime.CompilerServices;

namespace AkkaRaft.TestKit;

/// <summary>
/// What a simulated cluster is to go through: say it once, run it with as many seeds as you like (<see cref="Simulate"/>). What is not said is drawn from the seed.
/// </summary>
public sealed class Scenario
{
    readonly List<ScenarioCheck> _checks = [];

    internal Func<RaftStateMachine>? MakeStateMachine { get; private set; }

    internal int MinNodes { get; private set; }

    internal int MaxNodes { get; private set; }

    internal int ClientCount { get; private set; } = 1;

    internal Func<SimulationRandom, object>? Workload { get; private set; }

    internal double Rate { get; private set; } = 50;

    internal Faults FaultProfile { get; private set; } = TestKit.Faults.All;

    internal Func<RaftSettings, RaftSettings> ChangeSettings { get; private set; } = settings => settings;

    internal Func<RaftStateMachine, object?>? FingerprintOf { get; private set; }

    internal double LocalReadShare { get; private set; }

    internal TimeSpan? FaultTime { get; private set; }

    internal TimeSpan HealTime { get; private set; } = TimeSpan.FromSeconds(60);

    internal IReadOnlyList<ScenarioCheck> Checks => _checks;

    /// <summary>What was said, as the C# that the caller wrote: a failed run is printed as a script.</summary>
    internal ScenarioCode Code { get; private set; } = new();

    /// <summary>How many nodes, 1 to 9. Default: drawn, mostly 3 or 5.</summary>
    /// <param name="count">How many.</param>
    public Scenario Nodes(int count) => Nodes(count, count);

    /// <summary>How many nodes, drawn between the two; 1 to 9.</summary>
    /// <param name="min">At least.</param>
    /// <param name="max">At most.</param>
    public Scenario Nodes(int min, int max)
    {
        if (min < 1 || max > 9 || max < min) throw new ArgumentOutOfRangeException(nameof(min), (min, max), "A simulated cluster has 1 to 9 nodes.");
        (MinNodes, MaxNodes) = (min, max);
        return this;
    }

    /// <summary>The state machine under test. Required.</summary>
    /// <param name="make">Makes one; called at each start of each node, and from several threads when several seeds run at once.</param>
    /// <param name="code">The same as C#, for the script of a failed run; the compiler gives it.</param>
    public Scenario StateMachine(Func<RaftStateMachine> make, [CallerArgumentExpression(nameof(make))] string code = "")
    {
        ArgumentNullException.ThrowIfNull(make);
        MakeStateMachine = make;
        Code = Code with { StateMachine = code };
        return this;
    }

    /// <summary>Who uses the cluster, and how. Required.</summary>
    /// <param name="count">How many clients, 1 to 100; each has one operation under way at a time.</param>
    /// <param name="workload">Draws the next command or query; the state machine's handlers decide which of the two it is. It must use no other chance.</param>
    /// <param name="operationsPerSecond">How many operations all clients together begin in a virtual second, on average. Default 50.</param>
    public Scenario Clients(int count, Func<SimulationRandom, object> workload, double operationsPerSecond = 50)
    {
        ArgumentNullException.ThrowIfNull(workload);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(operationsPerSecond);
        if (count is < 1 or > 100) throw new ArgumentOutOfRangeException(nameof(count), count, "A simulated cluster has 1 to 100 clients.");
        (ClientCount, Workload, Rate) = (count, workload, operationsPerSecond);
        return this;
    }

    /// <summary>
    /// Asks a share of the queries of single nodes, of their own state (<see cref="ReadConsistency.Local"/>): such answers may be old, and
    /// <see cref="Linearizability"/> leaves them out. They are checked for what was asked of them: the index, and that nobody else is told otherwise of it.
    /// </summary>
    /// <param name="share">From 0 to 1. Default 0.2; without this call none.</param>
    public Scenario LocalReads(double share = 0.2)
    {
        if (share is not (>= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(share), share, "A share is from 0 to 1.");
        LocalReadShare = share;
        return this;
    }

    /// <summary>What may go wrong. Default <see cref="TestKit.Faults.All"/>.</summary>
    /// <param name="faults">A profile.</param>
    public Scenario Faults(Faults faults)
    {
        ArgumentNullException.ThrowIfNull(faults);
        FaultProfile = faults;
        return this;
    }

    /// <summary>Checks what the clients saw, after each run; several checks may be added.</summary>
    /// <param name="check">Such as <c>history => Linearizability.Of(history, model)</c>.</param>
    /// <param name="code">The same as C#, for the script of a failed run; the compiler gives it.</param>
    public Scenario Check(Func<History, Verdict> check, [CallerArgumentExpression(nameof(check))] string code = "")
    {
        ArgumentNullException.ThrowIfNull(check);
        _checks.Add(new ScenarioCheck(check, code));
        return this;
    }

    /// <summary>The nodes' settings. Default: the library's, with some limits drawn small.</summary>
    /// <param name="change">Gets what was drawn and returns what is to be.</param>
    /// <param name="code">The same as C#, for the script of a failed run; the compiler gives it.</param>
    public Scenario Settings(Func<RaftSettings, RaftSettings> change, [CallerArgumentExpression(nameof(change))] string code = "")
    {
        ArgumentNullException.ThrowIfNull(change);
        ChangeSettings = change;
        Code = Code with { Settings = code };
        return this;
    }

    /// <summary>
    /// Says what the state of a state machine is, as text or as an object with a fit <c>ToString</c>: in the end it must be the same on each node. Default: the
    /// results of all commands are compared.
    /// </summary>
    /// <param name="of">Reads the state.</param>
    /// <param name="code">The same as C#, for the script of a failed run; the compiler gives it.</param>
    public Scenario Fingerprint(Func<RaftStateMachine, object?> of, [CallerArgumentExpression(nameof(of))] string code = "")
    {
        ArgumentNullException.ThrowIfNull(of);
        FingerprintOf = of;
        Code = Code with { Fingerprint = code };
        return this;
    }

    /// <summary>How long the faults and the clients go on, in virtual time. Default: drawn, 3 to 20 seconds.</summary>
    /// <param name="duration">Above zero.</param>
    public Scenario For(TimeSpan duration)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(duration, TimeSpan.Zero);
        FaultTime = duration;
        return this;
    }

    /// <summary>How long the cluster may take, once all faults have ended, to elect, serve and converge. Default 60 virtual seconds.</summary>
    /// <param name="bound">Above zero.</param>
    public Scenario HealsWithin(TimeSpan bound)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(bound, TimeSpan.Zero);
        HealTime = bound;
        return this;
    }

    internal void Validate()
    {
        if (MakeStateMachine is null) throw new InvalidOperationException("The scenario has no state machine. Say .StateMachine(() => new ...()).");
        if (Workload is null) throw new InvalidOperationException("The scenario has no clients. Say .Clients(4, random => random.Pick(...)).");
    }
}

/// <summary>What a scenario was told, as the C# that its author wrote; null what was not said.</summary>
internal sealed record ScenarioCode
{
    public string? StateMachine { get; init; }

    public string? Settings { get; init; }

    public string? Fingerprint { get; init; }
}

/// <param name="Of">Checks what the clients saw.</param>
/// <param name="Code">The same as C#.</param>
internal sealed record ScenarioCheck(Func<History, Verdict> Of, string Code);
