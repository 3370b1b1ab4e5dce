using AkkaRaft.Consensus;
using AkkaRaft.TestKit;
using AkkaRaft.TestKit.Invariants;

namespace AkkaRaft.Simulation.Tests.Invariants;

/// <summary>The clients of a <see cref="LoopCluster"/>, who are told what its nodes know, and book it. Some of their commands are equal.</summary>
internal sealed class LoopClients(ClusterView view, IReadOnlyList<ClusterInvariant> invariants)
{
    readonly Dictionary<(LoopNode Node, EntryId Entry), int> _appended = [];
    readonly HashSet<(LoopNode Node, int Number)> _reads = [];
    int _last;

    public int Done { get; private set; }

    public int NotDone { get; private set; }

    public int Unknown { get; private set; }

    public int Answered { get; private set; }

    public Propose Propose(int count)
    {
        var proposals = new List<Proposal>();
        for (; count > 0; count--)
        {
            var command = World.Command($"add {++_last / 3}");
            view.Clients.Begin(_last, command);
            proposals.Add(new Proposal(_last, World.Command($"add {_last / 3}")));
        }

        return new Propose(proposals);
    }

    public Read Read(LoopNode node)
    {
        view.Clients.Begin(++_last, null);
        _reads.Add((node, _last));
        return new Read([_last]);
    }

    public void On(LoopNode node, Effect effect)
    {
        switch (effect)
        {
            case ProposalAppended appended:
                _appended.Add((node, appended.Entry), (int)appended.ProposalId);
                break;
            case ProposalRefused refused:
                End((int)refused.ProposalId, OperationOutcome.NotDone);
                break;
            case ReadReady ready when _reads.Remove((node, (int)ready.ReadId)):
                Answered++;
                End((int)ready.ReadId, OperationOutcome.Done, ready.Index, isQuery: true);
                break;
            case ReadRefused refused when _reads.Remove((node, (int)refused.ReadId)):
                End((int)refused.ReadId, OperationOutcome.NotDone, isQuery: true);
                break;
        }
    }

    public void Applied(LoopNode node, LogEntry entry, bool lie)
    {
        if (_appended.Remove((node, entry.Id), out var number)) End(number, OperationOutcome.Done, lie ? entry.Index.Previous : entry.Index);
    }

    public void LeadershipLost(LoopNode node)
    {
        foreach (var key in _appended.Keys.Where(key => key.Node == node).OrderBy(key => key.Entry.Index).ToList())
        {
            _appended.Remove(key, out var number);
            End(number, OperationOutcome.Unknown);
        }
    }

    public void Crashed(LoopNode node)
    {
        foreach (var read in _reads.Where(read => read.Node == node).OrderBy(read => read.Number).ToList())
        {
            _reads.Remove(read);
            End(read.Number, OperationOutcome.Unknown, isQuery: true);
        }
    }

    void End(int number, OperationOutcome outcome, LogIndex index = default, bool isQuery = false)
    {
        if (outcome == OperationOutcome.Done) Done++;
        else if (outcome == OperationOutcome.NotDone) NotDone++;
        else Unknown++;
        var ended = new Operation(number, 1, isQuery ? "sum" : $"add {number / 3}", isQuery, TimeSpan.Zero, view.Now, outcome, null, index);
        view.Clients.Add(ended);
        foreach (var invariant in invariants) invariant.OnEnded(ended, view);
    }
}
