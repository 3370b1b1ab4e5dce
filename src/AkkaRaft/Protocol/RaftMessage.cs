namespace AkkaRaft.Consensus;

/// <summary>A message between the nodes of a group (Raft figure 2).</summary>
/// <param name="From">Who sent it.</param>
/// <param name="Term">The sender's term when it sent it.</param>
internal abstract record RaftMessage(NodeId From, Term Term) : Input
{
    /// <summary>The sender's storage, if the configuration here does not name any for it. Not sent: it is in every message's header.</summary>
    public StorageId? FromStorage { get; init; }
}

/// <summary>Which of the two elections a vote belongs to.</summary>
internal enum ElectionKind
{
    /// <summary>The question whether an election could be won; changes nothing at anyone (thesis 9.6).</summary>
    PreVote,

    /// <summary>The election itself (Raft 5.2).</summary>
    Vote,
}

/// <summary>RequestVote (Raft 5.2, 5.4.1), and its rehearsal (thesis 9.6).</summary>
/// <param name="From">The candidate.</param>
/// <param name="Term">The candidate's term; a pre-candidate still has the term before the one it would stand in.</param>
/// <param name="Kind">Rehearsal or election.</param>
/// <param name="Round">The candidate's number for this campaign; the reply repeats it.</param>
/// <param name="LastEntry">The last entry of the candidate's durable log.</param>
internal sealed record VoteRequest(NodeId From, Term Term, ElectionKind Kind, long Round, EntryId LastEntry) : RaftMessage(From, Term)
{
    /// <summary>Whether the leader itself asked for this election (thesis 3.10): then it is no reason to refuse that this leader lives.</summary>
    public bool IsTransfer { get; init; }

    /// <summary>The storage that the candidate's log names for this very voter; null if it names none.</summary>
    public StorageId? VoterStorage { get; init; }

    /// <summary>The term in which the sender would lead.</summary>
    public Term ElectionTerm => Kind == ElectionKind.PreVote ? Term.Next : Term;
}

/// <summary>Why a voter says no.</summary>
internal enum VoteRefusal
{
    /// <summary>It says yes.</summary>
    None,

    /// <summary>The voter is in a later term already (Raft 5.1).</summary>
    StaleTerm,

    /// <summary>It gave this term's vote to another (Raft 5.2).</summary>
    AlreadyVoted,

    /// <summary>The candidate's log is behind the voter's (Raft 5.4.1).</summary>
    LogBehind,

    /// <summary>The voter has heard a leader within the minimum election timeout (Raft 6, thesis 4.2.3).</summary>
    LeaderAlive,

    /// <summary>The voter has no log, and the candidate, which has one, does not know it by its storage: it might be a voter that lost its log (B71).</summary>
    NotAdmitted,
}

/// <summary>The answer to a <see cref="VoteRequest"/>.</summary>
internal sealed record VoteReply(NodeId From, Term Term, ElectionKind Kind, long Round, VoteRefusal Refusal) : RaftMessage(From, Term)
{
    public bool Granted => Refusal == VoteRefusal.None;

    /// <summary>Whether the candidate is no member any more, by a committed configuration that is newer than all that its log holds.</summary>
    public bool CandidateIsRemoved { get; init; }
}

/// <summary>AppendEntries (Raft 5.3); without entries a heartbeat.</summary>
/// <param name="From">The leader.</param>
/// <param name="Term">Its term.</param>
/// <param name="Round">The leader's newest round of heartbeats; the reply repeats it, which is how reads are confirmed (thesis 6.4).</param>
/// <param name="Previous">The entry before the first one sent.</param>
/// <param name="Entries">Consecutive entries from <c>Previous.Index + 1</c>.</param>
/// <param name="CommitIndex">What the leader knows to be committed.</param>
internal sealed record AppendEntries(
    NodeId From, Term Term, long Round, EntryId Previous, IReadOnlyList<LogEntry> Entries, LogIndex CommitIndex) : RaftMessage(From, Term)
{
    public LogIndex LastIndex => Previous.Index + Entries.Count;
}

/// <summary>What a follower made of an <see cref="AppendEntries"/>.</summary>
internal enum AppendOutcome
{
    /// <summary>It has the entry before, and took what followed.</summary>
    Accepted,

    /// <summary>It does not have the entry before (Raft 5.3).</summary>
    Conflict,

    /// <summary>The sender's term is over (Raft 5.1).</summary>
    StaleTerm,
}

