using System.Globalization;
using AkkaRaft.TestKit;
using AkkaRaft.TestKit.Reports;

namespace AkkaRaft.Simulation.Tests.Reports;

/// <summary>A record that looks like one of a real cluster, without running one: leaders come and go, they replicate, clients write, faults strike.</summary>
sealed class InventedRun
{
    static readonly TimeSpan Millisecond = TimeSpan.FromMilliseconds(1);

    readonly SimulationRandom _random;
    readonly RunRecord _record;
    readonly Lane[] _nodes;
    readonly NodeSample[] _state;
    readonly PriorityQueue<Action, (TimeSpan, int)> _due = new();
    readonly HashSet<LaneLink> _cut = [];
    readonly int[] _lives;
    TimeSpan _now;
    int _order;
    int _operation;
    int _term;

    InventedRun(ulong seed, int nodes, int clients)
    {
        _random = new SimulationRandom(seed, "invented run");
        var names = Enumerable.Range(1, nodes).Select(i => new NodeId($"n{i}")).ToList();
        _record = new RunRecord(seed, $"{nodes} nodes, {clients} clients: account under all faults", names, clients);
        _nodes = [.. _record.Nodes.Select(_record.NodeLane)];
        _state = new NodeSample[nodes];
        _lives = new int[nodes];
        _record.Replay = string.Create(CultureInfo.InvariantCulture, $"dotnet run --project tests/soak -- --seed {seed} --html run.html");
    }

    public static RunRecord Of(ulong seed, int nodes, int clients, TimeSpan length, TimeSpan heartbeat)
    {
        var run = new InventedRun(seed, nodes, clients);
        run.Plan(length, heartbeat);
        while (run._due.TryPeek(out _, out var due) && due.Item1 <= length) run.Step();
        run._record.Reach(length);
        return run._record;
    }

    void Step()
    {
        _due.TryDequeue(out var work, out var due);
        _now = due.Item1;
        work!();
    }

    void At(TimeSpan time, Action work) => _due.Enqueue(work, (time < _now ? _now : time, _order++));

    void After(TimeSpan delay, Action work) => At(_now + delay, work);

    TimeSpan Soon(int from, int to) => _random.Between(TimeSpan.FromMicroseconds(from), TimeSpan.FromMicroseconds(to));

    void Plan(TimeSpan length, TimeSpan heartbeat)
    {
        _record.Phase(TimeSpan.Zero, "safety: faults");
        foreach (var node in _nodes) Start(node);
        for (var client = 1; client <= _record.Clients; client++) ClientLoop(client);
        At(Millisecond * 700, () => Campaign(_nodes[0]));
        At(Millisecond * 750, () => Replicate(heartbeat));
        At(length * 0.15, () => CutOff(_nodes[0], length * 0.12));
        At(length * 0.18, () => Campaign(_nodes[1]));
        At(length * 0.35, () => Crash(_nodes[1], length * 0.08));
        At(length * 0.37, () => Campaign(_nodes[2]));
        At(length * 0.5, () => Pause(_nodes[0], length * 0.05));
        At(length * 0.55, () => Disk(_nodes[2], length * 0.1));
        At(length * 0.6, () => _record.Mark(_now, FaultKind.Clock, _nodes[1], "clock jumps 2 s ahead"));
        At(length * 0.63, () => OneWay(_nodes[2], length * 0.07));
        At(length * 0.66, () => Campaign(_nodes[1]));
        At(length * 0.8, Heal);
    }

    void Start(Lane node)
    {
        Change(node, state => state with { Condition = NodeCondition.Recovering });
        After(Soon(2000, 9000), () => Change(node, state => state with { Condition = NodeCondition.Follower }));
    }

    void Change(Lane node, Func<NodeSample, NodeSample> change)
    {
        _state[node.Value] = change(_state[node.Value]);
        _record.Sample(_now, node, _state[node.Value]);
    }

    bool IsUp(Lane node) => _state[node.Value].Condition is not (NodeCondition.Down or NodeCondition.Recovering);

