using AkkaRaft.Protocol;
using Google.Protobuf;

namespace AkkaRaft.Serialization;

/// <summary>A node's evidence of why there is no leader or no commit, as raft.proto has it.</summary>
internal static class ExplanationFormat
{
    public static IMessage Write(ExplainRequest m) => new Proto.NodeQuestion
    {
        Version = Checked.FormatVersion,
        Cluster = Checked.Cluster(m.Cluster.Value).Value,
        Group = Checked.Group(m.Group.Value).Value,
    };

    public static IMessage Write(ExplainReply m)
    {
        var told = m.Explanation;
        var written = new Proto.ExplainReply
        {
            Version = Checked.FormatVersion,
            Status = StatusFormat.Write(new StatusReply(told.Status)),
            Voters = { told.Voters.Select(voter => Checked.Node(voter.Value).Value) },
            Outgoing = { told.Outgoing.Select(voter => Checked.Node(voter.Value).Value) },
            Obstacle = Write(told.Obstacle),
            ElectionTimeoutMinUs = StatusFormat.Micros(told.ElectionTimeoutMin),
            ElectionTimeoutMaxUs = StatusFormat.Micros(told.ElectionTimeoutMax),
        };
        if (told.LastCampaign is { } campaign) written.Campaign = Write(campaign);
        if (told.Commit is { } commit) written.Commit = Write(commit);
        if (told.WhyStopped is { } why) written.WhyStopped = why;
        return written;
    }

    public static ExplainRequest ReadRequest(Proto.NodeQuestion m)
    {
        Checked.Version(m.Version);
        return new ExplainRequest(Checked.Cluster(m.Cluster), Checked.Group(m.Group));
    }

    public static ExplainReply Read(Proto.ExplainReply m)
    {
        Checked.Version(m.Version);
        return new ExplainReply(new RaftExplanation(StatusFormat.Read(Checked.Present(m.Status, "status")).Status)
        {
            Voters = [.. m.Voters.Select(Checked.Node)],
            Outgoing = [.. m.Outgoing.Select(Checked.Node)],
            Obstacle = Read(m.Obstacle),
            LastCampaign = m.Campaign is { } campaign ? Read(campaign) : null,
            Commit = m.Commit is { } commit ? Read(commit) : null,
            ElectionTimeoutMin = StatusFormat.Time(m.ElectionTimeoutMinUs),
            ElectionTimeoutMax = StatusFormat.Time(m.ElectionTimeoutMaxUs),
            WhyStopped = m.HasWhyStopped ? m.WhyStopped : null,
        });
    }

    static Proto.CampaignEvidence Write(RaftCampaign campaign) => new()
    {
        Rehearsal = campaign.IsRehearsal,
        Term = Checked.Term(campaign.Term.Value).Value,
        BeganUs = StatusFormat.Micros(campaign.BeganAgo),
        Answers = { campaign.Answers.Select(Write) },
    };

    static RaftCampaign Read(Proto.CampaignEvidence campaign) => new(
        campaign.Rehearsal, Checked.Term(campaign.Term), StatusFormat.Time(campaign.BeganUs), [.. campaign.Answers.Select(Read)]);

    static Proto.VoterAnswer Write(RaftVoterAnswer answer)
    {
        var written = new Proto.VoterAnswer
        {
            Voter = Checked.Node(answer.Voter.Value).Value,
            Answer = answer.Answer switch
            {
                RaftVoteAnswer.NoAnswer => Proto.VoteRefusal.Unspecified,
                RaftVoteAnswer.Granted => Proto.VoteRefusal.None,
                RaftVoteAnswer.StaleTerm => Proto.VoteRefusal.StaleTerm,
                RaftVoteAnswer.AlreadyVoted => Proto.VoteRefusal.AlreadyVoted,
                RaftVoteAnswer.LogBehind => Proto.VoteRefusal.LogBehind,
                RaftVoteAnswer.LeaderAlive => Proto.VoteRefusal.LeaderAlive,
                RaftVoteAnswer.NotAdmitted => Proto.VoteRefusal.NotAdmitted,
                _ => throw Checked.Bad($"there is no vote answer {answer.Answer}"),
            },
            Term = Checked.Term(answer.Term.Value).Value,
        };
        if (answer.Ago is { } ago) written.AgoUs = StatusFormat.Micros(ago);
        return written;
    }

