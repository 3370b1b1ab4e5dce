using AkkaRaft.Consensus;
using Shouldly;

namespace AkkaRaft.Tests.Consensus;

/// <summary>
/// What must hold after every step, whatever happens (Raft figure 3, and the durable order of design.md section 4). They see all nodes and all disks, which
/// no node does.
/// </summary>
internal sealed class Oracles(CoreCluster cluster)
{
    readonly Dictionary<Term, int> _leaders = [];
    readonly List<LogEntry> _committed = [];
    readonly List<Term> _committedIn = [];
    readonly Dictionary<long, EntryId> _places = [];
    readonly HashSet<EntryId> _failed = [];
    readonly SortedDictionary<long, string> _fates = [];
    readonly Dictionary<(Term, int), NodeId> _votes = [];

    public LogIndex HighestCommitted => new(_committed.Count);

    public IReadOnlyList<LogEntry> Committed => _committed;

    /// <summary>How each proposal ended that did: <c>done</c>, <c>failed</c>, <c>refused</c>.</summary>
    public IReadOnlyDictionary<long, string> Fates => _fates;

    public (Term Term, NodeId? Vote, LogIndex Commit, LogIndex Applied, EntryId Last, Configuration Configuration) Look(ClusterNode node) =>
        (node.State.Term, node.State.Vote.VotedFor, node.State.CommitIndex, node.State.Applied, node.State.Log.Last, node.State.Configuration);

    /// <summary>Whether the node may want this, judged by what is on its disk when it wants it.</summary>
    public void Judge(ClusterNode node, Effect effect)
    {
        switch (effect)
        {
            case Send send:
                JudgeMessage(node, send);
                break;
            case AppendToLog write:
                write.Entries[^1].Term.ShouldBeLessThanOrEqualTo(node.Disk.Term, "an entry goes to the journal only after its term is durable (B08)");
                break;
            case RoleChanged { To: RaftRole.Leader } change:
                if (_leaders.TryGetValue(change.Term, out var other)) other.ShouldBe(node.Number, $"one leader in term {change.Term}");
                _leaders[change.Term] = node.Number;
                // A late winner of an old term may lack what later terms committed; it can commit nothing.
                foreach (var entry in _committed.Where((_, i) => _committedIn[i] < change.Term))
                    node.State.Log.Matches(entry.Id).ShouldBeTrue($"leader completeness: node {node.Number} leads term {change.Term} without {entry.Id}");
                break;
            case ProposalAppended appended:
                _places.TryAdd(appended.ProposalId, appended.Entry).ShouldBeTrue("a proposal is appended once");
                break;
            case ProposalRefused refused:
                End(refused.ProposalId, "refused");
                break;
            case ReadReady ready:
                ready.Index.ShouldBeGreaterThanOrEqualTo(node.WaitingReads[ready.ReadId], $"read r{ready.ReadId} of node {node.Number} is stale");
                node.Machine.Count.ShouldBeGreaterThanOrEqualTo((int)ready.Index.Value, "a read sees what is applied");
                break;
        }
    }

    void JudgeMessage(ClusterNode node, Send send)
    {
        var disk = node.Disk;
        send.Message.From.ShouldBe(node.Id);
        send.To.ShouldNotBe(node.Id);
        send.Message.Term.ShouldBeLessThanOrEqualTo(disk.Term, "a term is announced only after it is durable");
        switch (send.Message)
        {
            case VoteRequest { Kind: ElectionKind.Vote } request:
                (disk.Term, disk.VotedFor).ShouldBe((request.Term, node.Id), "a candidate asks only after its own vote is durable (B01)");
                request.LastEntry.ShouldBe(disk.Last, "a candidate stands with its durable log (B12)");
                RecordVote(request.Term, node.Number, node.Id);
                break;
            case VoteReply { Kind: ElectionKind.Vote, Granted: true } reply:
                (disk.Term, disk.VotedFor).ShouldBe((reply.Term, send.To), "a vote is announced only after it is durable (B01)");
                RecordVote(reply.Term, node.Number, send.To);
                break;
            case AppendEntriesReply { Outcome: AppendOutcome.Accepted } reply:
                JudgeMatch(node, reply.Match);
                break;
            case InstallSnapshotReply { Outcome: InstallOutcome.Installed } reply:
                JudgeMatch(node, reply.Match);
                break;
            case AppendEntries append:
                _leaders[append.Term].ShouldBe(node.Number);
                break;
            case TimeoutNow call:
                _leaders[call.Term].ShouldBe(node.Number);
                var target = cluster.Nodes.Single(n => n.Id == send.To);
                target.Disk.Holds(call.Last).ShouldBeTrue($"node {target.Number} is told to take over without {call.Last} on its disk (B81)");
                node.State.Leadership!.Lease.IsGivenUp.ShouldBeTrue("no lease outlives the call (B79)");
                break;
        }
    }

