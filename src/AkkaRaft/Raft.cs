using System.Collections.Immutable;
using Akka;
using Akka.Actor;
using Akka.Configuration;
using Akka.Event;
using AkkaRaft.Journals;
using AkkaRaft.Node;
using AkkaRaft.Serialization;
using AkkaRaft.Settings;
using AkkaRaft.Tracing;

namespace AkkaRaft;

/// <summary>
/// The Akka extension that runs replicated state machines: <c>Raft.Get(system).Start(Props.Create(() => new Counter()), RaftSettings.Create(system))</c>.
/// </summary>
public sealed class Raft : IExtension
{
    readonly ExtendedActorSystem _system;
    readonly RaftSetup _setup;
    readonly ILoggingAdapter _log;
    readonly Lock _starting = new();

    ImmutableDictionary<GroupId, RaftGroup> _groups = ImmutableDictionary<GroupId, RaftGroup>.Empty;

    internal Raft(ExtendedActorSystem system)
    {
        SerializerRegistration.Register(system);
        _system = system;
        _setup = RaftSetup.Of(system);
        _log = Logging.GetLogger(system, typeof(Raft));
    }

    /// <summary>The extension of a system; made at the first call, which also makes the library's serializers known to the system.</summary>
    /// <param name="system">The application's actor system.</param>
    public static Raft Get(ActorSystem system) => system.WithExtension<Raft, RaftProvider>();

    /// <summary>The library's reference configuration: every key of <c>akka.raft</c> with its default.</summary>
    public static Config DefaultConfig() => RaftSettings.ReferenceConfig;

    /// <summary>
    /// Starts this process's node of a group: opens its data folder, replays its journals and joins its peers. Returns at once; <see cref="RaftGroup.WhenReady"/>
    /// tells when the node takes part, <see cref="RaftGroup.WhenStopped"/> when and why it ends.
    /// </summary>
    /// <param name="stateMachine">Makes the user's <see cref="RaftStateMachine"/>. It is made anew, and fed the whole log again, after a journal failure.</param>
    /// <param name="settings">The node's settings.</param>
    /// <exception cref="ArgumentException">The Props do not make a <see cref="RaftStateMachine"/>.</exception>
    /// <exception cref="RaftSettingsException">The settings, or the system's remoting, cannot work; lists everything that is wrong.</exception>
    /// <exception cref="RaftStorageException">The data folder is in use, belongs to another node, or cannot keep what is written.</exception>
    /// <exception cref="ConfigurationException">The journal plug-in is missing or would lose data.</exception>
    /// <exception cref="InvalidOperationException">The group was started in this system before; a stopped node is started again in a new system.</exception>
    public RaftGroup Start(Props stateMachine, RaftSettings settings)
    {
        ArgumentNullException.ThrowIfNull(stateMachine);
        ArgumentNullException.ThrowIfNull(settings);
        RequireStateMachine(stateMachine);
        settings.Validate();
        foreach (var warning in RemotingChecks.Check(_system, settings)) _log.Warning("{0}", warning);
        lock (_starting)
        {
            if (_groups.ContainsKey(settings.GroupId))
            {
                throw new InvalidOperationException($"Group \"{settings.GroupId}\" was started in actor system \"{_system.Name}\" before. A system runs one node of a " +
                    "group; to start a stopped one again, make a new system.");
            }

            PayloadTypes.Get(_system).Register([.. settings.PayloadTypeNames.Select(PayloadTypes.TypeNamed)]);
            var group = Start(stateMachine, settings, NodeStores.Open(_system, settings, _setup.TimeProvider));
            _groups = _groups.Add(settings.GroupId, group);
            return group;
        }
    }

    // Any other actor would leave the node's first message unanswered, and the node recovering for ever. A producer may declare a type before it.
    static void RequireStateMachine(Props props)
    {
        if (typeof(RaftStateMachine).IsAssignableFrom(props.Type) || props.Type.IsAssignableFrom(typeof(RaftStateMachine))) return;
        throw new ArgumentException($"The Props make a {props.Type}, which is no {nameof(RaftStateMachine)}. Nothing was started. Derive the state machine from it.",
            nameof(props));
    }

    TraceFile? OpenTrace(RaftSettings settings)
    {
        if (settings.TraceFile.Length == 0) return null;
        try
        {
            return TraceFile.Open(settings.TraceFile, _setup.TimeProvider, message => _log.Warning("{0}", message));
        }
        catch (Exception unusable) when (unusable is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new RaftSettingsException($"{settings.Refusal} its trace cannot be written. Nothing was started.",
                [$"{settings.PathOf(SettingKeys.TraceFile)} = \"{settings.TraceFile}\": {unusable.Message} It must be a file of this node's own, or empty."]);
        }
    }

    RaftGroup Start(Props stateMachine, RaftSettings settings, NodeStores stores)
    {
        TraceFile? trace = null;
        try
        {
            trace = OpenTrace(settings);
            var address = $"{_system.Provider.DefaultAddress.Host}:{_system.Provider.DefaultAddress.Port}";
            var node = RaftNode.Props(new RaftNodeOptions
            {
                Settings = settings,
                Address = address,
                Machine = stateMachine,
                TermJournal = stores.TermJournal,
                LogJournal = stores.LogJournal,
                SnapshotStore = stores.SnapshotStore,
                SnapshotPlace = stores.SnapshotPlace,
                Codec = PayloadCodec.Get(_system),
                NodeAt = address => NodePath.Resolve(_system, address, settings.GroupId),
                Time = _setup.TimeProvider,
                Entropy = _setup.Entropy,
                Observer = NodeObservers.Of(_setup.Observer, trace is null ? null : new ProtocolTrace(trace)),
                DataPlace = stores.Place,
            });
            var group = new RaftGroup(_system, settings, address, node, new NodeFiles(trace, stores));
            // A phase before all that ends services: while the application's last requests are answered, another node leads already.
            CoordinatedShutdown.Get(_system).AddTask(CoordinatedShutdown.PhaseBeforeServiceUnbind, $"hand-over-{NodePath.GroupName(settings.GroupId)}", async () =>
            {
                if (settings.TransferOnStop) await group.HandOver();
                return Done.Instance;
            });
            CoordinatedShutdown.Get(_system).AddTask(CoordinatedShutdown.PhaseServiceRequestsDone, $"stop-{NodePath.GroupName(settings.GroupId)}", async () =>
            {
                await group.Stop();
                return Done.Instance;
            });
            return group;
        }
        catch
        {
            trace?.Dispose();
            stores.Dispose();
            throw;
        }
    }
}

/// <summary>Makes the <see cref="Raft"/> extension.</summary>
public sealed class RaftProvider : ExtensionIdProvider<Raft>
{
    /// <inheritdoc />
    public override Raft CreateExtension(ExtendedActorSystem system) => new(system);
}
