using System.Collections.Immutable;
using Akka.Actor;
using Akka.Configuration;
using AkkaRaft.Settings;
using AkkaRaft.Client;

namespace AkkaRaft;

/// <summary>How a <see cref="RaftClient"/> finds its cluster, and its limits. Immutable: each <c>With...</c> makes a copy.</summary>
public sealed record RaftClientSettings
{
    const string Section = "akka.raft";
    const string ClientSection = Section + ".client";

    /// <summary>Around the bytes of a command in a message: its manifest, number and checksum.</summary>
    const int CommandOverhead = 4 * 1024;

    /// <summary>The defaults; cluster id and contact points are left to be set.</summary>
    public static readonly RaftClientSettings Default = new();

    RaftClientSettings()
    {
    }

    // Each paragraph below says in short what reference.conf says in full under akka.raft.client.

    /// <summary>
    /// The cluster that the client speaks to; nodes of another cluster drop what it sends. In HOCON, empty for <c>akka.raft.cluster-id</c>. Required.
    /// </summary>
    public ClusterId ClusterId { get; private init; }

    /// <summary>The group that the client speaks to. In HOCON, empty for <c>akka.raft.group</c>. Default "default".</summary>
    public GroupId GroupId { get; private init; } = new("default");

    /// <summary>
    /// The nodes to ask for the leader, in this order, as id=host:port. Name more than one: a client that knows a single node is lost while that node is
    /// down. In HOCON, empty for <c>akka.raft.members</c>. Required.
    /// </summary>
    public ImmutableArray<RaftMember> ContactPoints { get; private init; } = [];

    /// <summary>The name of the nodes' ActorSystem, the same for all nodes. Empty, the default, for the name of the client's own.</summary>
    public string SystemName { get; private init; } = "";

