using AkkaRaft.Consensus;
using AkkaRaft.Serialization;

namespace AkkaRaft.StateMachine;

/// <summary>What becomes of an entry that belongs to a session.</summary>
internal enum SessionVerdict
{
    /// <summary>New: the handler must run, and its result be recorded.</summary>
    Apply,

    /// <summary>It was applied before: the first result answers this copy too.</summary>
    Duplicate,

    /// <summary>Its client had ended the wait for it before this copy came here. Not applied now; whether it ever was is forgotten.</summary>
    Answered,

    /// <summary>Its session is not known, or no longer. Not applied.</summary>
    Expired,

    /// <summary>Its session has too many unanswered commands. Not applied.</summary>
    BeyondLimit,
}

/// <summary>
/// The clients' sessions (thesis 6.3): a part of the replicated state, changed by committed entries only, in log order, on every node alike. It reads no clock and
/// no settings: time is what leaders stamped on entries, limits are what the opening entry says (B84).
/// </summary>
/// <remarks>That a sequence was applied is never forgotten while its session lives and its client has not said that it has the answer: a retry is applied once (B85).</remarks>
internal sealed class SessionTable
{
    const int Slack = 1024;

    readonly Dictionary<LogIndex, Session> _sessions = [];

    // By a time at which each may have expired: where it stands is looked up then, so that use of a session does not cost a place in here.
    PriorityQueue<LogIndex, (DateTimeOffset At, LogIndex Id)> _due = new();
    long _epoch;

    public SessionTable()
    {
    }

    /// <summary>As a snapshot has it.</summary>
    public SessionTable(DateTimeOffset clock, IEnumerable<Session> sessions)
    {
        Clock = clock;
        foreach (var session in sessions)
        {
            _sessions.Add(session.Id, session);
            _due.Enqueue(session.Id, (session.Deadline, session.Id));
        }
    }

    /// <summary>The latest time of any entry so far: it never falls, whatever leaders' clocks do.</summary>
    public DateTimeOffset Clock { get; private set; } = DateTimeOffset.MinValue;

    public int Count => _sessions.Count;

    /// <summary>An entry is about to be applied: time moves on, and what expires by it has expired before the entry.</summary>
    public void Advance(DateTimeOffset time)
    {
        if (time > Clock) Clock = time;
        while (_due.TryPeek(out var id, out var due) && due.At <= Clock)
        {
            _due.Dequeue();
            if (!_sessions.TryGetValue(id, out var session)) continue;
            if (session.Deadline <= Clock) _sessions.Remove(id);
            else _due.Enqueue(id, (session.Deadline, id));
        }
    }

    /// <summary>Opens a session; false if there are as many as it may have beside it. None gives way: each may have retries under way.</summary>
    public bool Open(LogIndex id, SessionLimits limits)
    {
        if (_sessions.Count >= limits.MaxSessions) return false;
        var session = Session.Opened(id, limits, Clock, _epoch);
        _sessions.Add(id, session);
        _due.Enqueue(id, (session.Deadline, id));
        return true;
    }

    /// <summary>Keeps or closes a session; false if it is not known.</summary>
    public bool Keep(LogIndex id, long lowestUnanswered, bool closes)
    {
        if (!_sessions.ContainsKey(id)) return false;
        if (closes) Close(id);
        else Touch(id, lowestUnanswered);
        return true;
    }

    /// <summary>Whether the handler must run for a command.</summary>
    /// <param name="stamp">Its place.</param>
    /// <param name="result">What answers it, if it is a duplicate.</param>
    public SessionVerdict Judge(SessionStamp stamp, out SessionResult? result)
    {
        result = null;
        if (!_sessions.ContainsKey(stamp.Session)) return SessionVerdict.Expired;
        var session = Touch(stamp.Session, stamp.LowestUnanswered);
        if (stamp.Sequence < session.LowestUnanswered) return SessionVerdict.Answered;
        if (session.Results.TryGetValue(stamp.Sequence, out result)) return SessionVerdict.Duplicate;
        return stamp.Sequence - session.LowestUnanswered >= session.Limits.MaxResults ? SessionVerdict.BeyondLimit : SessionVerdict.Apply;
    }

    /// <summary>The handler has run.</summary>
    public void Record(SessionStamp stamp, SessionResult result)
    {
        var session = Own(stamp.Session);
        session.Add(stamp.Sequence, result);
        session.ForgetOldest();
    }

    /// <summary>The table as it is now, for a snapshot; cheap, and not changed by what comes later, so that it may be written meanwhile, by any thread.</summary>
    public SessionTableImage Copy()
    {
        _epoch++;
        return new SessionTableImage(Clock, [.. _sessions.Values.OrderBy(session => session.Id)]);
    }

    Session Touch(LogIndex id, long lowestUnanswered)
    {
        var session = Own(id);
        session.LastActive = Clock;
        session.Answered(lowestUnanswered);
        return session;
    }

    // What a copy has is not changed: the first change after it is made to another object.
    Session Own(LogIndex id)
    {
        var session = _sessions[id];
        if (session.Epoch == _epoch) return session;
        session = session.CopyFor(_epoch);
        _sessions[id] = session;
        return session;
    }

    void Close(LogIndex id)
    {
        _sessions.Remove(id);
        if (_due.Count < (2 * _sessions.Count) + Slack) return;
        _due = new PriorityQueue<LogIndex, (DateTimeOffset, LogIndex)>(_sessions.Values.Select(session => (session.Id, (session.Deadline, session.Id))));
    }
}

/// <summary>The table of sessions at one moment.</summary>
/// <param name="Clock">See <see cref="SessionTable.Clock"/>.</param>
/// <param name="Sessions">By rising id; nobody changes them any more.</param>
internal sealed record SessionTableImage(DateTimeOffset Clock, IReadOnlyList<Session> Sessions);
