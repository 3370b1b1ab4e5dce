using AkkaRaft.Consensus;

namespace AkkaRaft.Tests.Consensus;

/// <summary>Messages, effects and states in words: what the scripts print and what the assertions on exact effects compare.</summary>
internal static class Trace
{
    public static string Of(RaftMessage message) => $"term {message.Term} " + message switch
    {
        VoteRequest r => $"{Name(r.Kind)}-request{(r.IsTransfer ? " for a transfer" : "")}, last {r.LastEntry}",
        VoteReply { Granted: true } r => $"{Name(r.Kind)} granted",
        VoteReply r => $"{Name(r.Kind)} refused: {r.Refusal}{(r.CandidateIsRemoved ? ", and was removed" : "")}",
        AppendEntries { Entries.Count: 0 } a => $"append after {a.Previous}, nothing, commit {a.CommitIndex}, round {a.Round}",
        AppendEntries a => $"append after {a.Previous}, {Of(a.Entries)}, commit {a.CommitIndex}, round {a.Round}",
        AppendEntriesReply { Outcome: AppendOutcome.Accepted } r => $"accepted, match {r.Match}, verified {r.Verified}, round {r.Round}",
        AppendEntriesReply { Outcome: AppendOutcome.Conflict } r => $"conflict at {r.Rejected}, hint {r.Hint}, round {r.Round}",
        AppendEntriesReply => "stale term",
        InstallSnapshot i => $"snapshot {i.Snapshot.Last} transfer {i.Transfer}, {i.Bytes.Length} bytes from {i.Offset} of {i.Snapshot.Length}",
        InstallSnapshotReply { Outcome: InstallOutcome.Installed } r => $"transfer {r.Transfer} installed, match {r.Match}",
        InstallSnapshotReply { Outcome: InstallOutcome.StaleTerm } => "stale term",
        TimeoutNow t => $"timeout-now, last {t.Last}",
        InstallSnapshotReply r => $"transfer {r.Transfer} {(r.Outcome == InstallOutcome.Gap ? "gap" : "receiving")}, next {r.Next}",
        ReadIndexRequest r => $"asks what is committed{(r.ByLease ? ", by lease" : "")}",
        ReadIndexReply r => $"says that {r.Index} is committed",
        _ => throw new ArgumentOutOfRangeException(nameof(message), message, null),
    };

    /// <summary>An effect without the name of the node: <c>-&gt; 2 term 1 ...</c>.</summary>
    public static string Of(Effect effect) => effect switch
    {
        Send s => $"-> {s.To} {Of(s.Message)}",
        PersistTerm p => $"writes term {p.Term}, vote {p.VotedFor?.Value ?? "none"}",
        AppendToLog a => $"writes log after {a.Previous}, {Of(a.Entries)}",
        ApplyCommitted a => $"applies {Of(a.Entries)}",
        RestartLog r => $"restarts log after {r.Base}",
        CompactLog c => $"compacts log to {c.UpTo.Index}",
        TakeSnapshot t => $"takes snapshot at {t.At.Last}",
        RetainSnapshots r => $"retains snapshots {string.Join(" ", r.Kept)}",
        SendSnapshotChunk s => $"-> {s.To} {Of(s.Message with { Bytes = new byte[s.Length] })}",
        BeginReceiving b => $"receives snapshot {b.Snapshot.Last} transfer {b.Transfer}",
        StoreSnapshotChunk c => $"stores transfer {c.Transfer}, {c.Bytes.Length} bytes from {c.Offset}",
        AbandonReceiving a => $"abandons transfer {a.Transfer}",
        RestoreMachine r => $"restores machine from {r.Snapshot.Last}",
        ProposalAppended p => $"proposal {p.ProposalId} appended as {p.Entry}",
        ProposalRefused p => $"proposal {p.ProposalId} refused: {p.Reason}",
        ReadReady r => $"read r{r.ReadId} ready at {r.Index}",
        ReadRefused r => $"read r{r.ReadId} refused: {r.Reason}",
        RoleChanged r => $"becomes {Name(r.To)} in term {r.Term}: {r.Reason}",
        LeaderChanged { Leader: null } l => $"knows no leader of term {l.Term}",
        LeaderChanged l => $"knows leader {l.Leader} of term {l.Term}",
        SnapshotRequestEnded r => $"snapshot request {r.RequestId} ended: {r.Snapshot?.Last.ToString() ?? "none"}",
        TransferEnded { Outcome: TransferOutcome.HandedOver } t => $"handing-over {t.RequestId} to {t.Target} is done",
        TransferEnded t => $"handing-over {t.RequestId} ended: {t.Outcome}, {t.Why}",
        MembershipEnded { Why: "" } m => $"change {m.RequestId} ended: {m.Outcome}, index {m.Index}",
        MembershipEnded m => $"change {m.RequestId} ended: {m.Outcome}, {m.Why}",
        _ => throw new ArgumentOutOfRangeException(nameof(effect), effect, null),
    };

    /// <summary>Ids of entries; a long row of one term is shortened to its ends.</summary>
    public static string Of(IReadOnlyList<LogEntry> entries)
    {
        var runs = new List<string>();
        for (var i = 0; i < entries.Count;)
        {
            var j = i;
            while (j + 1 < entries.Count && entries[j + 1].Term == entries[i].Term) j++;
            runs.Add(j - i < 3 ? string.Join(" ", entries.Skip(i).Take(j - i + 1).Select(e => e.Id)) : $"{entries[i].Id}..{entries[j].Id}");
            i = j + 1;
        }

        return string.Join(" ", runs);
    }

    public static string Of(NodeState node)
    {
        var text = $"{Name(node.Role)} term {node.Term}, vote {node.Vote.VotedFor?.Value ?? "none"}";
        if (node.Leader is { } leader && leader != node.Self) text += $", follows {leader}";
        text += $", log {node.Log.Last}";
        if (node.Log.Durable != node.Log.Last.Index) text += $" (durable {node.Log.Durable})";
        text += $", commit {node.CommitIndex}";
        if (node.Applied != node.CommitIndex) text += $", applied {node.Applied}";
        return text;
    }

    /// <summary>Who votes, who learns, and on the way from whom: <c>voters 1 4, learners 2, joint with 1 2 3, leaving 3</c>.</summary>
    public static string Of(Configuration configuration)
    {
        static string Names(IEnumerable<Member> members) => string.Join(" ", members.Select(member =>
            $"{member.Id}{(member.Storage is { } storage ? $"({storage})" : "")}{(member.PromoteWhenCaughtUp ? " to vote" : "")}"));
        if (configuration.Members.IsEmpty) return "nobody";
        var text = $"voters {Names(configuration.Voters)}";
        if (!configuration.Learners.IsEmpty) text += $", learners {Names(configuration.Learners)}";
        if (configuration.IsJoint) text += $", joint with {string.Join(" ", configuration.Outgoing)}";
        if (!configuration.Leaving.IsEmpty) text += $", leaving {Names(configuration.Leaving)}";
        return configuration.StaysJoint ? text + ", until asked" : text;
    }

    public static string Name(RaftRole role) => role == RaftRole.PreCandidate ? "pre-candidate" : role.ToString().ToLowerInvariant();

    static string Name(ElectionKind kind) => kind == ElectionKind.PreVote ? "pre-vote" : "vote";
}
