namespace AkkaRaft.TestKit.Planning;

/// <summary>Draws how the queries of a run are asked: of the leader or of a node, by lease, or, if the scenario wants that, of a node's own state.</summary>
internal sealed class ReadPlanner
{
    readonly SimulationRandom _random;
    readonly int _nodes;
    readonly double _local;
    readonly bool _plain;

    public ReadPlanner(ulong seed, int nodes, double local)
    {
        _random = new SimulationRandom(seed, "reads");
        _nodes = nodes;
        _local = local;
        _plain = _random.Chance(0.3);
    }

    /// <summary>For the next operation; null for linearizable at the leader. Commands ignore it.</summary>
    public SimulatedRead? Next()
    {
        var (kind, local, node, bound) = (_random.Fraction(), _random.Fraction(), _random.Between(0, _nodes), _random.Fraction());
        if (local < _local)
        {
            return new SimulatedRead(
                ReadConsistency.Local, node, SeesOwn: bound < 0.6, bound > 0.8 ? _random.Pick(20.Milliseconds(), 150.Milliseconds(), 1.Seconds()) : null);
        }

        if (_plain) return null;
        return kind switch
        {
            < 0.4 => null,
            < 0.7 => node == 0 ? null : new SimulatedRead(ReadConsistency.Linearizable, node),
            _ => new SimulatedRead(ReadConsistency.Lease, bound < 0.5 ? 0 : node),
        };
    }
}
