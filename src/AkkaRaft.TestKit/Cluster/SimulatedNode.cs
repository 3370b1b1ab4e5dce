using Akka.Actor;
using AkkaRaft.Consensus;
using AkkaRaft.Node;
using AkkaRaft.Serialization;
using AkkaRaft.TestKit.Invariants;
using AkkaRaft.TestKit.Kernel;
using AkkaRaft.TestKit.Storage;
using AkkaRaft.Tracing;

namespace AkkaRaft.TestKit.Cluster;

/// <summary>One node of a simulated cluster: its machine's clock and disk, which stay, and the process on it, which comes and goes.</summary>
internal sealed class SimulatedNode : INodeObserver
{
    readonly SimulatedCluster _cluster;
    readonly SimulationRandom _entropy;

    IPayloadCodec? _codec;
    ProtocolTrace? _trace;

    public SimulatedNode(SimulatedCluster cluster, int number, HostClock clock, SimulatedDisk disk)
    {
        _cluster = cluster;
        Number = number;
        Id = new NodeId($"{number}");
        Address = new Address("akka.tcp", HostConfig.SystemName, $"n{number}", 2551);
        Clock = clock;
        Disk = disk;
        View = new NodeView { Id = Id };
        _entropy = cluster.Random.For($"entropy of node {number}");
    }

    public int Number { get; }

    public NodeId Id { get; }

    public Address Address { get; }

    public HostClock Clock { get; }

    public SimulatedDisk Disk { get; }

    public NodeView View { get; private set; }

    /// <summary>Whether it starts without a configuration, and waits to be added.</summary>
    public bool Joins { get; set; }

    /// <summary>Whether its disk was wiped, and it has not been started as a node that joins since: the others may refuse it.</summary>
    public bool IsWiped { get; set; }

    /// <summary>Whether the cluster was recovered without it: started with what it has, it may stop.</summary>
    public bool IsLeftBehind { get; set; }

    /// <summary>The running process; null while the node is down.</summary>
    public SimulatedHost? Host { get; private set; }

    public RaftGroup? Group { get; private set; }

    /// <summary>The state machine of the running process.</summary>
    public RaftStateMachine? Machine { get; private set; }

    /// <summary>Chains the results of everything applied since the machine was made: equal on nodes that did the same.</summary>
    public ulong AppliedHash { get; private set; }

    /// <summary>After so many more messages the node crashes; null for not.</summary>
    public int? MessagesToCrash { get; set; }

    /// <summary>When the node begins to receive a snapshot, it crashes after so many more messages; null for not. It stays when the node is down.</summary>
    public int? MessagesToCrashInInstall { get; set; }

    /// <summary>Whether a snapshot on its disk was damaged: it may stop for that.</summary>
    public bool IsDamaged { get; set; }

    /// <summary>Where its snapshot store keeps the directory; null before it has.</summary>
    public string? SnapshotsId { get; set; }

    public LogIndex AppliedUpTo { get; private set; }

    /// <summary>Writes the node's protocol events there; to be called before it starts.</summary>
    public void TraceTo(ITraceSink sink) => _trace = new ProtocolTrace(sink);

    public RaftMember Member => new(Id, $"{Address.Host}:{Address.Port}");

    public void Boot(RaftSettings settings, Func<RaftStateMachine> machine)
    {
        View.Incarnation++;
        Host = new SimulatedHost(_cluster.Kernel, Address, Clock, _cluster.Network) 
        {
            Trace = line => _cluster.OnTrace(line, View.State),
            SharesCode = _cluster.SharesCode,
        };
        _cluster.Network.Attach(Host);
        var system = Host.Boot(HostConfig.SystemName, HostConfig.Bootstrap,
            RaftSetup.Create().WithTimeProvider(Host.Time).WithEntropy(_entropy.Bits).WithObserver(NodeObservers.Of(_trace, this)!), new SimulatedDiskSetup(Disk));
        _codec = PayloadCodec.Get(system);
        _cluster.Kernel.RunAs(Host, () => Group = Raft.Get(system).Start(Props.CreateBy(new MachineProducer(this, machine)), settings));
    }

    /// <summary>A process works on its disk that is no node; the node must be down.</summary>
    /// <param name="work">Begins the work, in that process's actor system.</param>
    public SimulatedHost BootOffline(Action<ActorSystem> work)
    {
        var host = new SimulatedHost(_cluster.Kernel, Address, Clock, _cluster.Network) { Trace = line => _cluster.OnTrace(line, null), SharesCode = _cluster.SharesCode };
        _cluster.Network.Attach(host);
        var system = host.Boot(HostConfig.SystemName, HostConfig.Bootstrap, RaftSetup.Create().WithTimeProvider(host.Time).WithEntropy(_entropy.Bits), new SimulatedDiskSetup(Disk));
        _cluster.Kernel.RunAs(host, () => work(system));
        return host;
    }

    /// <summary>That process has ended.</summary>
    public void EndOffline(SimulatedHost host)
    {
        host.Crash();
        _cluster.Network.Detach(host);
        Disk.Crash();
    }

    /// <summary>Its disk is empty from now on; it must be down.</summary>
    public void Wipe()
    {
        Disk.Wipe();
        SnapshotsId = null;
        IsDamaged = false;
        IsWiped = true;
        View = new NodeView { Id = Id, Incarnation = View.Incarnation };
    }

    /// <summary>The process dies.</summary>
    public void Crash()
    {
        Host!.Crash();
        _cluster.Network.Detach(Host);
        Disk.Crash();
        View.State = null;
        MessagesToCrash = null;
        Host = null;
        Group = null;
    }

    public void Joined(RaftCore core)
    {
        View.State = core.State;
        _cluster.OnJoined(this);
    }

    public void Stepped(RaftCore core, Input input, IReadOnlyList<Effect> effects)
    {
        _cluster.OnInput(input);
        foreach (var effect in effects)
        {
            _cluster.OnEffect(this, effect);
            if (effect is not BeginReceiving || MessagesToCrashInInstall is not { } messages) continue;
            (MessagesToCrash, MessagesToCrashInInstall) = (messages, null);
        }
    }

    public void Stored(AppendToLog stored)
    {
    }

    public void Left() => View.State = null;

    public void Applied(LogEntry entry, object? result)
    {
        ReadOnlyMemory<byte> bytes = result is null ? default : _codec!.Encode(result).Bytes;
        AppliedUpTo = entry.Index;
        AppliedHash = StableHash.Mix(AppliedHash, (ulong)entry.Index.Value);
        foreach (var octet in bytes.Span) AppliedHash = StableHash.Mix(AppliedHash, octet);
        _cluster.Chains.Add(entry.Index, AppliedHash);
        _cluster.OnApplied(this, entry, bytes);
    }

    // Its results from here on are to be those of whoever applied all that is in the snapshot.
    public void Restored(EntryId last)
    {
        AppliedUpTo = last.Index;
        AppliedHash = _cluster.Chains.At(last.Index);
        _cluster.OnRestored(this, last);
    }

    public void HandlerRuns(CommandEntry entry) => _cluster.OnHandlerRuns(this, entry);

    RaftStateMachine Made(RaftStateMachine machine)
    {
        Machine = machine;
        View.Machines++;
        AppliedHash = 0;
        AppliedUpTo = LogIndex.Zero;
        return machine;
    }

    sealed class MachineProducer(SimulatedNode node, Func<RaftStateMachine> machine) : IIndirectActorProducer
    {
        public Type ActorType => typeof(RaftStateMachine);

        public ActorBase Produce() => node.Made(machine());

        public void Release(ActorBase actor)
        {
        }
    }
}