    void Send(Lane from, Lane to, string kind, string text, Action? arrive = null)
    {
        var message = _record.Sent(_now, from, to, kind, $"{kind} {text}");
        if (_random.Chance(0.02))
        {
            _record.Lost(message, _now, MessageFate.Lost);
            return;
        }

        Travel(message, from, to, arrive);
        if (_random.Chance(0.01)) Travel(_record.Duplicated(message), from, to, null);
    }

    void Travel(int message, Lane from, Lane to, Action? arrive)
    {
        var life = to.Value < _lives.Length ? _lives[to.Value] : 0;
        After(_random.Chance(0.01) ? Soon(50_000, 400_000) : Soon(300, 6000), () =>
        {
            if (_cut.Contains(new LaneLink(from, to))) _record.Lost(message, _now, MessageFate.Cut);
            else if (to.Value < _lives.Length && (!IsUp(to) || life != _lives[to.Value])) _record.Lost(message, _now, MessageFate.ReceiverDown);
            else
            {
                _record.Delivered(message, _now);
                arrive?.Invoke();
            }
        });
    }

    void Campaign(Lane candidate)
    {
        var term = new Term(++_term);
        Change(candidate, state => state with { Condition = NodeCondition.PreCandidate, Leader = null });
        After(Soon(4000, 9000), () => Change(candidate, state => state with { Condition = NodeCondition.Candidate, Term = term }));
        foreach (var voter in _nodes.Where(node => node != candidate))
        {
            After(Millisecond * 10, () => Send(candidate, voter, "VoteRequest", $"t{term} r{_order} last {_state[candidate.Value].Last}", () =>
            {
                if (_state[voter.Value].Term >= term) return;
                Change(voter, state => state with { Condition = NodeCondition.Follower, Term = term, Leader = null });
                Write(voter, $"term {term}, vote {candidate.Value + 1}", () => Send(voter, candidate, "VoteReply", $"t{term} granted"));
            }));
        }

        After(Millisecond * 30, () => Change(candidate, state => state with { Condition = NodeCondition.Leader, Leader = candidate }));
    }

    void Write(Lane node, string text, Action stored)
    {
        var write = _record.WriteBegan(_now, node, text);
        var life = _lives[node.Value];
        After(_random.Chance(0.02) ? Soon(20_000, 90_000) : Soon(400, 3000), () =>
        {
            if (life != _lives[node.Value]) return;
            var outcome = _random.Chance(0.002) ? WriteOutcome.Failed : WriteOutcome.Durable;
            _record.WriteEnded(write, _now, outcome);
            if (outcome == WriteOutcome.Durable) stored();
        });
    }

    void Replicate(TimeSpan heartbeat)
    {
        foreach (var leader in _nodes.Where(node => _state[node.Value].Condition == NodeCondition.Leader)) Replicate(leader);
        After(heartbeat, () => Replicate(heartbeat));
    }

    void Replicate(Lane leader)
    {
        var mine = _state[leader.Value];
        foreach (var follower in _nodes.Where(node => node != leader))
        {
            var more = mine.Last.Index - _state[follower.Value].Last.Index;
            var text = $"t{mine.Term} r{_order} prev {_state[follower.Value].Last} +{Math.Max(0, more)} commit {mine.Commit}";
            Send(leader, follower, "AppendEntries", text, () => Follow(follower, leader, mine));
        }
    }

    void Follow(Lane follower, Lane leader, NodeSample sent)
    {
        var mine = _state[follower.Value];
        if (mine.Term > sent.Term || (mine.Condition == NodeCondition.Leader && mine.Term == sent.Term)) return;

        Change(follower, state => state with { Condition = NodeCondition.Follower, Term = sent.Term, Leader = leader, Last = sent.Last });
        void Answer()
        {
            var durable = LogIndex.Max(sent.Last.Index, _state[follower.Value].Durable);
            var commit = LogIndex.Min(LogIndex.Max(sent.Commit, _state[follower.Value].Commit), durable);
            Change(follower, state => state with { Durable = durable, Commit = commit, Applied = commit });
            Send(follower, leader, "AppendEntriesReply", $"t{sent.Term} upTo {durable}", () => Count(leader, durable));
        }

        if (_state[follower.Value].Durable < sent.Last.Index) Write(follower, $"entries to {sent.Last}", Answer);
        else Answer();
    }

