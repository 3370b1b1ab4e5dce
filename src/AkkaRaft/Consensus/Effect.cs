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

/// <summary>
/// The log begins anew behind <paramref name="Base"/>, for which a durable snapshot stands; nothing that is stored before this counts any more. Goes to the
/// LogJournal in line with <see cref="AppendToLog"/>; its confirmation is an <see cref="EntriesPersisted"/> too.
/// </summary>
/// <param name="WriteId">Grows by one with each write.</param>
/// <param name="Base">The last entry of the snapshot.</param>
internal sealed record RestartLog(long WriteId, EntryId Base) : Effect;

/// <summary>The journal may delete what is at or below here: a durable snapshot stands for it (B61).</summary>
internal sealed record CompactLog(EntryId UpTo) : Effect;

/// <summary>
/// Let the state machine take a snapshot in its own turn, behind everything that was handed to it so far, and store that; then say <see cref="SnapshotTaken"/> or
/// <see cref="SnapshotFailed"/> (Raft 7).
/// </summary>
/// <param name="At">Where it will stand.</param>
internal sealed record TakeSnapshot(SnapshotMark At) : Effect;

/// <summary>The store may delete all snapshots but these: the newest one, and what is being sent.</summary>
/// <param name="Kept">The last entries of those.</param>
internal sealed record RetainSnapshots(IReadOnlyList<EntryId> Kept) : Effect;

/// <summary>Read a piece of the snapshot and send it to a peer; it may be lost, like any message.</summary>
/// <param name="To">The peer.</param>
/// <param name="Message">The message, still without its bytes.</param>
/// <param name="Length">How many bytes from <see cref="InstallSnapshot.Offset"/>; 0 to ask only how far the peer has come.</param>
internal sealed record SendSnapshotChunk(NodeId To, InstallSnapshot Message, int Length) : Effect;

/// <summary>A leader begins to send a snapshot; what an earlier transfer brought is void (B59).</summary>
internal sealed record BeginReceiving(TransferId Transfer, StoredSnapshot Snapshot) : Effect;

/// <summary>
/// Store a piece; then say <see cref="SnapshotChunkStored"/>, and after the last one, when the whole is checked and durable, <see cref="SnapshotReceived"/>.
/// </summary>
internal sealed record StoreSnapshotChunk(TransferId Transfer, long Offset, ReadOnlyMemory<byte> Bytes) : Effect;

/// <summary>Nobody goes on sending it.</summary>
internal sealed record AbandonReceiving(TransferId Transfer) : Effect;

/// <summary>Let the state machine begin anew from a durable snapshot, behind everything that was handed to it so far; then say <see cref="MachineRestored"/>.</summary>
internal sealed record RestoreMachine(StoredSnapshot Snapshot) : Effect;

/// <summary>A proposal has its place in the leader's log; whether it will stay there is known when an entry is committed there.</summary>
internal sealed record ProposalAppended(long ProposalId, EntryId Entry) : Effect;

/// <summary>A proposal was not appended, and surely never will be.</summary>
internal sealed record ProposalRefused(long ProposalId, RequestRefusal Reason) : Effect;

/// <summary>A read may be answered from the state machine now: it has applied all that the read wants.</summary>
internal sealed record ReadReady(long ReadId, LogIndex Index) : Effect;

/// <summary>A read cannot be answered here.</summary>
internal sealed record ReadRefused(long ReadId, RequestRefusal Reason) : Effect
{
    /// <summary>Up to where the state machine had come, if that is why.</summary>
    public LogIndex Applied { get; init; }
}

/// <summary>A request for a snapshot has ended.</summary>
/// <param name="RequestId">The request.</param>
/// <param name="Snapshot">It is durable here, and stands for what was wanted; null if it could not be taken or stored.</param>
internal sealed record SnapshotRequestEnded(long RequestId, StoredSnapshot? Snapshot) : Effect;

/// <summary>A request to hand leadership over has ended.</summary>
/// <param name="RequestId">The request.</param>
/// <param name="Outcome">How.</param>
/// <param name="Target">Who was to lead, if that was decided.</param>
/// <param name="Why">Why it did not work, for people.</param>
internal sealed record TransferEnded(long RequestId, TransferOutcome Outcome, NodeId? Target, string Why) : Effect;

/// <summary>A request for a membership change has ended.</summary>
/// <param name="RequestId">The request.</param>
/// <param name="Outcome">How.</param>
/// <param name="Index">The index of the configuration in force.</param>
/// <param name="Why">Why it did not work, for people.</param>
internal sealed record MembershipEnded(long RequestId, MembershipOutcome Outcome, LogIndex Index, string Why) : Effect;

/// <summary>Why the core refuses a proposal or a read.</summary>
internal enum RequestRefusal
{
    /// <summary>This node does not lead.</summary>
    NotLeader,

    /// <summary>As much is waiting as the settings allow.</summary>
    Overloaded,

    /// <summary>No leader was heard for an election timeout.</summary>
    NoLeader,

    /// <summary>The state machine did not get as far in time as the read wants.</summary>
    NotApplied,

    /// <summary>The state machine is older than the read allows, and did not get newer in time.</summary>
    TooStale,

    /// <summary>This node leads, and is handing its leadership over.</summary>
    HandingOver,
}

/// <summary>The role or the term has changed.</summary>
/// <param name="From">The role before.</param>
/// <param name="To">The role now.</param>
/// <param name="Term">The term now.</param>
/// <param name="Reason">Why, for people.</param>
internal sealed record RoleChanged(RaftRole From, RaftRole To, Term Term, string Reason) : Effect;

/// <summary>Another leader is known, or none any more.</summary>
internal sealed record LeaderChanged(Term Term, NodeId? Leader) : Effect;
