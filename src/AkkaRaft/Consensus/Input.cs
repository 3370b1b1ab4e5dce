namespace AkkaRaft.Consensus;

/// <summary>What time it is: always an input of the core, never read by it.</summary>
/// <param name="Monotonic">Time that only goes forward, from any origin; it measures time-outs.</param>
/// <param name="Utc">The wall clock; it only stamps entries.</param>
internal readonly record struct Instant(TimeSpan Monotonic, DateTimeOffset Utc);

/// <summary>Anything that can happen to a Raft node. <see cref="RaftMessage"/> is an input too.</summary>
internal abstract record Input;

/// <summary>Time has passed; comes every tick interval.</summary>
internal sealed record Tick : Input
{
    public static readonly Tick Instance = new();
}

/// <summary>The TermJournal has made this term and vote durable.</summary>
internal sealed record TermPersisted(Term Term, NodeId? VotedFor) : Input;

/// <summary>The LogJournal has made a write durable, and with it all writes before it.</summary>
/// <param name="WriteId">The newest write that is durable.</param>
/// <param name="Last">The last entry of that write.</param>
internal sealed record EntriesPersisted(long WriteId, EntryId Last) : Input;

/// <summary>Users propose commands; they are appended in this order, as one batch.</summary>
internal sealed record Propose(IReadOnlyList<Proposal> Proposals) : Input;

/// <param name="ProposalId">The shell's name for it; comes back in the effect that tells its fate.</param>
/// <param name="Command">The command; null for what concerns a session itself.</param>
internal readonly record struct Proposal(long ProposalId, Payload? Command)
{
    /// <summary>The command's place in its client's session; null outside of any.</summary>
    public SessionStamp? Stamp { get; init; }

    /// <summary>What is asked for a session, instead of a command.</summary>
    public SessionRequest? Session { get; init; }
}

/// <summary>Users ask for linearizable reads (Raft 8, thesis 6.4).</summary>
/// <param name="ReadIds">The shell's names for them; each comes back in a <see cref="ReadReady"/> or a <see cref="ReadRefused"/>.</param>
internal sealed record Read(IReadOnlyList<long> ReadIds) : Input
{
    /// <summary>Whether a node that does not lead may answer them, by asking the leader.</summary>
    public bool Anywhere { get; init; }

    /// <summary>Whether the leader's lease is good enough for them (thesis 6.4.1).</summary>
    public bool ByLease { get; init; }
}

/// <summary>Users ask for reads of this node's own state. Each comes back in a <see cref="ReadReady"/> or a <see cref="ReadRefused"/>.</summary>
internal sealed record ReadLocal(IReadOnlyList<LocalRead> Reads) : Input;

/// <param name="ReadId">The shell's name for it.</param>
/// <param name="MinIndex">The state machine must have applied this; 0 for whatever it has.</param>
/// <param name="MaxStaleness">How long ago this node may have heard the leader whose commit it has applied; null for any time.</param>
/// <param name="Wait">For how long it may wait for these two.</param>
internal readonly record struct LocalRead(long ReadId, LogIndex MinIndex, TimeSpan? MaxStaleness, TimeSpan Wait);

/// <summary>The state machine has applied everything up to here.</summary>
internal sealed record Applied(LogIndex Index) : Input;

/// <summary>The snapshot that <see cref="TakeSnapshot"/> asked for is durable.</summary>
internal sealed record SnapshotTaken(StoredSnapshot Snapshot) : Input;

/// <summary>The snapshot that <see cref="TakeSnapshot"/> asked for could not be taken or stored.</summary>
internal sealed record SnapshotFailed(SnapshotMark At) : Input;

/// <summary>Somebody needs a durable snapshot that stands for at least this; comes back in a <see cref="SnapshotRequestEnded"/>.</summary>
/// <param name="RequestId">The shell's name for the request.</param>
/// <param name="AtLeast">What it must stand for; the state machine has applied it.</param>
internal sealed record RequestSnapshot(long RequestId, LogIndex AtLeast) : Input;

/// <summary>A piece that <see cref="SendSnapshotChunk"/> asked for cannot be read: its snapshot was given up, or is damaged.</summary>
internal sealed record SnapshotGone(NodeId To, TransferId Transfer) : Input;

/// <summary>The store has taken the bytes of a transfer up to here.</summary>
internal sealed record SnapshotChunkStored(TransferId Transfer, long UpTo) : Input;

/// <summary>A whole snapshot of a leader is durable, and its checksum is right.</summary>
internal sealed record SnapshotReceived(TransferId Transfer, StoredSnapshot Snapshot) : Input;

/// <summary>A transfer cannot be finished: its bytes have another checksum, or could not be stored.</summary>
internal sealed record SnapshotNotReceived(TransferId Transfer) : Input;

/// <summary>The state machine is what the snapshot says.</summary>
internal sealed record MachineRestored(LogIndex Index) : Input;

/// <summary>Somebody asks the leader to hand its leadership over (thesis 3.10).</summary>
/// <param name="RequestId">The shell's name for the request; comes back in a <see cref="TransferEnded"/>.</param>
/// <param name="To">A voter; null for the most up-to-date one.</param>
internal sealed record TransferLeadership(long RequestId, NodeId? To) : Input
{
    /// <summary>The name of a handing-over for which nobody asked: the leader has no vote any more.</summary>
    public const long ByItself = 0;
}

/// <summary>Somebody asks the leader to make the group consist of these members (Raft 6, thesis 4).</summary>
/// <param name="RequestId">The shell's name for the request; comes back in a <see cref="MembershipEnded"/>.</param>
/// <param name="Voters">All who shall vote.</param>
/// <param name="Learners">All who shall learn and not vote.</param>
internal sealed record ChangeMembership(long RequestId, IReadOnlyList<Member> Voters, IReadOnlyList<Member> Learners) : Input
{
    /// <summary>The index of the configuration that it is meant to change: two who want to change it at the same time cannot undo each other. Null for any.</summary>
    public LogIndex? Expected { get; init; }

    public JointUse Joint { get; init; }

    /// <summary>Whether a majority of the voters may be nodes that are not there yet, or lack the log.</summary>
    public bool Force { get; init; }
}

/// <summary>A message of a founder has come, and with it the name of its storage.</summary>
internal sealed record Met(NodeId Node, StorageId Storage) : Input;

/// <summary>Somebody is about to be told who leads: a leader whose process stood still must have found out first whether it still does (B91).</summary>
internal sealed record Look : Input
{
    public static readonly Look Instance = new();
}

/// <summary>Somebody asks this node to stand for election now, as if its timer had run out.</summary>
internal sealed record Campaign : Input
{
    public static readonly Campaign Instance = new();
}
