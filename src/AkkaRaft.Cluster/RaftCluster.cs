using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster;
using Akka.Configuration;
using AkkaRaft.Cluster.Claims;
using static AkkaRaft.Settings.SettingText;
using AkkaCluster = Akka.Cluster.Cluster;

namespace AkkaRaft.Cluster;

/// <summary>
/// The Akka extension that lets Akka.Cluster help a Raft group: <c>RaftCluster.Get(system).Attach(group, RaftClusterSettings.Create(system))</c>. The cluster's members
/// are the group's address book, a leader whose member leaves hands over first, and an autopilot, off by default, keeps the group's members. Gossip by itself never
/// changes a Raft configuration.
/// </summary>
public sealed class RaftCluster : IExtension
{
    readonly ExtendedActorSystem _system;
    readonly Lock _attaching = new();

    ImmutableDictionary<GroupId, RaftClusterGroup> _groups = ImmutableDictionary<GroupId, RaftClusterGroup>.Empty;

    internal RaftCluster(ExtendedActorSystem system) => _system = system;

    /// <summary>The extension of a system.</summary>
    /// <param name="system">The application's actor system.</param>
    public static RaftCluster Get(ActorSystem system) => system.WithExtension<RaftCluster, RaftClusterProvider>();

    /// <summary>The library's reference configuration: every key of <c>akka.raft.cluster</c> with its default.</summary>
    public static Config DefaultConfig() => RaftClusterSettings.ReferenceConfig;

    /// <summary>Lets the cluster's members help a group, from now until its node stops. Each node of the group does it.</summary>
    /// <param name="group">The group, started in this system.</param>
    /// <param name="settings">What the members are to mean for it.</param>
    /// <returns>What the cluster says of the group, and what was made of it.</returns>
    /// <exception cref="RaftSettingsException">The settings, or this member's roles, cannot work; lists everything that is wrong.</exception>
    /// <exception cref="ArgumentException">The group was started in another actor system.</exception>
    /// <exception cref="InvalidOperationException">The group is attached already.</exception>
    public RaftClusterGroup Attach(RaftGroup group, RaftClusterSettings settings)
    {
        ArgumentNullException.ThrowIfNull(group);
        ArgumentNullException.ThrowIfNull(settings);
        if (group.System != _system)
            throw new ArgumentException($"Group \"{group.Settings.GroupId}\" runs in another actor system than this one, \"{_system.Name}\". Nothing was attached. Attach it in its own.", nameof(group));
        if (ErrorsOf(group.Settings, settings) is { Count: > 0 } errors) throw RaftClusterSettings.Refusal(errors);
        lock (_attaching)
        {
            if (_groups.ContainsKey(group.Settings.GroupId))
                throw new InvalidOperationException($"Group \"{group.Settings.GroupId}\" is attached to Akka.Cluster already, in actor system \"{_system.Name}\". Nothing was changed.");
            var attached = new RaftClusterGroup(group, settings);
            _groups = _groups.Add(group.Settings.GroupId, attached);
            _system.SystemActorOf(ClusterWatcher.Props(attached), $"raft-cluster-{group.Settings.GroupId}");
            return attached;
        }
    }

    /// <summary>
    /// The nodes that the cluster's members run, as contact points of a <see cref="RaftClient"/> in any member of the cluster: <c>RaftClientSettings.Create(system)
    /// .WithContactPoints(RaftCluster.Get(system).ContactPoints(settings))</c>. The client learns the rest from the nodes themselves.
    /// </summary>
    /// <param name="settings">Which members run a node.</param>
    /// <returns>Those that are reachable now, ordered by id; empty before this member has joined.</returns>
    /// <exception cref="RaftSettingsException">The settings cannot work, or the system has no Akka.Cluster.</exception>
    public IReadOnlyList<RaftMember> ContactPoints(RaftClusterSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        if (settings.Errors().Concat(ProviderErrors()).ToList() is { Count: > 0 } errors) throw RaftClusterSettings.Refusal(errors);
        var state = AkkaCluster.Get(_system).State;
        return [.. ClusterView.Of(state.Members.Select(member => ClusterMembers.PeerOf(member, !state.Unreachable.Contains(member))), settings).Nodes.Values
            .Where(member => member.IsReachable).Select(member => new RaftMember(member.Id, member.Address))];
    }

    IReadOnlyList<string> ErrorsOf(RaftSettings group, RaftClusterSettings settings)
    {
        var errors = settings.ErrorsWith(group).Concat(ProviderErrors()).ToList();
        if (errors.Count > 0) return errors;
        var roles = AkkaCluster.Get(_system).SelfRoles;
        var shown = $"akka.cluster.roles = [{string.Join(", ", roles.Order(StringComparer.Ordinal))}]";
        if (!roles.Contains(settings.Role))
            errors.Add($"{shown}: this member runs a node of the group, so it must have the role {Of(settings.Role)} ({RaftClusterSettings.Section}.role).");
        var own = $"{settings.NodeRolePrefix}{group.NodeId}";
        if (!roles.Contains(own))
            errors.Add($"{shown}: it must have the role {Of(own)}, as {group.PathOf(Settings.SettingKeys.NodeId)} = {Of(group.NodeId.Value)} here.");
        foreach (var other in roles.Where(role => role != own && role.StartsWith(settings.NodeRolePrefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal))
            errors.Add($"{shown}: the role {Of(other)} names another node than this one, {Of(group.NodeId.Value)}; a member names one.");
        return errors;
    }

    IEnumerable<string> ProviderErrors() => _system.Provider is ClusterActorRefProvider
        ? []
        : [$"akka.actor.provider = {_system.Settings.Config.GetString("akka.actor.provider", "local")}: it must be cluster."];
}

/// <summary>Makes the <see cref="RaftCluster"/> extension.</summary>
public sealed class RaftClusterProvider : ExtensionIdProvider<RaftCluster>
{
    /// <inheritdoc />
    public override RaftCluster CreateExtension(ExtendedActorSystem system) => new(system);
}
