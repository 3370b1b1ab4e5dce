using AkkaRaft.Consensus;

namespace AkkaRaft.Protocol;

/// <summary>Client to leader: make the group consist of these members (Raft 6). Answered by <see cref="MembershipReply"/>.</summary>
/// <param name="Cluster">The cluster that is meant.</param>
/// <param name="Group">The group that is meant.</param>
/// <param name="RequestId">The client actor's number for it; the reply repeats it.</param>
/// <param name="Voters">All who shall vote.</param>
/// <param name="Learners">All who shall learn and not vote.</param>
/// <param name="Expected">The index of the configuration that is meant to be changed.</param>
internal sealed record MembershipRequest(
    ClusterId Cluster, GroupId Group, long RequestId, IReadOnlyList<Member> Voters, IReadOnlyList<Member> Learners, LogIndex Expected) : IRaftWireMessage
{
    public JointUse Joint { get; init; }

    /// <summary>Whether a majority may be nodes that are not there yet, or lack the log.</summary>
    public bool Force { get; init; }
}

/// <summary>Node to client: how it ended.</summary>
/// <param name="From">The node that was asked.</param>
/// <param name="Leader">Whom it takes for the leader now.</param>
/// <param name="RequestId">Which request.</param>
/// <param name="Outcome">How.</param>
/// <param name="Index">The index of the configuration in force.</param>
/// <param name="Why">Why it did not work, for people.</param>
internal sealed record MembershipReply(NodeId From, LeaderHint Leader, long RequestId, MembershipOutcome Outcome, LogIndex Index, string Why) : IRaftWireMessage;
