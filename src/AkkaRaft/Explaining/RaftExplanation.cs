using AkkaRaft.Consensus;

namespace AkkaRaft;

/// <summary>
/// The evidence that one node has for two questions: why is there no leader, and why is nothing committed? <see cref="RaftDiagnosis"/> puts the evidence of all nodes together.
/// </summary>
/// <param name="Status">The node as it sees itself.</param>
public sealed record RaftExplanation(RaftStatus Status)
{
    /// <summary>
    /// Who votes in the configuration that is in force at the node, of a joint one who votes after it, ordered; empty while it recovers, and when it has stopped.
    /// </summary>
    public IReadOnlyList<NodeId> Voters { get; init; } = [];

    /// <summary>Of a joint configuration: who voted before it, ordered; a majority of them is needed too (Raft 6). Else empty.</summary>
    public IReadOnlyList<NodeId> Outgoing { get; init; } = [];

    /// <summary>What a decision needs in that configuration.</summary>
    internal Quorum Quorum => QuorumOf(Voters, Outgoing);

    /// <summary>What a decision needs, in a joint configuration if there are outgoing voters.</summary>
    internal static Quorum QuorumOf(IReadOnlyList<NodeId> voters, IReadOnlyList<NodeId> outgoing) =>
        new(outgoing.Count == 0 ? [new MajorityQuorum([.. voters])] : [new MajorityQuorum([.. voters]), new MajorityQuorum([.. outgoing])]);

    /// <summary>Why the node does not stand for election now.</summary>
    public RaftElectionObstacle Obstacle { get; init; } = RaftElectionObstacle.TakesNoPart;

    /// <summary>The campaign that it began last, won or not; null if there was none since it joined.</summary>
    public RaftCampaign? LastCampaign { get; init; }

    /// <summary>Of a leader: what is stored where; null of others.</summary>
    public RaftCommitEvidence? Commit { get; init; }

    /// <summary>The node's setting: the shortest wait for a leader. What takes less time than this is no trouble yet.</summary>
    public TimeSpan ElectionTimeoutMin { get; init; }

    /// <summary>The node's setting: the longest wait for a leader, and how long a leader leads without hearing a majority.</summary>
    public TimeSpan ElectionTimeoutMax { get; init; }

    /// <summary>Of a node that has stopped: why; else null. At most 2,000 characters.</summary>
    public string? WhyStopped { get; init; }
}

/// <summary>Why a node does not stand for election.</summary>
public enum RaftElectionObstacle
{
    /// <summary>Nothing keeps it: it is asking for votes, or will with its next tick.</summary>
    None,

    /// <summary>It leads.</summary>
    Leads,

    /// <summary>It hears a leader (Raft 5.2).</summary>
    LeaderAlive,

    /// <summary>Its election timer has not run out since it last heard a leader, voted or stood (Raft 5.2).</summary>
    TimerRunning,

    /// <summary>It has no vote in the configuration in force, nor in the last one that is committed (Raft 6).</summary>
    NotAVoter,

    /// <summary>It receives a snapshot, or restores its state machine from one (Raft 7).</summary>
    InstallingSnapshot,

    /// <summary>Its log journal has not confirmed all of its log: it stands only with what is durable.</summary>
    LogBeingWritten,

    /// <summary>Its term journal has not confirmed its vote: until then it asks nobody (Raft 5.2).</summary>
    VoteBeingWritten,

    /// <summary>It reads its journals, stops, or has stopped.</summary>
    TakesNoPart,
}

/// <summary>A node's campaign: whom it asked for votes, and what they answered (Raft 5.2; rehearsals: thesis 9.6).</summary>
/// <param name="IsRehearsal">Whether it only asked if it could win; else it stood.</param>
/// <param name="Term">The term in which it would lead.</param>
/// <param name="BeganAgo">How long ago it asked.</param>
/// <param name="Answers">One for each other voter, ordered by voter.</param>
public sealed record RaftCampaign(bool IsRehearsal, Term Term, TimeSpan BeganAgo, IReadOnlyList<RaftVoterAnswer> Answers);

/// <summary>What a voter said to a candidate.</summary>
/// <param name="Voter">Who.</param>
/// <param name="Answer">What.</param>
/// <param name="Term">The voter's term when it answered; zero if it did not.</param>
/// <param name="Ago">How long ago its answer came; null if it did not answer.</param>
public sealed record RaftVoterAnswer(NodeId Voter, RaftVoteAnswer Answer, Term Term, TimeSpan? Ago);

/// <summary>A voter's answer.</summary>
public enum RaftVoteAnswer
{
    /// <summary>None has come.</summary>
    NoAnswer,

    /// <summary>Yes.</summary>
    Granted,

    /// <summary>No: it is in a later term (Raft 5.1).</summary>
    StaleTerm,

    /// <summary>No: it has voted for another in this term (Raft 5.2).</summary>
    AlreadyVoted,

    /// <summary>No: its log is ahead of the candidate's (Raft 5.4.1).</summary>
    LogBehind,

    /// <summary>No: it hears a leader (thesis 4.2.3).</summary>
    LeaderAlive,

    /// <summary>No: it has no log, and the candidate has one that does not name this storage of it. It may have lost what it acknowledged.</summary>
    NotAdmitted,
}

/// <summary>What a leader knows of its entries that are not committed (Raft 5.3, 5.4.2).</summary>
/// <param name="NoOp">The index of its no-op, the first entry of its term: nothing is committed before that is.</param>
/// <param name="Stored">How far each voter's durable log is known to equal the leader's, the leader's own included; ordered by voter.</param>
/// <param name="OnMajority">The last entry that a majority stores; zero if there is none, or if it is compacted.</param>
/// <param name="MajorityHeardAgo">Since when less than a majority, the leader included, has been heard.</param>
public sealed record RaftCommitEvidence(LogIndex NoOp, IReadOnlyList<RaftVoterLog> Stored, EntryId OnMajority, TimeSpan MajorityHeardAgo)
{
    /// <summary>The first entry that is not committed; null if all are.</summary>
    public EntryId? FirstUncommitted { get; init; }

    /// <summary>
    /// How long that entry has been waiting at most: the lesser of its age, by the wall clocks of the leader that appended it and of this one, and of
    /// <see cref="CommitRoseAgo"/>. Null if all entries are committed.
    /// </summary>
    public TimeSpan? WaitingFor { get; init; }

    /// <summary>How long ago the node's commit index last rose; null if it has not since it joined.</summary>
    public TimeSpan? CommitRoseAgo { get; init; }
}

/// <summary>How much of the leader's log a voter is known to store.</summary>
/// <param name="Voter">Who.</param>
/// <param name="Index">Up to where.</param>
public sealed record RaftVoterLog(NodeId Voter, LogIndex Index);
