namespace AkkaRaft.Consensus;

/// <summary>Leader's half of InstallSnapshot (Raft 7): a follower that needs compacted entries gets the newest snapshot, piece by piece.</summary>
internal static class SnapshotSending
{
    /// <summary>The peer needs entries that are compacted (B62).</summary>
    public static void Begin(NodeState node, Progress peer, Effects effects)
    {
        var leader = node.Leadership!;
        Invariant.Holds(node.Snapshot is not null && node.Snapshot.Last.Index >= node.Log.Base.Index);   // the log never begins after the snapshot
        peer.NeedsSnapshot(node.Log.Base.Index, new OutgoingSnapshot(new TransferId(node.Term, ++leader.LastTransfer), node.Snapshot!, node.Now.Monotonic));
        SnapshotTaking.Retain(node, effects);
        SendPieces(node, peer, effects);
    }

    public static void OnReply(NodeState node, InstallSnapshotReply reply, Effects effects)
    {
        if (node.Role != RaftRole.Leader || reply.Term != node.Term || reply.Outcome == InstallOutcome.StaleTerm) return;
        var leader = node.Leadership!;
        if (!leader.Peers.TryGetValue(reply.From, out var peer) || reply.Transfer.Number < peer.FirstTransfer || Identities.IsOfAnother(leader, reply)) return;
        peer.Heard(node.Now.Monotonic);

        if (reply.Outcome == InstallOutcome.Installed)
        {
            LeaderReplication.OnMatched(node, peer, reply.Match, effects);
            return;
        }

        if (OnHeard(node, peer, effects) || peer.Transfer is not { } transfer || transfer.Transfer != reply.Transfer) return;
        if (reply.Next > transfer.Snapshot.Length) Invariant.Broken($"node {reply.From} has {reply.Next} bytes of a snapshot of {transfer.Snapshot.Length}");
        if (reply.Outcome == InstallOutcome.Gap && reply.Next < transfer.Acknowledged)
        {
            // It has lost what it had: a restart. It gets the newest snapshot from the beginning, under another number (B59).
            Begin(node, peer, effects);
            return;
        }

        transfer.Stored(reply.Next, node.Now.Monotonic);
        if (reply.Outcome == InstallOutcome.Gap) transfer.GoBack(node.Now.Monotonic);
        SendPieces(node, peer, effects);
    }

    /// <summary>A peer that needs a snapshot is there again.</summary>
    /// <returns>Whether it is sent one now.</returns>
    public static bool OnHeard(NodeState node, Progress peer, Effects effects)
    {
        if (peer is not { State: ProgressState.Snapshot, Transfer: null }) return false;
        Begin(node, peer, effects);
        return true;
    }

    /// <summary>The store does not have it any more, or cannot read it: the newest one is sent instead.</summary>
    public static void OnGone(NodeState node, SnapshotGone gone, Effects effects)
    {
        if (node.Leadership?.Peers.GetValueOrDefault(gone.To) is not { Transfer: { } transfer } peer || transfer.Transfer != gone.Transfer) return;
        Begin(node, peer, effects);
    }

    /// <summary>Time passes: what was lost on the way goes again, and a peer that is silent is asked how far it has come (B48).</summary>
    public static void OnTick(NodeState node, Effects effects)
    {
        foreach (var peer in node.Leadership!.Peers.Values)
        {
            if (peer.Transfer is not { } transfer || node.Now.Monotonic - transfer.LastProgress < node.Options.ElectionTimeoutMin) continue;
            if (node.Now.Monotonic - peer.LastContact > 2 * node.Options.ElectionTimeoutMax)
            {
                // Whoever is gone holds up neither the log nor the next snapshot. It gets the newest one when it is heard again.
                peer.GiveUpTransfer();
                SnapshotTaking.Retain(node, effects);
                SnapshotTaking.Compact(node, effects);
                continue;
            }

            transfer.GoBack(node.Now.Monotonic);
            if (transfer.HasMore) SendPieces(node, peer, effects, most: 1);
            else Send(node, peer, transfer, transfer.Sent, 0, effects);
        }
    }

    static void SendPieces(NodeState node, Progress peer, Effects effects, int most = int.MaxValue)
    {
        var transfer = peer.Transfer!;
        for (var sent = 0; sent < most && transfer.HasMore && transfer.Sent - transfer.Acknowledged < node.Options.SnapshotWindowBytes; sent++)
        {
            var offset = transfer.Sent;
            Send(node, peer, transfer, offset, transfer.SendNext(node.Options.SnapshotChunkBytes), effects);
        }
    }

    static void Send(NodeState node, Progress peer, OutgoingSnapshot transfer, long offset, int length, Effects effects) =>
        effects.Add(new SendSnapshotChunk(peer.Node, new InstallSnapshot(node.Self, node.Term, transfer.Transfer, transfer.Snapshot, offset, default), length));
}
