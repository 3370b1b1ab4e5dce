using Akka.Actor;
using Akka.Event;
using Akka.Remote;
using AkkaRaft.Consensus;
using AkkaRaft.Protocol;

namespace AkkaRaft.Client;

/// <summary>
/// The whole client: gathers operations into messages to the leader, looks for it, and says of each operation what is known. Its rule above all: a command
/// that may have reached a log is sent again only in its session, under the number that it had.
/// </summary>
internal sealed partial class RaftClientActor : UntypedActor, IWithTimers
{
    static readonly TimeSpan ShortestTimer = TimeSpan.FromMilliseconds(1);

    /// <summary>
    /// While the leader owes answers to so many messages of commands, or of queries, what comes waits until there is enough of it for a message, or an answer. Many callers, each of whom
    /// asks again as soon as it is answered, would otherwise make a message of each call.
    /// </summary>
    const int MaxPartialMessages = 4;

    readonly RaftClientSettings _settings;
    readonly ClientIntake _intake;
    readonly Func<NodeAddress, ICanTell> _resolve;
    readonly string _nodesSystem;
    readonly LeaderView _view = new();
    readonly LeaderSearch _search;
    readonly OperationTable _table = new();
    readonly NodeReads _nodeReads;
    readonly DeadlineQueue _deadlines = new();
    readonly List<FindLeaderOperation> _findLeader = [];
    readonly List<INodeQuestion> _questions = [];
    TimeSpan _askNodesAt;
    TimeSpan? _wakeAt;
    bool _flushing;

    public RaftClientActor(RaftClientSettings settings, ClientIntake intake, Func<NodeAddress, ICanTell> resolve)
    {
        _settings = settings;
        _intake = intake;
        _resolve = resolve;
        _nodesSystem = settings.SystemName.Length > 0 ? settings.SystemName : Context.System.Name;
        _search = new LeaderSearch(settings);
        _session = new ClientSession(settings);
        _nodeReads = new NodeReads(settings, _table, PlaceOf);
        _transfers = new TransferTable(settings);
        _memberships = new MembershipTable(settings);
    }

