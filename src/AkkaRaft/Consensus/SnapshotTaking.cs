namespace AkkaRaft.Consensus;

/// <summary>When a node takes a snapshot of its own, and what may be forgotten once it is durable (Raft 7, thesis 5.1).</summary>
internal static class SnapshotTaking
{
    /// <summary>The newest one and one that is being sent: with the one that is being written these are all that the store has room for.</summary>
    const int MaxKept = 2;

    /// <summary>More was handed to the state machine: perhaps it is time.</summary>
    public static void OnFed(NodeState node, Effects effects)
    {
        if (!node.Options.TakesSnapshots || node.Taking is not null || node.IsInstalling || Kept(node).Count >= MaxKept) return;
        // A share of the interval is drawn each time: when all nodes took theirs at once, nobody would be quick.
        var share = 0.5 + (node.SnapshotShare / 2);
        var entries = node.Applying - node.LastSnapshotTry;
        if (entries < 1 || (entries < node.Options.SnapshotEntries * share && node.BytesSinceSnapshot < node.Options.SnapshotBytes * share)) return;
        // A leader's own disk may be the slowest; what is not durable here must not be in a snapshot (B41).
        if (node.Applying > node.Log.Durable || !node.Log.TryGetId(node.Applying, out var last)) return;

        node.Taking = new SnapshotMark(last, node.Configurations.CommittedAt(node.Applying));
        node.LastSnapshotTry = node.Applying;
        node.BytesSinceSnapshot = 0;
        node.SnapshotShare = node.Random.Fraction();
        effects.Add(new TakeSnapshot(node.Taking));
    }

    /// <summary>It is durable: what it stands for may go, but for what followers may still need.</summary>
    public static void OnTaken(NodeState node, StoredSnapshot taken, Effects effects)
    {
        Invariant.Holds(taken.Mark == node.Taking);
        node.Taking = null;
        // A leader's snapshot may have come meanwhile, and stand for more (B54).
        if (node.Snapshot is { } newest && newest.Last.Index >= taken.Last.Index) return;
        Invariant.Holds(taken.Last.Index <= node.Applying && node.Log.Matches(taken.Last));
        node.Snapshot = taken;
        Retain(node, effects);
        Compact(node, effects);
    }

    /// <summary>It could not be stored. Nothing is lost, the log has it all; the next try comes after another interval.</summary>
    public static void OnFailed(NodeState node, SnapshotMark at)
    {
        Invariant.Holds(at == node.Taking);
        node.Taking = null;
    }

    /// <summary>Which snapshots are needed has changed.</summary>
    public static void Retain(NodeState node, Effects effects) => effects.Add(new RetainSnapshots(Kept(node)));

    /// <summary>
    /// The log lets go of what a durable snapshot stands for (B61), but for some entries behind it, so that a follower that lags a little needs no snapshot, and
    /// for those that follow a snapshot that is being sent: whoever gets it must find them here.
    /// </summary>
    public static void Compact(NodeState node, Effects effects)
    {
        if (node.Snapshot is not { } snapshot) return;
        var upTo = Math.Min(snapshot.Last.Index.Value - node.Options.TrailingEntries, node.Applied.Value);   // the state machine needs the rest itself
        foreach (var snapshotSent in BeingSent(node)) upTo = Math.Min(upTo, snapshotSent.Last.Index.Value);
        if (upTo <= node.Log.Base.Index.Value) return;
        var index = new LogIndex(upTo);
        node.Log.CompactTo(index);
        node.Configurations.CompactTo(index);
        effects.Add(new CompactLog(node.Log.Base));
    }

    static List<EntryId> Kept(NodeState node)
    {
        var kept = new List<EntryId>();
        if (node.Snapshot is { } newest) kept.Add(newest.Last);
        foreach (var snapshot in BeingSent(node))
        {
            if (!kept.Contains(snapshot.Last)) kept.Add(snapshot.Last);
        }

        return kept;
    }

    static IEnumerable<StoredSnapshot> BeingSent(NodeState node) =>
        node.Leadership is { } leader ? leader.Peers.Values.Where(peer => peer.Transfer is not null).Select(peer => peer.Transfer!.Snapshot) : [];
}
