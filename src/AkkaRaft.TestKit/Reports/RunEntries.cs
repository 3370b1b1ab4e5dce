namespace AkkaRaft.TestKit.Reports;

/// <summary>A line of the picture of a run: a node's, or a client's. <see cref="RunRecord"/> hands them out.</summary>
/// <param name="Value">The nodes count from 0 in the order of the record, the clients on from there.</param>
internal readonly record struct Lane(int Value);

/// <summary>What a node is doing: its role, or why it has none.</summary>
internal enum NodeCondition
{
    /// <summary>Crashed, or not started yet; its disk is all there is.</summary>
    Down,

    /// <summary>See <see cref="RaftRole.Recovering"/>.</summary>
    Recovering,

    /// <summary>See <see cref="RaftRole.Follower"/>.</summary>
    Follower,

    /// <summary>See <see cref="RaftRole.PreCandidate"/>.</summary>
    PreCandidate,

    /// <summary>See <see cref="RaftRole.Candidate"/>.</summary>
    Candidate,

    /// <summary>See <see cref="RaftRole.Leader"/>.</summary>
    Leader,

    /// <summary>See <see cref="RaftRole.Stopping"/>.</summary>
    Stopping,

    /// <summary>See <see cref="RaftRole.InstallingSnapshot"/>.</summary>
    InstallingSnapshot,
}

/// <summary>What is shown of a node at a time.</summary>
/// <param name="Condition">Its role, or why it has none. A pause is a fault, not a condition: the node keeps its role over it.</param>
/// <param name="Term">Its current term.</param>
/// <param name="Leader">Whom it follows, or itself; null if it knows no leader.</param>
/// <param name="Last">The last entry of its log, durable or not.</param>
/// <param name="Durable">Up to here its journal has confirmed the log.</param>
/// <param name="Commit">Its commit index.</param>
/// <param name="Applied">Up to here its state machine has applied the log.</param>
internal readonly record struct NodeSample(
    NodeCondition Condition, Term Term, Lane? Leader, EntryId Last, LogIndex Durable, LogIndex Commit, LogIndex Applied);

/// <summary>What became of a message.</summary>
internal enum MessageFate
{
    /// <summary>Still under way when the run ended.</summary>
    InFlight,

    /// <summary>It arrived.</summary>
    Delivered,

    /// <summary>The network lost it by chance.</summary>
    Lost,

    /// <summary>A cut was in its way.</summary>
    Cut,

    /// <summary>Nobody was there: the receiver was down, or had been restarted since.</summary>
    ReceiverDown,
}

/// <summary>A kind of trouble, or its end.</summary>
internal enum FaultKind
{
    /// <summary>A node loses its memory, and of its disk what was not acknowledged.</summary>
    Crash,

    /// <summary>A node comes back.</summary>
    Restart,

    /// <summary>A node stands still, as for a garbage collection.</summary>
    Pause,

    /// <summary>Links carry nothing, in one or both directions.</summary>
    Cut,

    /// <summary>Links lose, delay or duplicate more than usual.</summary>
    Network,

    /// <summary>A disk is slow, fails or refuses.</summary>
    Disk,

    /// <summary>A clock jumps, or runs at another rate.</summary>
    Clock,

    /// <summary>All faults end.</summary>
    Heal,
}

/// <summary>How a write to a journal ended.</summary>
internal enum WriteOutcome
{
    /// <summary>Still under way when the run ended.</summary>
    Pending,

    /// <summary>Stored, and the node was told so.</summary>
    Durable,

    /// <summary>The node was told that it failed, or that it was refused.</summary>
    Failed,

    /// <summary>The node crashed first.</summary>
    Interrupted,
}

/// <summary>A node's sample and its time.</summary>
internal readonly record struct SampleRow(TimeSpan At, Lane Node, NodeSample Sample);

/// <summary>A message; <paramref name="End"/> is null while it is under way.</summary>
internal record struct MessageRow(TimeSpan Sent, TimeSpan? End, Lane From, Lane To, string Kind, string Text, MessageFate Fate, bool IsCopy);

/// <summary>A fault; <paramref name="End"/> equals <paramref name="Begin"/> for one that is a moment, and is null while it lasts.</summary>
internal record struct FaultRow(FaultKind Kind, TimeSpan Begin, TimeSpan? End, Lane? Node, string Text, IReadOnlyList<LaneLink> Cut);

/// <summary>A direction between two lanes.</summary>
internal readonly record struct LaneLink(Lane From, Lane To);

/// <summary>A write to a journal; <paramref name="End"/> is null while it is under way.</summary>
internal record struct WriteRow(TimeSpan Begin, TimeSpan? End, Lane Node, string Text, WriteOutcome Outcome);

/// <summary>A line for the trace that is none of the other kinds.</summary>
internal readonly record struct NoteRow(TimeSpan At, Lane? Lane, string Text);

/// <summary>The beginning of a part of the run.</summary>
internal readonly record struct PhaseRow(TimeSpan At, string Name);