    static RaftVoterAnswer Read(Proto.VoterAnswer answer) => new(
        Checked.Node(answer.Voter),
        answer.Answer switch
        {
            Proto.VoteRefusal.Unspecified => RaftVoteAnswer.NoAnswer,
            Proto.VoteRefusal.None => RaftVoteAnswer.Granted,
            Proto.VoteRefusal.StaleTerm => RaftVoteAnswer.StaleTerm,
            Proto.VoteRefusal.AlreadyVoted => RaftVoteAnswer.AlreadyVoted,
            Proto.VoteRefusal.LogBehind => RaftVoteAnswer.LogBehind,
            Proto.VoteRefusal.LeaderAlive => RaftVoteAnswer.LeaderAlive,
            Proto.VoteRefusal.NotAdmitted => RaftVoteAnswer.NotAdmitted,
            _ => throw Checked.Bad($"there is no vote answer {(int)answer.Answer}"),
        },
        Checked.Term(answer.Term),
        answer.HasAgoUs ? StatusFormat.Time(answer.AgoUs) : null);

    static Proto.CommitEvidence Write(RaftCommitEvidence commit)
    {
        var written = new Proto.CommitEvidence
        {
            NoOp = Checked.Index(commit.NoOp.Value, "no-op's index").Value,
            Stored = { commit.Stored.Select(log => new Proto.VoterLog { Voter = Checked.Node(log.Voter.Value).Value, Index = Checked.Index(log.Index.Value, "index").Value }) },
            OnMajority = EntryFormat.Write(commit.OnMajority),
            MajorityHeardUs = StatusFormat.Micros(commit.MajorityHeardAgo),
        };
        if (commit.FirstUncommitted is { } first) written.FirstUncommitted = EntryFormat.Write(first);
        if (commit.WaitingFor is { } waiting) written.WaitingUs = StatusFormat.Micros(waiting);
        if (commit.CommitRoseAgo is { } rose) written.CommitRoseUs = StatusFormat.Micros(rose);
        return written;
    }

    static RaftCommitEvidence Read(Proto.CommitEvidence commit) => new(
        Checked.Index(commit.NoOp, "no-op's index"), [.. commit.Stored.Select(log => new RaftVoterLog(Checked.Node(log.Voter), Checked.Index(log.Index, "index")))],
        EntryFormat.Read(commit.OnMajority, "entry on a majority"), StatusFormat.Time(commit.MajorityHeardUs))
    {
        FirstUncommitted = commit.FirstUncommitted is { } first ? EntryFormat.Read(first, "first uncommitted entry") : null,
        WaitingFor = commit.HasWaitingUs ? StatusFormat.Time(commit.WaitingUs) : null,
        CommitRoseAgo = commit.HasCommitRoseUs ? StatusFormat.Time(commit.CommitRoseUs) : null,
    };

    static Proto.ElectionObstacle Write(RaftElectionObstacle obstacle) => obstacle switch
    {
        RaftElectionObstacle.None => Proto.ElectionObstacle.None,
        RaftElectionObstacle.Leads => Proto.ElectionObstacle.Leads,
        RaftElectionObstacle.LeaderAlive => Proto.ElectionObstacle.LeaderAlive,
        RaftElectionObstacle.TimerRunning => Proto.ElectionObstacle.TimerRunning,
        RaftElectionObstacle.NotAVoter => Proto.ElectionObstacle.NotAVoter,
        RaftElectionObstacle.InstallingSnapshot => Proto.ElectionObstacle.InstallingSnapshot,
        RaftElectionObstacle.LogBeingWritten => Proto.ElectionObstacle.LogBeingWritten,
        RaftElectionObstacle.VoteBeingWritten => Proto.ElectionObstacle.VoteBeingWritten,
        RaftElectionObstacle.TakesNoPart => Proto.ElectionObstacle.TakesNoPart,
        _ => throw Checked.Bad($"there is no election obstacle {obstacle}"),
    };

    static RaftElectionObstacle Read(Proto.ElectionObstacle obstacle) => obstacle switch
    {
        Proto.ElectionObstacle.None => RaftElectionObstacle.None,
        Proto.ElectionObstacle.Leads => RaftElectionObstacle.Leads,
        Proto.ElectionObstacle.LeaderAlive => RaftElectionObstacle.LeaderAlive,
        Proto.ElectionObstacle.TimerRunning => RaftElectionObstacle.TimerRunning,
        Proto.ElectionObstacle.NotAVoter => RaftElectionObstacle.NotAVoter,
        Proto.ElectionObstacle.InstallingSnapshot => RaftElectionObstacle.InstallingSnapshot,
        Proto.ElectionObstacle.LogBeingWritten => RaftElectionObstacle.LogBeingWritten,
        Proto.ElectionObstacle.VoteBeingWritten => RaftElectionObstacle.VoteBeingWritten,
        Proto.ElectionObstacle.TakesNoPart => RaftElectionObstacle.TakesNoPart,
        _ => throw Checked.Bad($"there is no election obstacle {(int)obstacle}"),
    };
}
