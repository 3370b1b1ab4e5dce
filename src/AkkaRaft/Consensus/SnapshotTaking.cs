namespace AkkaRaft.Consensus;

/// <summary>When a node takes a snapshot of its own, and what may be forgotten once it is durable (Raft 7, thesis 5.1).</summary>
internal static class SnapshotTaking
{
    /// <summary>The newest one and one that is being sent: with the one that is being written these are all that the store has room for.</summary>
    const int MaxKept = 2;

    /// <summary>So many intervals of the log are kept for a peer that gets a snapshot slowly, at least.</summary>
    const int IntervalsForSlowPeers = 4;

    /// <summary>
    /// Somebody needs one that stands for at least so much, such as a backup. All who ask are served by one; when it was begun before some of them asked, and stands for less, by the next.
    /// </summary>
    public static void OnRequest(NodeState node, RequestSnapshot request, Effects effects)
    {
        Invariant.Holds(request.AtLeast <= node.Applied);
        node.SnapshotRequests.Add(request);
        TakeIfDue(node, effects);
    }

    /// <summary>
    /// More was handed to the state machine. Asked at each tick too: it may have become time while one was being written or sent, and the log of what came meanwhile would
    /// else stay until the next write.
    /// </summary>
    public static void TakeIfDue(NodeState node, Effects effects)
    {
        AnswerRequests(node, effects);
        EndSlowTransfers(node, effects);
        if (!IsDue(node) || node.Applying > node.Log.Durable || !node.Log.TryGetId(node.Applying, out var last)) return;

        node.Taking = new SnapshotMark(last, node.Configurations.CommittedAt(node.Applying));
        node.LastSnapshotTry = node.Applying;
        node.BytesSinceSnapshot = 0;
        node.SnapshotShare = node.Random.Fraction();
        effects.Add(new TakeSnapshot(node.Taking));
    }

    /// <summary>More is durable here: a snapshot that waited for that is taken, and the state machine goes on.</summary>
    public static void OnDurable(NodeState node, Effects effects)
    {
        if (WaitsForDisk(node)) return;
        TakeIfDue(node, effects);
        MachineFeed.Feed(node, effects);
    }

    /// <summary>
    /// A leader's own disk may be the slowest, and what is not durable here must not be in a snapshot (B41). When one is due the state machine waits for the disk: under load
    /// the disk would else never have all that is applied, and the log would grow for ever.
    /// </summary>
    public static bool WaitsForDisk(NodeState node) => node.Applying > node.Log.Durable && IsDue(node);

    /// <summary>It is durable: what it stands for may go, but for what followers may still need.</summary>
    public static void OnTaken(NodeState node, StoredSnapshot taken, Effects effects)
    {
        Invariant.Holds(taken.Mark == node.Taking);
        node.Taking = null;
        // A leader's snapshot may have come meanwhile, and stand for more (B54).
        if (node.Snapshot is { } newest && newest.Last.Index >= taken.Last.Index)
        {
            Retain(node, effects);
            return;
        }

        Invariant.Holds(taken.Last.Index <= node.Applying && node.Log.Matches(taken.Last));
        node.Snapshot = taken;
        Retain(node, effects);
        Compact(node, effects);
        AnswerRequests(node, effects);
    }

    /// <summary>It could not be stored. Nothing is lost, the log has it all; the next try comes after another interval, or when somebody asks again.</summary>
    public static void OnFailed(NodeState node, SnapshotMark at, Effects effects)
    {
        Invariant.Holds(at == node.Taking);
        node.Taking = null;
        node.SnapshotRequests.RemoveAll(request =>
        {
            if (request.AtLeast > at.Last.Index) return false;
            effects.Add(new SnapshotRequestEnded(request.RequestId, null));
            return true;
        });
    }

    /// <summary>Which snapshots are needed has changed.</summary>
    public static void Retain(NodeState node, Effects effects) => effects.Add(new RetainSnapshots(Kept(node)));

