using Akka.Actor;

namespace AkkaRaft.Node;

/// <summary>Where a node's actor is: the same place on every node, so that an address is enough to reach it.</summary>
internal static class NodePath
{
    public const string NodeName = "node";

    public static string GroupName(GroupId group) => $"raft-{group}";

    /// <summary>The full path of a node of <paramref name="group"/> in the actor system <paramref name="system"/> at <paramref name="address"/> (<c>host:port</c>).</summary>
    public static string Of(string system, string address, GroupId group) => $"akka.tcp://{system}@{address}/system/{GroupName(group)}/{NodeName}";

    /// <summary>A reference without a UID: it goes on working when the node's actor system is started anew.</summary>
    public static ICanTell Resolve(ExtendedActorSystem system, string address, GroupId group) =>
        system.Provider.ResolveActorRef(Of(system.Name, address, group));
}