    static void JudgeMatch(ClusterNode node, LogIndex match)
    {
        match.ShouldBeLessThanOrEqualTo(node.Disk.LastIndex, "only what is durable is acknowledged");
        if (node.State.Log.TryGetId(match, out var id))
            node.Disk.Holds(id).ShouldBeTrue($"node {node.Number} acknowledges {id}, which its disk does not hold");
    }

    void RecordVote(Term term, int voter, NodeId candidate)
    {
        if (_votes.TryGetValue((term, voter), out var before)) before.ShouldBe(candidate, $"node {voter} votes once in term {term}");
        _votes[(term, voter)] = candidate;
    }

    /// <summary>What a step may have changed, and how.</summary>
    public void Compare(ClusterNode node, (Term Term, NodeId? Vote, LogIndex Commit, LogIndex Applied, EntryId Last, Configuration Configuration) before)
    {
        var state = node.State;
        state.Term.ShouldBeGreaterThanOrEqualTo(before.Term);
        if (state.Term == before.Term && before.Vote is not null) state.Vote.VotedFor.ShouldBe(before.Vote, "a vote is not taken back");
        state.CommitIndex.ShouldBeGreaterThanOrEqualTo(before.Commit);
        state.Applied.ShouldBeGreaterThanOrEqualTo(before.Applied);
        state.Applied.ShouldBeLessThanOrEqualTo(state.CommitIndex);
        JudgeMatch(node, state.Log.Durable);
        state.Log.Base.Index.ShouldBeLessThanOrEqualTo(state.Snapshot?.Last.Index ?? LogIndex.Zero, "the log lets go only of what a snapshot stands for");
        if (state.CommitIndex > before.Commit) CommitRose(node, before.Commit, before.Configuration);
        if (state.Log.Last != before.Last) LogsMatch(node);
    }

    void CommitRose(ClusterNode node, LogIndex from, Configuration before)
    {
        var state = node.State;
        if (!node.IsLeader) state.CommitIndex.ShouldBeLessThanOrEqualTo(state.Log.Durable, "a follower's commit index stays at or below its durable log");
        for (var index = from.Next; index <= state.CommitIndex; index = index.Next)
        {
            if (index <= HighestCommitted)
            {
                // What an installed snapshot stands for is not in the log any more.
                if (state.Log.TryGetId(index, out var id)) id.ShouldBe(_committed[(int)index.Value - 1].Id, "a committed entry never changes");
                continue;
            }

            var entry = state.Log[index];

            node.IsLeader.ShouldBeTrue("only a leader commits first");
            _failed.ShouldNotContain(entry.Id, "what was said to have failed is never committed");
            _committed.Add(entry);
            _committedIn.Add(state.Term);
        }

        if (!node.IsLeader) return;
        var newest = state.Log[state.CommitIndex].Id;
        newest.Term.ShouldBe(state.Term, "only an entry of the leader's own term is committed by counting");
        // A step may commit by the configuration before it, and append another one upon that; or commit by the one that it has appended.
        var who = cluster.Nodes.Where(n => n.Disk.Holds(newest)).Select(n => n.Id).ToHashSet();
        (HaveDecided(before, who) || HaveDecided(state.Configuration, who)).ShouldBeTrue(
            $"{newest} is committed by node {node.Number}, and on the disks of {string.Join(" ", who)} only; it went by {Trace.Of(before)}, and goes by {Trace.Of(state.Configuration)}");
    }

    static bool HaveDecided(Configuration configuration, HashSet<NodeId> who) => Sets(configuration).TrueForAll(set => set.Count(who.Contains) * 2 > set.Count);

    /// <summary>
    /// A leader appends a configuration: after an entry of its own term and the configuration before are committed (B63, B64), and so that no two majorities can decide
    /// side by side (Raft 6). Only who it is that members are may be written sooner: that changes no majority.
    /// </summary>
    public void JudgeChange(ClusterNode node, Effect effect)
    {
        if (effect is not AppendToLog { Entries: var entries } || !node.IsLeader) return;
        foreach (var entry in entries.OfType<ConfigurationEntry>())
        {
            var (index, before) = Before(node, entry.Index);
            index.ShouldBeLessThanOrEqualTo(HighestCommitted, $"node {node.Number} changes a configuration that is not committed (B64)");
            var (old, now) = (Sets(before), Sets(entry.Configuration));
            if (old.Count == now.Count && old.Zip(now, (one, other) => one.SetEquals(other)).All(same => same)) continue;
            _committedIn.ShouldContain(node.State.Term, $"node {node.Number} changes the configuration before it has committed anything in its term (B63)");
            CanDecideSideBySide(before, entry.Configuration).ShouldBeFalse($"{entry.Configuration} follows {before}, and has majorities apart from it");
            CanDecideSideBySide(entry.Configuration, entry.Configuration).ShouldBeFalse();
        }
    }

