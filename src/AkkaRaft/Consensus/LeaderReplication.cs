namespace AkkaRaft.Consensus;

/// <summary>Leader's half of log replication (Raft 5.3).</summary>
internal static class LeaderReplication
{
    /// <summary>Own journal and peers get new entries at the same time (thesis 10.2.1).</summary>
    public static void Append(NodeState node, IReadOnlyList<LogEntry> entries, Effects effects)
    {
        var leader = node.Leadership!;
        Invariant.Holds(node.Vote.IsTermDurable && entries[0].Term == node.Term);
        if (!node.Log.IsWriting) leader.LastWriteProgress = node.Now.Monotonic;
        if (node.CommitIndex == node.Log.Last.Index || entries[0].Index == leader.FirstIndex) leader.WaitingSince = node.Now.Monotonic;
        var write = node.Log.Append(entries);
        var reconfigured = node.Configurations.OnAppended(write);
        if (reconfigured)
        {
            FollowConfiguration(node, leader, node.Log.Last.Index.Next);
            leader.Lease.Restart();   // what one majority has promised says nothing of another
        }

        leader.Appended(entries);
        effects.Add(write);
        foreach (var peer in leader.Peers.Values) SendAppends(node, peer, effects);
        if (reconfigured) AdvanceCommit(node, effects);   // a smaller majority may have been reached already (B49)
    }

    /// <summary>Everybody in the configuration is sent entries, and who is none any more until it knows that (B70).</summary>
    public static void FollowConfiguration(NodeState node, LeaderState leader, LogIndex next)
    {
        Retirement.Follow(node, leader);
        leader.Learners.Follow(node.Configuration);
        foreach (var gone in leader.MetStorages.Keys.Where(id => node.Configuration.Find(id) is not { Storage: null }).ToList()) leader.MetStorages.Remove(gone);
        if (node.Quorum.Contains(node.Self)) leader.Retires = null;
        var newcomers = node.Configuration.Members.Where(member => member.Id != node.Self && !leader.Peers.ContainsKey(member.Id)).ToList();
        // What goes to them is of a round that nobody saw before: who answers an earlier one had the name of one of them before (B93). Leading begins without such answers.
        if (newcomers.Count > 0 && next > leader.FirstIndex) leader.Round++;
        foreach (var newcomer in newcomers)
        {
            leader.Peers.Add(newcomer.Id, new Progress(newcomer.Id, next, node.Now.Monotonic, node.Options) { FirstRound = leader.Round, FirstTransfer = leader.LastTransfer + 1 });
        }
    }

    /// <summary>The heartbeat of every interval: everybody gets it (Raft 5.2).</summary>
    public static void SendHeartbeats(NodeState node, Effects effects)
    {
        node.Leadership!.NextHeartbeat = node.Now.Monotonic + node.Options.HeartbeatInterval;
        BeginRound(node, _ => true, effects);
    }

    /// <summary>
    /// A round between the intervals, because reads wait for it (thesis 6.4). Who has not answered for a while gets none: what is sent to a peer that
    /// stands still only piles up, and the next interval's heartbeat confirms the same reads.
    /// </summary>
    public static void SendReadRound(NodeState node, Effects effects) =>
        BeginRound(node, peer => node.Now.Monotonic - peer.LastContact <= 2 * node.Options.HeartbeatInterval, effects);

    /// <summary>Who answers a round took this node for the leader after the round began.</summary>
    static void BeginRound(NodeState node, Func<Progress, bool> takesPart, Effects effects)
    {
        var leader = node.Leadership!;
        leader.Round++;
        if (node.Options.LeaseReads) leader.Lease.Sent(leader.Round, node.Now.Monotonic);
        foreach (var peer in leader.Peers.Values.Where(takesPart))
        {
            // What is compacted cannot be named; the place before the first entry matches everywhere. A peer whose appends were lost would never say so then, and
            // what it needs is gone.
            if (!node.Log.TryGetId(peer.Next.Previous, out var previous))
            {
                if (peer.State != ProgressState.Snapshot && peer.Leaves is null) SnapshotSending.Begin(node, peer, effects);
                previous = EntryId.Zero;
            }

            effects.Send(peer.Node, new AppendEntries(node.Self, node.Term, leader.Round, previous, [], node.CommitIndex));
        }
    }

    /// <summary>The newest round of heartbeats that a majority has answered.</summary>
    public static long RoundOfMajority(NodeState node, LeaderState leader) => node.Quorum.ReachedByMajority(
        voter => leader.Of(node, voter, leader.Round, peer => peer.AckedRound, 0L), 0L);

