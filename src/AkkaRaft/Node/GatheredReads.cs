using AkkaRaft.Consensus;
using AkkaRaft.Protocol;

namespace AkkaRaft.Node;

/// <summary>Reads that came since the last flush, by what they want: each kind becomes one input of the core.</summary>
internal sealed class GatheredReads
{
    readonly SortedDictionary<(bool ByLease, bool Anywhere), List<long>> _confirmed = [];
    readonly List<LocalRead> _local = [];

    public int Count { get; private set; }

    public void Add(long id, QueryTerms terms)
    {
        Count++;
        if (terms.Consistency == ReadConsistency.Local)
        {
            _local.Add(new LocalRead(id, terms.MinIndex, terms.MaxStaleness, terms.MaxWait));
            return;
        }

        var kind = (terms.Consistency == ReadConsistency.Lease, terms.AnyNode);
        if (!_confirmed.TryGetValue(kind, out var ids)) _confirmed.Add(kind, ids = []);
        ids.Add(id);
    }

    public IReadOnlyList<Input> Take()
    {
        List<Input> inputs = [.. _confirmed.Select(kind => new Read(kind.Value) { ByLease = kind.Key.ByLease, Anywhere = kind.Key.Anywhere })];
        if (_local.Count > 0) inputs.Add(new ReadLocal([.. _local]));
        Clear();
        return inputs;
    }

    public void Clear()
    {
        Count = 0;
        _confirmed.Clear();
        _local.Clear();
    }
}
