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
    readonly CoreOptions _options;
    LoopNode? _cutOff;

    public LoopCluster(int nodes, ulong seed, IReadOnlyList<ClusterInvariant> invariants, Lie lie = Lie.None, bool calm = false, CoreOptions? options = null)
    {
        _options = options ?? new CoreOptions();
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

    public int Taken { get; private set; }

    public int Installed { get; private set; }

    public int StartedFrom { get; private set; }

    public int Restarted { get; private set; }

    public LogIndex Committed => View.Nodes.Max(node => node.State?.CommitIndex ?? LogIndex.Zero);

    /// <summary>Something happens somewhere.</summary>
    public void Next()
    {
        var node = _random.Pick<LoopNode>(_nodes);
        if (_options.TakesSnapshots && _random.Chance(0.5))
        {
            // Machines that come along, and stores.
            if (_random.Chance(0.7)) Apply(node);
            else if (node.Core is not null && node.Store.Next() is { } stored) Told(node, stored);
            return;
        }

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
            case RestartLog or CompactLog:
                if (effect is RestartLog { Base: var @base }) node.LastAppended = @base.Index;
                node.LogWrites.Enqueue(effect);
                break;
            case BeginReceiving or StoreSnapshotChunk or AbandonReceiving or RetainSnapshots:
                node.Store.Ask(effect);
                break;
            case SendSnapshotChunk send:
                SendChunk(node, send);
                break;
            case AppendToLog write:
                if (node.LastAppended >= write.Entries[0].Index) Cuts++;
                node.LastAppended = write.Entries[^1].Index;
                node.LogWrites.Enqueue(write);
                if (_lie == Lie.EntriesWrittenLater) node.Answers.Enqueue(new EntriesPersisted(write.WriteId, write.Entries[^1].Id));
                break;
            case ApplyCommitted apply:
                foreach (var entry in apply.Entries) node.ToMachine.Enqueue(entry);
                break;
            case TakeSnapshot or RestoreMachine:
                node.ToMachine.Enqueue(effect);
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
        if (node.StoreAnswers.Count > 0 && _random.Chance(0.5)) Step(node, node.StoreAnswers.Dequeue());
        else if (node.LogWrites.TryDequeue(out var write)) Store(node, write);
        else if (node.Answers.TryDequeue(out var answer)) Step(node, answer);
    }

    void Store(LoopNode node, PersistTerm write)
    {
        node.View.Disk.Store(write.Term, _lie == Lie.VoteNotStored ? null : write.VotedFor);
        foreach (var invariant in Invariants) invariant.OnStored(node.View, View);
        if (_lie != Lie.TermWrittenLater) node.Answers.Enqueue(new TermPersisted(write.Term, write.VotedFor));
    }

    void Store(LoopNode node, Effect effect)
    {
        switch (effect)
        {
            case AppendToLog write:
                node.View.Disk.Store(write.Previous, [.. write.Entries.Select(LoopNode.Copy)]);
                if (_lie != Lie.EntriesWrittenLater) node.Answers.Enqueue(new EntriesPersisted(write.WriteId, write.Entries[^1].Id));
                break;
            case RestartLog restart:
                Restarted++;
                if (_lie != Lie.NewBeginningNotStored) node.View.Disk.Restart(restart.Base);
                node.Answers.Enqueue(new EntriesPersisted(restart.WriteId, restart.Base));
                break;
            case CompactLog compact:
                node.View.Disk.Compact(_lie == Lie.LogForgottenBeyondTheSnapshot ? node.View.Disk.LogLast : compact.UpTo);
                // What nobody needs is deleted, as far as an event has nothing else.
                var upTo = node.View.Disk.OldestNeededEvent is > 0 and var needed ? Math.Min(needed, node.View.Disk.CompactionEvent) - 1 : node.View.Disk.CompactionEvent - 1;
                if (_random.Chance(0.7)) node.View.Disk.Delete(_lie == Lie.OneEventTooManyDeleted ? upTo + 1 : upTo);
                break;
        }

        foreach (var invariant in Invariants) invariant.OnStored(node.View, View);
    }

    /// <summary>The store has done something; what it has to say waits for its turn, as what the journals say.</summary>
    void Told(LoopNode node, StoreStep done)
    {
        foreach (var invariant in Invariants) invariant.OnStored(node.View, View);
        if (done.Answer is SnapshotTaken) Taken++;
        if (done.Answer is { } answer) node.StoreAnswers.Enqueue(answer);
    }

    void SendChunk(LoopNode node, SendSnapshotChunk send)
    {
        if (node.Store.Read(send.Message.Snapshot.Last) is not { } bytes) node.StoreAnswers.Enqueue(new SnapshotGone(send.To, send.Message.Transfer));
        else Execute(node, new Send(send.To, send.Message with { Bytes = bytes.AsMemory((int)send.Message.Offset, send.Length) }));
    }

    void Apply(LoopNode node)
    {
        if (node.Core is null || !node.ToMachine.TryDequeue(out var work)) return;
        switch (work)
        {
            case LogEntry entry:
                Apply(node, entry);
                break;
            case TakeSnapshot take:
                node.Store.Take(take.At, _lie == Lie.SnapshotOfAnEarlierMoment ? node.SumBefore : node.Sum, _lie);
                if (_lie == Lie.SnapshotToldBeforeItIsStored) node.StoreAnswers.Enqueue(new SnapshotTaken(LoopStore.Of(take.At, node.Sum)));
                break;
            case RestoreMachine restore:
                Installed++;
                Restore(node, restore.Snapshot.Last);
                Step(node, new MachineRestored(restore.Snapshot.Last.Index));
                break;
        }
    }

    void Restore(LoopNode node, EntryId last)
    {
        if (_lie != Lie.MachineKeepsItsState) node.Sum = LoopStore.SumIn(node.Store.Read(last)!);
        foreach (var invariant in Invariants) invariant.OnRestored(node.View, last, View);
        Seen(node, last.Index);
    }

    /// <summary>In what state a machine is, as if a snapshot stood everywhere.</summary>
    void Seen(LoopNode node, LogIndex index)
    {
        var state = node.Sum.ToString(null, null);
        foreach (var invariant in Invariants) invariant.OnState(node.View, index, state, View);
    }

    void Apply(LoopNode node, LogEntry entry)
    {
        node.SumBefore = node.Sum;
        node.Sum = (node.Sum * 31) + entry.Index.Value + (_lie == Lie.MachineUsesItsNodesName ? node.View.Place : 0);
        var result = Encoding.UTF8.GetBytes(node.Sum.ToString(null, null));
        foreach (var invariant in Invariants) invariant.OnApplied(node.View, entry, result, View);
        Seen(node, entry.Index);
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
        for (var kept = _options.TakesSnapshots ? _random.Between(0, 3) : 0; kept > 0 && node.Store.Next() is not null; kept--)
        {
            foreach (var invariant in Invariants) invariant.OnStored(node.View, View);
        }

        node.Store.Crash();
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
        var log = RecoveredLog.Of(disk.Snapshot, disk.LogBase, [.. disk.Log.Select(LoopNode.Copy)]) ?? throw new InvalidOperationException("There is a gap between snapshot and log.");
        if (log.MustRestart)
        {
            disk.Restart(log.Base);
            foreach (var invariant in Invariants) invariant.OnStored(node.View, View);
        }

        node.View.Machines++;
        if (disk.Snapshot is { } snapshot)
        {
            StartedFrom++;
            Restore(node, snapshot.Last);
        }

        var recovered = new RecoveredState(term, vote, _voters, log.Entries) { Base = log.Base, Snapshot = disk.Snapshot };
        node.Start(_options, recovered, _random.Bits(), new Instant(View.Now, DateTimeOffset.UnixEpoch + View.Now));
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

    /// <summary>The store confirms a snapshot before it is on disk.</summary>
    SnapshotToldBeforeItIsStored,

    /// <summary>The store loses a snapshot's last chunk.</summary>
    LastChunkNotStored,

    /// <summary>A snapshot's state is that before its last entry.</summary>
    SnapshotOfAnEarlierMoment,

    /// <summary>A machine that is to begin anew from a snapshot stays as it is.</summary>
    MachineKeepsItsState,

    /// <summary>The log journal confirms a new beginning and stores none.</summary>
    NewBeginningNotStored,

    /// <summary>The log journal forgets all that it has when it may forget some.</summary>
    LogForgottenBeyondTheSnapshot,

    /// <summary>The log journal deletes one event more than it may.</summary>
    OneEventTooManyDeleted,
}
