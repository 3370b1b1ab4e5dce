using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;
using Akka.Dispatch;
using Akka.Event;
using AkkaRaft.TestKit.Storage;

namespace AkkaRaft.Simulation.Tests.Storage;

/// <summary>An actor system whose actors run on the test's thread, and only when the test says so.</summary>
internal sealed class PumpedSystem : IDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    readonly Pump _pump = new();

    public PumpedSystem(SimulatedDisk? disk, Config config)
    {
        var setup = BootstrapSetup.Create().WithConfig(config.WithFallback(Base)).And(_pump);
        System = ActorSystem.Create("pumped", disk is null ? setup : setup.And(new SimulatedDiskSetup(disk)));
    }

    public ActorSystem System { get; }

    static Config Base => ConfigurationFactory.ParseString($$"""
        akka {
          loggers = ["{{typeof(SilentLogger).AssemblyQualifiedName}}"]
          stdout-logger-class = "{{typeof(SilentLogger).AssemblyQualifiedName}}"
          loglevel = OFF
          coordinated-shutdown.run-by-actor-system-terminate = off
          actor.default-dispatcher.executor = "{{typeof(PumpExecutorConfigurator).AssemblyQualifiedName}}"
          actor.internal-dispatcher.executor = "{{typeof(PumpExecutorConfigurator).AssemblyQualifiedName}}"
          persistence.dispatchers.default-plugin-dispatcher {
            type = Dispatcher
            executor = "{{typeof(PumpExecutorConfigurator).AssemblyQualifiedName}}"
          }
        }
        """);

    /// <summary>Runs until no actor has anything to do.</summary>
    public bool Run()
    {
        var any = false;
        while (_pump.Jobs.TryTake(out var job))
        {
            any = true;
            job.Run();
        }

        return any;
    }

    /// <summary>Runs until this holds: for plug-ins that have threads of their own.</summary>
    public void RunUntil(Func<bool> condition)
    {
        while (!condition())
        {
            if (!_pump.Jobs.TryTake(out var job, Patience)) throw new TimeoutException($"Nothing happened for {Patience}.");
            job.Run();
        }
    }

    public void Dispose()
    {
        var ended = System.Terminate();
        ended.ContinueWith(_ => _pump.Jobs.Add(new ActionRunnable(() => { })), TaskScheduler.Default);
        RunUntil(() => ended.IsCompleted);
    }

    sealed class Pump : Setup
    {
        public BlockingCollection<IRunnable> Jobs { get; } = [];
    }

    public sealed class PumpExecutorConfigurator(Config config, IDispatcherPrerequisites prerequisites) : ExecutorServiceConfigurator(config, prerequisites)
    {
        public override ExecutorService Produce(string id) => new Executor(id, Prerequisites.Settings.Setup.Get<Pump>().Value);

        sealed class Executor(string id, Pump pump) : ExecutorService(id)
        {
            public override void Execute(IRunnable run) => pump.Jobs.Add(run);

            public override void Shutdown()
            {
            }
        }
    }

    public sealed class SilentLogger : MinimalLogger
    {
        protected override void Log(object message)
        {
        }
    }
}