    public static void OnReply(NodeState node, AppendEntriesReply reply, Effects effects)
    {
        // Answers to a former leadership say nothing about this one (B36).
        if (node.Role != RaftRole.Leader || reply.Term != node.Term || reply.Outcome == AppendOutcome.StaleTerm) return;
        var leader = node.Leadership!;
        if (!leader.Peers.TryGetValue(reply.From, out var peer) || reply.Round < peer.FirstRound || Identities.IsOfAnother(leader, reply)) return;

        if (reply.Round > leader.Round) Invariant.Broken($"node {reply.From} answers round {reply.Round}, and the newest is {leader.Round}");
        peer.Answered(node.Now.Monotonic, reply.Round);
        peer.Priority = reply.Priority;
        Identities.OnAnswer(leader, reply);
        if (reply.Outcome == AppendOutcome.Accepted)
        {
            if (reply.Match > node.Log.Last.Index || reply.Verified > node.Log.Last.Index)
                Invariant.Broken($"node {reply.From} claims to hold {reply.Match} (verified {reply.Verified}) of a log that ends at {node.Log.Last}");
            if (peer.Accepted(reply.Match, reply.Verified)) AdvanceCommit(node, effects);
            if (peer.FollowsSnapshot && peer.Match >= node.Snapshot?.Last.Index) peer.FollowsAsOthers();
        }
        else
        {
            // Both sides jump over whole terms: the follower to its hint, we from there to our last entry that could equal it (Raft 5.3).
            peer.Rejected(reply.Rejected.Index, node.Log.LastPossibleMatch(reply.Hint).Index);
        }

        if (node.Role != RaftRole.Leader) return;
        SnapshotSending.OnHeard(node, peer, effects);
        SendAppends(node, peer, effects);
        ReadIndex.AnswerConfirmed(node, effects);
        LeadershipTransfer.Advance(node, effects);
        Membership.Advance(node, effects);
    }

    /// <summary>What a peer has up to <paramref name="match"/> is committed and durable there: a snapshot, and what follows it.</summary>
    public static void OnMatched(NodeState node, Progress peer, LogIndex match, Effects effects)
    {
        if (match > node.Log.Last.Index) Invariant.Broken($"node {peer.Node} claims to hold {match} of a log that ends at {node.Log.Last}");
        if (peer.Accepted(match, match)) AdvanceCommit(node, effects);
        if (node.Role != RaftRole.Leader) return;
        // What was kept for this peer's snapshot may go, and that snapshot too if there is a newer one.
        SnapshotTaking.Retain(node, effects);
        SnapshotTaking.Compact(node, effects);
        SendAppends(node, peer, effects);
    }

    /// <summary>Our own journal has confirmed more: counted like any voter's answer (B40).</summary>
    public static void OnDurable(NodeState node, Effects effects)
    {
        node.Leadership!.LastWriteProgress = node.Now.Monotonic;
        AdvanceCommit(node, effects);
    }

    static void SendAppends(NodeState node, Progress peer, Effects effects)
    {
        while (peer.MaySend)
        {
            if (!node.Log.TryGetId(peer.Next.Previous, out var previous))
            {
                if (peer.Leaves is null) SnapshotSending.Begin(node, peer, effects);
                return;
            }

            var entries = node.Log.Slice(peer.Next, node.Log.Last.Index, node.Options.MaxAppendEntries, node.Options.MaxAppendBytes);
            if (entries.Count == 0 && peer.State == ProgressState.Replicate) return;
            effects.Send(peer.Node, new AppendEntries(node.Self, node.Term, node.Leadership!.Round, previous, entries, node.CommitIndex));
            peer.Sent(previous.Index + entries.Count, entries.Count, entries.Sum(entry => entry.Size));
        }
    }

    /// <summary>
    /// An entry is committed when a majority has it durably, and only an entry of the leader's own term is committed by counting; what lies before it is
    /// committed with it (Raft 5.4.2, figure 8; B28).
    /// </summary>
    static void AdvanceCommit(NodeState node, Effects effects)
    {
        var leader = node.Leadership!;
        var onMajority = node.Quorum.ReachedByMajority(voter => leader.StoredBy(node, voter), LogIndex.Zero);
        if (onMajority <= node.CommitIndex || node.Log[onMajority].Term != node.Term) return;

        Commitment.RaiseTo(node, onMajority, effects);
        ReadIndex.OnCommitted(node, effects);
        Membership.Advance(node, effects);
    }
}
