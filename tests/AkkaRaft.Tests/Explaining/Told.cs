namespace AkkaRaft.Tests.Explaining;

/// <summary>What nodes of a group of three could have told, as short as a test likes to write it. Timeouts are 600 and 1200 ms.</summary>
internal static class Told
{
    public static readonly RaftSilentNode[] Nobody = [];

    public static NodeId Id(int node) => new($"{node}");

    public static TimeSpan Ms(double milliseconds) => TimeSpan.FromMilliseconds(milliseconds);

    public static RaftSilentNode Silent(int node) => new(Id(node), $"h:{node}");

    /// <summary>A follower that hears nobody and whose timer runs, unless the test says otherwise.</summary>
    public static RaftExplanation By(
        int node, RaftRole role = RaftRole.Follower, long term = 7, long last = 9, long lastTerm = 6, double? peersHeardMsAgo = 50, int voters = 3) => new(
        new RaftStatus(Id(node), role, new Term(term), null, Entry(last, lastTerm), new LogIndex(last), new LogIndex(5), new LogIndex(5))
        {
            Peers = [.. Enumerable.Range(1, voters).Where(other => other != node).Select(other =>
                new RaftPeerStatus(Id(other), $"h:{other}") { HeardAgo = peersHeardMsAgo is { } ago ? Ms(ago) : null })],
        })
    {
        Voters = [.. Enumerable.Range(1, voters).Select(Id)],
        Obstacle = RaftElectionObstacle.TimerRunning,
        ElectionTimeoutMin = Ms(600),
        ElectionTimeoutMax = Ms(1200),
    };

    /// <summary>A leader of term 7 with no-op 8, commit index 8, and a log that ends at 9/7.</summary>
    public static RaftExplanation ByLeader(int node = 1, double majorityHeardMsAgo = 20, double waitedMs = 5000, long commit = 8, long noOp = 8,
        (long Index, long Term)? onMajority = null, params long[] stored)
    {
        var told = By(node, RaftRole.Leader, last: 9, lastTerm: 7);
        return told with
        {
            Status = told.Status with { Leader = Id(node), CommitIndex = new LogIndex(commit) },
            Obstacle = RaftElectionObstacle.Leads,
            Commit = new RaftCommitEvidence(new LogIndex(noOp), [.. stored.Select((index, i) => new RaftVoterLog(Id(i + 1), new LogIndex(index)))],
                Entry(onMajority?.Index ?? 8, onMajority?.Term ?? 7), Ms(majorityHeardMsAgo))
            {
                FirstUncommitted = commit < 9 ? Entry(commit + 1, commit + 1 >= noOp ? 7 : 6) : null,
                WaitingFor = commit < 9 ? Ms(waitedMs) : null,
            },
        };
    }

    public static RaftExplanation Follows(this RaftExplanation told, int leader, double heardMsAgo = 40) => told with
    {
        Status = told.Status with { Leader = Id(leader), LeaderHeardAgo = Ms(heardMsAgo) }, Obstacle = RaftElectionObstacle.LeaderAlive,
    };

    public static RaftExplanation Asked(this RaftExplanation told, params (int Voter, RaftVoteAnswer Answer)[] answers) => told with
    {
        Obstacle = RaftElectionObstacle.None,
        LastCampaign = new RaftCampaign(true, told.Status.Term.Next, Ms(300),
            [.. answers.Select(a => new RaftVoterAnswer(Id(a.Voter), a.Answer, new Term(7), a.Answer == RaftVoteAnswer.NoAnswer ? null : Ms(290)))]),
    };

    public static RaftExplanation WithPeer(this RaftExplanation told, int node, Func<RaftPeerStatus, RaftPeerStatus> change) => told with
    {
        Status = told.Status with { Peers = [.. told.Status.Peers.Select(peer => peer.Node == Id(node) ? change(peer) : peer)] },
    };

    public static RaftExplanation With(this RaftExplanation told, Func<RaftStatus, RaftStatus> change) => told with { Status = change(told.Status) };

    static EntryId Entry(long index, long term) => new(new LogIndex(index), new Term(term));
}
