using System.Collections.Immutable;
using System.Text;
using Akka.Actor;
using Akka.Configuration;
using AkkaRaft.Consensus;
using AkkaRaft.Settings;

namespace AkkaRaft;

/// <summary>
/// The settings of one group on one node, from <c>akka.raft</c> in HOCON and from <c>With...</c>. Immutable. What each is for, and what goes wrong
/// when it is too small or too large, stands in hocon/raft.conf, key by key.
/// </summary>
/// <remarks>
/// Nothing is refused before <see cref="Validate"/>, which the start of a node calls: what HOCON leaves open, or says wrongly, a <c>With...</c> may set.
/// </remarks>
public sealed partial class RaftSettings
{
    /// <summary>Where the settings stand in HOCON.</summary>
    internal const string Section = "akka.raft";

    /// <summary>Around the bytes of a command in an AppendEntries: its manifest, index, term, checksum, and the message itself.</summary>
    internal const int EntryOverhead = 4 * 1024;

    static readonly Lazy<Config> Reference = new(() => ConfigurationFactory.FromResource<RaftSettings>("AkkaRaft.reference.conf"));

    ImmutableDictionary<string, string> _unread = ImmutableDictionary<string, string>.Empty;
    ImmutableDictionary<string, string> _pathOfGroupKey = ImmutableDictionary<string, string>.Empty;

    RaftSettings()
    {
    }

    /// <summary>reference.conf, whole: the fallback under any configuration of an application.</summary>
    internal static Config ReferenceConfig => Reference.Value;

    /// <summary>The name of the cluster, in every message and every data folder. Required.</summary>
    public ClusterId ClusterId { get; private set; }

    /// <summary>The replicated state machine that these settings are for. Default <c>default</c>.</summary>
    public GroupId GroupId { get; private set; }

    /// <summary>This node's stable name. Required.</summary>
    public NodeId NodeId { get; private set; }

    /// <summary>The whole first configuration, the same on each node, this one included. Required, unless the node joins (<see cref="Join"/>); then empty.</summary>
    public IReadOnlyList<RaftMember> Members { get; private set; } = [];

    /// <summary>Whether the node starts without a configuration, and waits until the members of a group add it (<c>RaftClient.AddMember</c>). Default false.</summary>
    public bool Join { get; private set; }

    /// <summary>The folder of this node's own where its SQLite journals are kept. Required unless <see cref="JournalPluginId"/> is set.</summary>
    public string DataDir { get; private set; } = "";

    /// <summary>How often a leader lets itself be heard. Default 100 ms.</summary>
    public TimeSpan HeartbeatInterval { get; private set; }

    /// <summary>The shortest wait for a leader; at least four times <see cref="HeartbeatInterval"/>. Default 600 ms.</summary>
    public TimeSpan ElectionTimeoutMin { get; private set; }

    /// <summary>The longest wait for a leader; at least 1.5 times <see cref="ElectionTimeoutMin"/>. Default 1200 ms.</summary>
    public TimeSpan ElectionTimeoutMax { get; private set; }

    /// <summary>How often the node looks at its clock; from 10 ms to half of <see cref="HeartbeatInterval"/>. Default 25 ms.</summary>
    public TimeSpan TickInterval { get; private set; }

    /// <summary>The largest command or query, in bytes when serialized. Default 64 KiB.</summary>
    public int MaxCommandSize { get; private set; }

    /// <summary>The most entries in one AppendEntries. Default 1000.</summary>
    public int AppendMaxEntries { get; private set; }

    /// <summary>The most bytes of entries in one AppendEntries; at least <see cref="MaxCommandSize"/> and 4 KiB. Default 72 KiB.</summary>
    public int AppendMaxBytes { get; private set; }

    /// <summary>The most AppendEntries under way to one follower without an answer. Default 64.</summary>
    public int MaxInflightAppends { get; private set; }

    /// <summary>The most bytes of entries under way to one follower; at least <see cref="AppendMaxBytes"/>. Default 2 MiB.</summary>
    public int MaxInflightAppendBytes { get; private set; }

