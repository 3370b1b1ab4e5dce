namespace AkkaRaft.Consensus;

/// <summary>Follower's half of InstallSnapshot (Raft 7): pieces come, the whole becomes durable, the log and the state machine begin anew behind it.</summary>
internal static class SnapshotReceiving
{
    public static void OnInstallSnapshot(NodeState node, InstallSnapshot request, Effects effects)
    {
        if (request.Term < node.Term)
        {
            effects.Send(request.From, new InstallSnapshotReply(node.Self, node.Term, request.Transfer, InstallOutcome.StaleTerm, 0, LogIndex.Zero));
            return;
        }

        FollowerReplication.HearLeader(node, request, effects);
        if (HasAll(node, request.Snapshot))
        {
            // An older snapshot never replaces newer state; the leader learns that nothing is missing (B54).
            Abandon(node, effects);
            Installed(node, request.From, request.Transfer, effects);
            return;
        }

        if (node.Incoming is not { } incoming || incoming.Transfer != request.Transfer)
        {
            if (request.Offset != 0 || request.Bytes.IsEmpty)
            {
                Tell(node, request.From, request.Transfer, InstallOutcome.Gap, 0, effects);   // the rest of what was forgotten here
                return;
            }

            incoming = new IncomingSnapshot(request.From, request.Transfer, request.Snapshot);
            node.Incoming = incoming;
            effects.Add(new BeginReceiving(request.Transfer, request.Snapshot));
        }

        Take(node, incoming, request, effects);
    }

    /// <summary>The store gets on: the leader may send more.</summary>
    public static void OnStored(NodeState node, SnapshotChunkStored stored, Effects effects)
    {
        if (node.Incoming is not { } incoming || incoming.Transfer != stored.Transfer) return;
        incoming.Stored = Math.Max(incoming.Stored, stored.UpTo);
        Tell(node, incoming.From, incoming.Transfer, InstallOutcome.Receiving, incoming.Stored, effects);
    }

    /// <summary>The store could not finish it: what came is void, and the leader's next piece begins it anew.</summary>
    public static void OnNotReceived(NodeState node, SnapshotNotReceived failed)
    {
        if (node.Incoming?.Transfer == failed.Transfer) node.Incoming = null;
    }

    /// <summary>
    /// A whole snapshot is durable. It is of committed entries whoever leads by now, so it counts if it stands for more than this node knows to be committed: what
    /// is in the store must be what the node knows, at the next start at the latest.
    /// </summary>
    public static void OnReceived(NodeState node, SnapshotReceived received, Effects effects)
    {
        var from = node.Incoming is { } incoming && incoming.Transfer == received.Transfer ? incoming.From : (NodeId?)null;
        if (from is not null) node.Incoming = null;
        if (!HasAll(node, received.Snapshot)) Install(node, received.Snapshot, effects);
        if (from is { } leader && node.Leader == leader) Installed(node, leader, received.Transfer, effects);
    }

    /// <summary>The state machine is what the snapshot says, and goes on from there.</summary>
    public static void OnRestored(NodeState node, MachineRestored restored, Effects effects)
    {
        Invariant.Holds(node.IsRestoring && restored.Index <= node.Applying);
        if (restored.Index < node.Applying) return;   // a newer snapshot is on its way to it already
        node.IsRestoring = false;
        node.Applied = restored.Index;
        MachineFeed.Feed(node, effects);
        ReadAnswers.Give(node, effects);
    }

    /// <summary>The log may have overtaken what is being sent: a leader whose log reaches back far enough goes on with entries.</summary>
    public static void OnCommitted(NodeState node, Effects effects)
    {
        if (node.Incoming is { } incoming && HasAll(node, incoming.Snapshot)) Abandon(node, effects);
    }

    /// <summary>The leader that sent it is silent, or is none any more.</summary>
    public static void Abandon(NodeState node, Effects effects)
    {
        if (node.Incoming is not { } incoming) return;
        node.Incoming = null;
        effects.Add(new AbandonReceiving(incoming.Transfer));
    }

    static void Take(NodeState node, IncomingSnapshot incoming, InstallSnapshot request, Effects effects)
    {
        if (!request.Bytes.IsEmpty && request.Offset == incoming.Next)
        {
            incoming.Next += request.Bytes.Length;
            incoming.GapTold = false;
            Invariant.Holds(incoming.Next <= incoming.Snapshot.Length);
            effects.Add(new StoreSnapshotChunk(incoming.Transfer, request.Offset, request.Bytes));
        }
        else if (request.Offset > incoming.Next)
        {
            // Told once: each piece that is on its way behind the missing one would have it all sent again.
            if (!incoming.GapTold) Tell(node, request.From, incoming.Transfer, InstallOutcome.Gap, incoming.Next, effects);
            incoming.GapTold = true;
        }
        else
        {
            Tell(node, request.From, incoming.Transfer, InstallOutcome.Receiving, incoming.Stored, effects);
        }
    }

    static bool HasAll(NodeState node, StoredSnapshot snapshot) => snapshot.Last.Index <= node.CommitIndex;

    static void Install(NodeState node, StoredSnapshot snapshot, Effects effects)
    {
        node.Snapshot = snapshot;
        var restart = node.Log.Install(snapshot.Last);
        SnapshotTaking.Retain(node, effects);
        if (restart is null)
        {
            // The log has all of it, and applies it as ever. A leader commits by its own no-op; everybody else knows now that this much is committed.
            if (node.Role != RaftRole.Leader) Commitment.RaiseTo(node, snapshot.Last.Index, effects);
            SnapshotTaking.Compact(node, effects);
            return;
        }

        Invariant.Holds(node.Role != RaftRole.Leader);   // a leader's log holds every committed entry (Raft 5.4)
        node.Configurations.Restart(snapshot.Last.Index, snapshot.Mark.Configuration);
        effects.Add(restart);
        effects.Add(new CompactLog(snapshot.Last));
        node.CommitIndex = snapshot.Last.Index;
        node.Applying = snapshot.Last.Index;
        node.LastSnapshotTry = snapshot.Last.Index;
        node.BytesSinceSnapshot = 0;
        node.IsRestoring = true;
        effects.Add(new RestoreMachine(snapshot));
    }

    // What is committed and durable here equals every later leader's log (Raft 5.4).
    static void Installed(NodeState node, NodeId leader, TransferId transfer, Effects effects) => effects.Send(leader, new InstallSnapshotReply(
        node.Self, node.Term, transfer, InstallOutcome.Installed, 0, LogIndex.Min(node.CommitIndex, node.Log.Durable)));

    static void Tell(NodeState node, NodeId leader, TransferId transfer, InstallOutcome outcome, long next, Effects effects) =>
        effects.Send(leader, new InstallSnapshotReply(node.Self, node.Term, transfer, outcome, next, LogIndex.Zero));
}
