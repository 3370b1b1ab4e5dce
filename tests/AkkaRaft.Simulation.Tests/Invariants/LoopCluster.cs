using System.Text;
using AkkaRaft.Consensus;
using AkkaRaft.TestKit;
using AkkaRaft.TestKit.Invariants;

namespace AkkaRaft.Simulation.Tests.Invariants;

/// <summary>
/// Real cores that talk to one another in memory, with disks, machines and clients, in an order that a seed decides: what the invariants are to find nothing
/// wrong with, unless a <see cref="Lie"/> is told.
/// </summary>
internal sealed class LoopCluster
{
    static readonly TimeSpan TickInterval = TimeSpan.FromMilliseconds(50);

    readonly List<(int To, RaftMessage Message)> _inFlight = [];
    readonly List<LoopNode> _nodes;
    readonly SimulationRandom _random;
    readonly LoopClients _clients;
    readonly Configuration _voters;
    readonly Lie _lie;
    readonly bool _calm;
    LoopNode? _cutOff;

    public LoopCluster(int nodes, ulong seed, IReadOnlyList<ClusterInvariant> invariants, Lie lie = Lie.None, bool calm = false)
    {
        _calm = calm;
        _random = new SimulationRandom(seed, "loop");
        _lie = lie;
        _voters = World.VotersOf(nodes);
        View = new ClusterView { Nodes = [.. Enumerable.Range(1, nodes).Select(number => new NodeView { Id = World.Id(number) })] };
        Invariants = invariants;
        _nodes = [.. View.Nodes.Select(view => new LoopNode(view))];
        _clients = new LoopClients(View, invariants);
        foreach (var node in _nodes) Start(node);
    }

    public ClusterView View { get; }

    public IReadOnlyList<ClusterInvariant> Invariants { get; }

    public LoopClients Clients => _clients;

    public long Steps { get; private set; }

    public int Elections { get; private set; }

    public int Crashes { get; private set; }

    public int Cuts { get; private set; }

    public LogIndex Committed => View.Nodes.Max(node => node.State?.CommitIndex ?? LogIndex.Zero);

    /// <summary>Something happens somewhere.</summary>
    public void Next()
    {
        var node = _random.Pick<LoopNode>(_nodes);
        switch (_random.Between(0, 999))
        {
            case < 550:
                Deliver();
                break;
            case < 650:
                View.Now += TickInterval / _nodes.Count;
                if (node.Core is not null) Step(node, Tick.Instance);
                break;
            case < 740:
                StoreTerm(node);
                break;
            case < 830:
                StoreEntries(node);
                break;
            case < 890:
                Apply(node);
                break;
            case < 970:
                Ask(_random.Chance(0.8) ? _nodes.Find(each => each.Core?.State.Role == RaftRole.Leader) ?? node : node);
                break;
            case < 973:
                if (!_calm) Crash(node);
                break;
            case < 980:
                if (!_calm) _cutOff = _random.Chance(0.6) ? null : node;
                break;
            default:
                if (node.Core is null) Start(node);
                break;
        }
    }

    void Ask(LoopNode node)
    {
        if (node.Core is null) return;
        if (_random.Chance(0.6)) Step(node, _clients.Propose(_random.Between(1, 3)));
        else Step(node, _clients.Read(node));
    }

    void Step(LoopNode node, Input input)
    {
        Steps++;
        node.Core!.Step(new Instant(View.Now, DateTimeOffset.UnixEpoch + View.Now), input, node.Effects);
        var effects = node.Effects.All;
        for (var i = 0; i < effects.Count; i++)
        {
            foreach (var invariant in Invariants) invariant.OnEffect(node.View, effects[i], View);
        }

        for (var i = 0; i < effects.Count; i++) Execute(node, effects[i]);
        node.Effects.Clear();
        Looked(node);
    }

    void Looked(LoopNode node)
    {
        for (var i = 0; i < Invariants.Count; i++) Invariants[i].OnStep(node.View, View);
    }

    void Execute(LoopNode node, Effect effect)
    {
        switch (effect)
        {
            case Send send:
                if (_cutOff == node || send.To == _cutOff?.View.Id) break;
                _inFlight.Add((int.Parse(send.To.Value, null) - 1, _random.Chance(0.2) ? LoopNode.Copy(send.Message) : send.Message));
                break;
            case PersistTerm write:
                node.TermWrites.Enqueue(write);
                if (_lie == Lie.TermWrittenLater) node.Answers.Enqueue(new TermPersisted(write.Term, write.VotedFor));
                break;
            case AppendToLog write:
                if (node.LastAppended >= write.Entries[0].Index) Cuts++;
                node.LastAppended = write.Entries[^1].Index;
                node.LogWrites.Enqueue(write);
                if (_lie == Lie.EntriesWrittenLater) node.Answers.Enqueue(new EntriesPersisted(write.WriteId, write.Entries[^1].Id));
                break;
            case ApplyCommitted apply:
                foreach (var entry in apply.Entries) node.ToApply.Enqueue(entry);
                break;
            case RoleChanged { To: RaftRole.Leader }:
                Elections++;
                break;
            case RoleChanged { From: RaftRole.Leader }:
                _clients.LeadershipLost(node);
                break;
            default:
                _clients.On(node, effect);
                break;
        }
    }

