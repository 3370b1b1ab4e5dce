using System.Collections.Immutable;
using Akka.Actor;
using Akka.Configuration;
using AkkaRaft.Settings;
using static AkkaRaft.Settings.SettingText;

namespace AkkaRaft.Cluster;

/// <summary>
/// What Akka.Cluster's members are to mean for a group, from <c>akka.raft.cluster</c> in HOCON and from <c>With...</c>. Immutable. What each is for, and what goes wrong
/// when it is too small or too large, stands in hocon/cluster.conf, key by key.
/// </summary>
public sealed record RaftClusterSettings
{
    /// <summary>Where the settings stand in HOCON.</summary>
    internal const string Section = "akka.raft.cluster";

    static readonly TimeSpan ShortestInterval = TimeSpan.FromMilliseconds(100);

    // Timers of Akka and of .NET take no longer ones.
    static readonly TimeSpan LongestTime = TimeSpan.FromDays(1);

    static readonly Lazy<Config> Reference = new(() => ConfigurationFactory.FromResource<RaftClusterSettings>("AkkaRaft.Cluster.reference.conf"));

    ImmutableDictionary<string, string> _unread = ImmutableDictionary<string, string>.Empty;

    RaftClusterSettings(SettingsReader reader)
    {
        Role = reader.Text("role");
        NodeRolePrefix = reader.Text("node-role-prefix");
        LearnerRole = reader.Text("learner-role");
        AddressHints = reader.Switch("address-hints");
        HandOverOnLeave = reader.Switch("hand-over-on-leave");
        Autopilot = reader.Switch("autopilot.enabled");
        Interval = reader.Time("autopilot.interval");
        StableAfter = reader.Time("autopilot.stable-after");
        MaxLag = reader.Count("autopilot.max-lag");
        RemoveDead = reader.Switch("autopilot.remove-dead");
        RemoveDeadAfter = reader.Time("autopilot.remove-dead-after");
        MinVoters = reader.Count("autopilot.min-voters");
        MaxVoters = reader.Count("autopilot.max-voters");
        ActionTimeout = reader.Time("autopilot.action-timeout");
        RetryAfter = reader.Time("autopilot.retry-after");
    }

    /// <summary>reference.conf, whole.</summary>
    internal static Config ReferenceConfig => Reference.Value;

    /// <summary>The role of the cluster members that run a node of the group. Default <c>raft</c>.</summary>
    public string Role { get; private init; }

    /// <summary>What the role begins with that names a member's node id. Default <c>raft-node-</c>.</summary>
    public string NodeRolePrefix { get; private init; }

    /// <summary>The role of members that the autopilot never promotes; empty for none. Default <c>raft-learner</c>.</summary>
    public string LearnerRole { get; private init; }

    /// <summary>Whether members' addresses help to find nodes. Default true.</summary>
    public bool AddressHints { get; private init; }

    /// <summary>Whether a leader hands over as soon as its member is Leaving. Default true.</summary>
    public bool HandOverOnLeave { get; private init; }

    /// <summary>Whether the autopilot changes who belongs to the group. Default false.</summary>
    public bool Autopilot { get; private init; }

    /// <summary>How often the autopilot looks; at least 100 ms. Default 1 s.</summary>
    public TimeSpan Interval { get; private init; }

    /// <summary>How long a learner must be well before it is promoted. Default 10 s.</summary>
    public TimeSpan StableAfter { get; private init; }

    /// <summary>By how many entries a learner may be behind and count as caught up. Default 1000.</summary>
    public int MaxLag { get; private init; }

    /// <summary>Whether dead members are removed or replaced. Default true.</summary>
    public bool RemoveDead { get; private init; }

    /// <summary>How long a member must be dead before that. Default 10 minutes.</summary>
    public TimeSpan RemoveDeadAfter { get; private init; }

    /// <summary>A dead voter is not removed without a replacement if fewer voters would be left. Default 3.</summary>
    public int MinVoters { get; private init; }

    /// <summary>So many voters the autopilot makes at most; odd. Default 5.</summary>
    public int MaxVoters { get; private init; }

    /// <summary>How long one change may take. Default 10 s.</summary>
    public TimeSpan ActionTimeout { get; private init; }

    /// <summary>How long a change that failed is not tried again. Default 10 s.</summary>
    public TimeSpan RetryAfter { get; private init; }

