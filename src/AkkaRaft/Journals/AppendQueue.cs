using System.Diagnostics.CodeAnalysis;
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
    /// Takes as many requests, or parts, as one event may carry, at least one: requests of one leader, of which each goes on where the one before it ends,
    /// as a leader never takes back what it sent (Raft 5.3). So an event cuts at its start or not at all, and is of one leader. The result has the
    /// newest one's WriteId and last entry: it says all that those before it said.
    /// </summary>
    public AppendToLog Take()
    {
        var first = _waiting.Dequeue();
        if (!MayJoin(first, first.Entries[^1], SizeOf(first), out var next)) return first;

        // The first request's own list is the caller's; it is copied.
        List<LogEntry> entries = [.. first.Entries];
        var bytes = SizeOf(first);
        long writeId;
        do
        {
            entries.AddRange(next.Entries);
            bytes += SizeOf(next);
            writeId = next.WriteId;
            _waiting.Dequeue();
        }
        while (MayJoin(first, entries[^1], bytes, out next));

        return first with { WriteId = writeId, Entries = entries };
    }

    bool MayJoin(AppendToLog first, LogEntry last, long bytes, [NotNullWhen(true)] out AppendToLog? next) =>
        _waiting.TryPeek(out next) && next.LeaderTerm == first.LeaderTerm && next.Previous == last.Id && bytes + SizeOf(next) <= maxEventBytes;

    static AppendToLog Part(AppendToLog request, int first, int end) => request with
    {
        Previous = first == 0 ? request.Previous : request.Entries[first - 1].Id,
        Entries = [.. request.Entries.Skip(first).Take(end - first)],
    };

    static long SizeOf(AppendToLog request) => request.Entries.Sum(entry => (long)entry.Size);
}
