namespace AkkaRaft.Consensus;

/// <summary>
/// Reads of this node's own state, asked of nobody: as old as the node is behind. A reader may say how far the state must be at least (to see its own writes, or
/// never less than it saw before), and how old it may be at most.
/// </summary>
internal static class LocalReads
{
    public static void OnRead(NodeState node, ReadLocal read, Effects effects)
    {
        foreach (var each in read.Reads)
        {
            if (node.PendingReads >= node.Options.MaxPendingReads) effects.Add(new ReadRefused(each.ReadId, RequestRefusal.Overloaded));
            else if (IsMet(node, each)) effects.Add(new ReadReady(each.ReadId, node.Applied));
            else if (each.Wait <= TimeSpan.Zero) Refuse(node, each, effects);
            else node.Reads.Local.Add(new WaitingLocalRead(each, node.Now.Monotonic + each.Wait));
        }
    }

    public static void Give(NodeState node, Effects effects) => node.Reads.Local.RemoveAll(waiting =>
    {
        if (!IsMet(node, waiting.Read)) return false;
        effects.Add(new ReadReady(waiting.Read.ReadId, node.Applied));
        return true;
    });

    public static void OnTick(NodeState node, Effects effects)
    {
        if (node.Reads.Local.Count == 0) return;
        Give(node, effects);
        node.Reads.Local.RemoveAll(waiting =>
        {
            if (node.Now.Monotonic < waiting.Until) return false;
            Refuse(node, waiting.Read, effects);
            return true;
        });
    }

    /// <summary>This term's leader was heard, and said what is committed.</summary>
    public static void OnHeard(NodeState node, LogIndex commit, Effects effects)
    {
        // What comes when the process has just stood still may have waited for it all the time (B91).
        var at = node.StoodStill is { } pause && node.Now.Monotonic < pause.Until ? pause.Since : node.Now.Monotonic;
        node.Freshness.Heard(at, new EntryId(commit, node.Term));
        if (node.Reads.Local.Count > 0) ReadAnswers.Give(node, effects);
    }

    static bool IsMet(NodeState node, LocalRead read)
    {
        if (node.IsRestoring || node.Applied < read.MinIndex) return false;
        return read.MaxStaleness is not { } most || (FreshAt(node) is { } at && node.Now.Monotonic - at <= most);
    }

    /// <summary>The newest moment of which it is known that this node has applied all that a leader knew to be committed then.</summary>
    static TimeSpan? FreshAt(NodeState node)
    {
        // A leader is as fresh as the last moment at which a majority still followed it.
        if (node.Leadership is { } leader && node.CommitIndex >= leader.FirstIndex)
            node.Freshness.Heard(Clock.MajorityHeard(node), new EntryId(node.CommitIndex, node.Term));
        node.Freshness.Settle(node.Applied, node.Log);
        return node.Freshness.At;
    }

    static void Refuse(NodeState node, LocalRead read, Effects effects) => effects.Add(new ReadRefused(
        read.ReadId, node.IsRestoring || node.Applied < read.MinIndex ? RequestRefusal.NotApplied : RequestRefusal.TooStale) { Applied = node.Applied });
}
