namespace AkkaRaft.Consensus;

/// <summary>
/// Why a node does not stand for election now: the conditions of <see cref="Clock.OnTick"/> and <see cref="Election.OnElectionTimeout"/>, asked without changing anything.
/// </summary>
internal static class ElectionObstacles
{
    public static RaftElectionObstacle Of(NodeState node, TimeSpan now)
    {
        if (node.Role == RaftRole.Leader) return RaftElectionObstacle.Leads;
        if (!node.MayCampaign) return RaftElectionObstacle.NotAVoter;
        if (node.IsRestoring) return RaftElectionObstacle.InstallingSnapshot;
        if (node.Role is RaftRole.PreCandidate or RaftRole.Candidate)
            return node.Vote.IsVoteDurable ? RaftElectionObstacle.None : RaftElectionObstacle.VoteBeingWritten;
        if (node.LeaderIsAlive) return RaftElectionObstacle.LeaderAlive;
        // Only a timer that has run out is held up by the disk (B12, B26).
        if (now < node.ElectionDeadline) return RaftElectionObstacle.TimerRunning;
        if (node.Log.IsWriting) return RaftElectionObstacle.LogBeingWritten;
        return node.Vote.IsVoteDurable ? RaftElectionObstacle.None : RaftElectionObstacle.VoteBeingWritten;
    }
}
