namespace AkkaRaft.TestKit.Invariants;

/// <summary>
/// A snapshot is the state that the log makes (Raft 7): whether a machine applied the entries or began anew from somebody's snapshot of them, its state is the same
/// (B58). It is compared as the user's fingerprint tells it, where snapshots stand, and not as bytes, which need not be the same for equal states.
/// </summary>
internal sealed class SnapshotEqualsLog : ClusterInvariant
{
    readonly Dictionary<LogIndex, (NodeView Node, string State)> _first = [];

    public override string Name => "Snapshot Equals Log";

    public override string Section => "Raft 7, thesis 5.1";

    public override void OnState(NodeView node, LogIndex index, string state, ClusterView cluster)
    {
        if (_first.TryAdd(index, (node, state))) return;
        var (other, expected) = _first[index];
        Holds(state == expected, cluster, $"the state of {node} at index {index} is {Short(state)}; that of node {other.Id} there was {Short(expected)}");
    }

    static string Short(string state) => state.Length <= 200 ? $"\"{state}\"" : $"\"{state[..200]}...\", {state.Length} characters";
}