    /// <summary>The settings of the block <c>akka.raft.cluster</c> of a system's configuration.</summary>
    /// <param name="system">It may say nothing of it: the defaults hold, and <c>With...</c> sets the rest.</param>
    public static RaftClusterSettings Create(ActorSystem system)
    {
        ArgumentNullException.ThrowIfNull(system);
        return Create(system.Settings.Config);
    }

    /// <summary>The settings of the block <c>akka.raft.cluster</c> of a configuration.</summary>
    /// <param name="config">A whole configuration; keys that it lacks have their defaults.</param>
    public static RaftClusterSettings Create(Config config)
    {
        ArgumentNullException.ThrowIfNull(config);
        var isThere = !config.IsEmpty && config.HasPath(Section);
        if (isThere && !config.GetValue(Section).IsObject())
            throw Refusal([$"{Section} = {config.GetValue(Section)}: it must be a block, {Section} {{ ... }}."]);
        var own = isThere ? config.GetConfig(Section) : Config.Empty;
        var reader = new SettingsReader(own, ReferenceConfig.GetConfig(Section), key => $"{Section}.{key}", "hocon/cluster.conf");
        var settings = new RaftClusterSettings(reader);
        reader.RefuseUnknownKeys(own, Section);
        return settings with { _unread = reader.Errors };
    }

    /// <summary>A copy with another <see cref="Role"/> (role).</summary>
    public RaftClusterSettings WithRole(string value) => With("role", this with { Role = value });

    /// <summary>A copy with another <see cref="NodeRolePrefix"/> (node-role-prefix).</summary>
    public RaftClusterSettings WithNodeRolePrefix(string value) => With("node-role-prefix", this with { NodeRolePrefix = value });

    /// <summary>A copy with another <see cref="LearnerRole"/> (learner-role).</summary>
    public RaftClusterSettings WithLearnerRole(string value) => With("learner-role", this with { LearnerRole = value });

    /// <summary>A copy with another <see cref="AddressHints"/> (address-hints).</summary>
    public RaftClusterSettings WithAddressHints(bool value) => With("address-hints", this with { AddressHints = value });

    /// <summary>A copy with another <see cref="HandOverOnLeave"/> (hand-over-on-leave).</summary>
    public RaftClusterSettings WithHandOverOnLeave(bool value) => With("hand-over-on-leave", this with { HandOverOnLeave = value });

    /// <summary>A copy with another <see cref="Autopilot"/> (autopilot.enabled).</summary>
    public RaftClusterSettings WithAutopilot(bool value) => With("autopilot.enabled", this with { Autopilot = value });

    /// <summary>A copy with another <see cref="Interval"/> (autopilot.interval).</summary>
    public RaftClusterSettings WithInterval(TimeSpan value) => With("autopilot.interval", this with { Interval = value });

    /// <summary>A copy with another <see cref="StableAfter"/> (autopilot.stable-after).</summary>
    public RaftClusterSettings WithStableAfter(TimeSpan value) => With("autopilot.stable-after", this with { StableAfter = value });

    /// <summary>A copy with another <see cref="MaxLag"/> (autopilot.max-lag).</summary>
    public RaftClusterSettings WithMaxLag(int value) => With("autopilot.max-lag", this with { MaxLag = value });

    /// <summary>A copy with another <see cref="RemoveDead"/> (autopilot.remove-dead).</summary>
    public RaftClusterSettings WithRemoveDead(bool value) => With("autopilot.remove-dead", this with { RemoveDead = value });

    /// <summary>A copy with another <see cref="RemoveDeadAfter"/> (autopilot.remove-dead-after).</summary>
    public RaftClusterSettings WithRemoveDeadAfter(TimeSpan value) => With("autopilot.remove-dead-after", this with { RemoveDeadAfter = value });

    /// <summary>A copy with another <see cref="MinVoters"/> (autopilot.min-voters).</summary>
    public RaftClusterSettings WithMinVoters(int value) => With("autopilot.min-voters", this with { MinVoters = value });

    /// <summary>A copy with another <see cref="MaxVoters"/> (autopilot.max-voters).</summary>
    public RaftClusterSettings WithMaxVoters(int value) => With("autopilot.max-voters", this with { MaxVoters = value });

    /// <summary>A copy with another <see cref="ActionTimeout"/> (autopilot.action-timeout).</summary>
    public RaftClusterSettings WithActionTimeout(TimeSpan value) => With("autopilot.action-timeout", this with { ActionTimeout = value });

    /// <summary>A copy with another <see cref="RetryAfter"/> (autopilot.retry-after).</summary>
    public RaftClusterSettings WithRetryAfter(TimeSpan value) => With("autopilot.retry-after", this with { RetryAfter = value });