    /// <summary>The most proposals that are appended and not yet committed, or committed and not yet answered. Default 20,000.</summary>
    public int MaxPendingProposals { get; private set; }

    /// <summary>The most bytes of such proposals; at least <see cref="MaxCommandSize"/> and 4 KiB. Default 32 MiB.</summary>
    public long MaxPendingProposalBytes { get; private set; }

    /// <summary>The most reads that wait for their turn. Default 20,000.</summary>
    public int MaxPendingReads { get; private set; }

    /// <summary>Whether this node, when it leads, answers reads with <see cref="ReadConsistency.Lease"/> from its lease. Default false.</summary>
    public bool LeaseReads { get; private set; }

    /// <summary>
    /// By how much the clock of one node may run faster than that of another, as a share of its rate: 0.1 is a tenth; from 0.001 to 1. Leases last
    /// <see cref="ElectionTimeoutMin"/> / (1 + this). Default 0.1.
    /// </summary>
    public double ClockDriftBound { get; private set; }

    /// <summary>The most committed entries that are handed to the state machine at a time. Default 4096.</summary>
    public int ApplyMaxEntries { get; private set; }

    /// <summary>The most messages of peers that wait until a term is durable. Default 256.</summary>
    public int MaxDeferredMessages { get; private set; }

    /// <summary>The most requests that wait in the node until it takes them as a batch. Default 20,000.</summary>
    public int MaxBufferedRequests { get; private set; }

    /// <summary>How long a peer may stay silent before the node logs the address that it tried. Default 10 s.</summary>
    public TimeSpan PeerUnreachableWarningAfter { get; private set; }

    /// <summary>How often the node greets a peer that it has not heard yet. Default 1 s.</summary>
    public TimeSpan GreetingInterval { get; private set; }

    /// <summary>From 0 (stands last) to 100 (stands first): how much this node should lead, when several could. Default 50.</summary>
    public int ElectionPriority { get; private set; }

    /// <summary>Whether a leader that is told to stop hands its leadership over first. Default true.</summary>
    public bool TransferOnStop { get; private set; }

    /// <summary>For tests only: the log journal takes no more bytes of entries in a second than this; 0 for no limit. Default 0.</summary>
    public long TestingJournalBytesPerSecond { get; private set; }

    /// <summary>How long a stopping node waits for its journals to finish. Default 3 s.</summary>
    public TimeSpan StopTimeout { get; private set; }

    /// <summary>
    /// Assembly-qualified names of types that the Hyperion payload serializer admits besides those that the state machine registers. Default none.
    /// </summary>
    public IReadOnlyList<string> PayloadTypeNames { get; private set; } = [];

    /// <summary>The seed of the election timeouts, for runs that can be repeated; null draws one from the operating system. Default null.</summary>
    public ulong? RandomSeed { get; private set; }

    /// <summary>The file to which the node appends its protocol events for a checker (docs/trace.md); empty for none. Default empty.</summary>
    public string TraceFile { get; private set; } = "";

    /// <summary>
    /// How far the time in the log may move past the last entry of a client's session before that ends; from 1 s. Of a session that is opened while this node leads;
    /// what is open keeps what it was opened with. Default 10 minutes.
    /// </summary>
    public TimeSpan SessionTimeout { get; private set; }

    /// <summary>The most client sessions of the group at a time; another one is refused. Default 10,000.</summary>
    public int MaxSessions { get; private set; }

    /// <summary>The most commands of a session that are not answered. Default 4096.</summary>
    public int MaxSessionResults { get; private set; }

    /// <summary>The most bytes of their results that are kept for retries; above it the oldest are given up. Default 256 KiB.</summary>
    public int MaxSessionResultBytes { get; private set; }

    /// <summary>The Akka.Persistence journal plug-in; empty for SQLite files in <see cref="DataDir"/>. Default empty.</summary>
    public string JournalPluginId { get; private set; } = "";

    /// <summary>Whether the journal may be Akka's in-memory one: for tests, it loses what was acknowledged. Default false.</summary>
    public bool AllowInMemoryJournal { get; private set; }