    public static Props Props(RaftClientSettings settings, ClientIntake intake, Func<NodeAddress, ICanTell> resolve) =>
        Akka.Actor.Props.Create(typeof(RaftClientActor), settings, intake, resolve);

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        foreach (var type in WatchedEvents) Context.System.EventStream.Subscribe(Self, type);
    }

    protected override void PostStop()
    {
        Context.System.EventStream.Unsubscribe(Self);
        CloseSession();
        foreach (var operation in _intake.Close())
            operation.TryFail(ClientErrors.ClosedMeanwhile(operation));
        _intake.Closed();
    }

    // A restarted client would have forgotten what is under way; PostStop has ended all of it as what it is, and the client is closed.
    protected override void PostRestart(Exception reason) => Context.Stop(Self);

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case OperationsArrived:
                BeginArrived();
                break;
            case CancelOperation cancel:
                BeginArrived();   // it may be among them
                if (!cancel.Operation.IsOver && End(cancel.Operation)) cancel.Operation.TryCancel(cancel.Token);
                break;
            case Flush:
                Send();
                break;
            case Wake:
                _wakeAt = null;
                break;
            case ClientReplyBatch replies:
                OnReplies(replies);
                break;
            case LeaderReply reply:
                if (reply.WhyNone is { } why) _view.LastRefusal = ClientErrors.FromNode(reply.From, why, why);
                _search.Learn(reply.Members);
                OnHint(reply.From, reply.Leader);
                break;
            case StatusReply reply:
                OnAccount<StatusOperation, RaftStatus>(reply.Status.Node, reply.Status);
                break;
            case ExplainReply reply:
                OnAccount<ExplainOperation, RaftExplanation>(reply.Explanation.Status.Node, reply.Explanation);
                break;
            case TransferReply reply:
                OnTransferReply(reply);
                break;
            case MembershipReply reply:
                OnMembershipReply(reply);
                break;
            case BackupReply reply:
                OnBackupReply(reply);
                break;
            case BackupPiece piece:
                OnBackupPiece(piece);
                break;
            case DisassociatedEvent gone:
                OnNodeGone(gone.RemoteAddress);
                break;
            case AssociationErrorEvent gone:
                OnNodeGone(gone.RemoteAddress);
                break;
            case QuarantinedEvent gone:
                OnNodeGone(gone.Address);
                break;
            case DeadLetter letter:
                OnUndelivered(letter.Message);
                break;
            default:
                Unhandled(message);
                return;
        }

        Settle();
    }

    static readonly Type[] WatchedEvents = [typeof(DisassociatedEvent), typeof(AssociationErrorEvent), typeof(QuarantinedEvent), typeof(DeadLetter)];

    void BeginArrived()
    {
        foreach (var operation in _intake.TakeArrived()) Begin(operation);
    }

    void Begin(Operation operation)
    {
        _deadlines.Add(operation);
        if (WhereTo(operation) is ({ } node, null))
        {
            Fail(operation, ClientErrors.UnknownNode(node, _settings));
            return;
        }

        switch (operation)
        {
            case StateOperation state when state.From != ReadFrom.Leader:
                _nodeReads.Begin(state);
                ScheduleFlush();
                break;
            case StateOperation state:
                _table.Wait(state);
                ScheduleFlush();
                break;
            case FindLeaderOperation find:
                _findLeader.Add(find);
                break;
            case INodeQuestion question:
                _questions.Add(question);
                Ask(question);
                break;
            case TransferOperation transfer:
                _transfers.Add(transfer);
                ScheduleFlush();
                break;
            case MembershipOperation membership:
                _memberships.Add(membership);
                ScheduleFlush();
                break;
        }
    }

    // False if it had ended before.
    bool End(Operation operation)
    {
        if (operation.IsOver) return false;
        switch (operation)
        {
            case StateOperation state when state.From != ReadFrom.Leader:
                _nodeReads.End(state);
                break;
            case StateOperation state:
                _table.Remove(state);
                _session.Ended(state);
                if (_table.HasWaiting) ScheduleFlush();   // there may be room now, in the session or among the messages under way
                break;
            case FindLeaderOperation find:
                _findLeader.Remove(find);
                break;
            case INodeQuestion question:
                _questions.Remove(question);
                break;
            case TransferOperation transfer:
                _transfers.Remove(transfer);
                break;
            case MembershipOperation membership:
                _memberships.Remove(membership);
                break;
        }

        _intake.Release(operation);
        _deadlines.Ended();
        return true;
    }

    void Fail(Operation operation, Exception error)
    {
        if (End(operation)) operation.TryFail(error);
    }

    // Behind what waits in the mailbox by now: all of it becomes one batch.
    void ScheduleFlush()
    {
        if (_flushing) return;
        _flushing = true;
        Self.Tell(Flush.Instance);
    }

    void Send()
    {
        BeginArrived();
        _flushing = false;
        foreach (var (to, queries) in _nodeReads.Send(_intake.Now)) _resolve(to).Tell(queries, Self);

        // What is not sent to a leader that may be dead can still go, surely unapplied, to the next one.
        if (_view.Leader is not { } leader || _view.Address is not { } address || IsSilent(_intake.Now)) return;

        var target = _resolve(address);
        SendToLeader(_transfers.TakeOff(leader, address, _view.Term), target);
        SendToLeader(_memberships.TakeOff(leader, address, _view.Term, _intake.Now), target);
        foreach (var commands in (ReadOnlySpan<bool>)[true, false])
        {
            if (commands && _settings.Sessions)
            {
                SendInSession(leader, address, target);
                continue;
            }

            var waiting = _table.Waiting(commands);
            while (waiting.Count > 0 && MaySend(commands))
            {
                var batch = ClientBatch.Take(waiting.Values, commands, _table, _settings);
                var flight = new Flight(leader, address, _view.Term, batch.Message) { SentAt = _intake.Now };
                foreach (var (operation, requestId) in batch.Operations) _table.TakeOff(operation, requestId, flight);
                _search.Sent(_intake.Now);
                target.Tell(batch.Message, Self);
            }
        }
    }

    // What is unanswered for longer than that may be lost, and holds nothing up. Half of the bytes are enough: the next operation may be one that does not fit beside what waits.
    bool MaySend(bool commands) => _table.MessagesUnderWay(commands, since: _intake.Now - _settings.SilenceBeforeProbe) < MaxPartialMessages
        || _table.Waiting(commands).Count >= _settings.MaxBatchRequests || _table.WaitingBytes(commands) >= _settings.MaxBatchBytes / 2;

    void SendToLeader(IReadOnlyList<object> requests, ICanTell leader)
    {
        foreach (var request in requests)
        {
            _search.Sent(_intake.Now);
            leader.Tell(request, Self);
        }
    }

    void OnReplies(ClientReplyBatch batch)
    {
        // Before the hint: it may end, as unknown, what is still under way.
        var refused = false;
        foreach (var reply in batch.Replies)
        {
            if (OnSessionReply(reply, batch.From, ref refused)) continue;
            if (_nodeReads.InFlight(reply.RequestId) is { } read)
            {
                OnNodeReply(read, reply, batch.From);
                continue;
            }

            if (_table.InFlight(reply.RequestId) is not { } operation) continue;   // of a flight that is over
            if (operation.IsInSession && OnCopysReply(operation, reply, batch.From)) continue;

            if (reply.Outcome == ClientOutcome.NotLeader || (reply.Outcome == ClientOutcome.Unknown && (!operation.IsCommand || operation.IsInSession)))
            {
                if (operation.IsInSession && reply.Outcome == ClientOutcome.Unknown) operation.MayBeApplied = true;
                if (reply.Error is { } why) _view.LastRefusal = ClientErrors.FromNode(batch.From, why, why);
                refused |= operation.Flight!.Node == _view.Leader && operation.Flight.Term == _view.Term;
                _table.Wait(operation);
            }
            else
            {
                OnOutcome(operation, reply, batch.From);
            }
        }

        if (refused) _view.Lose();
        // A node that refuses and yet names itself contradicts itself; it is asked anew, at the pace of the search.
        if (refused && batch.Leader.Leader == batch.From) return;
        OnHint(batch.From, batch.Leader);
    }

    void OnNodeReply(StateOperation operation, ClientReply reply, NodeId from)
    {
        // One node may be too far behind, and the next one not.
        if (reply.Outcome is ClientOutcome.NotLeader or ClientOutcome.Unknown || (reply.Outcome == ClientOutcome.TooStale && _nodeReads.HasOthers(reply.RequestId)))
            _nodeReads.OnRefused(reply.RequestId, ClientErrors.FromNode(from, reply.Error, "It cannot answer now."), _intake.Now);
        else OnOutcome(operation, reply, from);
    }

    void OnOutcome(StateOperation operation, ClientReply reply, NodeId from)
    {
        if (reply.Outcome == ClientOutcome.Ok)
        {
            if (End(operation)) operation.TryAnswer(new StateAnswer(reply.Value, reply.Index, from));
            return;
        }

        Fail(operation, reply.Outcome switch
        {
            ClientOutcome.Overloaded =>
                new OverloadedException(ClientErrors.FromNode(from, reply.Error, "It takes no more. Surely not applied. Try again later."), reply.RetryAfter),
            ClientOutcome.Rejected when operation.IsCommand =>
                new CommandRejectedException(ClientErrors.FromNode(from, reply.Error, "It cannot take the command as it is. Surely not applied.")),
            ClientOutcome.Rejected or ClientOutcome.QueryFailed =>
                new QueryFailedException(ClientErrors.FromNode(from, reply.Error, "The query failed. Nothing was changed.")),
            ClientOutcome.TooStale =>
                new TooStaleException(ClientErrors.FromNode(from, reply.Error, "It is older than the query allows. Nothing was changed."), from, reply.Index),
            ClientOutcome.ResultUnavailable =>
                new ResultUnavailableException(ClientErrors.FromNode(from, reply.Error, "It was done, but its result cannot be sent."), reply.Index),
            _ => new OutcomeUnknownException(ClientErrors.FromNode(from, reply.Error, ClientErrors.UnknownByNode)),
        });
    }

    void OnHint(NodeId from, LeaderHint hint)
    {
        OnHeard(from);
        if (_view.Hear(from, hint, _search.AddressOf)) OnNewLeader();

        if (from != _view.Leader || hint.Leader != from || hint.Term != _view.Term) return;
        foreach (var find in _findLeader.ToArray())
        {
            if (End(find)) find.TryAnswer(_view.LastKnown!);
        }

        EndTransfers();
    }

    void OnHeard(NodeId from)
    {
        if (from != _view.Leader) return;
        _search.Heard(_intake.Now, owesMore: IsOwedMore);
        if (_table.HasWaiting || _transfers.HasUnsent || _memberships.NextAt <= _intake.Now) ScheduleFlush();
    }

    void OnNewLeader()
    {
        // Whatever the former leader may still say of them, the present one's log decides, and it does not know our numbers.
        foreach (var operation in _table.InFlight(f => f.Node != _view.Leader || f.Term != _view.Term))
            Ground(operation, flight => ClientErrors.Deposed(flight, _view));
        if (_session.Opening is { } opening && (opening.Node != _view.Leader || opening.Term != _view.Term)) _session.StopOpening();
        _transfers.Ground(f => f.Node != _view.Leader || f.Term != _view.Term);
        _memberships.Ground(f => f.Node != _view.Leader || f.Term != _view.Term);
        _search.Heard(_intake.Now, owesMore: IsOwedMore);
        ScheduleFlush();
    }

    void OnNodeGone(Address? remote)
    {
        if (remote is null) return;
        foreach (var operation in _table.InFlight(f => f.Address.IsOf(remote, _nodesSystem)))
            Ground(operation, ClientErrors.NodeGone);
        if (_session.Opening?.Address.IsOf(remote, _nodesSystem) == true) _session.StopOpening();
        _transfers.Ground(f => f.Address.IsOf(remote, _nodesSystem));
        _memberships.Ground(f => f.Address.IsOf(remote, _nodesSystem));
        if (_view.Address?.IsOf(remote, _nodesSystem) == true) _view.Lose();
        _nodeReads.OnNodeGone(address => address.IsOf(remote, _nodesSystem), _intake.Now);
    }

    // Akka hands back what it has surely not delivered: to a node that is not there, or through a connection that is closed.
    void OnUndelivered(object message)
    {
        _transfers.Undelivered(message);
        _memberships.Undelivered(message);
        if (message is not (ProposeBatch or QueryBatch)) return;
        if (_session.Opening is { } opening && ReferenceEquals(opening.Message, message))
        {
            if (opening.Node == _view.Leader) _view.Lose();
            _session.StopOpening();
        }

        if (message is QueryBatch queries) _nodeReads.OnUndelivered(queries, _intake.Now);
        foreach (var operation in _table.InFlight(f => ReferenceEquals(f.Message, message)))
        {
            if (operation.Flight!.Node == _view.Leader) _view.Lose();
            _table.Wait(operation);
        }
    }

    // Nothing more will be heard of its flight. A query may go again, and so may what a session applies once; any other command may be in a log.
    void Ground(StateOperation operation, Func<Flight, Exception> error)
    {
        if (operation.IsInSession) operation.MayBeApplied = true;
        else if (operation.IsCommand)
        {
            Fail(operation, error(operation.Flight!));
            return;
        }

        _table.Wait(operation);
        ScheduleFlush();
    }

    void OnAccount<TOperation, TAnswer>(NodeId from, TAnswer account) where TOperation : Operation<TAnswer>, INodeQuestion
    {
        OnHeard(from);
        foreach (var waiting in _questions.OfType<TOperation>().Where(question => question.Node == from).ToArray())
        {
            if (End(waiting)) waiting.TryAnswer(account);
        }
    }

    // After every message: what time asks for, and when it will ask next.
    void Settle()
    {
        var now = _intake.Now;
        while (_deadlines.TakeDue(now) is { } late) Fail(late, Late(late));

        if (MustSearch(now) && now >= _search.NextAskAt)
        {
            foreach (var address in _search.Ask(_view, now))
                _resolve(address).Tell(new LeaderRequest(_settings.ClusterId, _settings.GroupId), Self);
        }

        if (_questions.Count > 0 && now >= _askNodesAt) _questions.ForEach(Ask);
        OnTimeOfSession(now);
        if (_nodeReads.OnTime(now) || _nodeReads.HasReady || (_view.Leader is not null && _memberships.NextAt <= now)) ScheduleFlush();

        Arm(now);
    }

    Exception Late(Operation operation) => operation switch
    {
        StateOperation { IsCommand: true, IsInSession: false } state when _session.Opening is { } opening => ClientErrors.NoSession(state, opening, _view),
        _ when WhereTo(operation) is ({ } node, null) => ClientErrors.UnknownNode(node, _settings),
        StateOperation state when state.From != ReadFrom.Leader => _nodeReads.Late(state),
        StateOperation state => ClientErrors.Late(state, _view, _settings),
        BackupOperation backup => BackupErrors.NoWord(backup, backup.Address!),
        BackupPieceOperation piece => BackupErrors.NoPiece(piece, piece.Address!),
        INodeQuestion question => ClientErrors.NoAccount(question.Node, operation.Timeout, WhereTo(operation).At!),
        MembershipOperation membership when membership.MayBeDone || membership.Flight is not null || membership.LastRefusal is not null => ClientErrors.LateMembership(membership),
        TransferOperation { Asked: not null } transfer => ClientErrors.LateTransfer(transfer),
        _ => ClientErrors.NoLeader(operation.Timeout, _view, _settings, "Nothing was changed."),
    };

    bool MustSearch(TimeSpan now) =>
        _findLeader.Count > 0 || _transfers.AwaitsLeader || (IsBusy && (_view.Leader is null || IsSilent(now)));

    bool IsSilent(TimeSpan now) => _view.Leader is not null && now >= _search.SilentAt;

    bool IsBusy => _table.HasWaiting || _table.HasInFlight || _transfers.HasUnsent || _transfers.HasInFlight || _memberships.HasUnsent || _memberships.HasInFlight;

    bool IsOwedMore => _table.HasInFlight || _transfers.HasInFlight || _memberships.HasInFlight;

    void Ask(INodeQuestion question)
    {
        _askNodesAt = _intake.Now + _settings.LeaderPollInterval;
        if (question is BackupPieceOperation piece && !piece.IsDue(_intake.Now)) return;
        if (WhereTo((Operation)question).At is { } address)
            _resolve(address).Tell(question.MessageTo(_settings.ClusterId, _settings.GroupId), Self);
    }

    // The one node that the operation is for, if it is for one, and where that is, if that is known.
    (NodeId? Node, NodeAddress? At) WhereTo(Operation operation) => operation switch
    {
        StateOperation { From.Id: { } id } => (id, PlaceOf(id)),
        INodeQuestion question => (question.Node, question.Address ?? PlaceOf(question.Node)),
        _ => (null, null),
    };

    NodeAddress? PlaceOf(NodeId node) => node == _view.Leader ? _view.Address : _search.AddressOf(node);

    void Arm(TimeSpan now)
    {
        var next = NextOfSession(_deadlines.Next() ?? TimeSpan.MaxValue);
        if (MustSearch(now)) next = Earlier(next, _search.NextAskAt);
        else if (IsBusy && _search.SilentAt is { } silentAt) next = Earlier(next, silentAt);
        if (_questions.Count > 0) next = Earlier(next, _askNodesAt);
        if (_nodeReads.NextAt is { } again) next = Earlier(next, again);
        if (_memberships.NextAt is { } retry && retry > now) next = Earlier(next, retry);
        if (next == TimeSpan.MaxValue || _wakeAt <= next) return;

        _wakeAt = next;
        var delay = next - now;
        // Rounded up: a timer that fires before its time would only be set again.
        var rounded = TimeSpan.FromMilliseconds(Math.Ceiling(delay.TotalMilliseconds));
        Timers.StartSingleTimer(Wake.Instance, Wake.Instance, rounded < ShortestTimer ? ShortestTimer : rounded);
    }

    static TimeSpan Earlier(TimeSpan left, TimeSpan right) => left < right ? left : right;

    sealed class Flush : INoSerializationVerificationNeeded
    {
        public static readonly Flush Instance = new();
    }

    sealed class Wake : INoSerializationVerificationNeeded
    {
        public static readonly Wake Instance = new();
    }
}
