using Akka.Actor;
using AkkaRaft.Protocol;

namespace AkkaRaft.Client;

/// <content>
/// Commands in a session (thesis 6.3). One has a number in one session for its whole life, and is sent again under it while its fate is not known; the group
/// applies a number once. A session that is lost takes with it what is known of the commands that were sent in it: they are never sent in another one.
/// </content>
internal sealed partial class RaftClientActor
{
    readonly ClientSession _session;
    TimeSpan? _retryScanAt;

    void SendInSession(NodeId leader, NodeAddress address, ICanTell target)
    {
        var waiting = _table.Waiting(commands: true);
        if (waiting.Count == 0) return;
        var now = _intake.Now;
        if (_session.Id is not null && !_session.HasUnanswered && _session.IsDoubtful(now)) _session.Forget();
        if (_session.Id is null)
        {
            if (_session.Opening is null || now >= _session.OpenAgainAt) AskForSession(new Flight(leader, address, _view.Term, Calling(SessionAct.Open, OpeningNumber())), now);
            return;
        }

        while (waiting.Count > 0 && MaySend(commands: true))
        {
            var batch = ClientBatch.TakeInSession(waiting.Values, _table, _session, _settings);
            if (batch.Operations.Count == 0) return;   // until others are answered
            var flight = new Flight(leader, address, _view.Term, batch.Message) { SentAt = now };
            foreach (var (operation, requestId) in batch.Operations)
            {
                _table.TakeOff(operation, requestId, flight);
                operation.Retries = 0;
                operation.SentAt = now;
                operation.RetryAt = now + _settings.RetryInterval;
            }

            _retryScanAt ??= now + _settings.RetryInterval;
            Tell(target, batch.Message, now);
        }
    }

    // The same number again, so that the answer to either copy will do. The session that the other one opens is closed when its answer comes.
    long OpeningNumber() => _session.Opening is null ? _table.NextRequestId() : _session.OpeningId;

    void AskForSession(Flight flight, TimeSpan now)
    {
        _session.Opens(((ProposeBatch)flight.Message).Call!.Value.RequestId, flight, now);
        _search.Sent(now);
        _resolve(flight.Address).Tell(flight.Message, Self);
    }

    ProposeBatch Calling(SessionAct act, long requestId) => new(_settings.ClusterId, _settings.GroupId, [])
    {
        Session = act == SessionAct.Open ? null : _session.InBatch, Call = new SessionCall(requestId, act),
    };

    void Tell(ICanTell target, object message, TimeSpan now)
    {
        _session.Sent(now, isUse: true);
        _search.Sent(now);
        target.Tell(message, Self);
    }

    /// <summary>What concerns the session itself; true if this reply does.</summary>
    bool OnSessionReply(ClientReply reply, NodeId from, ref bool refused)
    {
        if (_session.Opening is { } opening && reply.RequestId == _session.OpeningId)
        {
            OnOpeningReply(opening, reply, from, ref refused);
            return true;
        }

        if (reply is { Outcome: ClientOutcome.Ok, Session: not null })
        {
            if (reply.Index != _session.Id) Close(new BatchSession(reply.Index, 1));
            return true;
        }

        if (_session.KeepingId == 0 || reply.RequestId != _session.KeepingId) return false;
        if (reply.Outcome == ClientOutcome.Ok) _session.Kept();
        else if (reply.Outcome == ClientOutcome.SessionExpired) OnSessionExpired(from, reply.Error);
        return true;
    }

    void OnOpeningReply(Flight opening, ClientReply reply, NodeId from, ref bool refused)
    {
        switch (reply.Outcome)
        {
            case ClientOutcome.Ok when reply.Session is { } grant:
                _session.Opened(reply.Index, grant, _intake.Now);
                ScheduleFlush();
                break;
            case ClientOutcome.NotLeader or ClientOutcome.Unknown or ClientOutcome.Ok:
                if (reply.Error is { } why) _view.LastRefusal = ClientErrors.FromNode(from, why, why);
                refused |= opening.Node == _view.Leader && opening.Term == _view.Term;
                _session.StopOpening();
                break;
            default:
                // Without a session none of them can be sent, and the reason is the same for all of them.
                _session.StopOpening();
                foreach (var operation in _table.Waiting(commands: true).Values.ToArray()) OnOutcome(operation, reply, from);
                break;
        }
    }

