using System.Globalization;

namespace AkkaRaft.TestKit.Planning;

/// <summary>
/// Draws the faults of a run. What it takes away it gives back: every cut is mended, every node starts again, every disk gets well, and no disk ever loses what it
/// has confirmed, so that each run must be survived.
/// </summary>
internal sealed class FaultPlanner
{
    readonly SimulationRandom _random;
    readonly SimulationRandom _absences;
    readonly SimulationRandom _members;
    readonly FaultKinds _kinds;
    readonly int _nodes;
    readonly int _clients;
    readonly TimeSpan _duration;
    readonly List<PlannedAction> _actions = [];

    // How each node's disk is when nothing is wrong with it, by number.
    readonly DiskFaults[] _good;

    int _episodes;

    public FaultPlanner(ulong seed, Faults faults, int nodes, int clients, TimeSpan duration)
    {
        _random = new SimulationRandom(seed, "fault plan");
        _nodes = nodes;
        _clients = clients;
        _duration = duration;
        _absences = new SimulationRandom(seed, "absences");
        _members = new SimulationRandom(seed, "members");
        _kinds = Swarm(faults.Kinds);
        _good = [.. Enumerable.Range(0, nodes + 1).Select(_ => DrawGoodDisk())];
    }

    public IReadOnlyList<PlannedAction> Plan()
    {
        PlanNetwork();
        PlanCuts();
        PlanStalledLinks();
        PlanProcesses();
        PlanClocks();
        PlanDisks();
        PlanTransfers();
        PlanAbsences();
        PlanMembers();
        return _actions;
    }

    /// <summary>Each kind is in or out by lot, but not all out.</summary>
    FaultKinds Swarm(FaultKinds kinds)
    {
        // These have streams of their own: they came later, and leave the other faults of a seed as they were. Members change whenever they may.
        const FaultKinds Later = FaultKinds.LongAbsence | FaultKinds.Membership | FaultKinds.WipedDisk;
        var members = (kinds & FaultKinds.Membership) | ((kinds & FaultKinds.WipedDisk) != 0 && _members.Chance(0.4) ? FaultKinds.WipedDisk : FaultKinds.None);
        var away = (kinds & FaultKinds.LongAbsence) != 0 && (kinds == FaultKinds.LongAbsence || _absences.Chance(0.5)) ? FaultKinds.LongAbsence : FaultKinds.None;
        var single = Enum.GetValues<FaultKinds>().Where(kind => (kind & (kind - 1)) == 0 && (kinds & kind) != 0 && (kind & Later) == 0).ToList();
        if (single.Count == 0) return away | members;
        var drawn = single.Where(_ => _random.Chance(0.5)).Aggregate(FaultKinds.None, (all, kind) => all | kind);
        return away | members | (drawn == FaultKinds.None ? _random.Pick(single) : drawn);
    }

    bool Has(FaultKinds kind) => (_kinds & kind) != 0;

    // ----- The network -----

    void PlanNetwork()
    {
        if ((_kinds & (FaultKinds.Delay | FaultKinds.Loss | FaultKinds.Duplication | FaultKinds.Reordering | FaultKinds.Stragglers)) == 0) return;
        var at = TimeSpan.Zero;
        while (at < _duration)
        {
            var faults = DrawNetwork();
            _episodes++;
            Add(PlannedAction.Network(at, faults));
            at += Some(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(8));
        }
    }

    NetworkFaults DrawNetwork()
    {
        if (_random.Chance(0.25)) return NetworkFaults.None;
        var faults = NetworkFaults.None;
        if (Has(FaultKinds.Delay))
            faults = faults with { DelayMax = _random.Pick(2.Milliseconds(), 10.Milliseconds(), 50.Milliseconds(), 300.Milliseconds()) };
        if (Has(FaultKinds.Loss)) faults = faults with { Loss = _random.Pick(0.005, 0.03, 0.1, 0.3) };
        if (Has(FaultKinds.Duplication)) faults = faults with { Duplication = _random.Pick(0.01, 0.1, 0.4) };
        if (Has(FaultKinds.Reordering)) faults = faults with { Ordered = false };
        if (Has(FaultKinds.Stragglers)) faults = faults with { Stragglers = _random.Pick(0.002, 0.02), Ordered = false };
        return faults;
    }

