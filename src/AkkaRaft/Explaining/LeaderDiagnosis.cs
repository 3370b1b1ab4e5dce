namespace AkkaRaft;

/// <summary>Why is there no leader? The rules of elections (Raft 5.2, 5.4.1; thesis 4.2.3, 6.2, 9.6), read from the nodes' evidence.</summary>
internal static class LeaderDiagnosis
{
    public static RaftAnswer Of(GroupEvidence group)
    {
        if (group.Leader is { } leader)
        {
            var heard = leader.Commit!.MajorityHeardAgo;
            if (heard <= leader.ElectionTimeoutMin) return new RaftAnswer(Leads(group, leader), []);
            var verdict = $"Node {leader.Status.Node} leads term {leader.Status.Term} but has lost the majority; it will step down.";
            return new RaftAnswer(verdict, [CutOff(leader, heard), .. NoMajority(group), .. HeldUp(group)]);
        }

        if (UnreachedLeader(group) is { } unreached) return new RaftAnswer($"Node {unreached.Leader} leads, but cannot be reached from here.", [unreached.Finding]);

        List<RaftFinding> findings = [.. NoMajority(group), .. HeldUp(group), .. Refused(group)];
        if (findings.Count == 0) findings.Add(UnderWay(group));
        return new RaftAnswer("There is no leader.", findings);
    }

    static string Leads(GroupEvidence group, RaftExplanation leader)
    {
        var missing = group.Voters.Where(voter => !group.Active.Any(active => active.Status.Node == voter)).ToList();
        var said = $"There is a leader: node {leader.Status.Node}, of term {leader.Status.Term}.";
        return missing.Count == 0 ? said : $"{said} Of {group.Voters.Count} voters, {Diagnosis.Nodes(missing)} {(missing.Count == 1 ? "takes" : "take")} no part.";
    }

    static RaftFinding CutOff(RaftExplanation leader, TimeSpan heard) => new(RaftCause.LeaderCutOff,
        $"A leader that hears no majority for {Diagnosis.In(leader.ElectionTimeoutMax)} steps down, so that others can lead.",
        [new RaftEvidence(leader.Status.Node, $"has not heard a majority of {Majority(leader)} for {Diagnosis.In(heard)}"),
            .. leader.Status.Peers.Where(peer => leader.Quorum.Contains(peer.Node) && !(peer.HeardAgo <= leader.ElectionTimeoutMin)).Select(peer =>
                new RaftEvidence(peer.Node, peer.HeardAgo is { } ago ? $"was heard by the leader {Diagnosis.In(ago)} ago" : "was never heard by the leader"))]);

    // The set of voters that lacks one, by who was heard.
    static string Majority(RaftExplanation leader)
    {
        var lacking = leader.Quorum.Lacking(voter => voter == leader.Status.Node
            || leader.Status.Peers.Any(peer => peer.Node == voter && peer.HeardAgo <= leader.ElectionTimeoutMin)) ?? leader.Quorum.Majorities[0];
        return $"{lacking.Size} of {lacking.Voters.Length} voters";
    }

    static (NodeId Leader, RaftFinding Finding)? UnreachedLeader(GroupEvidence group)
    {
        var followers = group.Active.Where(a => a.Obstacle == RaftElectionObstacle.LeaderAlive && a.Status.Leader is { } leader && group.IsSilent(leader)).ToList();
        if (followers.Count == 0) return null;
        var named = followers.MaxBy(follower => follower.Status.Term)!.Status.Leader!.Value;
        if (!group.Quorum.Holds(voter => voter == named || followers.Exists(follower => follower.Status.Node == voter))) return null;
        return (named, new RaftFinding(RaftCause.LeaderNotReachedFromHere,
            $"Node {named} leads a majority; the network between here and it is cut, or it calls itself by another address.",
            [.. group.SilenceOf(named), .. followers.Select(follower => new RaftEvidence(follower.Status.Node,
                $"follows node {named} of term {follower.Status.Term}{(follower.Status.LeaderHeardAgo is { } ago ? $", heard {Diagnosis.In(ago)} ago" : "")}"))]));
    }

    static IEnumerable<RaftFinding> NoMajority(GroupEvidence group)
    {
        var active = group.Active.Select(answer => answer.Status.Node).ToList();
        if (group.Quorum.Lacking(active.Contains) is not { } lacking) yield break;
        var missing = lacking.Voters.Except(active).ToList();
        var there = lacking.Voters.Length - missing.Count;
        yield return new RaftFinding(RaftCause.NoMajority,
            $"Of {lacking.Voters.Length} voters {lacking.Size} are needed, and {there} {(there == 1 ? "takes" : "take")} part. Start {Diagnosis.Nodes(missing)} again, or mend the way there.",
            [.. missing.SelectMany(voter => group.Of(voter) is { } inactive ? [new RaftEvidence(voter, Inactive(inactive))] : group.SilenceOf(voter))]);
    }

