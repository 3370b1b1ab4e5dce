using AkkaRaft.Consensus;
using AkkaRaft.Journals;
using AkkaRaft.Node;
using AkkaRaft.Serialization;
using Akka.Actor;

namespace AkkaRaft.StateMachine;

/// <summary>
/// Node to machine, first of all: the user's Props make the machine, so that it learns by message what it cannot get by constructor. Answered by
/// <see cref="MachineStarted"/>.
/// </summary>
internal sealed record StartMachine(IPayloadCodec Codec) : INoSerializationVerificationNeeded
{
    /// <summary>Told of each entry that was applied; null for nobody.</summary>
    public INodeObserver? Observer { get; init; }
}

/// <summary>Machine to node: what it has handlers for, in order of registration. The node refuses other commands before they enter the log.</summary>
/// <param name="CommandTypes">The exact types of its commands.</param>
/// <param name="QueryTypes">The exact types of its queries.</param>
/// <param name="ResultTypes">The types of results and answers, where the registrations tell.</param>
internal sealed record MachineStarted(IReadOnlyList<Type> CommandTypes, IReadOnlyList<Type> QueryTypes, IReadOnlyList<Type> ResultTypes)
    : INoSerializationVerificationNeeded
{
    /// <summary>Whether it can take and restore snapshots.</summary>
    public bool TakesSnapshots { get; init; }

    /// <summary>The type of the one object that its snapshots hold; null in the streaming form.</summary>
    public Type? SnapshotType { get; init; }
}

/// <summary>Node to machine: apply these committed entries, in order; answered by <see cref="EntriesApplied"/>.</summary>
internal sealed record ApplyEntries(IReadOnlyList<CommittedEntry> Entries) : INoSerializationVerificationNeeded;

/// <param name="Entry">The entry.</param>
/// <param name="WantsResult">Somebody at this node waits for its result.</param>
internal readonly record struct CommittedEntry(LogEntry Entry, bool WantsResult);

/// <summary>Machine to node: applied up to here, with the results that were asked for.</summary>
internal sealed record EntriesApplied(LogIndex UpTo, IReadOnlyList<EntryResult> Results) : INoSerializationVerificationNeeded;

/// <param name="Entry">Which entry.</param>
/// <param name="Value">The handler's result, serialized; null stands for no result.</param>
/// <param name="Error">Set when the command was applied but its result cannot be serialized: which type, and what to do.</param>
internal readonly record struct EntryResult(EntryId Entry, Payload? Value, string? Error)
{
    /// <summary>How it ended.</summary>
    public EntryVerdict Verdict { get; init; }

    /// <summary>Where the command was applied: of another copy in a session the first one's index; null for the entry's own.</summary>
    public LogIndex? AppliedAt { get; init; }

    /// <summary>Of a session that was opened.</summary>
    public SessionLimits? Opened { get; init; }
}

/// <summary>How an entry ended that somebody waits for.</summary>
internal enum EntryVerdict
{
    /// <summary>It was carried out, now or, as another copy, before.</summary>
    Done,

    /// <summary>See <see cref="SessionVerdict.Expired"/>.</summary>
    SessionExpired,

    /// <summary>See <see cref="SessionVerdict.Answered"/>.</summary>
    Answered,

    /// <summary>See <see cref="SessionVerdict.BeyondLimit"/>.</summary>
    BeyondLimit,

    /// <summary>No session was opened: there are as many as there may be.</summary>
    TooManySessions,
}

/// <summary>Node to machine: answer queries from the state as it is; answered by <see cref="QueriesAnswered"/>.</summary>
internal sealed record RunQueries(IReadOnlyList<RunQuery> Queries) : INoSerializationVerificationNeeded;

/// <summary>One of <see cref="RunQueries"/>.</summary>
internal readonly record struct RunQuery(long ReadId, Payload Query);

/// <summary>Machine to node: all answers of one <see cref="RunQueries"/>, in its order.</summary>
internal sealed record QueriesAnswered(IReadOnlyList<QueryAnswered> Answers) : INoSerializationVerificationNeeded;

/// <summary>One of <see cref="QueriesAnswered"/>.</summary>
/// <param name="ReadId">The query's number.</param>
/// <param name="Index">The index that the answer reflects: the last entry applied when it was made, which may be later than the one that the query waited for.</param>
/// <param name="Value">The answer, serialized; null stands for a null answer.</param>
/// <param name="Error">Set when there is no answer: the query has no handler, its handler threw, or the answer cannot be serialized.</param>
internal readonly record struct QueryAnswered(long ReadId, LogIndex Index, Payload? Value, string? Error);

/// <summary>Node to machine: what are you now? Answered by <see cref="WriteSnapshot"/>, which goes to the snapshot store, or by <see cref="SnapshotNotCaptured"/>.</summary>
/// <param name="At">What it stands for: the last entry that was applied.</param>
internal sealed record CaptureSnapshot(SnapshotMark At) : INoSerializationVerificationNeeded;

/// <summary>Machine to node: the user's code threw.</summary>
internal sealed record SnapshotNotCaptured(SnapshotMark At, Exception Cause) : INoSerializationVerificationNeeded;

/// <summary>Node to machine: begin anew from this; answered by <see cref="SnapshotRestored"/>.</summary>
/// <param name="Snapshot">The snapshot.</param>
/// <param name="Store">Who has its rows.</param>
/// <param name="Place">Where they lie, in words for people.</param>
internal sealed record RestoreSnapshot(StoredSnapshot Snapshot, IActorRef Store, string Place) : INoSerializationVerificationNeeded;

/// <summary>Machine to node: it is what the snapshot says.</summary>
internal sealed record SnapshotRestored(EntryId Last) : INoSerializationVerificationNeeded;
