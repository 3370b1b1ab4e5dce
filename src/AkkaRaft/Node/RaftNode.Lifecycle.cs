using Akka.Actor;
using Akka.Event;
using AkkaRaft.Consensus;
using AkkaRaft.Journals;
using AkkaRaft.StateMachine;

namespace AkkaRaft.Node;

/// <summary>What the FSM carries besides its state: how far a start or a stop has come.</summary>
/// <param name="Startup">Recovering: what the journals have said so far; null while failed ones are being closed.</param>
internal sealed record NodeData(Startup? Startup)
{
    public static readonly NodeData Idle = new(Startup: null);

    public static NodeData Starting(RaftNodeOptions options) => new(new Startup(options.Settings, options.Address, options.DataPlace, options.SnapshotStore is not null, options.Entropy));
}

/// <summary>How a node starts, starts over after a journal failure, and stops.</summary>
internal sealed partial class RaftNode
{
    /// <summary>Recovering: both journals replay and the machine starts; then the node joins as a follower (Raft 5.2).</summary>
    State<RaftRole, NodeData> Recover(Event<NodeData> e)
    {
        switch (e.FsmEvent)
        {
            case TermJournalRecovered or IdentityStored when Sender.Equals(_children.TermJournal):
            case LogJournalRecovered or LogCreated when Sender.Equals(_children.LogJournal):
            case MachineStarted or SnapshotRestored when Sender.Equals(_children.Machine):
            case SnapshotsRecovered when Sender.Equals(_children.SnapshotStore):
                return Advance(e.StateData.Startup!, e.FsmEvent);
            case Written { Input: EntriesPersisted begun } when Sender.Equals(_children.LogJournal):
                return Advance(e.StateData.Startup!, begun);
            case SnapshotUnreadable unreadable when Sender.Equals(_children.SnapshotStore):
                return BeginStopping(Unreadable(unreadable));
            case JournalFailed failed when IsStorage(Sender):
                return StartOver($"{failed.Journal} journal: {failed.What}", failed.Cause);
            case Terminated gone:
                return OnChildGone(gone.ActorRef);
            case ReopenJournals:
                _children.Open();
                return Stay().Using(NodeData.Starting(_options));
            case StopOverdue:
                return OnStopOverdue();
            case StopNode:
                return BeginStopping(null);
            default:
                return OnAnyTime(e.FsmEvent);
        }
    }

    State<RaftRole, NodeData> Advance(Startup startup, object answer)
    {
        try
        {
            if (answer is MachineStarted machine) Admit(machine);
            switch (startup.On(answer))
            {
                case StartupStep.MarkLog mark:
                    _children.LogJournal.Tell(new CreateLog(mark.Storage));
                    return Stay();
                case StartupStep.RestartTheLog restart:
                    _log.Warning("node {0}: its log ends before its snapshot, which came from a leader shortly before a crash; it goes on behind {1}", _settings.NodeId, restart.Base);
                    _children.LogJournal.Tell(new Write(new RestartLog(0, restart.Base)));
                    _children.LogJournal.Tell(new Write(new CompactLog(restart.Base)));
                    return Stay();
                case StartupStep.RestoreTheMachine restore:
                    RestoreMachine(restore.Snapshot);
                    return Stay();
                case StartupStep.Store store:
                    _children.TermJournal.Tell(new StoreIdentity(store.Identity));
                    return Stay();
                case StartupStep.Ready ready:
                    return Join(ready);
                default:
                    return Stay();
            }
        }
        catch (RaftNodeException refused)
        {
            return BeginStopping(refused);
        }
    }

    void Admit(MachineStarted machine)
    {
        try
        {
            _options.Codec.Admit(machine.CommandTypes.Concat(machine.QueryTypes).Concat(machine.ResultTypes).Concat(machine.SnapshotType is { } type ? [type] : []));
        }
        catch (ArgumentException refused)
        {
            throw new RaftNodeException($"Node \"{_settings.NodeId}\" refuses to start: its state machine has a handler for a type that cannot be sent or stored: " +
                $"{refused.Message} Nothing was changed.", refused);
        }
    }

    State<RaftRole, NodeData> Join(StartupStep.Ready ready)
    {
        var now = Now;
        _core = new RaftCore(_settings.NodeId, _settings.ToCoreOptions() with { TakesSnapshots = ready.TakesSnapshots }, ready.Recovered, _settings.ElectionSeed(_options.Entropy), now);
        _identity = ready.Identity;
        _peers = new PeerLinks(ready.Identity, _address, _incarnation, _settings, _options.NodeAt, _log, Publish) { Hints = _hints };
        FollowConfiguration();
        _told = _followed;
        _options.Observer?.Joined(_core);
        _desk = new ClientDesk(_settings.NodeId, _settings, _options.Codec, ready.Admitted);
        _backups = new BackupDesk(_settings.NodeId, _settings.SnapshotChunkBytes);
        _peers.GreetAll(now.Monotonic, Self);
        _readySince = now.Monotonic;
        SetTimer(TickTimer, Tick.Instance, _settings.TickInterval, repeat: true);

        var found = new RaftNodeReady(_settings.NodeId, _address, _core.State.Log.Last, _core.State.Term);
        if (_journalFailures > 0) _log.Info("node {0}: its journals work again", _settings.NodeId);
        _log.Info("ready: node {0} at {1}, {2}, last index {3}, term {4}", found.Node, found.Address, _options.DataPlace, found.LastEntry.Index, found.Term);
        TellOfMembership();
        if (!ready.TakesSnapshots) _log.Info("node {0}: its state machine takes no snapshots, so that its log only grows", _settings.NodeId);
        Publish(new Events.RoleChanged(RaftRole.Recovering, _core.State.Role, found.Term, "its journals are read"));
        Publish(new Events.NodeReady(found.Address, found.Term, found.LastEntry));
        Context.Parent.Tell(new NodeIsReady(found));
        return GoTo(_core.State.Role).Using(NodeData.Idle);
    }