    /// <summary>
    /// The log lets go of what a durable snapshot stands for (B61), but for some entries behind it, so that a follower that lags a little needs no snapshot, and
    /// for those that follow a snapshot that is being sent, or has just been: whoever gets it must find them here.
    /// </summary>
    public static void Compact(NodeState node, Effects effects)
    {
        if (node.Snapshot is not { } snapshot) return;
        var index = LogIndex.Min(BeforeLast(node, snapshot, node.Options.TrailingEntries, node.Options.TrailingBytes), node.Applied);   // the state machine needs the rest itself
        foreach (var snapshotSent in BeingSent(node)) index = LogIndex.Min(index, snapshotSent.Last.Index);
        foreach (var peer in Following(node, snapshot)) index = LogIndex.Min(index, peer.Match);
        if (index <= node.Log.Base.Index) return;
        node.Log.CompactTo(index);
        node.Configurations.CompactTo(index);
        effects.Add(new CompactLog(node.Log.Base));
    }

    // Large entries would make much of a number that is small: what stays is bounded in bytes too.
    static LogIndex BeforeLast(NodeState node, StoredSnapshot snapshot, double maxEntries, double maxBytes)
    {
        var (index, entries, bytes) = (snapshot.Last.Index, 0, 0L);
        while (index > node.Log.Base.Index && ++entries <= maxEntries && (bytes += node.Log[index].Size) <= maxBytes) index = index.Previous;
        return index;
    }

    // Whoever has just got a snapshot, and answers, is given some intervals of the log to follow it; or under load one snapshot would follow the other.
    static List<Progress> Following(NodeState node, StoredSnapshot snapshot)
    {
        var following = node.Leadership?.Peers.Values.Where(peer => peer.FollowsSnapshot).ToList() ?? [];
        if (following.Count == 0) return following;
        var first = BeforeLast(node, snapshot, (double)node.Options.SnapshotEntries * IntervalsForSlowPeers, (double)node.Options.SnapshotBytes * IntervalsForSlowPeers);
        foreach (var peer in following)
        {
            var isSilent = node.Now.Monotonic - peer.LastContact > 2 * node.Options.ElectionTimeoutMax;
            if (isSilent || peer.Match < first || peer.Match >= snapshot.Last.Index) peer.FollowsAsOthers();
        }

        return following.FindAll(peer => peer.FollowsSnapshot);
    }

    static bool IsDue(NodeState node)
    {
        // A share of the interval is drawn each time: when all nodes took theirs at once, nobody would be quick.
        return MayTake(node) && (IsAskedFor(node) || HaveGone(node, 0.5 + (node.SnapshotShare / 2))) && Kept(node).Count < MaxKept;
    }

    // Those that the newest snapshot is enough for were answered.
    static bool IsAskedFor(NodeState node) => node.Applying > LogIndex.Zero && node.SnapshotRequests.Exists(request => !IsEnough(node.Snapshot, request));

    static void AnswerRequests(NodeState node, Effects effects) => node.SnapshotRequests.RemoveAll(request =>
    {
        if (!IsEnough(node.Snapshot, request)) return false;
        effects.Add(new SnapshotRequestEnded(request.RequestId, node.Snapshot));
        return true;
    });

    static bool IsEnough(StoredSnapshot? snapshot, RequestSnapshot request) => snapshot is not null && snapshot.Last.Index >= request.AtLeast;

    /// <summary>
    /// A peer that answers, and gets its snapshot more slowly than the log grows, would hold up the next snapshot for ever, and with it the log. It is sent the newest one instead,
    /// from the beginning. As many bytes of log as the snapshot has are kept in any case: less to send is what follows the one it has half of.
    /// </summary>
    static void EndSlowTransfers(NodeState node, Effects effects)
    {
        if (!MayTake(node) || !HaveGone(node, IntervalsForSlowPeers) || Kept(node).Count < MaxKept) return;
        var slow = node.Leadership!.Peers.Values
            .Where(peer => peer.Transfer is { } sent && sent.Snapshot != node.Snapshot && sent.Snapshot.Length <= node.BytesSinceSnapshot).ToArray();
        if (slow.Length == 0) return;
        foreach (var peer in slow) peer.GiveUpTransfer();
        Retain(node, effects);
        Compact(node, effects);
    }

    static bool MayTake(NodeState node) => node.Options.TakesSnapshots && node.Taking is null && !node.IsInstalling;

    /// <summary>Whether so many intervals have gone by since the last snapshot.</summary>
    static bool HaveGone(NodeState node, double intervals)
    {
        var entries = node.Applying - node.LastSnapshotTry;
        return entries >= 1 && (entries >= node.Options.SnapshotEntries * intervals || node.BytesSinceSnapshot >= node.Options.SnapshotBytes * intervals);
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
