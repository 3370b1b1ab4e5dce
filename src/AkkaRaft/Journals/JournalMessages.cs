using AkkaRaft.Consensus;
using Akka.Actor;

namespace AkkaRaft.Journals;

/// <summary>Who a node is, for ever: stored before the node greets anyone, with the configuration that stands at index 0 of its log.</summary>
internal sealed record NodeIdentity(ClusterId Cluster, GroupId Group, NodeId Node, StorageId Storage, Configuration FirstConfiguration);

/// <summary>Node to journal: carry out this effect of the core; answered by <see cref="Written"/>.</summary>
internal sealed record Write(Effect Effect) : INoSerializationVerificationNeeded;

/// <summary>Journal to node: it is durable; the core's next input.</summary>
/// <param name="Input">What the core is told.</param>
/// <param name="Event">LogJournal: what the one event holds that this confirms.</param>
internal sealed record Written(Input Input, AppendToLog? Event = null) : INoSerializationVerificationNeeded;

/// <summary>Which of a node's storages.</summary>
internal enum JournalKind
{
    /// <summary>Identity, term and vote.</summary>
    Term,

    /// <summary>The log.</summary>
    Log,

    /// <summary>The snapshots, which are no journal, and fail like one.</summary>
    Snapshots,
}

/// <summary>TermJournal to node: it has replayed. A journal never written has no identity, term 0 and no vote.</summary>
internal sealed record TermJournalRecovered(NodeIdentity? Identity, Term Term, NodeId? VotedFor) : INoSerializationVerificationNeeded;

/// <summary>Node to TermJournal: this is who we are; answered by <see cref="IdentityStored"/>.</summary>
internal sealed record StoreIdentity(NodeIdentity Identity) : INoSerializationVerificationNeeded;

/// <summary>TermJournal to node: the identity is durable.</summary>
internal sealed record IdentityStored(NodeIdentity Identity) : INoSerializationVerificationNeeded;

/// <summary>LogJournal to node: it has replayed. A journal never written has no storage id and no entries.</summary>
/// <param name="Storage">The storage that this log belongs to; equals the TermJournal's.</param>
/// <param name="Entries">The log behind <see cref="Base"/>, consecutive.</param>
internal sealed record LogJournalRecovered(StorageId? Storage, IReadOnlyList<LogEntry> Entries) : INoSerializationVerificationNeeded
{
    /// <summary>The entry before the first one; a snapshot stands for it and for what was before.</summary>
    public EntryId Base { get; init; } = EntryId.Zero;
}

/// <summary>Node to LogJournal: this log belongs to that storage; answered by <see cref="LogCreated"/>.</summary>
internal sealed record CreateLog(StorageId Storage) : INoSerializationVerificationNeeded;

/// <summary>LogJournal to node: the mark is durable.</summary>
internal sealed record LogCreated(StorageId Storage) : INoSerializationVerificationNeeded;

/// <summary>
/// Journal to node: a replay or a write failed or was rejected. A write that failed may still be on disk. The journal actor stops after this; the node
/// starts over from what the journals hold, as after a crash.
/// </summary>
internal sealed record JournalFailed(JournalKind Journal, string What, Exception Cause) : INoSerializationVerificationNeeded;

/// <summary>LogJournal to node: events that nobody needs could not be deleted. They take room until the next deletion, and do no other harm.</summary>
internal sealed record CompactionFailed(long ToSequenceNr, Exception Cause) : INoSerializationVerificationNeeded;

/// <summary>Node to journal: finish what is being written, drop what is not, and stop.</summary>
internal sealed record FinishJournal : INoSerializationVerificationNeeded
{
    public static readonly FinishJournal Instance = new();
}