    static (LogIndex Index, Configuration Configuration) Before(ClusterNode node, LogIndex index)
    {
        var log = node.State.Log;
        for (index = index.Previous; index > log.Base.Index; index = index.Previous)
        {
            if (log[index] is ConfigurationEntry entry) return (index, entry.Configuration);
        }

        return node.State.Snapshot is { } snapshot ? (snapshot.Last.Index, snapshot.Mark.Configuration) : (LogIndex.Zero, node.FirstConfiguration);
    }

    /// <summary>The sets of voters of which each must have its majority, counted here without the rules' own arithmetic.</summary>
    static List<HashSet<NodeId>> Sets(Configuration configuration)
    {
        var sets = new List<HashSet<NodeId>> { configuration.Voters.Select(voter => voter.Id).ToHashSet() };
        if (!configuration.Outgoing.IsEmpty) sets.Add([.. configuration.Outgoing]);
        return sets;
    }

    static bool CanDecideSideBySide(Configuration one, Configuration other)
    {
        var nodes = Sets(one).Concat(Sets(other)).SelectMany(set => set).Distinct().ToList();
        bool Decides(Configuration configuration, int who) => Sets(configuration).TrueForAll(set => set.Count(voter => (who >> nodes.IndexOf(voter) & 1) == 1) * 2 > set.Count);
        return Enumerable.Range(0, 1 << nodes.Count).Any(who => Decides(one, who) && Decides(other, ~who));
    }

    /// <summary>Two logs that hold the same entry are equal before it (Log Matching).</summary>
    void LogsMatch(ClusterNode node)
    {
        var mine = node.State.Log;
        foreach (var other in cluster.Nodes.Where(n => n != node && n.IsRunning))
        {
            var theirs = other.State.Log;
            var first = LogIndex.Max(mine.Base.Index, theirs.Base.Index).Next;
            var last = LogIndex.Min(mine.Last.Index, theirs.Last.Index);
            while (last >= first && mine[last].Id != theirs[last].Id) last = last.Previous;
            for (var i = first; i <= last; i = i.Next)
                Same(mine[i], theirs[i]).ShouldBeTrue($"nodes {node.Number} and {other.Number} agree at {last} and not at {mine[i].Id}");
        }
    }

    /// <summary>A state machine begins anew from a snapshot; what waited for an entry that it stands for may be done or not.</summary>
    public void Restored(ClusterNode node, LogIndex index)
    {
        index.ShouldBeLessThanOrEqualTo(HighestCommitted, "a snapshot is of committed entries");
        foreach (var (id, waiting) in node.WaitingProposals.Where(pair => pair.Value.Index <= index).ToList())
        {
            node.WaitingProposals.Remove(id);
            End(id, "unknown");
        }
    }

    public static bool Same(LogEntry left, LogEntry right) => left.Equals(right);

    public void Applied(ClusterNode node, LogEntry entry)
    {
        node.Machine.IndexOf(entry).ShouldBe((int)entry.Index.Value - 1, "entries are applied in order, each once");
        Same(entry, _committed[(int)entry.Index.Value - 1]).ShouldBeTrue($"node {node.Number} applies {entry.Id}, which is not what was committed");
        foreach (var (id, waiting) in node.WaitingProposals.ToList())
        {
            // Terms never fall along a log: after a committed entry of a later term there is no place for one of this term, even if the log does not
            // reach its index yet. Whoever waited for that index alone would wait until somebody else writes.
            var replaced = waiting.Index == entry.Index || (waiting.Index > entry.Index && waiting.Term < entry.Term);
            if (!replaced) continue;
            node.WaitingProposals.Remove(id);
            End(id, waiting == entry.Id ? "done" : "failed");
        }
    }

    void End(long proposal, string fate)
    {
        _fates.TryAdd(proposal, fate).ShouldBeTrue($"proposal {proposal} ends once");
        if (fate == "failed") _failed.Add(_places[proposal]);
    }
}
