namespace AkkaRaft.Consensus;

/// <summary>
/// Handing leadership over (thesis 3.10): the leader takes no more proposals, lets one voter catch up with its whole log, and tells it to stand for election at
/// once. If that has not worked after one election timeout it leads on as before.
/// </summary>
internal static class LeadershipTransfer
{
    /// <summary>Most requests that wait for one handing-over.</summary>
    const int MaxRequests = 64;

    public static void OnRequest(NodeState node, TransferLeadership request, Effects effects)
    {
        if (node.Leadership is not { } leader)
        {
            effects.Add(new TransferEnded(request.RequestId, TransferOutcome.NotLeader, null, $"node {node.Self} does not lead"));
        }
        else if (request.To == node.Self)
        {
            effects.Add(new TransferEnded(request.RequestId, TransferOutcome.LeadsAlready, node.Self, $"node {node.Self} leads already"));
        }
        else if (request.To is { } named && !node.Configuration.VotesAfter(named))
        {
            effects.Add(new TransferEnded(request.RequestId, TransferOutcome.NotAVoter, named, $"node {named} is {(node.Quorum.Contains(named) ? "a voter for the moment only, and about to leave" : "no voter of this group")}"));
        }
        else if (leader.Transfer is { } pending)
        {
            var same = request.To is null || request.To == pending.Target;
            if (same && pending.Requests.Count < MaxRequests) pending.Requests.Add(request.RequestId);
            else effects.Add(new TransferEnded(request.RequestId, TransferOutcome.Busy, pending.Target, $"leadership is being handed over to node {pending.Target}"));
        }
        else if (request.To is { } installing && GetsSnapshot(leader, installing))
        {
            effects.Add(new TransferEnded(request.RequestId, TransferOutcome.NoTarget, installing, $"node {installing} is being sent a snapshot"));
        }
        else if (request.To is { } silent && Silence(node, leader, silent) is var silence && silence > node.Options.ElectionTimeoutMax)
        {
            effects.Add(new TransferEnded(request.RequestId, TransferOutcome.NoTarget, silent, $"node {silent} was last heard {silence.TotalMilliseconds:0} ms ago"));
        }
        else if ((request.To ?? MostUpToDate(node, leader)) is { } target)
        {
            leader.Transfer = new PendingTransfer(target, node.Now.Monotonic, node.Options.ElectionTimeoutMax) { Requests = { request.RequestId } };
            Advance(node, effects);
        }
        else
        {
            effects.Add(new TransferEnded(request.RequestId, TransferOutcome.NoTarget, null,
                $"no other voter has answered within {node.Options.ElectionTimeoutMin.TotalMilliseconds:0} ms, or those that have are being sent a snapshot"));
        }
    }

    /// <summary>The leader itself wants somebody else to lead.</summary>
    public static void Begin(NodeState node, LeaderState leader, Effects effects)
    {
        if (leader.Transfer is not null || MostUpToDate(node, leader) is not { } target) return;
        leader.Transfer = new PendingTransfer(target, node.Now.Monotonic, node.Options.ElectionTimeoutMax) { Requests = { TransferLeadership.ByItself } };
        Advance(node, effects);
    }

    /// <summary>Something that it waits for may have come: more of the log at the target, or at our state machine.</summary>
    public static void Advance(NodeState node, Effects effects)
    {
        if (node.Leadership is not { Transfer: { } transfer } leader) return;
        var now = node.Now.Monotonic;
        if (!leader.Peers.TryGetValue(transfer.Target, out var peer) || !node.Quorum.Contains(transfer.Target))
        {
            End(leader, TransferOutcome.NotAVoter, $"node {transfer.Target} was removed meanwhile", effects);
            return;
        }

        if (GetsSnapshot(leader, transfer.Target))
        {
            // It may take minutes, and does not stand before it has it: proposals are not to wait for that.
            End(leader, TransferOutcome.NoTarget, $"node {transfer.Target} is being sent a snapshot", effects);
            return;
        }

        // Durably so, or it could not win: its voters hold what it lacks (Raft 5.4.1; B81). Our log does not grow meanwhile, so it gets there.
        if (peer.Match < node.Log.Last.Index) return;

        // Whoever waits for a proposal of this term is answered by us if that is soon: afterwards nobody could say what became of it.
        if (node.Applied < node.Log.Last.Index && now < transfer.SettleUntil) return;
        if (now < transfer.NextCall) return;

        // Again at every interval: a lost call would cost the whole attempt, and one that comes twice changes nothing.
        transfer.NextCall = now + node.Options.HeartbeatInterval;
        leader.DropLease();
        effects.Send(transfer.Target, new TimeoutNow(node.Self, node.Term, node.Log.Last));
    }

    /// <summary>One election timeout is what a handing-over may take; then proposals go on (B82).</summary>
    public static void OnTick(NodeState node, Effects effects)
    {
        if (node.Leadership is not { Transfer: { } transfer } leader) return;
        if (node.Now.Monotonic < transfer.Deadline) Advance(node, effects);
        else End(leader, TransferOutcome.TimedOut, WhyNot(node, leader, transfer), effects);
    }

