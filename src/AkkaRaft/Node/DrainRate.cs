namespace AkkaRaft.Node;

/// <summary>How fast commands are answered here: what an overloaded node says about when to try again.</summary>
internal sealed class DrainRate
{
    static readonly TimeSpan Window = TimeSpan.FromMilliseconds(200);
    static readonly TimeSpan Idle = TimeSpan.FromSeconds(2);
    static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(10);
    static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    TimeSpan? _since;
    long _count;
    double _perSecond;

    /// <summary>So many were answered just now.</summary>
    public void Count(int answered, TimeSpan now)
    {
        // A pause in which nobody asked for anything says nothing about the pace.
        if (_since is not { } since || now - since > Idle)
        {
            (_since, _count) = (now, 0);
            return;
        }

        _count += answered;
        var elapsed = now - since;
        if (elapsed < Window) return;

        var rate = _count / elapsed.TotalSeconds;
        // Half of what was known goes with each window: bursts are smoothed, and a change is seen within a second.
        _perSecond = _perSecond > 0 ? (_perSecond + rate) / 2 : rate;
        _since = now;
        _count = 0;
    }

    /// <summary>How long it takes to answer so many, from 10 ms to 5 s; null while nothing is known.</summary>
    public TimeSpan? TimeFor(int waiting)
    {
        if (_perSecond <= 0) return null;
        var seconds = waiting / _perSecond;
        return seconds >= Longest.TotalSeconds ? Longest : seconds <= Shortest.TotalSeconds ? Shortest : TimeSpan.FromSeconds(seconds);
    }
}