    void Count(Lane leader, LogIndex upTo)
    {
        if (_state[leader.Value].Condition != NodeCondition.Leader || upTo <= _state[leader.Value].Commit) return;
        Change(leader, state => state with { Commit = upTo, Applied = upTo });
    }

    void ClientLoop(int client) => After(Soon(20_000, 300_000), () =>
    {
        var (number, invoked, lane) = (++_operation, _now, _record.ClientLane(client));
        var input = _random.Chance(0.3) ? "Balance" : $"Deposit {_random.Between(1, 99)}";
        var leader = _nodes.OrderByDescending(node => _state[node.Value].Term.Value)
            .FirstOrDefault(node => _state[node.Value].Condition == NodeCondition.Leader, _nodes[0]);
        Send(lane, leader, "ProposeBatch", $"1 request {number}");
        var index = _state[leader.Value].Last.Index.Next;
        if (IsUp(leader)) Change(leader, state => state with { Last = new EntryId(index, state.Term) });
        Write(leader, $"entry {index}", () => Change(leader, state => state with { Durable = LogIndex.Max(state.Durable, index) }));
        var dice = _random.Between(1, 100);
        After(dice > 95 ? Millisecond * 900 : Soon(9000, 60_000), () =>
        {
            var outcome = dice > 95 ? OperationOutcome.Unknown : dice > 90 ? OperationOutcome.NotDone : OperationOutcome.Done;
            if (outcome == OperationOutcome.Done) Send(leader, lane, "ClientReplyBatch", $"request {number} applied at {index}");
            object? output = outcome == OperationOutcome.Done ? index.Value * 7 : null;
            _record.Add(new Operation(number, client, input, input == "Balance", invoked, _now, outcome, output, index)
            {
                Error = outcome switch { OperationOutcome.Done => null, OperationOutcome.NotDone => "NotLeaderException", _ => "OutcomeUnknownException" },
            });
            ClientLoop(client);
        });
    });

    void CutOff(Lane node, TimeSpan length)
    {
        var others = _nodes.Where(other => other != node).ToList();
        foreach (var other in others) _cut.UnionWith([new LaneLink(node, other), new LaneLink(other, node)]);
        var fault = _record.Cut(_now, [.. _cut], $"isolate {node.Value + 1}");
        After(length, () => EndCut(fault));
    }

    void OneWay(Lane node, TimeSpan length)
    {
        var others = _nodes.Where(other => other != node).ToList();
        foreach (var other in others) _cut.Add(new LaneLink(node, other));
        var fault = _record.Cut(_now, [.. _cut], $"nothing leaves {node.Value + 1}");
        After(length, () => EndCut(fault));
    }

    void EndCut(int fault)
    {
        _cut.Clear();
        _record.Ended(fault, _now);
    }

    void Crash(Lane node, TimeSpan length)
    {
        _lives[node.Value]++;
        _state[node.Value] = _state[node.Value] with { Condition = NodeCondition.Down, Commit = LogIndex.Zero, Applied = LogIndex.Zero, Leader = null };
        _record.Crashed(_now, node, _state[node.Value], "crash, 2 writes lost");
        After(length, () =>
        {
            _record.Restarted(_now, node);
            Start(node);
        });
    }

    void Pause(Lane node, TimeSpan length)
    {
        _record.Paused(_now, node, "pause (GC)");
        After(length, () => _record.Resumed(_now, node));
    }

    void Disk(Lane node, TimeSpan length)
    {
        var fault = _record.Begin(_now, FaultKind.Disk, node, "disk: writes take 40 ms");
        After(length, () => _record.Ended(fault, _now));
    }

    void Heal()
    {
        _record.Healed(_now);
        _record.Phase(_now, "liveness: no faults");
        _record.Note(_now, null, "the cluster must elect, serve and converge within 10 s");
    }
}
