namespace AkkaRaft;

/// <summary>A node as it saw itself at one moment.</summary>
/// <param name="Node">Which node.</param>
/// <param name="Role">Its role.</param>
/// <param name="Term">Its term.</param>
/// <param name="Leader">Whom it takes for the leader of that term; null if it knows none.</param>
/// <param name="LastEntry">The last entry of its log, durable or not.</param>
/// <param name="DurableIndex">Up to where its own journal has confirmed the log.</param>
/// <param name="CommitIndex">Up to where it knows entries to be committed.</param>
/// <param name="AppliedIndex">Up to where its state machine has applied them.</param>
public sealed record RaftStatus(
    NodeId Node, RaftRole Role, Term Term, NodeId? Leader, EntryId LastEntry, LogIndex DurableIndex, LogIndex CommitIndex, LogIndex AppliedIndex);
