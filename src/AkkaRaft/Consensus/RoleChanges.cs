namespace AkkaRaft.Consensus;

/// <summary>The only places that change the role (Raft figure 4). A transition that the paper does not know is a bug and stops the node.</summary>
internal static class RoleChanges
{
    /// <summary>
    /// Follow: a later term was seen, or this term's leader, or an election was lost, or leading has ended (Raft 5.1, 5.2). The election timer keeps
    /// running unless this node led: only a grant or a valid leader restarts it (B13).
    /// </summary>
    public static void BecomeFollower(NodeState node, Term term, string reason, Effects effects)
    {
        Invariant.Holds(term >= node.Term);
        var wasLeading = node.Leadership;
        var termRose = term > node.Term;
        if (termRose)
        {
            node.Vote.Raise(term);
            ForgetTermKnowledge(node);
            SnapshotReceiving.Abandon(node, effects);
        }

        node.Leadership = null;
        node.VotesGranted.Clear();
        node.VotesRefused.Clear();
        if (wasLeading is not null)
        {
            node.RestartElectionTimer();
            node.LeaderContact = node.Now.Monotonic;
        }

        ChangeRole(node, RaftRole.Follower, reason, effects);

        // The new term's leader is not known yet; and who stepped down must not protect itself from votes (B19).
        if (termRose || wasLeading is not null) ChangeLeader(node, null, effects);
        if (wasLeading is null) return;
        ReadIndex.RefuseAll(wasLeading, effects);
        LeadershipTransfer.OnLeadershipLost(wasLeading, termRose, effects);
        Membership.OnLeadershipLost(node, wasLeading, effects);
    }

    /// <summary>Ask first whether an election could be won (thesis 9.6). Nothing durable changes (B04).</summary>
    public static void BecomePreCandidate(NodeState node, string reason, Effects effects)
    {
        StartCampaign(node);
        ChangeRole(node, RaftRole.PreCandidate, reason, effects);
        ChangeLeader(node, null, effects);
    }

    /// <summary>Stand for election: a new term, and one's own vote in it (Raft 5.2).</summary>
    public static void BecomeCandidate(NodeState node, string reason, Effects effects)
    {
        Invariant.Holds(node.Role == RaftRole.PreCandidate);
        Stand(node, reason, effects);
    }

    /// <summary>Stand for election because the leader asked for it (thesis 3.10): there is no need to ask first whether it could be won.</summary>
    public static void BecomeCandidateByTransfer(NodeState node, string reason, Effects effects)
    {
        Invariant.Holds(node.Role == RaftRole.Follower);
        Stand(node, reason, effects);
        node.CampaignIsTransfer = true;
        ChangeLeader(node, null, effects);
    }

    static void Stand(NodeState node, string reason, Effects effects)
    {
        StartCampaign(node);
        node.Vote.Raise(node.Term.Next);
        node.Vote.Give(node.Self);
        ForgetTermKnowledge(node);
        ChangeRole(node, RaftRole.Candidate, reason, effects);
    }

    /// <summary>Lead: a majority gave its votes of this term (Raft 5.2), and only one candidate can have that.</summary>
    public static void BecomeLeader(NodeState node, string reason, Effects effects)
    {
        Invariant.Holds(node.Role == RaftRole.Candidate && node.Vote.IsVoteDurable && node.Vote.VotedFor == node.Self);
        var next = node.Log.Last.Index.Next;
        node.FruitlessCampaigns = 0;
        node.Leadership = new LeaderState { FirstIndex = next, NextHeartbeat = node.Now.Monotonic + node.Options.HeartbeatInterval };
        LeaderReplication.FollowConfiguration(node, node.Leadership, next);
        ChangeRole(node, RaftRole.Leader, reason, effects);
        ChangeLeader(node, node.Self, effects);

        // Earlier terms' entries are committed only together with one of this term (Raft 5.4.2, 8).
        var noOp = new NoOpEntry(new EntryId(next, node.Term), Proposals.Stamp(node));
        LeaderReplication.Append(node, Identities.FirstEntries(node, noOp), effects);
    }

    /// <summary>Another leader of this term is known, or none.</summary>
    public static void ChangeLeader(NodeState node, NodeId? leader, Effects effects)
    {
        if (node.Leader == leader) return;
        node.Leader = leader;
        effects.Add(new LeaderChanged(node.Term, leader));
        FollowerReads.OnLeaderChanged(node, effects);
    }

    static void StartCampaign(NodeState node)
    {
        node.CampaignRound++;
        node.CampaignIsTransfer = false;
        node.FruitlessCampaigns++;
        node.VotesGranted.Clear();
        node.VotesRefused.Clear();
        node.RestartElectionTimer();
    }

    /// <summary>What was learned from one term's leader says nothing about the next one's.</summary>
    static void ForgetTermKnowledge(NodeState node)
    {
        node.Verified = LogIndex.Zero;
        node.LeaderCommit = LogIndex.Zero;
        node.LastRound = 0;
    }

    static void ChangeRole(NodeState node, RaftRole to, string reason, Effects effects)
    {
        var from = node.Role;
        var legal = (from, to) switch
        {
            (_, RaftRole.Follower) => true,
            (RaftRole.Follower or RaftRole.PreCandidate or RaftRole.Candidate, RaftRole.PreCandidate) => true,
            (RaftRole.PreCandidate, RaftRole.Candidate) => true,
            (RaftRole.Follower, RaftRole.Candidate) => true,   // when the leader hands over (thesis 3.10)
            (RaftRole.Candidate, RaftRole.Leader) => true,
            _ => false,
        };
        if (!legal) Invariant.Broken($"a {from} cannot become a {to}");
        node.Role = to;
        effects.Add(new RoleChanged(from, to, node.Term, reason));
    }
}
