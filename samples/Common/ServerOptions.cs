using Akka.Event;

namespace AkkaRaft.Samples.Common;

/// <summary>What the command line says of a node.</summary>
/// <param name="Node">Its id.</param>
/// <param name="Members">The whole first configuration, itself included.</param>
/// <param name="Cluster">The cluster's name.</param>
/// <param name="DataDir">The folder of its journals; null for what the configuration file says, or the default.</param>
/// <param name="Listen">Where it listens; null for its own entry in the list.</param>
/// <param name="ConfigFile">HOCON that is put over the program's own, without what the command line says; null for none.</param>
/// <param name="Log">What it logs.</param>
public sealed record ServerOptions(
    NodeId Node, IReadOnlyList<RaftMember> Members, ClusterId Cluster, string? DataDir, HostPort? Listen, FileInfo? ConfigFile, LogLevel Log)
{
    /// <summary>Its own entry.</summary>
    public RaftMember Self => Members.First(member => member.Id == Node);
}