    /// <summary>Any message, not the oldest one; it may be lost, or come again.</summary>
    void Deliver()
    {
        if (_inFlight.Count == 0) return;
        var place = _random.Between(0, Math.Min(_inFlight.Count - 1, 30));
        var (to, message) = _inFlight[place];
        if (!_random.Chance(0.05)) _inFlight.RemoveAt(place);
        if (_nodes[to].Core is not null && !_random.Chance(0.03)) Step(_nodes[to], message);
    }

    void StoreTerm(LoopNode node)
    {
        if (node.Core is null) return;
        if (node.TermWrites.TryDequeue(out var write)) Store(node, write);
        else if (node.Answers.TryDequeue(out var answer)) Step(node, answer);
    }

    void StoreEntries(LoopNode node)
    {
        if (node.Core is null) return;
        if (node.LogWrites.TryDequeue(out var write)) Store(node, write);
        else if (node.Answers.TryDequeue(out var answer)) Step(node, answer);
    }

    void Store(LoopNode node, PersistTerm write)
    {
        node.View.Disk.Store(write.Term, _lie == Lie.VoteNotStored ? null : write.VotedFor);
        foreach (var invariant in Invariants) invariant.OnStored(node.View, View);
        if (_lie != Lie.TermWrittenLater) node.Answers.Enqueue(new TermPersisted(write.Term, write.VotedFor));
    }

    void Store(LoopNode node, AppendToLog write)
    {
        node.View.Disk.Store(write.Previous, [.. write.Entries.Select(LoopNode.Copy)]);
        foreach (var invariant in Invariants) invariant.OnStored(node.View, View);
        if (_lie != Lie.EntriesWrittenLater) node.Answers.Enqueue(new EntriesPersisted(write.WriteId, write.Entries[^1].Id));
    }

    void Apply(LoopNode node)
    {
        if (node.Core is null || !node.ToApply.TryDequeue(out var entry)) return;
        node.Sum = (node.Sum * 31) + entry.Index.Value + (_lie == Lie.MachineUsesItsNodesName ? node.View.Place : 0);
        var result = Encoding.UTF8.GetBytes(node.Sum.ToString(null, null));
        foreach (var invariant in Invariants) invariant.OnApplied(node.View, entry, result, View);
        _clients.Applied(node, entry, _lie == Lie.AnswersOneIndexTooLow);
        Step(node, new Applied(entry.Index));
    }

    void Crash(LoopNode node)
    {
        if (node.Core is null) return;
        Crashes++;
        // Unacknowledged writes are lost, but for the oldest ones.
        for (var kept = _random.Between(0, 2); kept > 0 && node.TermWrites.TryDequeue(out var write); kept--) Store(node, write);
        for (var kept = _random.Between(0, 2); kept > 0 && node.LogWrites.TryDequeue(out var write); kept--) Store(node, write);
        _clients.LeadershipLost(node);
        _clients.Crashed(node);
        node.Crash();
        foreach (var invariant in Invariants) invariant.OnCrashed(node.View, View);
    }

    void Start(LoopNode node)
    {
        var disk = node.View.Disk;
        var term = _lie == Lie.TermForgotten && node.View.Incarnation > 0 ? Term.Zero : disk.Term;
        var vote = _lie == Lie.VoteForgotten || term == Term.Zero ? null : disk.VotedFor;
        var recovered = new RecoveredState(term, vote, _voters, [.. disk.Log.Select(LoopNode.Copy)]);
        node.Start(recovered, _random.Bits(), new Instant(View.Now, DateTimeOffset.UnixEpoch + View.Now));
        foreach (var invariant in Invariants) invariant.OnJoined(node.View, View);
        Looked(node);
    }
}

/// <summary>What the surroundings of a correct core can do wrong.</summary>
internal enum Lie
{
    None,

    /// <summary>The term journal confirms before it has written.</summary>
    TermWrittenLater,

    /// <summary>The log journal confirms before it has written.</summary>
    EntriesWrittenLater,

    /// <summary>The term journal stores the term without the vote.</summary>
    VoteNotStored,

    /// <summary>A restarted node does not read its vote.</summary>
    VoteForgotten,

    /// <summary>A restarted node begins at term 0.</summary>
    TermForgotten,

    /// <summary>The machine's state depends on which node it runs on.</summary>
    MachineUsesItsNodesName,

    /// <summary>A command's client is told the index before its own.</summary>
    AnswersOneIndexTooLow,
}
