namespace AkkaRaft.Consensus;

/// <summary>
/// Membership changes, the leader's half (Raft 6, thesis 4): one at a time, each an entry of the log. Where more than one voter changes, a joint configuration
/// stands between, so that at no moment two majorities can decide side by side.
/// </summary>
internal static class Membership
{
    public static void OnRequest(NodeState node, ChangeMembership request, Effects effects)
    {
        var (outcome, why) = Judge(node, request);
        if (outcome is { } refused)
        {
            effects.Add(new MembershipEnded(request.RequestId, refused, node.Configurations.EffectiveIndex, why));
            return;
        }

        var current = node.Configuration;
        var target = TargetOf(current, request);
        var next = current.IsJoint ? current.Leave()
            : request.Joint == JointUse.WhenNeeded && current.VotersUnlike(target) <= 1 ? target
            : current.Enter(target, stay: request.Joint == JointUse.AlwaysAndStay);
        node.Leadership!.Change = request.RequestId;
        Append(node, next, effects);
    }

    /// <summary>
    /// Something may have come that the next step waited for: a commit, a learner's answer, time. Each step is an entry, and the next one waits until it is committed
    /// (thesis 4.1; B64), whoever leads by then (B68).
    /// </summary>
    public static void Advance(NodeState node, Effects effects)
    {
        if (node.Leadership is not { } leader || !MayChange(node, leader)) return;
        if (node.Configuration is { IsJoint: true, StaysJoint: false })
        {
            Append(node, node.Configuration.Leave(), effects);
            return;
        }

        EndRequest(node, leader, effects);
        var isJoint = node.Configuration.IsJoint;   // and stays so: nobody is promoted meanwhile, but who has no vote in it goes
        if (!isJoint && LearnerRounds.CaughtUp(node, leader) is { } learner) Append(node, Promote(node.Configuration, learner), effects);
        else if (!isJoint && Identities.HasNews(node)) Append(node, node.Configuration, effects);
        else if (!node.Quorum.Contains(node.Self)) Retirement.Advance(node, leader, effects);
    }

    /// <summary>Leading has ended: what became of the change is for the next leader to say.</summary>
    public static void OnLeadershipLost(NodeState node, LeaderState leader, Effects effects)
    {
        if (leader.Change is not { } change) return;
        leader.Change = null;
        effects.Add(new MembershipEnded(change, MembershipOutcome.Interrupted, node.Configurations.EffectiveIndex,
            "the leader that had begun the change leads no more: the next one may go on with it, or have undone it"));
    }

    /// <summary>Whether a configuration may be appended now: this leader has committed in its own term (B63), and all changes before are committed (B64).</summary>
    static bool MayChange(NodeState node, LeaderState leader) =>
        leader.Transfer is null && node.CommitIndex >= leader.FirstIndex && node.Configurations.EffectiveIndex <= node.CommitIndex;

    static (MembershipOutcome? Outcome, string Why) Judge(NodeState node, ChangeMembership request)
    {
        if (node.Leadership is not { } leader) return (MembershipOutcome.NotLeader, $"node {node.Self} does not lead");
        if (leader.Change is not null) return (MembershipOutcome.Busy, "another change is under way");
        if (leader.Transfer is { } transfer) return (MembershipOutcome.Busy, $"leadership is being handed over to node {transfer.Target}");
        // Until its no-op is committed a leader cannot know that the configuration before its own newest one was ever agreed on (Ongaro 2015; B63).
        if (node.CommitIndex < leader.FirstIndex) return (MembershipOutcome.Busy, $"node {node.Self} has not committed an entry of its own term {node.Term} yet");
        var (index, current) = (node.Configurations.EffectiveIndex, node.Configuration);
        if (index > node.CommitIndex) return (MembershipOutcome.Busy, $"the change of index {index} is not committed yet");
        // Before the index is compared: who asks again, not knowing what became of it, learns that it is done.
        if (!current.IsJoint && IsTarget(current, request)) return (MembershipOutcome.Unchanged, "");
        if (request.Expected is { } expected && expected != index)
            return (MembershipOutcome.Conflict, $"the configuration in force is that of index {index}, and the change was meant for that of index {expected}");
        if (!current.IsJoint) return JudgeTarget(node, leader, request);
        return IsTarget(current.Leave(), request) ? (null, "") : (MembershipOutcome.Busy, $"the joint configuration of index {index} has to be left first");
    }