    void PlanCuts()
    {
        var kinds = new[] { FaultKinds.Partitions, FaultKinds.OneWayCuts, FaultKinds.Isolation, FaultKinds.Flapping }.Where(Has).ToList();
        if (kinds.Count == 0 || _nodes == 1) return;
        for (var at = Pause(); at < _duration; at += Pause())
        {
            _episodes++;
            var end = at + Some(50.Milliseconds(), 5.Seconds());
            switch (_random.Pick(kinds))
            {
                case FaultKinds.Partitions:
                    PlanPartition(at);
                    break;
                case FaultKinds.OneWayCuts:
                    PlanOneWayCuts(at);
                    break;
                case FaultKinds.Isolation:
                    var alone = AnyNode();
                    Add(at, $"cluster.Isolate({alone});", cluster => cluster.Isolate(alone), alone);
                    break;
                default:
                    PlanFlapping(at, end);
                    break;
            }

            Add(end, "cluster.Heal();", cluster => cluster.Heal());
            at = end;
        }
    }

    void PlanPartition(TimeSpan at)
    {
        // Clients are with the first group, which is sometimes the smaller one, or on both sides, where they could meet two truths.
        var nodes = Shuffled();
        var first = _random.Between(1, _nodes - 1);
        int[][] groups = [[.. nodes.Take(first).Order()], [.. nodes.Skip(first).Order()]];
        var code = $"([{string.Join(", ", groups[0])}], [{string.Join(", ", groups[1])}]);";
        if (_random.Chance(0.5)) Add(at, "cluster.Partition" + code, cluster => cluster.Partition(groups), nodes);
        else Add(at, "cluster.PartitionNodes" + code, cluster => cluster.PartitionNodes(groups), nodes);
    }

    void PlanOneWayCuts(TimeSpan at)
    {
        for (var cuts = _random.Between(1, _nodes); cuts > 0; cuts--)
        {
            var nodes = Shuffled();
            Add(at, $"cluster.CutOneWay(from: {nodes[0]}, to: {nodes[1]});", cluster => cluster.CutOneWay(nodes[0], nodes[1]), nodes[0], nodes[1]);
        }
    }

    void PlanFlapping(TimeSpan at, TimeSpan end)
    {
        var node = AnyNode();
        var period = Some(20.Milliseconds(), 400.Milliseconds());
        while (at < end)
        {
            Add(at, $"cluster.Isolate({node});", cluster => cluster.Isolate(node), node);
            Add(at + period * _random.Fraction(), "cluster.Heal();", cluster => cluster.Heal());
            at += period;
        }
    }

    void PlanStalledLinks()
    {
        if (!Has(FaultKinds.StalledLinks) || _nodes == 1) return;
        for (var at = Pause(); at < _duration; at += Pause())
        {
            // Most of all a leader's, and often for about as long as it takes until another is elected: it goes on leading a little longer.
            _episodes++;
            var hang = _random.Chance(0.5) ? Some(50.Milliseconds(), 3.Seconds()) : _random.Between(500.Milliseconds(), 1500.Milliseconds());
            int? node = _random.Chance(0.3) ? AnyNode() : null;
            // Some clients look for a leader anew, and find the next one while others still ask the old one.
            for (var clients = _random.Between(0, 3); clients > 0; clients--)
                Add(PlannedAction.ClientRestart(at + hang * (0.5 + 0.5 * _random.Fraction()), _random.Between(1, _clients)));
            if (_random.Chance(0.4))
            {
                StallLinks(at, node, hang, LinkDirection.Both);
                continue;
            }

            // It is heard for a while, and does not hear what it is answered.
            var heard = Some(1.Milliseconds(), 400.Milliseconds());
            StallLinks(at, node, hang, LinkDirection.To);
            StallLinks(at + heard, node, hang, LinkDirection.From);
        }
    }

    void StallLinks(TimeSpan at, int? node, TimeSpan hang, LinkDirection direction)
    {
        var arguments = $"{CodeText.Of(hang)}{(direction == LinkDirection.Both ? "" : $", {nameof(LinkDirection)}.{direction}")}";
        if (node is { } known) Add(at, $"cluster.StallLinks({known}, {arguments});", cluster => cluster.StallLinks(known, hang, direction), known);
        else Add(at, $"cluster.StallLeaderLinks({arguments});", cluster => cluster.StallLeaderLinks(hang, direction));
    }

    // ----- Processes and clocks -----