/// <summary>The answer to an <see cref="AppendEntries"/>; further ones follow as the follower's journal gets on.</summary>
/// <param name="From">The follower.</param>
/// <param name="Term">Its term.</param>
/// <param name="Outcome">Which of the fields below count.</param>
/// <param name="Round">The newest round that the follower has seen of this leader.</param>
/// <param name="Match">Accepted: up to here the follower's DURABLE log equals the leader's.</param>
/// <param name="Verified">Accepted: up to here its log in memory equals the leader's; what is above <paramref name="Match"/> may still be lost.</param>
/// <param name="Rejected">Conflict: the entry that it does not have.</param>
/// <param name="Hint">Conflict: its last entry at or below that index whose term is not above the rejected one's; the logs agree nowhere above it.</param>
internal sealed record AppendEntriesReply(
    NodeId From, Term Term, AppendOutcome Outcome, long Round, LogIndex Match, LogIndex Verified, EntryId Rejected, EntryId Hint) : RaftMessage(From, Term)
{
    /// <summary>The follower's <c>akka.raft.election-priority</c>: whom a leader prefers when it hands its leadership over.</summary>
    public int Priority { get; init; } = ElectionPriority.Default;

    public static AppendEntriesReply Accepted(NodeId from, Term term, long round, LogIndex match, LogIndex verified) =>
        new(from, term, AppendOutcome.Accepted, round, match, verified, EntryId.Zero, EntryId.Zero);

    public static AppendEntriesReply Conflict(NodeId from, Term term, long round, EntryId rejected, EntryId hint) =>
        new(from, term, AppendOutcome.Conflict, round, LogIndex.Zero, LogIndex.Zero, rejected, hint);

    public static AppendEntriesReply StaleTerm(NodeId from, Term term) =>
        new(from, term, AppendOutcome.StaleTerm, 0, LogIndex.Zero, LogIndex.Zero, EntryId.Zero, EntryId.Zero);
}

/// <summary>InstallSnapshot (Raft 7): a piece of a leader's snapshot for a follower that needs entries which are compacted.</summary>
/// <param name="From">The leader.</param>
/// <param name="Term">Its term.</param>
/// <param name="Transfer">The leader's number for this sending of it; pieces of two transfers are never mixed (B59).</param>
/// <param name="Snapshot">What is sent.</param>
/// <param name="Offset">Where <paramref name="Bytes"/> stand in it.</param>
/// <param name="Bytes">The piece; empty to ask how far the follower has come.</param>
internal sealed record InstallSnapshot(
    NodeId From, Term Term, TransferId Transfer, StoredSnapshot Snapshot, long Offset, ReadOnlyMemory<byte> Bytes) : RaftMessage(From, Term)
{
    /// <summary>Equal if the bytes are, wherever they stand.</summary>
    public bool Equals(InstallSnapshot? other) => other is not null && base.Equals(other) && Transfer == other.Transfer && Snapshot == other.Snapshot
        && Offset == other.Offset && Bytes.Span.SequenceEqual(other.Bytes.Span);

    public override int GetHashCode() => HashCode.Combine(From, Term, Transfer, Offset, Bytes.Length);
}

/// <summary>A node that does not lead asks what is committed, for the reads that wait there (thesis 6.4).</summary>
/// <param name="From">Who asks.</param>
/// <param name="Term">The term whose leader it asks.</param>
/// <param name="Request">Its number for the request, never used before, in no earlier life either; the reply repeats it.</param>
/// <param name="ByLease">Whether the leader's lease is good enough.</param>
internal sealed record ReadIndexRequest(NodeId From, Term Term, long Request, bool ByLease) : RaftMessage(From, Term);

/// <summary>The answer to a <see cref="ReadIndexRequest"/>; there is none from who does not lead.</summary>
/// <param name="From">The leader.</param>
/// <param name="Term">Its term.</param>
/// <param name="Request">Which request.</param>
/// <param name="Index">What was committed when the request came, confirmed by a majority after that, or by a lease that held then.</param>
internal sealed record ReadIndexReply(NodeId From, Term Term, long Request, LogIndex Index) : RaftMessage(From, Term);

/// <summary>What a follower made of an <see cref="InstallSnapshot"/>.</summary>
internal enum InstallOutcome
{
    /// <summary>It has stored what came up to <see cref="InstallSnapshotReply.Next"/>, and waits for more.</summary>
    Receiving,

    /// <summary>Something is missing: it needs the bytes from <see cref="InstallSnapshotReply.Next"/> on.</summary>
    Gap,

    /// <summary>It has everything that the snapshot stands for, durably.</summary>
    Installed,

    /// <summary>The sender's term is over (Raft 5.1).</summary>
    StaleTerm,
}

/// <summary>The answer to an <see cref="InstallSnapshot"/>; further ones follow as the follower's store gets on.</summary>
/// <param name="From">The follower.</param>
/// <param name="Term">Its term.</param>
/// <param name="Transfer">Which transfer.</param>
/// <param name="Outcome">Which of the fields below count.</param>
/// <param name="Next">Receiving, gap: the first byte that it does not have.</param>
/// <param name="Match">Installed: up to here what it has is committed and durable, and so equals the leader's.</param>
internal sealed record InstallSnapshotReply(
    NodeId From, Term Term, TransferId Transfer, InstallOutcome Outcome, long Next, LogIndex Match) : RaftMessage(From, Term);

/// <summary>TimeoutNow (thesis 3.10): the leader tells a voter to stand for election at once, and to take its place.</summary>
/// <param name="From">The leader.</param>
/// <param name="Term">Its term: in no other is the call obeyed.</param>
/// <param name="Last">The last entry of its log, which the target has durably too: with any other log the call is void.</param>
internal sealed record TimeoutNow(NodeId From, Term Term, EntryId Last) : RaftMessage(From, Term);