    static string Inactive(RaftExplanation answer) => answer switch
    {
        { WhyStopped: { } why } => why,
        { Status.Role: RaftRole.Stopping } => "is stopping",
        _ => answer.Status.Journal.Failures > 0
            ? $"opens its journals again after {answer.Status.Journal.Failures} failures"
            : $"reads its journals{(answer.Status.Uptime is { } up ? $", up for {Diagnosis.In(up)}" : "")}",
    };

    /// <summary>Nodes that do not stand, for a reason of their own.</summary>
    static IEnumerable<RaftFinding> HeldUp(GroupEvidence group)
    {
        var stopped = group.Answers.Where(a => a.WhyStopped is not null || a.Status.Role == RaftRole.Stopping).ToList();
        if (stopped.Count > 0) yield return Finding(RaftCause.NodeStopped, $"{Subject(stopped)} stopped: mend the cause and start again.", stopped, Inactive);

        var recovering = group.Answers.Where(a => a.WhyStopped is null && a.Status.Role == RaftRole.Recovering).ToList();
        if (recovering.Count > 0) yield return Finding(RaftCause.NodeRecovering, $"{Subject(recovering)} not joined yet.", recovering, Inactive);

        var installing = With(group, RaftElectionObstacle.InstallingSnapshot);
        if (installing.Count > 0)
            yield return Finding(RaftCause.NodeInstallsSnapshot, "Who gets a snapshot does not stand for election until it has it.", installing, Installing);

        var strangers = With(group, RaftElectionObstacle.NotAVoter);
        if (strangers.Count > 0)
            yield return Finding(RaftCause.NodeIsNoVoter, "Who has no vote does not stand for election.", strangers, a => $"is none of its voters {Diagnosis.Names(a.Voters)}");

        List<RaftExplanation> writing = [.. With(group, RaftElectionObstacle.LogBeingWritten), .. With(group, RaftElectionObstacle.VoteBeingWritten)];
        if (writing.Count > 0)
            yield return Finding(RaftCause.DiskPending, "A node stands, and votes, only with what its disk has confirmed. See whether the disk is slow, full or hangs.", writing, Writing);
    }

    static string Installing(RaftExplanation answer) => answer.Status.Snapshot switch
    {
        { Receiving: { } coming } => $"has stored {coming.Stored} of {coming.Total} bytes of a snapshot from node {coming.Peer}",
        _ => "restores its state machine from a snapshot",
    };

    static string Writing(RaftExplanation answer) => answer.Obstacle == RaftElectionObstacle.VoteBeingWritten
        ? $"waits for its term journal to confirm its vote, a write of term {answer.Status.Term} or later"
        : $"waits for its log journal: {answer.Status.LastEntry.Index - answer.Status.DurableIndex} entries above index {answer.Status.DurableIndex} are not durable"
            + (answer.Status.Journal.WritingFor is { } time ? $", the oldest write under way for {Diagnosis.In(time)}" : "");

    /// <summary>What candidates were answered, by the rule that refused them.</summary>
    static IEnumerable<RaftFinding> Refused(GroupEvidence group)
    {
        var asked = group.Active.Where(a => a.Obstacle is not RaftElectionObstacle.LeaderAlive && a.LastCampaign is { } c && c.BeganAgo <= 4 * a.ElectionTimeoutMax)
            .SelectMany(a => a.LastCampaign!.Answers.Select(answer => (Candidate: a, Answer: answer))).ToList();

        // An answer may still be under way: only what is older than a timeout is none.
        var unheard = asked.Where(x => x.Answer.Answer == RaftVoteAnswer.NoAnswer && group.Active.Any(a => a.Status.Node == x.Answer.Voter)
            && x.Candidate.LastCampaign!.BeganAgo > x.Candidate.ElectionTimeoutMin / 4).ToList();
        if (unheard.Count > 0)
        {
            yield return new RaftFinding(RaftCause.VotersDoNotHearEachOther,
                "Nodes that answer here do not answer each other: the network between them is cut, or an address in their list of members is not the one by which a node calls itself.",
                [.. unheard.Select(x => new RaftEvidence(x.Candidate.Status.Node, $"asked node {x.Answer.Voter} for its vote {Asked(x.Candidate)} and got no answer{HeardBy(x.Candidate, x.Answer.Voter)}"))]);
        }

        foreach (var (answer, cause, verdict) in s_rules)
        {
            var refused = asked.Where(x => x.Answer.Answer == answer).ToList();
            if (refused.Count == 0) continue;
            yield return new RaftFinding(cause, verdict, [.. refused.Select(x => new RaftEvidence(x.Candidate.Status.Node,
                $"asked node {x.Answer.Voter} for its vote {Asked(x.Candidate)} and was refused: {Why(group, x.Candidate, x.Answer)}"))]);
        }
    }