    /// <summary>How long an operation may take unless its caller says otherwise. Default 5 s.</summary>
    public TimeSpan RequestTimeout { get; private init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Whether commands belong to a session, in which each is applied once and is sent again while its fate is not known (thesis 6.3). Default true.
    /// </summary>
    public bool Sessions { get; private init; } = true;

    /// <summary>How long a command in a session may be unanswered by a leader that is alive before it is sent again. Default 1 s.</summary>
    public TimeSpan RetryInterval { get; private init; } = TimeSpan.FromSeconds(1);

    /// <summary>How often the next contact point is asked for the leader while none is known. Default 100 ms.</summary>
    public TimeSpan LeaderPollInterval { get; private init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>For how long a leader that owes an answer may be silent before the other contact points are asked. Default 300 ms.</summary>
    public TimeSpan SilenceBeforeProbe { get; private init; } = TimeSpan.FromMilliseconds(300);

    /// <summary>How many operations may be under way at once; more end with <see cref="OverloadedException"/>. Default 20,000.</summary>
    public int MaxPendingRequests { get; private init; } = 20_000;

    /// <summary>How many bytes of commands and queries may be under way at once. Default 32 MiB.</summary>
    public long MaxPendingBytes { get; private init; } = 32L * 1024 * 1024;

    /// <summary>How many commands or queries travel in one message at most. Default 1000.</summary>
    public int MaxBatchRequests { get; private init; } = 1000;

    /// <summary>
    /// How many bytes of commands or queries travel in one message at most; with 8 KiB for its envelope it must fit the frame. Default 72 KiB.
    /// </summary>
    public int MaxBatchBytes { get; private init; } = 72 * 1024;

    /// <summary>The largest serialized command or query; the nodes' own <c>akka.raft.max-command-size</c> holds besides. Default 64 KiB.</summary>
    public int MaxCommandSize { get; private init; } = 64 * 1024;

    // What the HOCON says and nobody can read; Validate reports it with all the rest.
    ImmutableArray<string> Unreadable { get; init; } = [];

    /// <summary>Reads <c>akka.raft</c> of the system's configuration.</summary>
    /// <param name="system">The client's ActorSystem; its <c>akka.raft.client</c> may be incomplete or absent.</param>
    public static RaftClientSettings Create(ActorSystem system)
    {
        ArgumentNullException.ThrowIfNull(system);
        return Create(RaftSettings.SectionOf(system));
    }

    /// <summary>
    /// Reads a block of HOCON: what its <c>client</c> says, for cluster, group and contact points also what the block itself says. A missing key has its
    /// default. What cannot be read is reported by <see cref="Validate"/>.
    /// </summary>
    /// <param name="config">The <c>akka.raft</c> block itself.</param>
    public static RaftClientSettings Create(Config config)
    {
        ArgumentNullException.ThrowIfNull(config);
        var outer = new SettingsReader(config, RaftSettings.ReferenceConfig.GetConfig(Section), key => $"{Section}.{key}");
        var own = config.GetConfig("client") ?? Config.Empty;
        var read = new SettingsReader(own, RaftSettings.ReferenceConfig.GetConfig(ClientSection), key => $"{ClientSection}.{key}");
        var settings = new RaftClientSettings
        {
            ClusterId = read.Parsed("cluster-id", ClusterId.Parse, outer.Parsed("cluster-id", ClusterId.Parse, Default.ClusterId)),
            GroupId = read.Parsed("group", GroupId.Parse, outer.Parsed("group", GroupId.Parse, Default.GroupId)),
            ContactPoints = [.. read.ParsedList("contact-points", RaftMember.Parse) is { Count: > 0 } points ? points : outer.ParsedList("members", RaftMember.Parse)],
            SystemName = read.Text("system-name"),
            RequestTimeout = read.Time("request-timeout"),
            Sessions = read.Switch("sessions"),
            RetryInterval = read.Time("retry-interval"),
            LeaderPollInterval = read.Time("leader-poll-interval"),
            SilenceBeforeProbe = read.Time("silence-before-probe"),
            MaxPendingRequests = read.Count("max-pending-requests"),
            MaxPendingBytes = read.LongBytes("max-pending-bytes"),
            MaxBatchRequests = read.Count("max-batch-requests"),
            MaxBatchBytes = read.Bytes("max-batch-bytes"),
            MaxCommandSize = read.Bytes("max-command-size"),
        };
        read.RefuseUnknownKeys(own, ClientSection);
        return settings with { Unreadable = [.. outer.Errors.Concat(read.Errors).OrderBy(error => error.Key, StringComparer.Ordinal).Select(error => error.Value)] };
    }

    /// <summary>With the cluster's id.</summary>
    public RaftClientSettings WithClusterId(ClusterId value) => this with { ClusterId = value };

    /// <summary>With the group's id.</summary>
    public RaftClientSettings WithGroupId(GroupId value) => this with { GroupId = value };

    /// <summary>With the nodes to ask for the leader, in this order.</summary>
    public RaftClientSettings WithContactPoints(params IEnumerable<RaftMember> value) => this with { ContactPoints = [.. value] };

    /// <summary>With the name of the nodes' ActorSystem.</summary>
    public RaftClientSettings WithSystemName(string value) => this with { SystemName = value };

    /// <summary>With how long an operation may take unless its caller says otherwise.</summary>
    public RaftClientSettings WithRequestTimeout(TimeSpan value) => this with { RequestTimeout = value };

    /// <summary>With or without sessions.</summary>
    public RaftClientSettings WithSessions(bool value) => this with { Sessions = value };

    /// <summary>With how long a command in a session may be unanswered before it is sent again.</summary>
    public RaftClientSettings WithRetryInterval(TimeSpan value) => this with { RetryInterval = value };

    /// <summary>With how often the next contact point is asked for the leader while none is known.</summary>
    public RaftClientSettings WithLeaderPollInterval(TimeSpan value) => this with { LeaderPollInterval = value };

    /// <summary>With how long a leader that owes an answer may be silent before the others are asked.</summary>
    public RaftClientSettings WithSilenceBeforeProbe(TimeSpan value) => this with { SilenceBeforeProbe = value };

    /// <summary>With how many operations may be under way at once.</summary>
    public RaftClientSettings WithMaxPendingRequests(int value) => this with { MaxPendingRequests = value };

    /// <summary>With how many bytes of commands and queries may be under way at once.</summary>
    public RaftClientSettings WithMaxPendingBytes(long value) => this with { MaxPendingBytes = value };

    /// <summary>With how many commands or queries travel in one message at most.</summary>
    public RaftClientSettings WithMaxBatchRequests(int value) => this with { MaxBatchRequests = value };

    /// <summary>With how many bytes of commands or queries travel in one message at most.</summary>
    public RaftClientSettings WithMaxBatchBytes(int value) => this with { MaxBatchBytes = value };

    /// <summary>With the largest serialized command or query.</summary>
    public RaftClientSettings WithMaxCommandSize(int value) => this with { MaxCommandSize = value };

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
        var errors = Unreadable.ToList();
        CheckIdentity(errors);
        CheckContactPoints(errors);
        CheckLimits(errors);
        return errors;
    }

    internal static RaftSettingsException Refusal(IReadOnlyList<string> errors) =>
        new($"The client refuses to start: {errors.Count} of its settings, or of its system's, cannot be used. Nothing was sent.", errors);

    void CheckIdentity(List<string> errors)
    {
        CheckName("cluster-id", ClusterId.Value, text => ClusterId.Parse(text), errors);
        CheckName("group", GroupId.Value, text => GroupId.Parse(text), errors);
        if (SystemName is null || SystemName.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_')))
            errors.Add(Error("system-name", SystemName, "is no name of an ActorSystem; it has letters and digits of ASCII, '-' and '_'"));
    }

    void CheckContactPoints(List<string> errors)
    {
        const string key = "contact-points";
        if (ContactPoints.IsEmpty) errors.Add(Error(key, "[]", "is empty; name at least one node, as in [\"1=10.0.0.1:4051\"]"));

        foreach (var point in ContactPoints)
        {
            CheckName(key, point.Id.Value, text => NodeId.Parse(text), errors);
            if (!NodeAddress.TryParse(point.Address, out _))
                errors.Add(Error(key, point, "has no address of the form host:port with a port of 1 to 65535"));
        }

        foreach (var twice in ContactPoints.GroupBy(p => p.Id).Where(g => g.Count() > 1))
            errors.Add(Error(key, string.Join(",", twice), $"names node \"{twice.Key}\" more than once"));
    }

    void CheckLimits(List<string> errors)
    {
        Positive("request-timeout", RequestTimeout);
        Positive("retry-interval", RetryInterval);
        Positive("leader-poll-interval", LeaderPollInterval);
        Positive("silence-before-probe", SilenceBeforeProbe);
        AtLeastOne("max-pending-requests", MaxPendingRequests);
        AtLeastOne("max-pending-bytes", MaxPendingBytes);
        AtLeastOne("max-batch-requests", MaxBatchRequests);
        AtLeastOne("max-batch-bytes", MaxBatchBytes);
        AtLeastOne("max-command-size", MaxCommandSize);
        if (MaxBatchBytes < (long)MaxCommandSize + CommandOverhead)
            errors.Add(Error("max-batch-bytes", MaxBatchBytes, $"must be at least max-command-size ({MaxCommandSize}) plus 4 KiB, or a large one never fits"));
        if (MaxPendingBytes < MaxCommandSize)
            errors.Add(Error("max-pending-bytes", MaxPendingBytes, $"is below max-command-size ({MaxCommandSize}), so that a large command is never sent"));

        void Positive(string key, TimeSpan value)
        {
            if (value < TimeSpan.FromMilliseconds(1) || value > RaftClient.MaxTimeout)
                errors.Add(Error(key, $"{value.TotalMilliseconds:R}ms", $"must lie between 1ms and {RaftClient.MaxTimeout.TotalDays:0}d"));
        }

        void AtLeastOne(string key, long value)
        {
            if (value < 1) errors.Add(Error(key, value, "must be 1 or more"));
        }
    }

    static void CheckName(string key, string? value, Action<string> parse, List<string> errors)
    {
        try
        {
            parse(value ?? "");
        }
        catch (FormatException problem)
        {
            errors.Add(Error(key, value, problem.Message));
        }
    }

    static string Error(string key, object? value, string problem) => $"{ClientSection}.{key} = {value}: {problem}";
}
