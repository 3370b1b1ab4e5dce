using Akka.Actor;
using Akka.Actor.Setup;
using AkkaRaft.Serialization;
using AkkaSettings = Akka.Actor.Settings;

namespace AkkaRaft.TestKit.Kernel;

/// <summary>One run of one ActorSystem on a simulated machine, from its boot to its crash.</summary>
internal sealed class SimulatedHost
{
    readonly List<Job> _heldJobs = [];
    readonly List<SimulationEvent> _heldEvents = [];

    long _taskSequence;

    /// <param name="kernel">Runs it.</param>
    /// <param name="address">The address that its ActorSystem has.</param>
    /// <param name="clock">The machine's clock, which outlives the host.</param>
    /// <param name="network">Carries its messages.</param>
    public SimulatedHost(SimulationKernel kernel, Address address, HostClock clock, Network.SimulatedNetwork network)
    {
        Kernel = kernel;
        Address = address;
        Clock = clock;
        Network = network;
        Name = address.Host!;
        Key = StableHash.Of(Name);
        Tasks = new HostTaskScheduler(this);
        Time = new HostTimeProvider(this);
    }

    static readonly SharedHyperion Shared = new();

    /// <summary>The host whose ActorSystem is being created on this thread: Akka builds its scheduler before anything tells it where it is.</summary>
    [ThreadStatic]
    static SimulatedHost? _booting;

    public static SimulatedHost Booting => _booting ?? throw new InvalidOperationException("A simulated ActorSystem is created by the simulation only.");

    public SimulationKernel Kernel { get; }

    public Address Address { get; }

    public string Name { get; }

    /// <summary>The same in every process.</summary>
    public ulong Key { get; }

    public HostClock Clock { get; }

    public TimeProvider Time { get; }

    public Network.SimulatedNetwork Network { get; }

    public HostTaskScheduler Tasks { get; }

    public ActorSystem? System { get; private set; }

    public bool IsUp { get; private set; } = true;

    public bool IsPaused { get; private set; }

    /// <summary>Whether it shares what Hyperion compiles with other hosts: very much quicker, and all but the same.</summary>
    public bool SharesCode { get; init; } = true;

    /// <summary>Where it writes what happens.</summary>
    public Action<TraceLine>? Trace { get; set; }

    /// <summary>Creates the ActorSystem.</summary>
    public ActorSystem Boot(string name, BootstrapSetup bootstrap, params Setup[] setups)
    {
        Kernel.RunAs(this, () =>
        {
            _booting = this;
            try
            {
                var own = bootstrap.And(new SimulationSetup(this));
                var setup = setups.Aggregate(SharesCode ? own.And(Shared) : own, (all, next) => all.And(next));
                System = ActorSystem.Create(name, setup);
            }
            finally
            {
                _booting = null;
            }
        });
        return System!;
    }

    /// <summary>The process dies: nothing that it had to do is done. The system is not terminated, which would say good-bye to others.</summary>
    public void Crash()
    {
        IsUp = false;
        Kernel.Drop(this);
        _heldJobs.Clear();
        _heldEvents.Clear();
    }

    /// <summary>The process stands still (GC, VM): its clock goes on, and what comes for it waits.</summary>
    public void Pause()
    {
        if (!IsUp || IsPaused) return;
        IsPaused = true;
        Kernel.HoldReady(this);
    }

    public void Resume()
    {
        if (!IsPaused) return;
        IsPaused = false;
        if (!IsUp) return;
        _heldJobs.ForEach(Kernel.Release);
        _heldEvents.ForEach(Kernel.Release);
        _heldJobs.Clear();
        _heldEvents.Clear();
    }

    public void Hold(Job job) => _heldJobs.Add(job);

    public void Hold(SimulationEvent held) => _heldEvents.Add(held);

    public ulong NextTaskKey() => StableHash.Mix(Key, (ulong)++_taskSequence);
}

/// <summary>Tells the parts that Akka makes by reflection which host they belong to.</summary>
internal sealed class SimulationSetup(SimulatedHost host) : Setup
{
    public SimulatedHost Host => host;

    public static SimulatedHost HostOf(AkkaSettings settings)
    {
        var setup = settings.Setup.Get<SimulationSetup>();
        return setup.HasValue ? setup.Value.Host : throw new InvalidOperationException("This part of the simulation runs in simulated ActorSystems only.");
    }
}
