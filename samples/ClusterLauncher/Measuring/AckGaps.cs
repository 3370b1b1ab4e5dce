using System.Diagnostics;

namespace AkkaRaft.Samples.ClusterLauncher.Measuring;

/// <summary>When writes were acknowledged: the longest time without one. Safe to use from many threads.</summary>
internal sealed class AckGaps
{
    readonly Lock _gate = new();
    long _last = Stopwatch.GetTimestamp();
    TimeSpan _longest;
    long _count;

    /// <summary>A write was acknowledged just now.</summary>
    public void Acknowledged()
    {
        lock (_gate)
        {
            var now = Stopwatch.GetTimestamp();
            var gap = Stopwatch.GetElapsedTime(_last, now);
            if (gap > _longest) _longest = gap;
            _last = now;
            _count++;
        }
    }

    /// <summary>What was seen since the last call.</summary>
    public (long Count, TimeSpan Longest) TakeOut()
    {
        lock (_gate)
        {
            // What has not ended is a gap too.
            var open = Stopwatch.GetElapsedTime(_last);
            var seen = (_count, open > _longest ? open : _longest);
            _count = 0;
            _longest = TimeSpan.Zero;
            _last = Stopwatch.GetTimestamp();
            return seen;
        }
    }
}
