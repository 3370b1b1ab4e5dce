using Akka.Actor;
using Akka.Actor.Internal;
using Akka.Event;
using Akka.Remote;
using Akka.Serialization;
using AkkaRaft.TestKit.Kernel;
using AkkaSettings = Akka.Actor.Settings;

namespace AkkaRaft.TestKit.Network;

/// <summary>
/// A remote ActorRefProvider without remoting: what is here is Akka's own local provider's, what is elsewhere is reached over the simulated network. Paths
/// and addresses are those of production.
/// </summary>
internal sealed class SimulatedProvider : IRemoteActorRefProvider
{
    readonly LocalActorRefProvider _local;
    readonly SimulatedHost _host;
    readonly Dictionary<string, IActorRef> _resolved = [];

    ActorSystemImpl? _system;

    public SimulatedProvider(string systemName, AkkaSettings settings, EventStream eventStream)
    {
        _host = SimulatedHost.Booting;
        _local = new LocalActorRefProvider(systemName, settings, eventStream);
    }

    public SimulatedHost Host => _host;

    public IInternalActorRef RootGuardian => _local.RootGuardian;

    public LocalActorRef Guardian => _local.Guardian;

    public LocalActorRef SystemGuardian => _local.SystemGuardian;

    public IActorRef DeadLetters => _local.DeadLetters;

    public IActorRef IgnoreRef => _local.IgnoreRef;

    public ActorPath RootPath => _local.RootPath;

    public AkkaSettings Settings => _local.Settings;

    public Deployer Deployer => _local.Deployer;

    public IInternalActorRef TempContainer => _local.TempContainer;

    public Task TerminationTask => _local.TerminationTask;

    public Address DefaultAddress => _host.Address;

    public Information SerializationInformation => field ??= new Information(_host.Address, _system!);

    public void Init(ActorSystemImpl system)
    {
        _system = system;
        _local.Init(system);
    }

    public IActorRef RootGuardianAt(Address address) =>
        HasAddress(address) || address == RootPath.Address ? RootGuardian : new SimulatedRef(this, new RootActorPath(address));

    public ActorPath TempPath() => _local.TempPath();

    public void RegisterTempActor(IInternalActorRef actorRef, ActorPath path) => _local.RegisterTempActor(actorRef, path);

    public void UnregisterTempActor(ActorPath path) => _local.UnregisterTempActor(path);

    public FutureActorRef<T> CreateFutureRef<T>(TaskCompletionSource<T> tcs) => _local.CreateFutureRef(tcs);

    public IInternalActorRef ActorOf(
        ActorSystemImpl system, Props props, IInternalActorRef supervisor, ActorPath path, bool systemService, Deploy deploy, bool lookupDeploy, bool async) =>
        _local.ActorOf(system, props, supervisor, path, systemService, deploy, lookupDeploy, async);

    public IActorRef ResolveActorRef(string path)
    {
        if (_resolved.TryGetValue(path, out var known)) return known;
        if (!ActorPath.TryParse(path, out var parsed)) return DeadLetters;
        var found = ResolveActorRef(parsed);
        if (found is SimulatedRef) _resolved[path] = found;
        return found;
    }

    public IActorRef ResolveActorRef(ActorPath actorPath)
    {
        if (!HasAddress(actorPath.Address) && actorPath.Address != RootPath.Address) return new SimulatedRef(this, actorPath);
        var found = _local.ResolveActorRef(actorPath.Elements.Aggregate(RootPath, (path, name) => path / name));
        return actorPath.Uid == ActorCell.UndefinedUid || found.Path.Uid == actorPath.Uid ? found : DeadLetters;
    }

    public IActorRef InternalResolveActorRef(string path) => ResolveActorRef(path);

    public IInternalActorRef ResolveActorRefWithLocalAddress(string path, Address localAddress) => (IInternalActorRef)ResolveActorRef(path);

    public Address GetExternalAddressFor(Address address) => _host.Address;

    public bool HasAddress(Address address) => address == _host.Address;

    public void Quarantine(Address address, int? uid) => throw NotSimulated("Quarantine");

    public Deploy LookUpRemotes(IEnumerable<string> p) => throw NotSimulated("Remote deployment");

    public void UseActorOnNode(RemoteActorRef actor, Props props, Deploy deploy, IInternalActorRef supervisor) => throw NotSimulated("Remote deployment");

    public IInternalActorRef RemoteDaemon => throw NotSimulated("Remote deployment");

    public IActorRef RemoteWatcher => throw NotSimulated("Watching actors of other nodes");

    public RemoteTransport Transport => throw NotSimulated("A transport of Akka.Remote");

    public RemoteSettings RemoteSettings => throw NotSimulated("The settings of Akka.Remote");

    static NotSupportedException NotSimulated(string what) => new($"{what} is not part of the simulation: nodes and clients send plain messages to each other.");
}