    /// <summary>This node leads no longer: most likely because the target does.</summary>
    public static void OnLeadershipLost(LeaderState leader, bool termRose, Effects effects)
    {
        if (termRose) End(leader, TransferOutcome.HandedOver, "", effects);
        else End(leader, TransferOutcome.NotLeader, "it stopped leading for another reason", effects);
    }

    /// <summary>
    /// The target's half: it stands at once, without asking whether it could win (thesis 3.10). Only for the leader that it follows, only in that leader's term, and
    /// only with just the log that the leader meant: a call that comes late, when the leader has gone on, is void.
    /// </summary>
    public static void OnTimeoutNow(NodeState node, TimeoutNow call, Effects effects)
    {
        if (call.Term != node.Term || node.Role != RaftRole.Follower || node.Leader != call.From) return;
        if (!node.MayCampaign || node.IsInstalling) return;

        // It waited in the mailbox of a process that stood still; the leader has given up long since (B91).
        if (node.Now.Monotonic - node.LastTick > node.Options.PauseThreshold) return;
        if (node.Log.Last != call.Last || node.Log.IsWriting || !node.Vote.IsVoteDurable) return;
        RoleChanges.BecomeCandidateByTransfer(node, $"node {call.From} hands its leadership over", effects);
    }

    /// <summary>
    /// Of the voters that answer: first those that lack nothing committed, among them those of higher priority, then by how much they have, then who was heard last.
    /// A new leader takes a voter for heard that has not had the time to answer: such a one is the last choice.
    /// </summary>
    static NodeId? MostUpToDate(NodeState node, LeaderState leader)
    {
        var now = node.Now.Monotonic;
        return leader.Peers.Values
            .Where(peer => node.Configuration.VotesAfter(peer.Node) && peer.State != ProgressState.Snapshot && now - peer.LastContact <= node.Options.ElectionTimeoutMin)
            .OrderByDescending(peer => peer.HasAnswered)
            .ThenByDescending(peer => peer.Match >= node.CommitIndex)
            .ThenByDescending(peer => peer.Priority)
            .ThenByDescending(peer => peer.Match)
            .ThenByDescending(peer => peer.LastContact)
            .Select(peer => (NodeId?)peer.Node)
            .FirstOrDefault();
    }

    static bool GetsSnapshot(LeaderState leader, NodeId node) => leader.Peers.GetValueOrDefault(node) is { State: ProgressState.Snapshot };

    static TimeSpan Silence(NodeState node, LeaderState leader, NodeId peer) => node.Now.Monotonic - leader.Peers[peer].LastContact;

    static string WhyNot(NodeState node, LeaderState leader, PendingTransfer transfer)
    {
        var silent = Silence(node, leader, transfer.Target).TotalMilliseconds;
        var behind = node.Log.Last.Index - leader.Peers[transfer.Target].Match;
        if (leader.Peers[transfer.Target].Match == LogIndex.Zero)
            return $"node {transfer.Target} has not said in this term what of the log it stores, and was last heard {silent:0} ms ago";
        return behind > 0
            ? $"node {transfer.Target} lacks {behind} entries of the log, and was last heard {silent:0} ms ago"
            : $"node {transfer.Target} was told to stand for election and was not elected; it was last heard {silent:0} ms ago";
    }

    static void End(LeaderState leader, TransferOutcome outcome, string why, Effects effects)
    {
        if (leader.Transfer is not { } transfer) return;
        leader.Transfer = null;
        foreach (var request in transfer.Requests) effects.Add(new TransferEnded(request, outcome, transfer.Target, why));
    }
}

/// <summary>A handing-over that has begun.</summary>
internal sealed class PendingTransfer(NodeId target, TimeSpan begun, TimeSpan limit)
{
    public NodeId Target => target;

    /// <summary>Then the leader gives it up.</summary>
    public TimeSpan Deadline => begun + limit;

    /// <summary>Until then it waits for its own state machine, too.</summary>
    public TimeSpan SettleUntil => begun + (limit / 2);

    /// <summary>Not before then the target is called (again).</summary>
    public TimeSpan NextCall { get; set; }

    /// <summary>The shell's names for those who asked for it.</summary>
    public List<long> Requests { get; } = [];
}

/// <summary>How a handing-over ended.</summary>
internal enum TransferOutcome
{
    /// <summary>A later term has begun; its leader is most likely the target.</summary>
    HandedOver,

    /// <summary>The node that is to lead does.</summary>
    LeadsAlready,

    /// <summary>The node that was asked does not lead, or stopped leading for another reason.</summary>
    NotLeader,

    /// <summary>The target does not vote.</summary>
    NotAVoter,

    /// <summary>There is no voter that could take it: none is heard, or it is being sent a snapshot.</summary>
    NoTarget,

    /// <summary>It is being handed over to another node.</summary>
    Busy,

    /// <summary>The target did not lead within an election timeout; the old leader leads on.</summary>
    TimedOut,
}
