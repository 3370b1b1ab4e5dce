namespace AkkaRaft.Node;

/// <summary>
/// How long the log journal takes from a request to its confirmation. Bounded: of the writes under way the oldest are remembered, of the confirmed ones a mean that
/// forgets, and the longest of each second of the last minute.
/// </summary>
internal sealed class JournalLatency
{
    const int MaxUnderWay = 1024;
    const double Weight = 1 / 16.0;
    const int Seconds = 60;

    readonly Queue<(long WriteId, TimeSpan Since)> _underWay = [];
    readonly (long Second, TimeSpan Max)[] _ring = new (long, TimeSpan)[Seconds];

    TimeSpan _mean;

    /// <summary>Writes that were confirmed.</summary>
    public long Count { get; private set; }

    /// <summary>A write goes to the journal. When very many are under way the newest are not measured: the oldest say more.</summary>
    public void Began(long writeId, TimeSpan now)
    {
        if (_underWay.Count < MaxUnderWay) _underWay.Enqueue((writeId, now));
    }

    /// <summary>The journal has confirmed this write and with it all before it.</summary>
    public void Confirmed(long writeId, TimeSpan now)
    {
        while (_underWay.TryPeek(out var write) && write.WriteId <= writeId)
        {
            _underWay.Dequeue();
            Note(now - write.Since, now);
        }
    }

    public RaftJournalStatus StatusAt(TimeSpan now)
    {
        var oldest = SecondOf(now) - Seconds;
        var max = TimeSpan.Zero;
        foreach (var (second, longest) in _ring)
        {
            if (second > oldest && longest > max) max = longest;
        }

        // Of writes long ago no mean is told beside the longest of the last minute.
        return new RaftJournalStatus { Writes = Count, Mean = _mean < max ? _mean : max, Max = max, WritingFor = _underWay.TryPeek(out var write) ? now - write.Since : null };
    }

    void Note(TimeSpan took, TimeSpan now)
    {
        _mean = Count == 0 ? took : _mean + ((took - _mean) * Weight);
        Count++;
        var second = SecondOf(now);
        ref var place = ref _ring[second % Seconds];
        place = place.Second == second && place.Max > took ? place : (second, took);
    }

    // From 1: an empty place of the ring belongs to second 0.
    static long SecondOf(TimeSpan now) => Math.Max(0, (long)now.TotalSeconds) + 1;
}
