using AkkaRaft.Consensus;

namespace AkkaRaft.TestKit.Invariants;

/// <summary>
/// What is committed in a term is in the logs of the leaders of all later terms (Raft figure 3, 5.4.3). A late winner of an earlier term may lack it: it can
/// commit nothing.
/// </summary>
internal sealed class LeaderCompleteness(CommittedLog committed) : ClusterInvariant
{
    readonly List<Leadership> _byTerm = [];
    LogIndex _judged;

    public override string Name => "Leader Completeness";

    public override string Section => "Raft 5.4.3, figure 3";

    public override void OnEffect(NodeView node, Effect effect, ClusterView cluster)
    {
        if (effect is RoleChanged { To: RaftRole.Leader } change) Elected(node, change.Term, cluster);
    }

    public override void OnStep(NodeView node, ClusterView cluster)
    {
        committed.Follow(node);
        while (_judged < committed.Last)
        {
            _judged = _judged.Next;
            Judge(committed[_judged], cluster);
        }
    }

    void Elected(NodeView node, Term term, ClusterView cluster)
    {
        var leadership = new Leadership(node.Id, term, node.State!.Log);
        var place = _byTerm.Count;
        while (place > 0 && _byTerm[place - 1].Term > term) place--;
        _byTerm.Insert(place, leadership);

        for (var index = new LogIndex(1); index <= committed.Last; index = index.Next)
        {
            var entry = committed[index];
            if (entry.In < term && !leadership.Held(entry.Entry.Id)) Lacks(leadership, entry, cluster);
        }
    }

    // The leader of an earlier term may learn only now that a majority had its entry all along; then every later leader must have had it too.
    void Judge(Committed entry, ClusterView cluster)
    {
        for (var place = _byTerm.Count - 1; place >= 0 && _byTerm[place].Term > entry.In; place--)
        {
            if (!_byTerm[place].Held(entry.Entry.Id)) Lacks(_byTerm[place], entry, cluster);
        }
    }

    void Lacks(Leadership leadership, Committed entry, ClusterView cluster) => cluster.Report(Name,
        $"node {leadership.Leader} was elected in term {leadership.Term} without entry {entry.Entry.Id}, which node {entry.By.Id} committed in term {entry.In}; "
        + leadership.At(entry.Entry.Index));

    /// <summary>A leader's log at its election, as runs of terms: an entry is named by index and term.</summary>
    sealed class Leadership
    {
        readonly List<EntryId> _runs = [];
        readonly EntryId _base;
        readonly LogIndex _last;

        public Leadership(NodeId leader, Term term, RaftLog log)
        {
            (Leader, Term, _base, _last) = (leader, term, log.Base, log.Base.Index);
            for (var index = _base.Index.Next; index <= log.Last.Index && log[index].Term < term; index = index.Next)
            {
                if (_runs.Count == 0 || _runs[^1].Term != log[index].Term) _runs.Add(log[index].Id);
                _last = index;
            }
        }

        public NodeId Leader { get; }

        public Term Term { get; }

        // What is compacted is committed, which its last entry vouches for.
        public bool Held(EntryId id) => id.Index < _base.Index || id == _base || TermAt(id.Index) == id.Term;

        public string At(LogIndex index) => index == _base.Index ? $"its log began behind entry {_base}" : TermAt(index) is { } term ? $"it had entry {index}/{term} there" : $"its log ended at index {_last}";

        Term? TermAt(LogIndex index)
        {
            if (index > _last) return null;
            for (var run = _runs.Count - 1; run >= 0; run--)
            {
                if (_runs[run].Index <= index) return _runs[run].Term;
            }

            return null;
        }
    }
}
