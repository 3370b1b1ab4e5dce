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

/// <summary>LogJournal: the log is now what it was up to <paramref name="Previous"/>, and then these entries. Cutting and writing are one event.</summary>
internal sealed record EntriesAppended(EntryId Previous, IReadOnlyList<LogEntry> Entries) : JournalEvent;
