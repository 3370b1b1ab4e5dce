using AkkaRaft.Protocol;

namespace AkkaRaft.Client;

/// <summary>
/// A client's session (thesis 6.3): none, being opened, or open. It numbers the commands, and knows which numbers are unanswered. Owned by the client actor.
/// </summary>
internal sealed class ClientSession(RaftClientSettings settings)
{
    /// <summary>Twice as long each time, up to so many times the retry interval.</summary>
    public const int MaxRetryFactor = 16;

    // Numbers begin in order and end in any: the lowest that is unanswered is looked for from the front, each number once.
    readonly HashSet<long> _unanswered = [];
    readonly Queue<long> _begun = [];
    int _asked;
    SessionGrant _grant;
    long _next;
    TimeSpan _confirmed;
    TimeSpan _sent;
    TimeSpan _used;
    TimeSpan _keepSent;

    /// <summary>Its name; null while none is open.</summary>
    public LogIndex? Id { get; private set; }

    /// <summary>What asks for one, if it is under way; it asks again at <see cref="OpenAgainAt"/>.</summary>
    public Flight? Opening { get; private set; }

    /// <summary>The request's number.</summary>
    public long OpeningId { get; private set; }

    public TimeSpan OpenAgainAt { get; private set; }

    /// <summary>The number of the newest sign of life; 0 if none is under way.</summary>
    public long KeepingId { get; private set; }

    public bool HasUnanswered => _unanswered.Count > 0;

    public BatchSession InBatch => new(Id!.Value, LowestUnanswered);

    /// <summary>When a session that is not used needs a sign of life, or its end; null if there is none.</summary>
    public TimeSpan? NextKeepAt => Id is null ? null : _sent + (_grant.Timeout / 3);

    long LowestUnanswered
    {
        get
        {
            while (_begun.TryPeek(out var oldest) && !_unanswered.Contains(oldest)) _begun.Dequeue();
            return _begun.TryPeek(out var lowest) ? lowest : _next;
        }
    }

    /// <summary>A session is asked for.</summary>
    public void Opens(long requestId, Flight flight, TimeSpan now)
    {
        // Each copy may open a session of its own: a leader that does not get on is not asked for ever more of them.
        _asked = OpeningId == requestId ? _asked + 1 : 0;
        OpeningId = requestId;
        Opening = flight;
        OpenAgainAt = now + (settings.RetryInterval * Math.Min(1 << Math.Min(_asked, 30), MaxRetryFactor));
    }

    /// <summary>It will not come of this request, or it does not matter any more.</summary>
    public void StopOpening() => (Opening, OpeningId) = (null, 0);

    public void Opened(LogIndex id, SessionGrant grant, TimeSpan now)
    {
        StopOpening();
        Id = id;
        _grant = grant;
        _next = 1;
        _confirmed = _sent = _used = now;
    }

    /// <summary>Puts a command into the session; false if it must wait until others are answered.</summary>
    public bool TryEnter(StateOperation operation)
    {
        if (operation.IsInSession) return true;
        if (_next - LowestUnanswered >= _grant.MaxResults) return false;
        operation.Session = Id!.Value;
        operation.SessionSequence = _next++;
        _unanswered.Add(operation.SessionSequence);
        _begun.Enqueue(operation.SessionSequence);
        return true;
    }

    /// <summary>A command of the session has ended: its result, if it ever has one, is not needed.</summary>
    public void Ended(StateOperation operation)
    {
        if (operation.Session == Id) _unanswered.Remove(operation.SessionSequence);
    }

    /// <summary>Something was sent in it.</summary>
    public void Sent(TimeSpan now, bool isUse)
    {
        _sent = now;
        if (isUse) _used = now;
    }

    public void Keeps(long requestId, TimeSpan now) => (KeepingId, _keepSent) = (requestId, now);

    /// <summary>Something that was sent then was answered: the session was alive.</summary>
    public void Confirmed(TimeSpan sentAt)
    {
        if (sentAt > _confirmed) _confirmed = sentAt;
    }

    /// <summary>The sign of life was answered.</summary>
    public void Kept()
    {
        KeepingId = 0;
        Confirmed(_keepSent);
    }

    /// <summary>Nothing was sent in it for as long as it lasts without.</summary>
    public bool IsUnused(TimeSpan now) => now - _used >= _grant.Timeout;

    /// <summary>It may have expired by now: what needs no old one better goes into a new one.</summary>
    public bool IsDoubtful(TimeSpan now) => now - _confirmed >= _grant.Timeout * 2 / 3;

    /// <summary>It is of no more use.</summary>
    public void Forget()
    {
        Id = null;
        KeepingId = 0;
        _unanswered.Clear();
        _begun.Clear();
    }
}