    /// <summary>The most bytes of entries in one journal event; at least <see cref="AppendMaxBytes"/>. Default 1 MiB.</summary>
    public int JournalMaxEventBytes { get; private set; }

    /// <summary>The first wait before the journals are replayed again after a failure; doubled at each failure in a row. Default 200 ms.</summary>
    public TimeSpan JournalRestartBackoffMin { get; private set; }

    /// <summary>The longest such wait. Default 5 s.</summary>
    public TimeSpan JournalRestartBackoffMax { get; private set; }

    /// <summary>How many journal failures in a row the node recovers from; at the next it stops. Default 5.</summary>
    public int JournalMaxRestarts { get; private set; }

    /// <summary>How long the journals must work before earlier failures are forgotten. Default 60 s.</summary>
    public TimeSpan JournalHealthyAfter { get; private set; }

    /// <summary>
    /// The Akka.Persistence snapshot-store plug-in; empty for a SQLite file in <see cref="DataDir"/> while <see cref="JournalPluginId"/> is empty too. Default empty.
    /// </summary>
    public string SnapshotPluginId { get; private set; } = "";

    /// <summary>After so many applied entries the node takes a snapshot, or after some less: a share from one half to the whole is drawn each time. Default 100,000.</summary>
    public int SnapshotEntries { get; private set; }

    /// <summary>After so many bytes of applied entries the node takes a snapshot, or after some less, as above. Default 64 MiB.</summary>
    public long SnapshotBytes { get; private set; }

    /// <summary>So many entries stay in the log behind a snapshot, for followers that lag a little. Default 10,000.</summary>
    public int SnapshotTrailingEntries { get; private set; }

    /// <summary>Of those no more than the last so many bytes. Default 64 MiB.</summary>
    public long SnapshotTrailingBytes { get; private set; }

    /// <summary>Bytes of a snapshot in one message to a follower. Default 64 KiB.</summary>
    public int SnapshotChunkBytes { get; private set; }

    /// <summary>The most bytes of a snapshot under way to one follower; at least <see cref="SnapshotChunkBytes"/>. Default 2 MiB.</summary>
    public int SnapshotWindowBytes { get; private set; }

    /// <summary>Bytes of a snapshot in one row of the snapshot store. Default 1 MiB.</summary>
    public int SnapshotStoreChunkBytes { get; private set; }

    /// <summary>The most bytes in a second that the node writes of a snapshot that it takes. Default 16 MiB.</summary>
    public long SnapshotWriteRate { get; private set; }

    /// <summary>This node's own entry in <see cref="Members"/>; null when it is not there, which <see cref="Validate"/> refuses of a node that does not join.</summary>
    public RaftMember? Self => Members.FirstOrDefault(member => member.Id == NodeId);

    /// <summary>The settings of the group that <c>akka.raft.group</c> names, from the system's configuration.</summary>
    /// <param name="system">Its <c>akka.raft</c> may be incomplete or absent: the defaults hold, and <c>With...</c> sets the rest.</param>
    public static RaftSettings Create(ActorSystem system)
    {
        ArgumentNullException.ThrowIfNull(system);
        return Read(SectionOf(system), null);
    }

    /// <summary>The settings of one group: what <c>akka.raft.groups.GROUP</c> says, and <c>akka.raft</c> for the rest.</summary>
    /// <param name="system">Its <c>akka.raft</c> may be incomplete or absent: the defaults hold, and <c>With...</c> sets the rest.</param>
    /// <param name="group">The group's name; need not have a block of its own.</param>
    public static RaftSettings Create(ActorSystem system, string group)
    {
        ArgumentNullException.ThrowIfNull(system);
        ArgumentException.ThrowIfNullOrEmpty(group);
        return Read(SectionOf(system), group);
    }

    /// <summary>The settings that a block of HOCON says.</summary>
    /// <param name="config">The <c>akka.raft</c> block itself; keys that it lacks have their defaults.</param>
    /// <exception cref="ConfigurationException">The block is null or empty.</exception>
    public static RaftSettings Create(Config config)
    {
        if (config is null || config.IsEmpty) throw ConfigurationException.NullOrEmptyConfig<RaftSettings>(Section);
        return Read(config, null);
    }

