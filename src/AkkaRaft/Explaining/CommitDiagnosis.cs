namespace AkkaRaft;

/// <summary>Why is nothing committed? The rules of commitment (Raft 5.3, 5.4.2), read from the leader's evidence and the voters' own.</summary>
internal static class CommitDiagnosis
{
    public static RaftAnswer Of(GroupEvidence group, RaftAnswer noLeader)
    {
        if (group.Leader is not { Commit: { } commit } leader)
        {
            return new RaftAnswer("Nothing is known to be committed: no leader answers.", [new RaftFinding(RaftCause.NoLeader,
                "Only a leader commits (Raft 5.3). See why there is none.",
                [.. noLeader.Findings.SelectMany(finding => finding.Evidence).DistinctBy(evidence => evidence.Node)])]);
        }

        if (commit.FirstUncommitted is not { } first)
            return new RaftAnswer((leader.Status.Pending.Unapplied == 0 ? "Nothing waits" : $"{leader.Status.Pending.Unapplied} entries wait for the state machine, none for a majority")
                + $": all {leader.Status.LastEntry.Index} entries of the leader, node {leader.Status.Node}, are committed.", []);
        var waiting = commit.WaitingFor ?? TimeSpan.Zero;
        if (waiting < leader.ElectionTimeoutMin)
            return new RaftAnswer($"Commits go on: entry {first.Index} is the first that is not committed, and has waited {Diagnosis.In(waiting)}.", []);

        return new RaftAnswer($"Entry {first.Index} of term {first.Term} has waited {Diagnosis.In(waiting)} to be committed by node {leader.Status.Node}.",
            [.. NotOnMajority(leader, commit, first), .. EarlierTerm(leader, commit, first), .. Voters(group, leader, commit, first)]);
    }

    static IEnumerable<RaftFinding> NotOnMajority(RaftExplanation leader, RaftCommitEvidence commit, EntryId first)
    {
        bool Stores(NodeId voter) => commit.Stored.Any(log => log.Voter == voter && log.Index >= first.Index);
        if (leader.Quorum.Lacking(Stores) is not { } lacking) yield break;
        yield return new RaftFinding(RaftCause.NotOnMajority,
            $"Entry {first.Index} is durable on {lacking.Voters.Count(Stores)} of {lacking.Voters.Length} voters, and {lacking.Size} are needed.",
            [.. commit.Stored.Select(log => new RaftEvidence(log.Voter, log.Index >= first.Index ? $"stores it, up to index {log.Index}" : $"stores up to index {log.Index}"))]);
    }

    static IEnumerable<RaftFinding> EarlierTerm(RaftExplanation leader, RaftCommitEvidence commit, EntryId first)
    {
        if (leader.Status.CommitIndex >= commit.NoOp) yield break;
        if (commit.OnMajority.Index >= first.Index && commit.OnMajority.Term != leader.Status.Term)
        {
            yield return new RaftFinding(RaftCause.EarlierTermOnly,
                $"A majority stores entries of term {commit.OnMajority.Term}, but by counting a leader commits only an entry of its own term {leader.Status.Term}; they follow with it (Raft 5.4.2).",
                [new RaftEvidence(leader.Status.Node, $"its no-op is entry {commit.NoOp}; a majority stores up to index {commit.OnMajority.Index}")]);
        }

        yield return new RaftFinding(RaftCause.NoOpNotCommitted,
            "Until its first entry is committed a new leader commits nothing and answers no read (Raft 8).",
            [new RaftEvidence(leader.Status.Node, $"its no-op is entry {commit.NoOp}, and its commit index is {leader.Status.CommitIndex}")]);
    }

    /// <summary>For each voter that does not store the entry: why not.</summary>
    static IEnumerable<RaftFinding> Voters(GroupEvidence all, RaftExplanation leader, RaftCommitEvidence commit, EntryId first) =>
        from log in commit.Stored
        where log.Index < first.Index
        let why = WhyNot(all, leader, log.Voter)
        group new RaftEvidence(log.Voter, why.Fact) by why.Cause into found
        select new RaftFinding(found.Key, VerdictOf(found.Key), [.. found]);

    static (RaftCause Cause, string Fact) WhyNot(GroupEvidence all, RaftExplanation leader, NodeId voter)
    {
        if (voter == leader.Status.Node) return (RaftCause.DiskPending, Disk(leader.Status));
        var own = all.Of(voter);
        if (own is { WhyStopped: { } why }) return (RaftCause.NodeStopped, why);
        if (own is not null && !GroupEvidence.TakesPart(own)) return (RaftCause.NodeRecovering, "does not take part yet");

        var peer = leader.Status.Peers.FirstOrDefault(known => known.Node == voter);
        if (peer is null) return (RaftCause.VoterLags, "is no member that the leader sends to");
        var heard = peer.HeardAgo is { } ago ? $"the leader heard it last {Diagnosis.In(ago)} ago" : "the leader never heard it";
        if (!(peer.HeardAgo <= leader.ElectionTimeoutMax))
            return (RaftCause.VoterUnreachable, $"{heard}; {(own is null ? "it does not answer here either" : "it answers here")}");
        if (peer.State == RaftPeerState.Snapshot) return (RaftCause.VoterNeedsSnapshot, Snapshot(peer));
        if (own?.Status.Journal.WritingFor > leader.ElectionTimeoutMin / 2) return (RaftCause.DiskPending, Disk(own.Status));
        return (RaftCause.VoterLags, $"is {peer.Lag} entries behind; the leader "
            + (peer.State == RaftPeerState.Probe ? "looks for where the logs agree" : $"has {peer.InflightAppends} appends under way to it") + $", and {heard}");
    }

    static string Snapshot(RaftPeerStatus peer) => peer.Transfer is { } sent
        ? $"has stored {sent.Stored} of {sent.Total} bytes of the snapshot up to index {sent.Last.Index}"
        : "waits for a snapshot";

    static string Disk(RaftStatus status) => $"its own disk has confirmed up to index {status.DurableIndex} of {status.LastEntry.Index}"
        + (status.Journal.WritingFor is { } time ? $"; the oldest write has been under way for {Diagnosis.In(time)}" : "");

    static string VerdictOf(RaftCause cause) => cause switch
    {
        RaftCause.DiskPending => "A voter counts only with what its disk has confirmed. See whether the disk is slow, full or hangs.",
        RaftCause.NodeStopped => "A voter has stopped: mend the cause and start it again.",
        RaftCause.NodeRecovering => "A voter reads its journals, or waits until they can be opened again.",
        RaftCause.VoterUnreachable => "A voter does not answer the leader: it is down, or the network between them is cut.",
        RaftCause.VoterNeedsSnapshot => "A voter needs entries that are compacted, and counts again when it has the snapshot.",
        _ => "A voter answers, and has not stored the entry yet.",
    };
}
