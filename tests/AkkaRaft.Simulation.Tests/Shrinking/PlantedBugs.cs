using Akka.Actor;
using AkkaRaft.TestKit;
using AkkaRaft.TestKit.Planning;
using AkkaRaft.TestKit.Scenarios;

namespace AkkaRaft.Simulation.Tests.Shrinking;

/// <summary>Scenarios with a bug, and how small its script is.</summary>
public sealed record PlantedBug(string Name, string Problem, Action<Scenario> Define)
{
    /// <summary>Each with the faults of all kinds around it, which have nothing to do with most of them.</summary>
    public static readonly PlantedBug[] All =
    [
        new("drifting machine", "state machines differ", cluster => cluster
            .StateMachine(() => new Drifting())
            .Fingerprint(machine => ((Drifting)machine).State)),
        new("throwing machine", "node stopped", cluster => cluster
            .StateMachine(() => new Throwing())),
        new("stale reads", "history", cluster => cluster
            .StateMachine(() => new Forgetful())
            .Check(history => Linearizability.Of(history, Forgetful.Model))),
        new("no answer", "history", cluster => cluster
            .StateMachine(() => new Journaled())
            .Settings(settings => settings.WithMaxPendingReads(30))
            .Check(history => history.Operations.Any(operation => operation.Outcome == OperationOutcome.Unknown)
                ? Verdict.Failed("An operation's outcome is unknown.")
                : Verdict.Passed)),
        new("no time to heal", "LeaderElected does not come", cluster => cluster
            .StateMachine(() => new Journaled())
            .HealsWithin(1.Milliseconds())),
    ];

    internal Scenario Scenario => Simulate.Defined(cluster => Define(cluster
        .Nodes(3)
        .For(5.Seconds())
        .Clients(3, random => random.Chance(0.3) ? new ReadLines() : new AddLine($"line {random.Between(1, 9)}"), operationsPerSecond: 10)));

    /// <summary>The first seed that shows it.</summary>
    internal RunResult Fail()
    {
        for (var seed = 1UL; seed <= 20; seed++)
        {
            var result = new ScenarioRun(Scenario, RunPlanner.Plan(Scenario, seed)) { ReplayCommand = $"repeat {seed}" }.Go();
            if (result.Failure?.Problem == Problem) return result;
        }

        throw new InvalidOperationException($"No seed from 1 to 20 shows \"{Name}\".");
    }

    public override string ToString() => Name;
}

/// <summary>Forgets its third line, on node 2 only.</summary>
public sealed class Drifting : RaftStateMachine
{
    readonly List<string> _lines = [];
    int _count;

    public Drifting()
    {
        var node = ((ExtendedActorSystem)Context.System).Provider.DefaultAddress.Host;
        Command<AddLine, int>(add =>
        {
            _count++;
            if (_count != 3 || node != "n2") _lines.Add(add.Text);
            return _count;
        });
        Query<ReadLines, string>(_ => State);
    }

    public string State => string.Join(", ", _lines);
}

/// <summary>Cannot take a second line that is like the first.</summary>
public sealed class Throwing : RaftStateMachine
{
    readonly HashSet<string> _lines = [];

    public Throwing()
    {
        Command<AddLine, int>(add => _lines.Add(add.Text) ? _lines.Count : throw new InvalidOperationException($"\"{add.Text}\" is there already."));
        Query<ReadLines, string>(_ => string.Join(", ", _lines));
    }
}

/// <summary>Reads show what was there before the last line.</summary>
public sealed class Forgetful : RaftStateMachine
{
    string? _last;
    string? _before;

    public Forgetful()
    {
        Command<AddLine>(add => { (_before, _last) = (_last, add.Text); });
        Query<ReadLines, string?>(_ => _before);
    }

    public static SequentialModel Model { get; } = new RegisterModel(input => input is AddLine add ? new RegisterInput.Set(add.Text) : new RegisterInput.Get());
}
