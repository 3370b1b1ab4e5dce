using Akka.Configuration;
using Akka.Dispatch;

namespace AkkaRaft.TestKit.Kernel;

/// <summary>Puts a simulated ActorSystem's dispatchers on the kernel's ready list.</summary>
internal sealed class SimulationExecutorConfigurator : ExecutorServiceConfigurator
{
    readonly SimulatedHost _host;

    public SimulationExecutorConfigurator(Config config, IDispatcherPrerequisites prerequisites) : base(config, prerequisites) =>
        _host = SimulationSetup.HostOf(prerequisites.Settings);

    public override ExecutorService Produce(string id) => new SimulationExecutor(id, _host);
}

/// <summary>An executor that runs nothing itself.</summary>
internal sealed class SimulationExecutor(string id, SimulatedHost host) : ExecutorService(id)
{
    public override void Execute(IRunnable run)
    {
        var key = run is Mailbox { MessageQueue: SimulationQueue queue } ? queue.Key : host.NextTaskKey();
        host.Kernel.Ready(host, key, run.Run);
    }

    public override void Shutdown()
    {
    }
}
