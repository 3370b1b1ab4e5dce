using AkkaRaft.Consensus;

namespace AkkaRaft.Journals;

/// <summary>What the journals store. Each is one Akka.Persistence event, in the stable format of raft.proto.</summary>
internal abstract record JournalEvent;

/// <summary>TermJournal: the node's identity, its first event.</summary>
internal sealed record IdentityRecorded(NodeIdentity Identity) : JournalEvent;

/// <summary>TermJournal: the term rose, or the vote of the term was given.</summary>
internal sealed record TermChanged(Term Term, NodeId? VotedFor) : JournalEvent;

/// <summary>LogJournal: the storage that the log belongs to, its first event.</summary>
internal sealed record LogStarted(StorageId Storage) : JournalEvent;

/// <summary>
/// LogJournal: a snapshot stands for everything up to <paramref name="UpTo"/>, so that the events before this one may be deleted, as far as they hold nothing that
/// comes after it. It repeats what the first event said, which may be among them.
/// </summary>
internal sealed record LogCompacted(StorageId Storage, EntryId UpTo) : JournalEvent;

/// <summary>LogJournal: the log begins anew behind <paramref name="Base"/>, for which a snapshot stands; all that was stored before is void.</summary>
internal sealed record LogRestarted(EntryId Base) : JournalEvent;

/// <summary>LogJournal: the log is now what it was up to <paramref name="Previous"/>, and then these entries. Cutting and writing are one event.</summary>
internal sealed record EntriesAppended(EntryId Previous, IReadOnlyList<LogEntry> Entries) : JournalEvent;
