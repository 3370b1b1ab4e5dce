namespace AkkaRaft.Consensus;

/// <summary>Commands of users (Raft 5.3): only a leader takes them, and no more than may wait at one time.</summary>
internal static class Proposals
{
    public static void OnPropose(NodeState node, Propose propose, Effects effects)
    {
        if (node.Leadership is not { } leader)
        {
            foreach (var proposal in propose.Proposals) effects.Add(new ProposalRefused(proposal.ProposalId, RequestRefusal.NotLeader));
            return;
        }

        if (leader.Transfer is not null)
        {
            // The log must not grow while another catches up with it (thesis 3.10; B81).
            foreach (var proposal in propose.Proposals) effects.Add(new ProposalRefused(proposal.ProposalId, RequestRefusal.HandingOver));
            return;
        }

        var entries = new List<LogEntry>(propose.Proposals.Count);
        var time = Stamp(node);
        var next = node.Log.Last.Index.Next;
        // What is committed counts until it is applied, and durable here too: a slow state machine and this leader's own slow disk push back like a slow majority, and
        // memory stays bounded.
        var waiting = next.Previous - LogIndex.Max(leader.Settled, leader.FirstIndex);
        var bytes = leader.UnsettledBytes;
        foreach (var proposal in propose.Proposals)
        {
            var entry = EntryOf(proposal, new EntryId(next, node.Term), time);
            if (waiting >= node.Options.MaxPendingProposals || bytes + entry.Size > node.Options.MaxPendingProposalBytes)
            {
                effects.Add(new ProposalRefused(proposal.ProposalId, RequestRefusal.Overloaded));
                continue;
            }

            entries.Add(entry);
            effects.Add(new ProposalAppended(proposal.ProposalId, entry.Id));
            next = next.Next;
            waiting++;
            bytes += entry.Size;
        }

        if (entries.Count > 0) LeaderReplication.Append(node, entries, effects);
    }

    static LogEntry EntryOf(Proposal proposal, EntryId id, DateTimeOffset time) => proposal.Session switch
    {
        OpenSession open => new OpenSessionEntry(id, time, open.Limits),
        KeepSession keep => new KeepSessionEntry(id, time, keep.Session, keep.LowestUnanswered, keep.Closes),
        _ => new CommandEntry(id, time, proposal.Command!) { Stamp = proposal.Stamp },
    };

    /// <summary>The leader's wall clock in whole milliseconds, held back from ever falling along the log (B84).</summary>
    public static DateTimeOffset Stamp(NodeState node)
    {
        var now = DateTimeOffset.FromUnixTimeMilliseconds(node.Now.Utc.ToUnixTimeMilliseconds());
        if (node.Log.Last.Index == node.Log.Base.Index) return now;
        var last = node.Log[node.Log.Last.Index].Time;
        return last > now ? last : now;
    }
}