    /// <summary>A reply to a command in a session that says less than what became of the command; true if there is nothing more to do about it.</summary>
    bool OnCopysReply(StateOperation operation, ClientReply reply, NodeId from)
    {
        switch (reply.Outcome)
        {
            case ClientOutcome.SessionExpired:
                OnSessionExpired(from, reply.Error);
                return true;
            case ClientOutcome.Overloaded when operation.MayBeApplied:
                return true;   // it is sent again when its time comes, as if this had been lost
            case ClientOutcome.Rejected when operation.MayBeApplied:
                Fail(operation, ClientErrors.RefusedAfterSent(from, reply.Error));
                return true;
            case ClientOutcome.Ok:
                _session.Confirmed(operation.SentAt);
                return false;
            default:
                return false;
        }
    }

    void OnSessionExpired(NodeId from, string? error)
    {
        var lost = _session.Id!.Value;
        _session.Forget();
        foreach (var operation in _table.OfSession(lost))
        {
            if (operation.Flight is null && !operation.MayBeApplied) (operation.Session, operation.SessionSequence) = (LogIndex.Zero, 0);
            else Fail(operation, ClientErrors.SessionExpired(lost, from, error));
        }

        ScheduleFlush();
    }

    // What time asks for: commands that are unanswered for too long go once more to the leader that has them, and a session that nobody uses is kept, or closed.
    void OnTimeOfSession(TimeSpan now)
    {
        if (now >= _retryScanAt) SendAgain(now);
        if (WaitsForSession(now) && now >= _session.OpenAgainAt) ScheduleFlush();
        if (now < _session.NextKeepAt || _session.NextKeepAt is null || _session.HasUnanswered) return;

        if (_session.IsUnused(now))
        {
            CloseSession();
            return;
        }

        _session.Sent(now, isUse: false);
        if (_view.Address is not { } address) return;   // nobody searches for a leader only for this
        _session.Keeps(_table.NextRequestId(), now);
        _search.Sent(now);
        _resolve(address).Tell(Calling(SessionAct.Keep, _session.KeepingId), Self);
    }

    void SendAgain(TimeSpan now)
    {
        _retryScanAt = null;
        var unanswered = _table.InFlight(_ => true).Where(operation => operation.IsInSession).ToList();
        if (unanswered.Count == 0) return;
        if (_view.Address is not { } address || IsSilent(now))
        {
            _retryScanAt = now + _settings.LeaderPollInterval;   // it is asked whether it is there; what is under way to a lost leader goes to the next one
            return;
        }

        _retryScanAt = now + _settings.RetryInterval;

        var due = unanswered.Where(operation => now >= operation.RetryAt && operation.Flight!.Node == _view.Leader).ToList();
        for (var from = 0; from < due.Count;)
        {
            var batch = ClientBatch.Again(due.Skip(from), _session, _settings);
            from += batch.Operations.Count;
            foreach (var (operation, _) in batch.Operations)
            {
                operation.MayBeApplied = true;
                _table.SendAgain(operation, batch.Message, now);
                operation.Retries++;
                operation.RetryAt = now + (_settings.RetryInterval * Math.Min(1 << Math.Min(operation.Retries, 30), ClientSession.MaxRetryFactor));
            }

            Tell(_resolve(address), batch.Message, now);
        }
    }

    /// <summary>The group may forget it at once. If that is lost, it expires.</summary>
    void CloseSession()
    {
        if (_session.Id is null) return;
        Close(_session.InBatch);
        _session.Forget();
    }

    void Close(BatchSession session)
    {
        if (_view.Address is not { } address) return;
        _resolve(address).Tell(new ProposeBatch(_settings.ClusterId, _settings.GroupId, []) { Session = session, Call = new SessionCall(0, SessionAct.Close) }, ActorRefs.NoSender);
    }

    // Of a leader that is not there, or silent, nothing is asked; when one is heard all that waits is sent anyhow.
    bool WaitsForSession(TimeSpan now) =>
        _session.Opening is not null && _table.Waiting(commands: true).Count > 0 && _view.Leader is not null && !IsSilent(now);

    TimeSpan NextOfSession(TimeSpan next)
    {
        if (_retryScanAt is { } scan) next = Earlier(next, scan);
        if (WaitsForSession(_intake.Now)) next = Earlier(next, _session.OpenAgainAt);
        if (_session.NextKeepAt is { } keep && !_session.HasUnanswered) next = Earlier(next, keep);
        return next;
    }
}
