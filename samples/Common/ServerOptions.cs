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
    /// <summary>Whether it founds no cluster and waits to be added; <see cref="Members"/> then has its own entry only.</summary>
    public bool Join { get; init; }

    /// <summary>Where the others find it, if that is not its entry any more: it was moved. Null if it is.</summary>
    public HostPort? Address { get; init; }

    /// <summary>Its own entry, where it is now.</summary>
    public RaftMember Self => Members.First(member => member.Id == Node) is var entry && Address is { } moved ? entry with { Address = moved.ToString() } : entry;
}
