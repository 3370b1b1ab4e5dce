namespace AkkaRaft.Consensus;

/// <summary>One entry of the replicated log (Raft 5.3).</summary>
/// <param name="Id">Its index and term.</param>
/// <param name="Time">The leader's wall clock when it was appended, in whole milliseconds; it never falls along the log.</param>
internal abstract record LogEntry(EntryId Id, DateTimeOffset Time)
{
    /// <summary>Bytes besides the payload that an entry takes on the wire and in the journal, rounded up.</summary>
    public const int Overhead = 40;

    public LogIndex Index => Id.Index;

    public Term Term => Id.Term;

    /// <summary>An upper bound of its bytes on the wire: what every limit in bytes counts.</summary>
    public abstract int Size { get; }
}

/// <summary>The first entry of each leader: only by committing an entry of its own term does it learn what is committed (Raft 8, thesis 6.4).</summary>
internal sealed record NoOpEntry(EntryId Id, DateTimeOffset Time) : LogEntry(Id, Time)
{
    public override int Size => Overhead;
}

/// <summary>A command of the user.</summary>
internal sealed record CommandEntry(EntryId Id, DateTimeOffset Time, Payload Command) : LogEntry(Id, Time)
{
    /// <summary>Its place in a client's session; null for a command outside of any.</summary>
    public SessionStamp? Stamp { get; init; }

    public override int Size => Overhead + Command.Size + (Stamp is null ? 0 : SessionStamp.Size);
}

/// <summary>A configuration, in force from the moment it is in the log, committed or not (Raft 6, thesis 4.1).</summary>
internal sealed record ConfigurationEntry(EntryId Id, DateTimeOffset Time, Configuration Configuration) : LogEntry(Id, Time)
{
    public override int Size => Overhead + Configuration.Size;
}