    void PlanProcesses()
    {
        if (Has(FaultKinds.Crash))
        {
            for (var at = Pause(); at < _duration; at += Pause()) PlanCrash(at);
        }

        if (Has(FaultKinds.ClientRestart))
        {
            for (var at = Pause(); at < _duration; at += Pause())
            {
                _episodes++;
                Add(PlannedAction.ClientRestart(at, _random.Between(1, _clients)));
            }
        }

        if (!Has(FaultKinds.Pause)) return;
        for (var at = Pause(); at < _duration; at += Pause())
        {
            _episodes++;
            var node = AnyNode();
            Add(at, $"cluster.Pause({node});", cluster => cluster.Pause(node), node);
            Add(at + Some(20.Milliseconds(), 4.Seconds()), $"cluster.Resume({node});", cluster => cluster.Resume(node), node);
        }
    }

    void PlanCrash(TimeSpan at)
    {
        _episodes++;
        var back = at + Some(1.Milliseconds(), 3.Seconds());
        switch (_random.Between(0, 9))
        {
            case 0:
                // Power is gone, and comes back.
                var all = Enumerable.Range(1, _nodes).ToArray();
                foreach (var each in all) Add(at, $"cluster.Crash({each});", cluster => cluster.Crash(each), each);
                foreach (var each in all) Add(back + Some(TimeSpan.Zero, 500.Milliseconds()), $"cluster.Restart({each});", cluster => cluster.Restart(each), each);
                break;
            case 1 or 2 or 3:
                Add(at, "cluster.CrashLeader();", cluster => cluster.CrashLeader());
                Add(back, "cluster.Start();", cluster => cluster.Start());
                break;
            case 4 or 5 or 6:
                // In the middle of what it is doing, whatever that is.
                var (busy, steps) = (AnyNode(), _random.Between(1, 60));
                Add(at, $"cluster.CrashAfter({busy}, messages: {steps});", cluster => cluster.CrashAfter(busy, steps), busy);
                Add(back, $"cluster.Restart({busy});", cluster => cluster.Restart(busy), busy);
                break;
            default:
                var node = AnyNode();
                Add(at, $"cluster.Crash({node});", cluster => cluster.Crash(node), node);
                Add(back, $"cluster.Restart({node});", cluster => cluster.Restart(node), node);
                break;
        }
    }

    void PlanClocks()
    {
        if (Has(FaultKinds.ClockRate))
        {
            for (var at = TimeSpan.Zero; at < _duration; at += Some(2.Seconds(), 10.Seconds()))
            {
                _episodes++;
                var (node, rate) = (AnyNode(), _random.Pick(0.8, 0.95, 1.0, 1.05, 1.25));
                Add(at, string.Create(CultureInfo.InvariantCulture, $"cluster.SetClockRate({node}, {rate});"), cluster => cluster.SetClockRate(node, rate), node);
            }
        }

        if (!Has(FaultKinds.ClockSkew)) return;
        for (var at = TimeSpan.Zero; at < _duration; at += Some(1.Seconds(), 10.Seconds()))
        {
            _episodes++;
            var (node, skew) = (AnyNode(), _random.Pick(-3600.Seconds(), -1.Seconds(), TimeSpan.Zero, 1.Seconds(), 3600.Seconds()));
            Add(at, $"cluster.SetClockSkew({node}, {CodeText.Of(skew)});", cluster => cluster.SetClockSkew(node, skew), node);
        }
    }

    // ----- Disks -----

    void PlanDisks()
    {
        for (var each = 1; each <= _nodes; each++)
        {
            _episodes++;
            SetDisk(TimeSpan.Zero, each, _good[each]);
        }

        if ((_kinds & FaultKinds.Disk) == 0) return;
        for (var at = TimeSpan.Zero; at < _duration; at += Pause())
        {
            _episodes++;
            var node = AnyNode();
            var end = at + Some(100.Milliseconds(), 6.Seconds());
            if (Has(FaultKinds.StalledDisk) && _random.Chance(0.3))
            {
                var hang = Some(50.Milliseconds(), 6.Seconds());
                Add(at, $"cluster.StallDisk({node}, {CodeText.Of(hang)});", cluster => cluster.StallDisk(node, hang), node);
                continue;
            }

            SetDisk(at, node, DrawDisk(_good[node]));
            SetDisk(end, node, _good[node]);
        }
    }

    void SetDisk(TimeSpan at, int node, DiskFaults faults) => Add(PlannedAction.Disk(at, node, faults));

