using AkkaRaft.Consensus;

namespace AkkaRaft.Node;

/// <summary>A node's evidence for those who ask why there is no leader, or why nothing is committed. Pure: what its rules know.</summary>
internal static class ExplanationReport
{
    public static RaftExplanation Of(RaftStatus status, NodeState state, Instant now) => new(status)
    {
        Voters = state.Quorum.Majorities[0].Voters,
        Outgoing = state.Configuration.Outgoing,
        Obstacle = ElectionObstacles.Of(state, now.Monotonic),
        LastCampaign = state.LastCampaign is { } campaign ? CampaignOf(campaign, now.Monotonic) : null,
        Commit = state.Leadership is { } leader ? CommitOf(state, leader, now) : null,
        ElectionTimeoutMin = state.Options.ElectionTimeoutMin,
        ElectionTimeoutMax = state.Options.ElectionTimeoutMax,
    };

    static RaftCampaign CampaignOf(CampaignRecord campaign, TimeSpan now) => new(
        campaign.Kind == ElectionKind.PreVote, campaign.Term, now - campaign.Began,
        [.. campaign.Asked.Select(voter => campaign.Answers.TryGetValue(voter, out var answer)
            ? new RaftVoterAnswer(voter, AnswerOf(answer.Refusal), answer.Term, now - answer.At)
            : new RaftVoterAnswer(voter, RaftVoteAnswer.NoAnswer, Term.Zero, null))]);

    static RaftVoteAnswer AnswerOf(VoteRefusal refusal) => refusal switch
    {
        VoteRefusal.None => RaftVoteAnswer.Granted,
        VoteRefusal.StaleTerm => RaftVoteAnswer.StaleTerm,
        VoteRefusal.AlreadyVoted => RaftVoteAnswer.AlreadyVoted,
        VoteRefusal.LogBehind => RaftVoteAnswer.LogBehind,
        VoteRefusal.LeaderAlive => RaftVoteAnswer.LeaderAlive,
        VoteRefusal.NotAdmitted => RaftVoteAnswer.NotAdmitted,
        _ => throw new ArgumentOutOfRangeException(nameof(refusal), refusal, "There is no such refusal."),
    };

    static RaftCommitEvidence CommitOf(NodeState state, LeaderState leader, Instant now)
    {
        var onMajority = state.Quorum.ReachedByMajority(voter => leader.StoredBy(state, voter), LogIndex.Zero);
        var evidence = new RaftCommitEvidence(
            leader.FirstIndex, [.. state.Quorum.Voters.Select(voter => new RaftVoterLog(voter, leader.StoredBy(state, voter)))],
            state.Log.TryGetId(onMajority, out var stored) ? stored : EntryId.Zero, now.Monotonic - Clock.MajorityHeard(state))
        {
            CommitRoseAgo = now.Monotonic - state.LastCommit,
        };
        if (state.CommitIndex >= state.Log.Last.Index) return evidence;

        var first = state.Log[state.CommitIndex.Next];
        // Not by the entry's own time: that is a wall clock's, and held back from ever falling.
        var age = now.Monotonic - leader.WaitingSince;
        return evidence with { FirstUncommitted = first.Id, WaitingFor = evidence.CommitRoseAgo is { } rose && rose < age ? rose : age };
    }
}
