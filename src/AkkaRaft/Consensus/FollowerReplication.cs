namespace AkkaRaft.Consensus;

/// <summary>Follower's half of log replication (Raft 5.3).</summary>
internal static class FollowerReplication
{
    public static void OnAppendEntries(NodeState node, AppendEntries request, Effects effects)
    {
        // An old leader learns of the new term; its message must not touch the election timer (B14).
        if (request.Term < node.Term)
        {
            effects.Send(request.From, AppendEntriesReply.StaleTerm(node.Self, node.Term));
            return;
        }

        CheckForm(request);
        HearLeader(node, request, effects);
        node.LastRound = Math.Max(node.LastRound, request.Round);
        LocalReads.OnHeard(node, request.CommitIndex, effects);

        if (!node.Log.Matches(request.Previous))
        {
            // The hint jumps over a whole term of ours, so that a long divergence is repaired in one round per term (Raft 5.3).
            var hint = node.Log.LastPossibleMatch(request.Previous);
            effects.Send(request.From, AppendEntriesReply.Conflict(node.Self, node.Term, node.LastRound, request.Previous, hint) with { Priority = node.Options.ElectionPriority });
            return;
        }

        var appended = node.Log.AppendAfter(request.Previous, request.Entries, node.CommitIndex);
        Invariant.Holds(appended is null || appended.Previous.Index >= node.Verified);   // a leader never takes back what it sent (Raft 5.3)
        node.Verified = LogIndex.Max(node.Verified, request.LastIndex);
        node.LeaderCommit = LogIndex.Max(node.LeaderCommit, request.CommitIndex);

        if (appended is null)
        {
            AdvanceCommit(node, effects);
            Acknowledge(node, effects);   // at once: liveness and reads never wait for our disk
        }
        else
        {
            node.Configurations.OnAppended(appended);
            effects.Add(appended with { LeaderTerm = request.Term });   // its confirmation acknowledges
            AdvanceCommit(node, effects);
        }
    }

    /// <summary>The journal has confirmed more of the log.</summary>
    public static void OnDurable(NodeState node, Effects effects)
    {
        AdvanceCommit(node, effects);
        if (node.Role == RaftRole.Follower && node.Leader is not null && node.Vote.IsTermDurable) Acknowledge(node, effects);
    }

    /// <summary>
    /// What is taken counts as equal to the leader's log. Entries that do not follow one another, or are of a term after their leader's, are no leader's.
    /// </summary>
    static void CheckForm(AppendEntries request)
    {
        for (var i = 0; i < request.Entries.Count; i++) Invariant.Holds(request.Entries[i].Index == request.Previous.Index + i + 1);
        Invariant.Holds(request.Entries.Count == 0 || request.Entries[^1].Term <= request.Term);
    }

    /// <summary>This term's leader was heard (Raft 5.2).</summary>
    public static void HearLeader(NodeState node, RaftMessage request, Effects effects)
    {
        if (node.Role == RaftRole.Leader || (node.Leader is { } known && known != request.From))
            Invariant.Broken($"nodes {node.Leader} and {request.From} both lead term {node.Term}");
        if (node.Role != RaftRole.Follower) RoleChanges.BecomeFollower(node, node.Term, $"node {request.From} leads term {node.Term}", effects);
        RoleChanges.ChangeLeader(node, request.From, effects);
        node.LeaderContact = node.Now.Monotonic;
        node.Promise();
        node.FruitlessCampaigns = 0;
        node.WasToldRemoved = false;
        node.RestartElectionTimer();
    }

    /// <summary>
    /// Never beyond what is known to equal this leader's log, nor beyond what our own journal has (Raft 5.3; B31, B41); tried again whenever one of
    /// them grows.
    /// </summary>
    static void AdvanceCommit(NodeState node, Effects effects)
    {
        Commitment.RaiseTo(node, LogIndex.Min(node.LeaderCommit, LogIndex.Min(node.Verified, node.Log.Durable)), effects);
        SnapshotReceiving.OnCommitted(node, effects);
    }

    // Computed when it leaves, never stored: after a cut or a new term it cannot speak for another entry (B34, B37, B38).
    static void Acknowledge(NodeState node, Effects effects) =>
        effects.Send(node.Leader!.Value, AppendEntriesReply.Accepted(
            node.Self, node.Term, node.LastRound, LogIndex.Min(node.Verified, node.Log.Durable), node.Verified) with { Priority = node.Options.ElectionPriority });
}
