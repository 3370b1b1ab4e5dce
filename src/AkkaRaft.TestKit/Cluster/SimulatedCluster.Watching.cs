using System.Runtime.Serialization;
using System.Globalization;
using System.Text;
using Akka.Event;
using AkkaRaft.Consensus;
using AkkaRaft.Journals;
using AkkaRaft.Protocol;
using AkkaRaft.TestKit.Cluster;
using AkkaRaft.TestKit.Kernel;

namespace AkkaRaft.TestKit;

/// <content>What the cluster hears of its parts, and hands to the invariants.</content>
public sealed partial class SimulatedCluster
{
    readonly RunCounters _counters = new() { Runs = 1 };

    /// <summary>How a failure is repeated, for people; the runner knows.</summary>
    internal string ReplayCommand { get; set; } = "run the test again; its script names the seed";

    SimulationRandom? _operators;

    /// <summary>Looks on, for a page that shows the run; null while nobody wants one.</summary>
    internal IClusterObserver? Observer
    {
        get;
        set => field = Network.Observer = value;
    }

    /// <summary>An actor has handled a message.</summary>
    /// <param name="line">Which, and when.</param>
    /// <param name="state">Of the node that it belongs to; null for a client, or while the node is recovering.</param>
    internal void OnTrace(TraceLine line, NodeState? state)
    {
        _trace.Add(line, state);
        if (line.Message is LogEvent) Observer?.Logged(line);
    }

    internal void OnJoined(SimulatedNode node)
    {
        _view.Now = Now;
        if (node.View.State?.Snapshot is not null) _counters.SnapshotStarts++;
        foreach (var invariant in _invariants) invariant.OnJoined(node.View, _view);
    }

    internal void OnEffect(SimulatedNode node, Effect effect)
    {
        _view.Now = Now;
        if (effect is RoleChanged { To: RaftRole.Leader, From: not RaftRole.Leader } elected && (elected.Term, node.Id) != _lastElected)
        {
            _lastElected = (elected.Term, node.Id);
            _counters.Elections++;
        }

        CountSnapshots(effect);
        foreach (var invariant in _invariants) invariant.OnEffect(node.View, effect, _view);
        if (effect is TakeSnapshot take) LookWhereSnapshotStands(take.At.Last.Index);
    }

    internal void OnApplied(SimulatedNode node, LogEntry entry, ReadOnlyMemory<byte> result)
    {
        _view.Now = Now;
        foreach (var invariant in _invariants) invariant.OnApplied(node.View, entry, result, _view);
        Look(node);
    }

    internal void OnHandlerRuns(SimulatedNode node, CommandEntry entry)
    {
        _view.Now = Now;
        foreach (var invariant in _invariants) invariant.OnHandlerRuns(node.View, entry, _view);
    }

    /// <summary>How often this very command was under way twice, so that a refusal of it is not sure.</summary>
    internal int DoubledOf(Payload? command) => command is null ? 0 : _view.Clients.SentOf(command).Doubled;

    void OnDoubled(ProposeBatch batch)
    {
        foreach (var request in batch.Requests) _view.Clients.Double(request.Body);
    }

    internal void OnBegun(Operation operation, Payload? command) => _view.Clients.Begin(operation.Number, command);

    internal void OnEnded(Operation operation)
    {
        switch (operation.Outcome)
        {
            case OperationOutcome.Done:
                _counters.OperationsDone++;
                break;
            case OperationOutcome.NotDone:
                _counters.OperationsNotDone++;
                break;
            case OperationOutcome.Unknown:
                _counters.OperationsUnknown++;
                break;
        }

        _view.Now = Now;
        _view.Clients.Add(operation);
        foreach (var invariant in _invariants) invariant.OnEnded(operation, _view);
    }

    /// <summary>Ends the run with a failure, after the step.</summary>
    internal void Fail(string problem, string what)
    {
        if (_failure is not null) return;
        _trace.Note(Now, "", $"*** {problem}: {what.Split('\n')[0]}");
        Observer?.Failed(problem, what);
        var facts = new FailureFacts(what, Now, ReplayCommand, NodesText(), _trace.Last);
        _failure = new SimulationFailedException(Seed, problem, Report(problem, facts)) { Facts = facts };
    }

    void OnStored(SimulatedNode node, long number, JournalEvent stored)
    {
        var disk = node.View.Disk;
        switch (stored)
        {
            case LogStarted:
                disk.Begin(number);
                break;
            case LogRestarted restarted:
                if (disk.Log.Count > 0) _counters.Truncations++;
                disk.Restart(restarted.Base, number);
                break;
            case LogCompacted compacted:
                disk.Compact(compacted.UpTo, number);
                break;
            case TermChanged change:
                disk.Store(change.Term, change.VotedFor);
                break;
            case EntriesAppended appended:
                if (appended.Previous.Index < disk.LogLast.Index) _counters.Truncations++;
                disk.Store(appended.Previous, appended.Entries, number);
                break;
            default:
                return;
        }

        TellStored(node);
    }

    void TellStored(SimulatedNode node)
    {
        _view.Now = Now;
        foreach (var invariant in _invariants) invariant.OnStored(node.View, _view);
    }

