using AkkaRaft.Consensus;

namespace AkkaRaft.Journals;

/// <summary>
/// Requests that wait while an event is being written, and the group commit that makes one event of many of them: the log is the same as if each had
/// been written alone.
/// </summary>
internal sealed class AppendQueue(int maxEventBytes)
{
    readonly Queue<AppendToLog> _waiting = new();

    public bool IsEmpty => _waiting.Count == 0;

    /// <summary>
    /// Queues a request; one that is too large for an event as several, of which the first cuts what the request cuts. They share its WriteId: an ack of a
    /// part says no more than its last entry.
    /// </summary>
    public void Add(AppendToLog request)
    {
        var first = 0;
        var bytes = 0L;
        for (var i = 0; i < request.Entries.Count; i++)
        {
            var size = request.Entries[i].Size;
            if (i > first && bytes + size > maxEventBytes)
            {
                _waiting.Enqueue(Part(request, first, i));
                first = i;
                bytes = 0;
            }

            bytes += size;
        }

        _waiting.Enqueue(first == 0 ? request : Part(request, first, request.Entries.Count));
    }

    public void Clear() => _waiting.Clear();

    /// <summary>
    /// Takes as many requests, or parts, as one event may carry, at least one. The result has the newest one's WriteId and last entry: it says all that those
    /// before it said.
    /// </summary>
    public AppendToLog Take()
    {
        var first = _waiting.Dequeue();
        var previous = first.Previous;
        var entries = first.Entries;
        var bytes = SizeOf(entries, entries.Count);
        var writeId = first.WriteId;

        while (_waiting.TryPeek(out var next))
        {
            // How many of the entries taken so far the next request keeps: it may cut into them, all of them, or what is stored before them.
            var kept = (int)Math.Max(0, Math.Min(entries.Count, next.Previous.Index - previous.Index));
            var bytesThen = SizeOf(entries, kept, bytes) + SizeOf(next.Entries, next.Entries.Count);
            if (bytesThen > maxEventBytes) break;

            if (next.Previous.Index < previous.Index) previous = next.Previous;
            entries = Joined(entries, kept, next.Entries);
            bytes = bytesThen;
            writeId = next.WriteId;
            _waiting.Dequeue();
        }

        return new AppendToLog(writeId, previous, entries);
    }

    static AppendToLog Part(AppendToLog request, int first, int end) => new(
        request.WriteId, first == 0 ? request.Previous : request.Entries[first - 1].Id, [.. request.Entries.Skip(first).Take(end - first)]);

    static IReadOnlyList<LogEntry> Joined(IReadOnlyList<LogEntry> taken, int kept, IReadOnlyList<LogEntry> next)
    {
        if (kept == 0) return next;
        // The first request's own list is the caller's; it is copied once, and the copy grows from then on.
        var joined = taken as JoinedEntries ?? [.. taken];
        if (kept < joined.Count) joined.RemoveRange(kept, joined.Count - kept);
        joined.AddRange(next);
        return joined;
    }

    static long SizeOf(IReadOnlyList<LogEntry> entries, int count)
    {
        var bytes = 0L;
        for (var i = 0; i < count; i++) bytes += entries[i].Size;
        return bytes;
    }

    static long SizeOf(IReadOnlyList<LogEntry> entries, int kept, long all)
    {
        for (var i = kept; i < entries.Count; i++) all -= entries[i].Size;
        return all;
    }

    sealed class JoinedEntries : List<LogEntry>;
}