    static readonly (RaftVoteAnswer Answer, RaftCause Cause, string Verdict)[] s_rules =
    [
        (RaftVoteAnswer.LeaderAlive, RaftCause.VotersHearALeader, "Voters still hear a leader that the candidate does not hear, and do not replace it (thesis 4.2.3)."),
        (RaftVoteAnswer.LogBehind, RaftCause.LogBehind, "A candidate whose log is behind its voters' cannot win; one of those that are ahead has to stand (Raft 5.4.1)."),
        (RaftVoteAnswer.AlreadyVoted, RaftCause.VotesSplit, "The votes of a term went to several candidates; the next term decides (Raft 5.2)."),
        (RaftVoteAnswer.NotAdmitted, RaftCause.VoterHasLostItsLog,
            "A voter has no log and may have lost it: it votes for those only whose log names its storage. Start the other voters; if its disk was wiped, remove it and add it again."),
        (RaftVoteAnswer.StaleTerm, RaftCause.TermOver, "A candidate stood in a term that was over; it knows the later one now, and stands again (Raft 5.1)."),
    ];

    static string Why(GroupEvidence group, RaftExplanation candidate, RaftVoterAnswer answer)
    {
        var voter = group.Of(answer.Voter)?.Status;
        return answer.Answer switch
        {
            RaftVoteAnswer.LeaderAlive => $"it heard {(voter?.Leader is { } leader ? $"node {leader}" : "a leader")}, in term {answer.Term}",
            RaftVoteAnswer.LogBehind => $"its log is ahead of {candidate.Status.LastEntry}{(voter is not null ? $"; it ends at {voter.LastEntry}" : "")}",
            RaftVoteAnswer.NotAdmitted => $"it has no log, and the candidate's, which ends at {candidate.Status.LastEntry}, does not name its storage",
            RaftVoteAnswer.AlreadyVoted => $"it had voted for another in term {answer.Term}",
            _ => $"it was in term {answer.Term}",
        };
    }

    static string Asked(RaftExplanation candidate) =>
        $"{(candidate.LastCampaign!.IsRehearsal ? "(a rehearsal) " : "")}in term {candidate.LastCampaign.Term}, {Diagnosis.In(candidate.LastCampaign.BeganAgo)} ago,";

    static string HeardBy(RaftExplanation candidate, NodeId voter) => candidate.Status.Peers.FirstOrDefault(peer => peer.Node == voter) switch
    {
        null => "",
        { HeardAgo: { } ago } => $"; it heard node {voter} last {Diagnosis.In(ago)} ago",
        _ => $"; it never heard node {voter} since it started",
    };

    static RaftFinding UnderWay(GroupEvidence group) => new(RaftCause.ElectionUnderWay,
        "Nothing is wrong: an election is under way, or an election timer runs. Ask again after an election timeout.",
        [.. group.Active.Select(a => new RaftEvidence(a.Status.Node, a.Obstacle switch
        {
            RaftElectionObstacle.LeaderAlive => $"heard node {a.Status.Leader} {(a.Status.LeaderHeardAgo is { } ago ? $"{Diagnosis.In(ago)} ago" : "just now")}",
            RaftElectionObstacle.None => $"asks for votes in term {a.LastCampaign?.Term ?? a.Status.Term}",
            _ => $"is {Words(a.Status.Role)} in term {a.Status.Term}; its election timer runs",
        }))]);

    static string Words(RaftRole role) => role switch
    {
        RaftRole.PreCandidate => "a pre-candidate",
        RaftRole.Candidate => "a candidate",
        _ => "a follower",
    };

    static List<RaftExplanation> With(GroupEvidence group, RaftElectionObstacle obstacle) => [.. group.Answers.Where(a => GroupEvidence.TakesPart(a) && a.Obstacle == obstacle)];

    static string Subject(List<RaftExplanation> all)
    {
        var nodes = Diagnosis.Nodes(all.Select(a => a.Status.Node));
        return $"{char.ToUpperInvariant(nodes[0])}{nodes[1..]} {(all.Count == 1 ? "has" : "have")}";
    }

    static RaftFinding Finding(RaftCause cause, string verdict, IEnumerable<RaftExplanation> about, Func<RaftExplanation, string> fact) =>
        new(cause, verdict, [.. about.Select(a => new RaftEvidence(a.Status.Node, fact(a)))]);
}
