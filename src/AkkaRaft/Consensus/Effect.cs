namespace AkkaRaft.Consensus;

/// <summary>Something that the core wants done. The shell carries effects out in their order.</summary>
internal abstract record Effect;

/// <summary>Send a message to a peer; it may be lost, doubled or overtaken.</summary>
internal sealed record Send(NodeId To, RaftMessage Message) : Effect;

/// <summary>Make this term and vote durable, then say <see cref="TermPersisted"/> (Raft figure 2, persistent state).</summary>
internal sealed record PersistTerm(Term Term, NodeId? VotedFor) : Effect;

/// <summary>
/// Make the log durable as: what is stored up to <paramref name="Previous"/>, then <paramref name="Entries"/>, then nothing. One record, so that
/// a crash cannot come between cutting and writing. Then say <see cref="EntriesPersisted"/>.
/// </summary>
/// <param name="WriteId">Grows by one with each write.</param>
/// <param name="Previous">The last entry that stays.</param>
/// <param name="Entries">At least one, consecutive.</param>
internal sealed record AppendToLog(long WriteId, EntryId Previous, IReadOnlyList<LogEntry> Entries) : Effect
{
    /// <summary>The term of the leader whose entries these are: the last one's, unless a leader sends only what earlier leaders left.</summary>
    public Term LeaderTerm { get; init; } = Entries.Count > 0 ? Entries[^1].Term : Previous.Term;
}

/// <summary>Feed committed entries to the state machine, in order, each once; then say <see cref="Applied"/>.</summary>
internal sealed record ApplyCommitted(IReadOnlyList<LogEntry> Entries) : Effect;

/// <summary>A proposal has its place in the leader's log; whether it will stay there is known when an entry is committed there.</summary>
internal sealed record ProposalAppended(long ProposalId, EntryId Entry) : Effect;

/// <summary>A proposal was not appended, and surely never will be.</summary>
internal sealed record ProposalRefused(long ProposalId, RequestRefusal Reason) : Effect;

/// <summary>A read may be answered from the state machine now: it has applied all that was committed when the read came.</summary>
internal sealed record ReadReady(long ReadId, LogIndex Index) : Effect;

/// <summary>A read cannot be answered here.</summary>
internal sealed record ReadRefused(long ReadId, RequestRefusal Reason) : Effect;

/// <summary>Why the core refuses a proposal or a read.</summary>
internal enum RequestRefusal
{
    /// <summary>This node does not lead.</summary>
    NotLeader,

    /// <summary>As much is waiting as the settings allow.</summary>
    Overloaded,
}

/// <summary>The role or the term has changed.</summary>
/// <param name="From">The role before.</param>
/// <param name="To">The role now.</param>
/// <param name="Term">The term now.</param>
/// <param name="Reason">Why, for people.</param>
internal sealed record RoleChanged(RaftRole From, RaftRole To, Term Term, string Reason) : Effect;

/// <summary>Another leader is known, or none any more.</summary>
internal sealed record LeaderChanged(Term Term, NodeId? Leader) : Effect;