    /// <summary>
    /// A disk without faults: quick or less so, since what a crash finds under way is what matters, and a crash leaves nothing of that, or all, or a part.
    /// </summary>
    DiskFaults DrawGoodDisk()
    {
        if (!Has(FaultKinds.Crash)) return DiskFaults.None;
        var whole = _random.Pick(0.0, 0.3, 0.7, 1.0);
        return DiskFaults.None with
        {
            LatencyMax = _random.Pick(2.Milliseconds(), 10.Milliseconds(), 40.Milliseconds()),
            CrashKeepsWhole = whole,
            CrashKeepsPrefix = (1 - whole) * _random.Pick(0.0, 0.5),
        };
    }

    DiskFaults DrawDisk(DiskFaults good)
    {
        var faults = good;
        if (Has(FaultKinds.SlowDisk))
            faults = faults with { SlowProbability = _random.Pick(0.02, 0.2, 0.8), SlowMax = _random.Pick(30.Milliseconds(), 300.Milliseconds()) };
        if (Has(FaultKinds.StalledDisk)) faults = faults with { StallProbability = _random.Pick(0, 0.01), StallTime = Some(500.Milliseconds(), 12.Seconds()) };
        if (Has(FaultKinds.FailingDisk)) faults = faults with { FailProbability = _random.Pick(0.005, 0.05, 0.3) };
        if (Has(FaultKinds.RejectingDisk)) faults = faults with { RejectProbability = _random.Pick(0.005, 0.05) };
        if (Has(FaultKinds.ReadErrors)) faults = faults with { ReadErrorProbability = _random.Pick(0.1, 0.5) };
        return faults;
    }

    void PlanAbsences()
    {
        if (!Has(FaultKinds.LongAbsence)) return;
        foreach (var episode in new AbsencePlanner(_absences, _nodes, _duration).Plan())
        {
            _episodes++;
            foreach (var action in episode) Add(action);
        }
    }

    void PlanMembers()
    {
        if ((_kinds & (FaultKinds.Membership | FaultKinds.WipedDisk)) == 0) return;
        foreach (var episode in new MembershipPlanner(_members, _nodes, _duration, Has(FaultKinds.Membership), Has(FaultKinds.WipedDisk)).Plan())
        {
            _episodes++;
            foreach (var action in episode) Add(action);
        }
    }

    // ----- Leadership -----

    void PlanTransfers()
    {
        if (!Has(FaultKinds.Transfers) || _nodes == 1) return;
        for (var at = Pause(); at < _duration; at += Pause())
        {
            _episodes++;
            var client = _random.Between(1, _clients);
            int? to = _random.Chance(0.5) ? AnyNode() : null;
            Add(PlannedAction.Transfer(at, to, client));
            // The target dies while everybody waits for it, or the old leader does.
            if (to is not { } target || !_random.Chance(0.2) || !Has(FaultKinds.Crash)) continue;
            var gone = at + Some(100.Microseconds(), 100.Milliseconds());
            Add(gone, $"cluster.Crash({target});", cluster => cluster.Crash(target), target);
            Add(gone + Some(1.Milliseconds(), 3.Seconds()), $"cluster.Restart({target});", cluster => cluster.Restart(target), target);
        }
    }

    // ----- Draws -----

    void Add(TimeSpan at, string code, Action<SimulatedCluster> run, params int[] nodes) => Add(new PlannedAction(at, code, run) { Nodes = nodes });

    void Add(PlannedAction action) => _actions.Add(action with { Episode = _episodes });

    int AnyNode() => _random.Between(1, _nodes);

    int[] Shuffled()
    {
        var nodes = Enumerable.Range(1, _nodes).ToArray();
        for (var i = nodes.Length - 1; i > 0; i--)
        {
            var j = _random.Between(0, i);
            (nodes[i], nodes[j]) = (nodes[j], nodes[i]);
        }

        return nodes;
    }

    /// <summary>Between two episodes of a kind.</summary>
    TimeSpan Pause() => Some(100.Milliseconds(), 5.Seconds());

    /// <summary>A time whose order of magnitude is drawn: short ones are as likely as long ones.</summary>
    TimeSpan Some(TimeSpan min, TimeSpan max)
    {
        var low = Math.Max(min.TotalMicroseconds, 1);
        return TimeSpan.FromMicroseconds((long)(low * Math.Pow(max.TotalMicroseconds / low, _random.Fraction())));
    }
}