    void OnStepped(SimulatedHost host)
    {
        if (NodeOf(host) is not { } node) return;
        if (node.View.State is { } state && state.CommitIndex > _committed) OnCommitted(state);
        _view.Now = Now;
        Observer?.Stepped(node);
        foreach (var invariant in _invariants) invariant.OnStep(node.View, _view);
        if (node.MessagesToCrash is { } left)
        {
            node.MessagesToCrash = left - 1;
            if (left <= 1)
            {
                Crash(node.Number);
                return;
            }
        }

        if (node.Group is { WhenStopped.IsCompleted: true } group) OnStopped(node, group.WhenStopped.Result.Cause);
    }

    void OnCommitted(NodeState state)
    {
        for (var index = LogIndex.Max(_committed, state.Log.Base.Index).Next; index <= state.CommitIndex; index = index.Next)
        {
            if (state.Log[index] is not ConfigurationEntry change) continue;
            _counters.Reconfigurations++;
            // It was removed and added again, and the log names its new storage.
            foreach (var node in _nodes.Where(node => node.IsWiped && node.View.State?.Storage is { } storage && change.Configuration.Find(node.Id)?.Storage == storage))
                node.IsWiped = false;
        }

        _committed = state.CommitIndex;
    }

    SimulatedNode? NodeOf(SimulatedHost host)
    {
        foreach (var node in _nodes)
        {
            if (node.Host == host) return node;
        }

        return null;
    }

    /// <summary>
    /// A node may stop because its disk failed again and again, or because a snapshot on it was damaged; anything else is a fault of ours, or of the user's state machine.
    /// </summary>
    void OnStopped(SimulatedNode node, Exception? cause)
    {
        var diskFailed = node.Disk.Counters.Failed + node.Disk.Counters.Rejected + node.Disk.Counters.ReadErrors + node.Disk.Counters.TimedOut > 0;
        // Whoever has lost its disk is refused, and says so.
        var isRefused = node.IsWiped && cause is RaftNodeException { Message: var why } && why.Contains("its name stands for storage", StringComparison.Ordinal);
        var isLeftBehind = node.IsLeftBehind && cause is RaftNodeException { Message: var said } && said.Contains("was recovered without it", StringComparison.Ordinal);
        var mayStop = isRefused || isLeftBehind || (node.IsDamaged && cause is RaftNodeException { InnerException: SerializationException });
        if (isRefused) _counters.WipedRefused++;
        if (cause is not null && !mayStop && (!diskFailed || IsBroken(cause))) Fail("node stopped", $"node {node.Number} has stopped by itself: {cause}");
        GoDown(node.Number, $"stopped by itself: {cause?.Message ?? "it was asked to"}");
        if (!_options.RestartStoppedNodes || isRefused) return;
        _operators ??= Random.For("operators");
        Kernel.After(_operators.Between(200.Milliseconds(), 5.Seconds()), 0, null, () => Restart(node.Number));
    }

    static bool IsBroken(Exception cause)
    {
        for (var reason = cause; reason is not null; reason = reason.InnerException!)
        {
            if (reason is not RaftNodeException || reason.Message.Contains("refuses to start", StringComparison.Ordinal)) return reason is not IOException and not TimeoutException;
        }

        return false;
    }

    void OnOversize(SimulatedHost from, object message, int bytes) =>
        Fail("frame size", $"{from.Name} sent {MessageText.Of(message)} of {bytes} bytes, which Akka.Remote drops in silence: a frame has {HostConfig.MaxFrameSize}");

    void ThrowIfFailed()
    {
        RequireUsable();
        if (_view.Violation is { } violation) Fail(violation.Invariant, violation.What);
        if (Kernel.Leak is { } leak) Fail("simulation leak", leak);
        if (_failure is not null) throw _failure;
    }

    /// <summary>A cluster belongs to the thread that made it: on another one its actors would wait for a driver that never comes.</summary>
    void RequireUsable()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (!Kernel.IsDriverThread)
        {
            throw new InvalidOperationException(
                "A simulated cluster was used from another thread than the one that made it. Nothing was done. Keep it on one thread: no await and no Task.Run around it.");
        }
    }

    string NodesText()
    {
        var text = new StringBuilder();
        foreach (var node in _nodes)
        {
            var status = StatusOf(node.Number) is { } known ? known.ToString() : node.Host is null ? "down" : "recovering";
            text.AppendLine(CultureInfo.InvariantCulture, $"  {node.Number}: {status}; disk: term {node.View.Disk.Term} vote {node.View.Disk.VotedFor?.ToString() ?? "-"} last {node.View.Disk.Last} base {node.View.Disk.LogBase} snapshot {node.View.Disk.Snapshot?.Last.ToString() ?? "-"}");
        }

        return text.ToString();
    }

    string Report(string problem, FailureFacts facts)
    {
        var report = new StringBuilder();
        report.AppendLine(CultureInfo.InvariantCulture, $"Seed {Seed}: {problem} at {facts.At.TotalSeconds:0.000000} virtual seconds: {facts.What}");
        report.AppendLine(CultureInfo.InvariantCulture, $"Repeat it: {facts.ReplayCommand}");
        report.AppendLine(facts.Story(200));
        return report.ToString();
    }
}
