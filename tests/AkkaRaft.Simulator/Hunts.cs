using AkkaRaft.TestKit;

namespace AkkaRaft.Simulator;

/// <summary>The scenarios with which we hunt our own bugs: few keys, so that clients meet; unique values, so that what they see tells who wrote it.</summary>
public static class Hunts
{
    /// <summary>The names of the machines.</summary>
    public static readonly IReadOnlyList<string> Machines = ["map", "register", "counter"];

    /// <summary>The fault profiles by name.</summary>
    public static readonly IReadOnlyDictionary<string, Faults> Profiles = new Dictionary<string, Faults>(StringComparer.OrdinalIgnoreCase)
    {
        [nameof(Faults.Calm)] = Faults.Calm,
        [nameof(Faults.Members)] = Faults.Members,
        [nameof(Faults.Network)] = Faults.Network,
        [nameof(Faults.Disk)] = Faults.Disk,
        [nameof(Faults.Crashes)] = Faults.Crashes,
        [nameof(Faults.Transfers)] = Faults.Transfers,
        [nameof(Faults.All)] = Faults.All,
    };

    static readonly SequentialModel Map = new KeyValueModel(input => input switch
    {
        Put put => new KeyValueInput.Put(put.Key, put.Value),
        Delete delete => new KeyValueInput.Delete(delete.Key),
        Add add => new KeyValueInput.CompareAndSet(add.Key, null, add.Value),
        _ => new KeyValueInput.Get(((Get)input).Key),
    });

    static readonly SequentialModel Register = new RegisterModel(input => input is Set set ? new RegisterInput.Set(set.Value) : new RegisterInput.Get());

    static readonly SequentialModel Counter = new CounterModel(input => input is Increase more ? new CounterInput.Add(more.Amount) : new CounterInput.Get());

    /// <summary>Defines the scenario of a machine.</summary>
    /// <param name="machine">One of <see cref="Machines"/>.</param>
    /// <param name="faults">What may go wrong.</param>
    public static Action<Scenario> Of(string machine, Faults faults) => machine switch
    {
        "map" => cluster => cluster.StateMachine(() => new MapMachine()).Faults(faults).Fingerprint(of => ((MapMachine)of).State)
            .Clients(5, MapInput).LocalReads().Check(history => Linearizability.Of(history, Map)),
        "register" => cluster => cluster.StateMachine(() => new RegisterMachine()).Faults(faults).Fingerprint(of => ((RegisterMachine)of).Value)
            .Clients(4, RegisterInputs).LocalReads().Check(history => Linearizability.Of(history, Register)),
        "counter" => cluster => cluster.StateMachine(() => new CounterMachine()).Faults(faults).Fingerprint(of => ((CounterMachine)of).Value)
            .Clients(3, CounterInputs).LocalReads().Check(history => Linearizability.Of(history, Counter)),
        _ => throw new ArgumentOutOfRangeException(nameof(machine), machine, $"There is no such machine. There are: {string.Join(", ", Machines)}."),
    };

    static object MapInput(SimulationRandom random)
    {
        var key = $"k{random.Between(1, 4)}";
        return random.Between(0, 9) switch
        {
            < 4 => new Get(key),
            < 8 => new Put(key, random.Between(0, 1_000_000)),
            8 => new Delete(key),
            _ => new Add(key, random.Between(0, 1_000_000)),
        };
    }

    static object RegisterInputs(SimulationRandom random) => random.Chance(0.4)
        ? new Read()
        : new Set(random.Between(0, 1_000_000));

    static object CounterInputs(SimulationRandom random) => random.Chance(0.3) ? new Read() : new Increase(random.Between(1, 9));
}
