using System.Text;
using AkkaRaft.Consensus;

namespace AkkaRaft.StateMachine;

/// <summary>What came of a command in a session, as every later copy of it is answered.</summary>
/// <param name="Index">Where it was applied.</param>
/// <param name="Value">The handler's result, serialized; null stands for no result.</param>
/// <param name="Error">Set when its result cannot be serialized; the same text on every node.</param>
internal sealed record SessionResult(LogIndex Index, Payload? Value, string? Error)
{
    /// <summary>The command was applied; its result was given up, because the session keeps no more bytes.</summary>
    public bool IsForgotten { get; init; }

    /// <summary>Bytes that count against <see cref="SessionLimits.MaxResultBytes"/>.</summary>
    public int Size => (Value?.Size ?? 0) + (Error is { } error ? Encoding.UTF8.GetByteCount(error) : 0);
}

/// <summary>One client's session. Only its <see cref="SessionTable"/> changes it.</summary>
internal sealed class Session(LogIndex id, SessionLimits limits)
{
    public LogIndex Id { get; } = id;

    public SessionLimits Limits { get; } = limits;

    /// <summary>The table's time at its last entry.</summary>
    public DateTimeOffset LastActive { get; set; }

    /// <summary>Results of lower sequences are not kept: the client has them, or wants them no more.</summary>
    public long LowestUnanswered { get; set; } = 1;

    /// <summary>Of each applied sequence from <see cref="LowestUnanswered"/> on.</summary>
    public Dictionary<long, SessionResult> Results { get; private init; } = [];

    /// <summary>Bytes of the results.</summary>
    public long Bytes { get; private set; }

    /// <summary>The table's copies that are older than this do not have this object, so that it may be changed.</summary>
    public long Epoch { get; private init; }

    public DateTimeOffset Deadline => LastActive > DateTimeOffset.MaxValue - Limits.Timeout ? DateTimeOffset.MaxValue : LastActive + Limits.Timeout;

    public Session CopyFor(long epoch) => new(Id, Limits)
    {
        LastActive = LastActive, LowestUnanswered = LowestUnanswered, Results = new Dictionary<long, SessionResult>(Results), Bytes = Bytes, Epoch = epoch,
    };

    public static Session Opened(LogIndex id, SessionLimits limits, DateTimeOffset now, long epoch) => new(id, limits) { LastActive = now, Epoch = epoch };

    public void Add(long sequence, SessionResult result)
    {
        Results.Add(sequence, result);
        Bytes += result.Size;
    }

    /// <summary>The client wants no results below here.</summary>
    public void Answered(long lowestUnanswered)
    {
        if (lowestUnanswered <= LowestUnanswered) return;
        if (lowestUnanswered - LowestUnanswered <= Results.Count)
        {
            for (var sequence = LowestUnanswered; sequence < lowestUnanswered; sequence++) Forget(sequence);
        }
        else
        {
            // So far ahead that it is less to look at those that are kept.
            foreach (var sequence in Results.Keys.Where(sequence => sequence < lowestUnanswered).ToList()) Forget(sequence);
        }

        LowestUnanswered = lowestUnanswered;
    }

    void Forget(long sequence)
    {
        if (Results.Remove(sequence, out var result)) Bytes -= result.Size;
    }

    /// <summary>Keeps to the limit in bytes. That they were applied stays known; the oldest results go first, by half, so that this is seldom.</summary>
    public void ForgetOldest()
    {
        if (Bytes <= Limits.MaxResultBytes) return;
        foreach (var (sequence, result) in Results.Where(pair => pair.Value.Size > 0).OrderBy(pair => pair.Value.Index).ToList())
        {
            if (Bytes <= Limits.MaxResultBytes / 2) return;
            Results[sequence] = result with { Value = null, Error = null, IsForgotten = true };
            Bytes -= result.Size;
        }
    }
}
