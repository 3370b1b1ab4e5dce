namespace AkkaRaft.Consensus;

/// <summary>Elections: standing, voting, counting (Raft 5.2, 5.4.1; pre-vote: thesis 9.6).</summary>
internal static class Election
{
    /// <summary>No leader was heard in time (Raft 5.2), or somebody asks for an election.</summary>
    public static void OnElectionTimeout(NodeState node, Effects effects)
    {
        // A timer runs out when the promise to the leader is over; whoever is asked to stand earlier waits for that too.
        if (node.LeaderIsAlive) return;
        // A leader that is silent for so long sends no more of its snapshot; a machine that begins anew is another matter.
        SnapshotReceiving.Abandon(node, effects);
        if (!node.MayCampaign || node.IsRestoring)
        {
            node.RestartElectionTimer();
            return;
        }

        // While writes are under way the log that we would stand with is not the durable one (B12, B26). The deadline has passed, so the next tick
        // tries again; a node whose disk hangs never gets further than this.
        if (node.Log.IsWriting || !node.Vote.IsVoteDurable) return;

        RoleChanges.BecomePreCandidate(node, $"no leader was heard in term {node.Term}", effects);
        Count(node, node.Self, granted: true);
        AskVoters(node, ElectionKind.PreVote, effects);
        Decide(node, effects);
    }

    /// <summary>Voter's half (Raft 5.2, 5.4.1).</summary>
    public static void OnVoteRequest(NodeState node, VoteRequest request, Effects effects)
    {
        var refusal = RefusalOf(node, request);
        if (refusal == VoteRefusal.None && request.Kind == ElectionKind.Vote)
        {
            Grant(node, request, effects);
            if (!node.Vote.IsVoteDurable) return;   // OnVoteDurable answers
        }

        effects.Send(request.From, new VoteReply(node.Self, node.Term, request.Kind, request.Round, refusal)
        {
            CandidateIsRemoved = refusal != VoteRefusal.None && Retirement.IsRemoved(node, request),
        });
    }

    /// <summary>
    /// A vote request brought the term that is not durable yet: term and vote then go to the journal in one write. Anything but a grant has to wait.
    /// </summary>
    public static bool TryGrantInNewTerm(NodeState node, VoteRequest request, Effects effects)
    {
        if (request.Kind != ElectionKind.Vote || RefusalOf(node, request) != VoteRefusal.None) return false;
        Grant(node, request, effects);
        return true;
    }

    /// <summary>The journal has this term and vote: now, and not before, the vote may be announced (B01).</summary>
    public static void OnVoteDurable(NodeState node, Effects effects)
    {
        if (!node.Vote.IsVoteDurable || node.Vote.VotedFor is not { } votedFor) return;
        if (votedFor != node.Self)
        {
            effects.Send(votedFor, new VoteReply(node.Self, node.Term, ElectionKind.Vote, node.GrantedRound, VoteRefusal.None));
        }
        else if (node.Role == RaftRole.Candidate && node.VotesGranted.Count == 0)
        {
            Count(node, node.Self, granted: true);
            AskVoters(node, ElectionKind.Vote, effects);
            Decide(node, effects);
        }
    }

    /// <summary>Candidate's half: a set of voters for this very campaign (B06, B07).</summary>
    public static void OnVoteReply(NodeState node, VoteReply reply, Effects effects)
    {
        node.LastCampaign?.Note(reply, node.Now.Monotonic);
        var expected = node.Role switch
        {
            RaftRole.PreCandidate => ElectionKind.PreVote,
            RaftRole.Candidate => ElectionKind.Vote,
            _ => (ElectionKind?)null,
        };
        if (reply.Kind != expected || reply.Round != node.CampaignRound) return;
        if (reply.CandidateIsRemoved)
        {
            node.WasToldRemoved = true;
            RoleChanges.BecomeFollower(node, node.Term, $"node {reply.From} says that it was removed", effects);
            return;
        }

        if (reply.Kind == ElectionKind.Vote && reply.Granted && reply.Term != node.Term) return;
        if (Identities.IsOfAnother(node, reply)) return;

        Count(node, reply.From, reply.Granted);
        Decide(node, effects);
    }

    static VoteRefusal RefusalOf(NodeState node, VoteRequest request)
    {
        // A voter answers whoever asks; whether the asker, or it itself, is a member is the configuration's business, and that may not have
        // reached it yet (thesis 4.1; B22, B23).
        var over = request.Kind == ElectionKind.PreVote ? request.ElectionTerm <= node.Term : request.Term < node.Term;
        if (over) return VoteRefusal.StaleTerm;
        if (node.LeaderIsAlive && !request.IsTransfer) return VoteRefusal.LeaderAlive;
        if (!Identities.MayVote(node, request) || Identities.IsOfAnother(node, request)) return VoteRefusal.NotAdmitted;
        if (request.Kind == ElectionKind.Vote && node.Vote.VotedFor is { } votedFor && votedFor != request.From) return VoteRefusal.AlreadyVoted;
        return request.LastEntry.IsAtLeastAsUpToDateAs(node.Log.Last) ? VoteRefusal.None : VoteRefusal.LogBehind;
    }

    static void Grant(NodeState node, VoteRequest request, Effects effects)
    {
        // Who gives its vote away no longer wants an election itself.
        if (node.Role == RaftRole.PreCandidate) RoleChanges.BecomeFollower(node, node.Term, $"it votes for node {request.From}", effects);
        Invariant.Holds(node.Role == RaftRole.Follower);
        node.Vote.Give(request.From);
        node.GrantedRound = request.Round;
        node.RestartElectionTimer();
    }

    static void AskVoters(NodeState node, ElectionKind kind, Effects effects)
    {
        Invariant.Holds(!node.Log.IsWriting);
        var term = kind == ElectionKind.PreVote ? node.Term.Next : node.Term;
        node.LastCampaign = new CampaignRecord(kind, term, node.CampaignRound, node.Now.Monotonic, [.. node.Quorum.Voters.Where(voter => voter != node.Self)]);
        foreach (var voter in node.Quorum.Voters)
        {
            if (voter != node.Self)
            {
                effects.Send(voter, new VoteRequest(node.Self, node.Term, kind, node.CampaignRound, node.Log.Last)
                {
                    IsTransfer = node.CampaignIsTransfer,
                    VoterStorage = node.Configuration.Find(voter)?.Storage,
                });
            }
        }
    }

    static void Count(NodeState node, NodeId voter, bool granted) => (granted ? node.VotesGranted : node.VotesRefused).Add(voter);

    static void Decide(NodeState node, Effects effects)
    {
        switch (node.Quorum.Count(node.VotesGranted, node.VotesRefused))
        {
            case VoteOutcome.Won when node.Role == RaftRole.PreCandidate:
                RoleChanges.BecomeCandidate(node, "a majority would vote for it", effects);
                break;
            case VoteOutcome.Won:
                RoleChanges.BecomeLeader(node, $"a majority voted for it: {string.Join(", ", node.VotesGranted)}", effects);
                break;
            case VoteOutcome.Lost:
                RoleChanges.BecomeFollower(node, node.Term, "a majority would not vote for it", effects);
                break;
            case VoteOutcome.Pending:
                break;
        }
    }
}
