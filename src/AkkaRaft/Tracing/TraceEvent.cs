using AkkaRaft.Consensus;

namespace AkkaRaft.Tracing;

/// <summary>What a node did that a formal specification of Raft speaks of; one line of the trace (docs/trace.md).</summary>
internal abstract record TraceEvent;

/// <summary><c>cand</c>: this node stands for election; term and own vote are durable.</summary>
/// <param name="Term">The term that it began.</param>
/// <param name="Last">The last durable entry.</param>
internal sealed record StoodForElection(Term Term, EntryId Last) : TraceEvent;

/// <summary><c>vote</c>: a durable grant is about to leave, for the first time or again.</summary>
internal sealed record VoteGranted(Term Term, NodeId For) : TraceEvent;

/// <summary><c>term</c>: the durable term rose, and not by standing for election.</summary>
internal sealed record TermRose(Term Term) : TraceEvent;

/// <summary><c>lead</c>: this node leads; its no-op has not gone to the journal yet.</summary>
internal sealed record BeganToLead(Term Term) : TraceEvent;

/// <summary><c>app</c>: the journal has confirmed one event: the log is what it was up to <paramref name="Previous"/>, and then these entries.</summary>
/// <param name="LeaderTerm">The term of the leader whose entries they are.</param>
/// <param name="Previous">The entry before the first one written.</param>
/// <param name="Entries">What was written, at least one.</param>
internal sealed record EntriesStored(Term LeaderTerm, EntryId Previous, IReadOnlyList<LogEntry> Entries) : TraceEvent;

/// <summary><c>commit</c>: the commit index rose.</summary>
internal sealed record CommitRose(Term Term, LogIndex Index) : TraceEvent;

/// <summary><c>snap</c>: a snapshot that a leader sent is durable, and with it everything that it stands for is committed.</summary>
internal sealed record SnapshotInstalled(EntryId Last) : TraceEvent;

/// <summary><c>crash</c>: a start, and what was found on disk.</summary>
/// <param name="Term">The stored term.</param>
/// <param name="Vote">The stored vote of that term.</param>
/// <param name="Base">The last entry that the snapshot stands for; <see cref="EntryId.Zero"/> without one.</param>
/// <param name="Last">The last entry.</param>
/// <param name="Runs">The first entry after the base, and each one whose term differs from that of the entry before it.</param>
internal sealed record Started(Term Term, NodeId? Vote, EntryId Base, EntryId Last, IReadOnlyList<EntryId> Runs) : TraceEvent;