    static (MembershipOutcome? Outcome, string Why) JudgeTarget(NodeState node, LeaderState leader, ChangeMembership request)
    {
        if (request.Voters.Count == 0) return (MembershipOutcome.Refused, "without voters nothing would ever be committed again");
        var members = request.Voters.Count + request.Learners.Count;
        if (members + node.Configuration.Voters.Length > Configuration.MaxMembers)
            return (MembershipOutcome.Refused, $"with {members} members a configuration would be too large: at most {Configuration.MaxMembers} fit, the voters before the change included");
        if (request.Voters.Concat(request.Learners).GroupBy(member => member.Id).FirstOrDefault(same => same.Count() > 1) is { } twice)
            return (MembershipOutcome.Refused, $"node {twice.Key} is wanted twice");
        if (request.Voters.Concat(request.Learners).GroupBy(member => member.Address, StringComparer.Ordinal).FirstOrDefault(same => same.Count() > 1) is { } shared)
            return (MembershipOutcome.Refused, $"nodes {string.Join(" and ", shared.Select(member => member.Id))} cannot both be at {shared.Key}");
        var target = TargetOf(node.Configuration, request);
        if (request.Force || node.Configuration.VotersUnlike(target) == 0) return default;
        // Without a log it could elect nobody whose log does not name its storage (B71): as soon as a vote is needed of it, the others would wait for it in vain.
        if (target.Voters.FirstOrDefault(voter => !Identities.IsKnown(node, voter) && !node.Configuration.IsVoter(voter.Id)) is { } unheard)
            return (MembershipOutcome.Refused, $"node {unheard.Id} {WhyNotReady(node, leader, unheard.Id)}, and could vote for nobody until a leader has heard it; add it as a learner first, and start it");

        var missing = target.Voters.Where(voter => WhyNotReady(node, leader, voter.Id) is not null).ToList();
        if (target.Quorum.Holds(voter => missing.TrueForAll(other => other.Id != voter))) return default;
        // A new leader does not know yet who is there.
        if (missing.Exists(voter => leader.Peers.GetValueOrDefault(voter.Id) is { Leaves: null, HasAnswered: false } peer && node.Now.Monotonic - peer.LastContact <= node.Options.ElectionTimeoutMax))
            return (MembershipOutcome.Busy, $"node {node.Self} leads since a moment, and has not heard all voters yet");
        return (MembershipOutcome.Refused, $"of the {target.Voters.Length} voters it would have, {target.Quorum.Majorities[0].Size} must be there and have the log, or nothing would be "
            + $"committed until they do: {string.Join("; ", missing.Select(voter => $"node {voter.Id} {WhyNotReady(node, leader, voter.Id)}"))}");
    }

    /// <summary>Null for a voter that would answer at once and has (nearly) all of the log.</summary>
    static string? WhyNotReady(NodeState node, LeaderState leader, NodeId voter)
    {
        if (voter == node.Self) return null;
        if (leader.Peers.GetValueOrDefault(voter) is not { Leaves: null } peer) return "is not there yet; add it as a learner first";
        // What it acknowledges could be gone with its disk, and nobody would know (B71).
        if (node.Configuration.Find(voter) is { } member && !Identities.IsKnown(node, member)) return "has not been heard by a leader yet";
        if (node.Now.Monotonic - peer.LastContact > node.Options.ElectionTimeoutMax) return $"was last heard {(node.Now.Monotonic - peer.LastContact).TotalMilliseconds:0} ms ago";
        if (!peer.HasAnswered) return "has not answered this leader yet";
        // One that votes is not fed in rounds; a message that is lost on the way to it does not matter.
        var isClose = node.Configuration.IsVoter(voter) ? node.Log.Last.Index - peer.Match <= node.Options.MaxAppendEntries : LearnerRounds.IsClose(node, peer);
        return isClose ? null : $"lacks {node.Log.Last.Index - peer.Match} entries";
    }

    static bool IsTarget(Configuration current, ChangeMembership request) =>
        IsWellFormed(request) && TargetOf(current, request).Equals(current);

    static bool IsWellFormed(ChangeMembership request) => !request.Voters.Concat(request.Learners).GroupBy(member => member.Id).Any(same => same.Count() > 1);

    /// <summary>What is wanted, with what the log knows of each member already.</summary>
    static Configuration TargetOf(Configuration current, ChangeMembership request) =>
        new Configuration(request.Voters.Select(voter => voter with { PromoteWhenCaughtUp = false }), request.Learners) { RecoveryMark = current.RecoveryMark }
            .With(member => member with { Storage = current.Find(member.Id)?.Storage });

    static Configuration Promote(Configuration current, NodeId learner)
    {
        var promoted = current.Find(learner)! with { PromoteWhenCaughtUp = false };
        return new Configuration([.. current.Voters, promoted], current.Learners.Where(other => other.Id != learner)) { RecoveryMark = current.RecoveryMark };
    }

    static void Append(NodeState node, Configuration configuration, Effects effects)
    {
        var leader = node.Leadership!;
        Invariant.Holds(MayChange(node, leader));   // one at a time (thesis 4.1)
        Invariant.Holds(configuration.RecoveryMark == node.Configuration.RecoveryMark);
        var id = new EntryId(node.Log.Last.Index.Next, node.Term);
        LeaderReplication.Append(node, [new ConfigurationEntry(id, Proposals.Stamp(node), Identities.Bind(node, configuration))], effects);
    }

    static void EndRequest(NodeState node, LeaderState leader, Effects effects)
    {
        if (leader.Change is not { } change) return;
        leader.Change = null;
        effects.Add(new MembershipEnded(change, MembershipOutcome.Changed, node.Configurations.EffectiveIndex, ""));
    }
}

/// <summary>When a change goes through a joint configuration (Raft 6).</summary>
internal enum JointUse
{
    /// <summary>When more than one voter changes.</summary>
    WhenNeeded,

    /// <summary>Always.</summary>
    Always,

    /// <summary>Always; and it is left only when a further request asks for what comes after it.</summary>
    AlwaysAndStay,
}

/// <summary>How a request for a membership change ended.</summary>
internal enum MembershipOutcome
{
    /// <summary>The wanted configuration is in force and committed.</summary>
    Changed,

    /// <summary>It was in force already.</summary>
    Unchanged,

    /// <summary>The node that was asked does not lead. Nothing was changed.</summary>
    NotLeader,

    /// <summary>Another change, a handing-over or a new leader's first entry is under way. Nothing was changed.</summary>
    Busy,

    /// <summary>Another configuration is in force than the asker thought. Nothing was changed.</summary>
    Conflict,

    /// <summary>It would be no good. Nothing was changed.</summary>
    Refused,

    /// <summary>The leader lost its leadership meanwhile: the change may still come, or not.</summary>
    Interrupted,
}
