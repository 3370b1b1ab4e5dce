namespace AkkaRaft;

/// <summary>Why is there no leader, and why is nothing committed: what the evidence of all nodes of a group says together.</summary>
/// <param name="NoLeader">The first question's answer.</param>
/// <param name="CommitStuck">The second question's answer.</param>
/// <param name="Explanations">What the nodes said that answered, ordered by node.</param>
/// <param name="Silent">The nodes that did not, ordered by node.</param>
public sealed record RaftDiagnosis(
    RaftAnswer NoLeader, RaftAnswer CommitStuck, IReadOnlyList<RaftExplanation> Explanations, IReadOnlyList<RaftSilentNode> Silent)
{
    /// <summary>Whether there is a leader, and what it has is committed, or on its way.</summary>
    public bool IsWell => NoLeader.Findings.Count == 0 && CommitStuck.Findings.Count == 0;
}

/// <summary>The answer to a question.</summary>
/// <param name="Verdict">In one sentence.</param>
/// <param name="Findings">The causes, the weightiest first; none if there is no trouble.</param>
public sealed record RaftAnswer(string Verdict, IReadOnlyList<RaftFinding> Findings);

/// <summary>One cause of a trouble.</summary>
/// <param name="Cause">Which.</param>
/// <param name="Verdict">In one sentence, with what to do if anything can be done.</param>
/// <param name="Evidence">What it follows from; at least one.</param>
public sealed record RaftFinding(RaftCause Cause, string Verdict, IReadOnlyList<RaftEvidence> Evidence);

/// <summary>A fact.</summary>
/// <param name="Node">The node that it is about.</param>
/// <param name="Fact">What is the case.</param>
public sealed record RaftEvidence(NodeId Node, string Fact);

/// <summary>A node that did not answer in time.</summary>
/// <param name="Node">Which one.</param>
/// <param name="Address">Where it was asked, <c>host:port</c>.</param>
public sealed record RaftSilentNode(NodeId Node, string Address);

/// <summary>What keeps a group from having a leader, or a leader from committing.</summary>
public enum RaftCause
{
    /// <summary>Fewer voters than a majority are up and can be reached (Raft 5.2).</summary>
    NoMajority,

    /// <summary>A leader was cut off from the majority, and is about to step down (thesis 6.2).</summary>
    LeaderCutOff,

    /// <summary>There is a leader, as others hear it; only whoever asks here does not reach it.</summary>
    LeaderNotReachedFromHere,

    /// <summary>Voters are up, but do not answer each other: the network between them is cut, or an address is wrong.</summary>
    VotersDoNotHearEachOther,

    /// <summary>Voters still hear a leader that others do not hear, and refuse to replace it (thesis 4.2.3).</summary>
    VotersHearALeader,

    /// <summary>A candidate's log is behind its voters' (Raft 5.4.1).</summary>
    LogBehind,

    /// <summary>A voter has no log, and is not named by its storage in the log of who asks: what it once acknowledged may be lost.</summary>
    VoterHasLostItsLog,

    /// <summary>The votes of a term were split between candidates (Raft 5.2).</summary>
    VotesSplit,

    /// <summary>A candidate's term was over before it stood (Raft 5.1).</summary>
    TermOver,

    /// <summary>A node has stopped because it could not go on, or was told to.</summary>
    NodeStopped,

    /// <summary>A node reads its journals, or waits until they can be opened again.</summary>
    NodeRecovering,

    /// <summary>A node gets a snapshot, and does not stand for election meanwhile (Raft 7).</summary>
    NodeInstallsSnapshot,

    /// <summary>A node does not vote (Raft 6).</summary>
    NodeIsNoVoter,

    /// <summary>A disk does not confirm what it was given to write.</summary>
    DiskPending,

    /// <summary>Nothing is wrong: the election is under way, or its timer runs.</summary>
    ElectionUnderWay,

    /// <summary>There is no leader, who alone can commit (Raft 5.3).</summary>
    NoLeader,

    /// <summary>Less than a majority stores the entry (Raft 5.3).</summary>
    NotOnMajority,

    /// <summary>A voter does not answer the leader.</summary>
    VoterUnreachable,

    /// <summary>A voter needs entries that are compacted, and is sent a snapshot (Raft 7).</summary>
    VoterNeedsSnapshot,

    /// <summary>A voter answers the leader, and is behind.</summary>
    VoterLags,

    /// <summary>A majority stores entries of an earlier term, which are committed only with one of the leader's own (Raft 5.4.2, figure 8).</summary>
    EarlierTermOnly,

    /// <summary>The leader's no-op is not committed yet: until then it commits and reads nothing (Raft 8).</summary>
    NoOpNotCommitted,
}