    /// <summary>
    /// A write or a replay failed. The write may still be on disk, so nothing in memory can be trusted: the node acknowledges nothing any more and starts over from
    /// its journals, as after a crash; after several failures in a row it stops.
    /// </summary>
    State<RaftRole, NodeData> StartOver(string what, Exception? cause)
    {
        if (_core is not null && Now.Monotonic - _readySince > _settings.JournalHealthyAfter) _journalFailures = 0;
        _journalFailures++;
        Publish(new Events.JournalFailed(what, cause, _journalFailures, _settings.JournalMaxRestarts));

        // What is stored contradicts itself, or was asked for what cannot be right: another try would end alike, or worse, not.
        if (cause is RaftInvariantException broken)
            return BeginStopping(new RaftNodeException($"Node \"{_settings.NodeId}\" stops: {what}: {broken.Message}", broken));

        if (_journalFailures > _settings.JournalMaxRestarts)
        {
            return BeginStopping(new RaftNodeException($"Node \"{_settings.NodeId}\" stops: its journal failed {_journalFailures} times in a row ({what}: {cause?.Message}). " +
                $"What it acknowledged is in {_options.DataPlace} and at its peers. Mend the storage (disk full? database down?) and start it again. " +
                $"If what is stored is damaged itself: {SnapshotErrors.WaysOut}", cause));
        }

        _log.Error(cause, "node {0}: a journal failed ({1}: {2}); it takes no part until its journals are open again, attempt {3} of {4}",
            _settings.NodeId, what, cause?.Message, _journalFailures, _settings.JournalMaxRestarts);
        LeaveProtocol("its journal failed", RaftRole.Recovering);
        return GoTo(RaftRole.Recovering).Using(NodeData.Idle);
    }

    State<RaftRole, NodeData> OnChildGone(IActorRef child)
    {
        var cause = _strategy.TakeCause(child);
        var what = _children.OnTerminated(child);
        if (what is not null)
        {
            if (child.Equals(_children.Machine))
                return BeginStopping(cause ?? new RaftNodeException($"Node \"{_settings.NodeId}\" stops: its state machine ended by itself. Its journals are kept."));
            return StartOver($"{what} ended", cause);
        }

        if (!_children.AllGone) return Stay();
        CancelTimer(OverdueTimer);
        if (StateName == RaftRole.Stopping) return Stop();
        SetTimer(ReopenTimer, ReopenJournals.Instance, BackOff(), repeat: false);
        return Stay();
    }

    TimeSpan BackOff()
    {
        var wait = _settings.JournalRestartBackoffMin * Math.Pow(2, Math.Min(_journalFailures - 1, 20));
        return wait < _settings.JournalRestartBackoffMax ? wait : _settings.JournalRestartBackoffMax;
    }

    /// <summary>Stops: what is being written is finished, what waits is told what is known.</summary>
    State<RaftRole, NodeData> BeginStopping(Exception? cause)
    {
        if (cause is not null) Context.Parent.Tell(new NodeFailed(cause));
        LeaveProtocol(cause is null ? "it was asked to stop" : "it cannot go on", RaftRole.Stopping);
        CancelTimer(ReopenTimer);
        return _children.AllGone ? Stop() : GoTo(RaftRole.Stopping).Using(NodeData.Idle);
    }

    State<RaftRole, NodeData> FinishStopping(Event<NodeData> e)
    {
        switch (e.FsmEvent)
        {
            case Terminated gone:
                return OnChildGone(gone.ActorRef);
            case StopOverdue:
                return OnStopOverdue();
            default:
                return OnAnyTime(e.FsmEvent);
        }
    }

    State<RaftRole, NodeData> OnStopOverdue()
    {
        _log.Warning("node {0}: {1} did not end within stop-timeout = {2}; it is stopped, and the node waits for it. A handler of the state machine that does not return holds " +
            "the node up for ever.", _settings.NodeId, _children.Overdue, _settings.StopTimeout);
        _children.StopOverdue();
        return Stay();
    }

    /// <summary>From here on the node says nothing to its peers, and every request has ended.</summary>
    void LeaveProtocol(string why, RaftRole next)
    {
        CancelTimer(TickTimer);
        if (StateName != next) Publish(new Events.RoleChanged(StateName, next, _core?.State.Vote.DurableTerm ?? Term.Zero, why));
        if (_core is not null) _options.Observer?.Left();
        EndTransfers(why);
        EndMembershipRequests(why);
        _backups?.End($"node {_settings.NodeId} leaves its group: {ClientDesk.Short(why)}", Self);
        _backups = null;
        _desk?.OnStopping(why);
        _desk?.SendReplies(Nobody, Self);
        _core = null;
        _peers = null;
        _desk = null;
        _latency = new JournalLatency();   // what this journal did not confirm, the next one will not either
        _flushing = false;
        _children.Close();
        SetTimer(OverdueTimer, StopOverdue.Instance, _settings.StopTimeout, repeat: false);
    }
}
