using AkkaRaft.Consensus;

namespace AkkaRaft.TestKit.Invariants;

/// <summary>
/// A command of a client's session is carried out at one index and no other, on every node, however often it is in the log, and whatever crashes and replays come
/// between (thesis 6.3).
/// </summary>
internal sealed class AppliedAtMostOnce : ClusterInvariant
{
    readonly Dictionary<(LogIndex Session, long Sequence), (LogIndex Index, NodeView Node)> _ran = [];

    public override string Name => "Applied At Most Once";

    public override string Section => "thesis 6.3";

    public override void OnHandlerRuns(NodeView node, CommandEntry entry, ClusterView cluster)
    {
        if (entry.Stamp is not { } stamp || _ran.TryAdd((stamp.Session, stamp.Sequence), (entry.Index, node))) return;
        var first = _ran[(stamp.Session, stamp.Sequence)];
        Holds(first.Index == entry.Index, cluster,
            $"the machine of {node} carries out command {stamp.Sequence} of session {stamp.Session} at index {entry.Index}; that of node {first.Node.Id} carried it out "
            + $"at index {first.Index}");
    }
}
