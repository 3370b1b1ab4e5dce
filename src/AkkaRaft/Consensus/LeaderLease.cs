namespace AkkaRaft.Consensus;

/// <summary>
/// Since when a leader surely leads (thesis 6.4.1): whoever answered a round of heartbeats got it after it was sent, and votes for nobody else for a minimum election
/// timeout from then on. So the lease counts from the moment when the round was SENT, on the leader's own monotonic clock, never from an answer (B78). Made new with
/// each leadership.
/// </summary>
internal sealed class LeaderLease
{
    static readonly TimeSpan Grain = TimeSpan.FromMilliseconds(1);

    readonly Queue<(long Round, TimeSpan SentAt)> _sent = [];
    TimeSpan? _newest;
    TimeSpan? _since;

    /// <summary>Whether there is no lease any more in this leadership.</summary>
    public bool IsGivenUp { get; private set; }

    /// <summary>A round of heartbeats leaves.</summary>
    public void Sent(long round, TimeSpan now)
    {
        // Rounds of the same moment count from the first of them, which is never too late; so only so many are kept as there are moments.
        if (_newest is { } newest && now - newest < Grain) return;
        _sent.Enqueue((round, now));
        _newest = now;
    }

    /// <summary>A majority has answered all rounds up to here.</summary>
    public void Confirmed(long round)
    {
        while (_sent.TryPeek(out var sent) && sent.Round <= round)
        {
            _sent.Dequeue();
            _since = sent.SentAt;
        }
    }

    public bool Holds(TimeSpan now, TimeSpan duration) => !IsGivenUp && _since is { } since && now - since < duration;

    /// <summary>Another majority counts from now on: only rounds that begin later say anything.</summary>
    public void Restart()
    {
        _sent.Clear();
        _newest = null;
        _since = null;
    }

    /// <summary>
    /// Somebody may be elected though this leader is alive. For good: what asks for that may still be on its way when the transfer has long been given up (B79).
    /// </summary>
    public void GiveUp() => IsGivenUp = true;
}
