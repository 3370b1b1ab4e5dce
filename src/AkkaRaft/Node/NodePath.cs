using Akka.Actor;

namespace AkkaRaft.Node;

/// <summary>Where a node's actor is: the same place on every node, so that an address is enough to reach it.</summary>
internal static class NodePath
{
    public const string NodeName = "node";

    public static string GroupName(GroupId group) => $"raft-{group}";

    /// <summary>The full path of a node of <paramref name="group"/> in the actor system <paramref name="system"/> at <paramref name="address"/> (<c>host:port</c>).</summary>
    /// <param name="protocol">As the addresses of all the systems that speak to each other have it.</param>
    /// <param name="system">The name of the actor system there.</param>
    /// <param name="address">Where it is.</param>
    /// <param name="group">Of which group.</param>
    public static string Of(string protocol, string system, string address, GroupId group) => $"{protocol}://{system}@{address}/system/{GroupName(group)}/{NodeName}";

    /// <summary>What a system's addresses begin with, and so those of its peers: <c>akka.tcp</c>, or <c>akka.tls.tcp</c> with TLS.</summary>
    public static string ProtocolOf(ActorSystem system) => ((ExtendedActorSystem)system).Provider.DefaultAddress.Protocol;

    /// <summary>A reference without a UID: it goes on working when the node's actor system is started anew.</summary>
    public static ICanTell Resolve(ExtendedActorSystem system, string address, GroupId group) =>
        system.Provider.ResolveActorRef(Of(ProtocolOf(system), system.Name, address, group));
}
