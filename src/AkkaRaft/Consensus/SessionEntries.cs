namespace AkkaRaft.Consensus;

/// <summary>What makes a command one of a client's session: under its number it is applied once, however often it is in the log (thesis 6.3).</summary>
/// <param name="Session">The session: the log index of the entry that opened it.</param>
/// <param name="Sequence">The command's number in the session, from 1. A retry has the number of the first try.</param>
/// <param name="LowestUnanswered">The client has no interest in the results of lower numbers any more; at most <paramref name="Sequence"/>.</param>
internal readonly record struct SessionStamp(LogIndex Session, long Sequence, long LowestUnanswered)
{
    /// <summary>Bytes that it adds to an entry on the wire and in the journal, rounded up.</summary>
    public const int Size = 36;
}

/// <summary>
/// What a session may hold, and for how long. It is in the entry that opens the session, so that all nodes decide alike whatever their settings say.
/// </summary>
/// <param name="Timeout">The session ends when the time in the log has moved this far since its last entry.</param>
/// <param name="MaxSessions">The session is opened only if there are fewer than this.</param>
/// <param name="MaxResults">How many unanswered commands the session may have.</param>
/// <param name="MaxResultBytes">How many bytes of their results are kept; above it the oldest are forgotten, but never that they were applied.</param>
internal sealed record SessionLimits(TimeSpan Timeout, int MaxSessions, int MaxResults, int MaxResultBytes);

/// <summary>What a client asks for its session itself.</summary>
internal abstract record SessionRequest;

/// <summary>A client wants a session.</summary>
internal sealed record OpenSession(SessionLimits Limits) : SessionRequest;

/// <summary>A client that sends nothing keeps its session, or has no more use for it.</summary>
internal sealed record KeepSession(LogIndex Session, long LowestUnanswered, bool Closes) : SessionRequest;

/// <summary>Opens a session; its index is the session's name.</summary>
internal sealed record OpenSessionEntry(EntryId Id, DateTimeOffset Time, SessionLimits Limits) : LogEntry(Id, Time)
{
    public override int Size => Overhead + 32;
}

/// <summary>A sign of life of a session that is not used, or its end.</summary>
internal sealed record KeepSessionEntry(EntryId Id, DateTimeOffset Time, LogIndex Session, long LowestUnanswered, bool Closes) : LogEntry(Id, Time)
{
    public override int Size => Overhead + 32;
}