    /// <summary>Refuses settings that cannot work.</summary>
    /// <exception cref="RaftSettingsException">It lists ALL that is wrong, each with its key, its value and what would be right.</exception>
    public void Validate()
    {
        var errors = Errors();
        if (errors.Count > 0) throw new RaftSettingsException($"{Refusal} {errors.Count} of its settings cannot be used. Nothing was started.", errors);
    }

    /// <summary>All that is wrong, each with its key, its value and what would be right; empty when the settings can be used.</summary>
    public IReadOnlyList<string> Errors() => new SettingsRules(this, _unread).Check();

    /// <summary>How a refusal of these settings begins.</summary>
    internal string Refusal => NodeId.Value is { } node ? $"Node \"{node}\" of group \"{GroupId}\" refuses to start:" : "A node refuses to start:";

    /// <summary>Where a key stands in HOCON: in the group's own block if that has it.</summary>
    internal string PathOf(string key) => _pathOfGroupKey.GetValueOrDefault(key) ?? $"{Section}.{key}";

    /// <summary>What the rules of Raft need of these settings.</summary>
    internal CoreOptions ToCoreOptions() => new()
    {
        HeartbeatInterval = HeartbeatInterval,
        ElectionTimeoutMin = ElectionTimeoutMin,
        ElectionTimeoutMax = ElectionTimeoutMax,
        ElectionPriority = ElectionPriority,
        MaxAppendEntries = AppendMaxEntries,
        MaxAppendBytes = AppendMaxBytes,
        MaxInflightAppends = MaxInflightAppends,
        MaxInflightBytes = MaxInflightAppendBytes,
        MaxPendingProposals = MaxPendingProposals,
        MaxPendingProposalBytes = MaxPendingProposalBytes,
        MaxPendingReads = MaxPendingReads,
        LeaseReads = LeaseReads,
        ClockDriftBound = ClockDriftBound,
        MaxApplyEntries = ApplyMaxEntries,
        MaxDeferredMessages = MaxDeferredMessages,
        SnapshotEntries = SnapshotEntries,
        SnapshotBytes = SnapshotBytes,
        TrailingEntries = SnapshotTrailingEntries,
        TrailingBytes = SnapshotTrailingBytes,
        SnapshotChunkBytes = SnapshotChunkBytes,
        SnapshotWindowBytes = SnapshotWindowBytes,
    };

    /// <summary>The first configuration, as the rules know it.</summary>
    /// <param name="recoveryMark">0 of a cluster that begins with nothing.</param>
    internal Configuration ToFirstConfiguration(ulong recoveryMark = 0) => new(Members.Select(member => new Member(member.Id, member.Address))) { RecoveryMark = recoveryMark };

    /// <summary>What the node's stream of election timeouts starts from.</summary>
    internal ulong ElectionSeed(Func<ulong> entropy)
    {
        if (RandomSeed is not { } seed) return entropy();
        // FNV-1a of the node's id: nodes that were given the same seed would otherwise wait alike and split every vote.
        return Encoding.UTF8.GetBytes(NodeId.Value).Aggregate(14695981039346656037UL, (hash, b) => unchecked((hash ^ b) * 1099511628211UL)) ^ seed;
    }

    /// <summary>The block <c>akka.raft</c> of a configuration; empty if there is none.</summary>
    /// <exception cref="RaftSettingsException">There is a value where the block should be.</exception>
    internal static Config SectionOf(ActorSystem system)
    {
        var config = system.Settings.Config;
        if (!config.HasPath(Section)) return Config.Empty;
        if (!config.GetValue(Section).IsObject())
        {
            throw new RaftSettingsException(
                "The settings cannot be read. Nothing was started.", [$"{Section} = {config.GetValue(Section)}: it must be a block, {Section} {{ ... }}."]);
        }

        return config.GetConfig(Section);
    }
}
