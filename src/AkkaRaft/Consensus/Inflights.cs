namespace AkkaRaft.Consensus;

/// <summary>The appends on their way to one peer: a window bounded by count and bytes.</summary>
internal sealed class Inflights(int maxAppends, int maxBytes)
{
    readonly Queue<(LogIndex Last, int Bytes)> _appends = [];

    int _bytes;

    public int Count => _appends.Count;

    public int Bytes => _bytes;

    public bool IsFull => _appends.Count >= maxAppends || _bytes >= maxBytes;

    /// <param name="last">The append's last entry: its acknowledgement frees the place.</param>
    /// <param name="bytes">The size of its entries.</param>
    public void Add(LogIndex last, int bytes)
    {
        _appends.Enqueue((last, bytes));
        _bytes += bytes;
    }

    /// <summary>Acknowledgements are cumulative: one that was lost is made good by the next (B48).</summary>
    public void FreeUpTo(LogIndex acknowledged)
    {
        while (_appends.TryPeek(out var oldest) && oldest.Last <= acknowledged)
        {
            _bytes -= oldest.Bytes;
            _appends.Dequeue();
        }
    }

    /// <summary>A new way of sending starts with an empty window (B47).</summary>
    public void Reset()
    {
        _appends.Clear();
        _bytes = 0;
    }
}