    /// <summary>Refuses settings that cannot work.</summary>
    /// <exception cref="RaftSettingsException">It lists ALL that is wrong, each with its key, its value and what would be right.</exception>
    public void Validate()
    {
        var errors = Errors();
        if (errors.Count > 0) throw Refusal(errors);
    }

    /// <summary>All that is wrong, each with its key, its value and what would be right; empty when the settings can be used.</summary>
    public IReadOnlyList<string> Errors()
    {
        var errors = _unread.OrderBy(error => error.Key, StringComparer.Ordinal).Select(error => error.Value).ToList();
        if (string.IsNullOrEmpty(Role)) Wrong("role", Of(Role), "it must be the role of the members that run a node of the group, such as \"raft\".");
        if (string.IsNullOrEmpty(NodeRolePrefix)) Wrong("node-role-prefix", Of(NodeRolePrefix), "it must be what the role begins with that names a member's node id, such as \"raft-node-\".");
        else if (StartsLikeANode(Role)) Wrong("role", Of(Role), $"it begins with node-role-prefix = {Of(NodeRolePrefix)}, and would be taken for a node id.");
        if (LearnerRole is null) Wrong("learner-role", "null", "it must be a role, or empty for none.");
        else if (!string.IsNullOrEmpty(NodeRolePrefix) && StartsLikeANode(LearnerRole)) Wrong("learner-role", Of(LearnerRole), $"it begins with node-role-prefix = {Of(NodeRolePrefix)}, and would be taken for a node id.");
        Between("autopilot.interval", Interval, ShortestInterval);
        Between("autopilot.stable-after", StableAfter, TimeSpan.Zero);
        Between("autopilot.remove-dead-after", RemoveDeadAfter, ShortestInterval);
        Between("autopilot.action-timeout", ActionTimeout, ShortestInterval);
        Between("autopilot.retry-after", RetryAfter, TimeSpan.Zero);
        if (MaxLag < 1) Wrong("autopilot.max-lag", Number(MaxLag), "it must be 1 or more: under load nobody would ever be caught up.");
        if (MinVoters < 1) Wrong("autopilot.min-voters", Number(MinVoters), "it must be 1 or more.");
        if (MaxVoters < 1 || MaxVoters % 2 == 0) Wrong("autopilot.max-voters", Number(MaxVoters), "it must be odd: an even number of voters survives no more failures than the odd one below it.");
        else if (MaxVoters < MinVoters) Wrong("autopilot.max-voters", Number(MaxVoters), $"it must not be below min-voters = {Number(MinVoters)}.");
        return errors;

        void Between(string key, TimeSpan value, TimeSpan least)
        {
            if (value < least || value > LongestTime) Wrong(key, Of(value), $"it must lie between {Of(least)} and 1d.");
        }

        void Wrong(string key, string value, string why)
        {
            if (!_unread.ContainsKey(key)) errors.Add($"{Section}.{key} = {value}: {why}");
        }
    }

    /// <summary>What is wrong with them for one group, besides.</summary>
    internal IReadOnlyList<string> ErrorsWith(RaftSettings group) => [.. Errors(), .. Autopilot && RemoveDead && RemoveDeadAfter <= group.ElectionTimeoutMax
        ? new[] { $"{Section}.autopilot.remove-dead-after = {Of(RemoveDeadAfter)}: it must be longer than {group.PathOf(SettingKeys.ElectionTimeoutMax)} = {Of(group.ElectionTimeoutMax)}, the silence that is usual in Raft." }
        : []];

    internal static RaftSettingsException Refusal(IReadOnlyList<string> errors) =>
        new($"The group is not attached to Akka.Cluster: {errors.Count} of the settings cannot be used. Nothing was started.", errors);

    /// <summary>The keys that are read, for the test that reference.conf has no other.</summary>
    internal static IReadOnlyList<string> Keys()
    {
        var reader = new SettingsReader(Config.Empty, ReferenceConfig.GetConfig(Section), key => key);
        _ = new RaftClusterSettings(reader);
        return reader.Keys;
    }

    bool StartsLikeANode(string? role) => role?.StartsWith(NodeRolePrefix, StringComparison.Ordinal) == true;

    // What code sets replaces what HOCON said wrongly.
    static RaftClusterSettings With(string key, RaftClusterSettings changed) => changed with { _unread = changed._unread.Remove(key) };
}
