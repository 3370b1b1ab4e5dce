using AkkaRaft.Consensus;

namespace AkkaRaft.Tests.Consensus;

/// <summary>Who belongs to the cluster, and whose disk is whose.</summary>
internal sealed partial class CoreCluster
{
    /// <summary>A leader appends a configuration, past the rules of changes: for what a log with it does.</summary>
    public void Reconfigure(ClusterNode node, IEnumerable<int> voters)
    {
        var before = Oracles.Look(node);
        var id = new EntryId(node.State.Log.Last.Index.Next, node.State.Term);
        var effects = new Effects();
        LeaderReplication.Append(node.State, [new ConfigurationEntry(id, Entries.Epoch + node.Clock, Entries.Voters(voters))], effects);
        foreach (var effect in effects.All) Carry(node, effect);
        Oracles.Compare(node, before);
        Apply(node);
    }

    /// <summary>Somebody asks the node to change the members.</summary>
    public void Change(ClusterNode node, ChangeMembership request) => Step(node, request);

    /// <summary>What the shell drops: what is meant for another disk, or comes from one that the receiver's log knows better (B71).</summary>
    public bool IsOfStranger(ClusterNode node, Envelope envelope)
    {
        if (envelope.ToStorage is { } meant && meant != node.Storage) return true;
        var (index, configuration) = (node.State.Configurations.EffectiveIndex, node.State.Configuration);
        return configuration.Find(this[envelope.From].Id)?.Storage is { } known && known != envelope.FromStorage && envelope.Configuration <= index;
    }

    /// <summary>The process dies, and its disk is replaced by an empty one.</summary>
    public void Wipe(ClusterNode node)
    {
        Crash(node);
        node.Wipe();
    }
}
