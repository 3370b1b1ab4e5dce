using AkkaRaft.Consensus;
using AkkaRaft.Node;

namespace AkkaRaft.Tracing;

/// <summary>
/// Tells what a node does in the words of docs/trace.md. It looks on from outside: before a step's effects are carried out, so that nobody can have heard of
/// what is not yet in the trace.
/// </summary>
internal sealed class ProtocolTrace(ITraceSink sink) : INodeObserver
{
    NodeId _self;
    Term _term;
    EntryId _last;
    EntryId _snapshot;
    long _voidBefore;
    LogIndex _commit;

    public void Joined(RaftCore core)
    {
        var (vote, log) = (core.State.Vote, core.State.Log);
        _self = core.State.Self;
        _term = vote.DurableTerm;
        _last = log.Last;
        // What is committed is not stored; the node learns it anew, from what its log begins with.
        _commit = core.State.CommitIndex;
        _snapshot = core.State.Snapshot?.Last ?? EntryId.Zero;
        _voidBefore = 0;
        Tell(new Started(_term, vote.VotedFor, _snapshot, log.Last, RunsOf(log, _snapshot.Index)));
    }

    public void Stored(AppendToLog stored)
    {
        // Of a log that an installed snapshot has ended, or of entries that it stands for.
        if (stored.WriteId < _voidBefore || stored.Entries[^1].Index <= _snapshot.Index) return;
        _last = stored.Entries[^1].Id;
        var known = (int)Math.Max(0, _snapshot.Index - stored.Previous.Index);
        if (known == 0) Tell(new EntriesStored(stored.LeaderTerm, stored.Previous, stored.Entries));
        else Tell(new EntriesStored(stored.LeaderTerm, _snapshot, [.. stored.Entries.Skip(known)]));
    }

    public void Stepped(RaftCore core, Input input, IReadOnlyList<Effect> effects)
    {
        if (input is TermPersisted written && written.Term > _term) OnTermRose(written);
        if (input is SnapshotReceived { Snapshot: var received } && core.State.Snapshot == received && received.Last.Index > _snapshot.Index) OnInstalled(received, effects);
        foreach (var effect in effects)
        {
            switch (effect)
            {
                case Send { To: var candidate, Message: VoteReply { Kind: ElectionKind.Vote, Granted: true } grant }:
                    Tell(new VoteGranted(grant.Term, candidate));
                    break;
                case RoleChanged { To: RaftRole.Leader, Term: var term }:
                    Tell(new BeganToLead(term));
                    break;
            }
        }

        if (core.State.CommitIndex <= _commit) return;
        _commit = core.State.CommitIndex;
        // The term in memory is the durable one then: nothing is committed while a newer term is on its way to the disk.
        Tell(new CommitRose(core.State.Term, _commit));
    }

    public void Left()
    {
    }

    public void Applied(LogEntry entry, object? result)
    {
    }

    public void Restored(EntryId last)
    {
    }

    void OnInstalled(StoredSnapshot installed, IReadOnlyList<Effect> effects)
    {
        _snapshot = installed.Last;
        // What it stands for is committed; that is said with it.
        _commit = LogIndex.Max(_commit, _snapshot.Index);
        if (effects.OfType<RestartLog>().FirstOrDefault() is { } restart) (_voidBefore, _last) = (restart.WriteId, _snapshot);
        else if (_last.Index < _snapshot.Index) _last = _snapshot;
        Tell(new SnapshotInstalled(_snapshot));
    }

    void OnTermRose(TermPersisted written)
    {
        _term = written.Term;
        // What is stored is known from the journal: the same step may have taken up a message that waited for this term, and have cut the log in memory.
        if (written.VotedFor == _self) Tell(new StoodForElection(_term, _last));
        else Tell(new TermRose(_term));
    }

    void Tell(TraceEvent happened) => sink.Write(_self, happened);

    static List<EntryId> RunsOf(RaftLog log, LogIndex after)
    {
        var runs = new List<EntryId>();
        for (var index = after.Next; index <= log.Last.Index; index = index.Next)
        {
            if (runs.Count == 0 || runs[^1].Term != log[index].Term) runs.Add(log[index].Id);
        }

        return runs;
    }
}
