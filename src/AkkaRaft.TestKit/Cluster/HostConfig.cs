using Akka.Actor.Setup;
using Akka.Actor;
using Akka.Configuration;

namespace AkkaRaft.TestKit.Cluster;

/// <summary>The configuration of simulated ActorSystems: every thread, clock, mailbox and wire of Akka is replaced by the simulation's.</summary>
internal static class HostConfig
{
    /// <summary>The name of every simulated ActorSystem.</summary>
    public const string SystemName = "sim";

    public const int MaxFrameSize = 128_000;

    const string Executor = "AkkaRaft.TestKit.Kernel.SimulationExecutorConfigurator, AkkaRaft.TestKit";
    const string Mailbox = "AkkaRaft.TestKit.Kernel.SimulationMailbox, AkkaRaft.TestKit";

    static readonly string[] Dispatchers =
    [
        "akka.actor.default-dispatcher", "akka.actor.internal-dispatcher", "akka.actor.default-blocking-io-dispatcher",
        "akka.actor.synchronized-dispatcher", "akka.actor.task-dispatcher", "akka.actor.default-fork-join-dispatcher", "akka.io.pinned-dispatcher",
        "akka.remote.default-remote-dispatcher", "akka.remote.backoff-remote-dispatcher",
        "akka.persistence.dispatchers.default-plugin-dispatcher", "akka.persistence.dispatchers.default-replay-dispatcher",
        "akka.persistence.dispatchers.default-stream-dispatcher",
    ];

    // Parsing it is most of what a boot costs; one for each thread, since Akka's Config fills caches as it is read.
    [ThreadStatic]
    static BootstrapSetup? _parsed;

    public static BootstrapSetup Bootstrap => _parsed ??= BootstrapSetup.Create().WithConfig(Parse());

    static Config Parse() => ConfigurationFactory.ParseString($$"""
        akka {
          loglevel = INFO
          loggers = ["AkkaRaft.TestKit.Kernel.SimulationLogger, AkkaRaft.TestKit"]
          stdout-logger-class = "AkkaRaft.TestKit.Kernel.SimulationLogger, AkkaRaft.TestKit"
          log-dead-letters = off
          log-dead-letters-during-shutdown = off
          scheduler.implementation = "AkkaRaft.TestKit.Kernel.SimulationScheduler, AkkaRaft.TestKit"
          coordinated-shutdown { run-by-clr-shutdown-hook = off, run-by-actor-system-terminate = off, exit-clr = off }
          actor {
            provider = "AkkaRaft.TestKit.Network.SimulatedProvider, AkkaRaft.TestKit"
            default-mailbox.mailbox-type = "{{Mailbox}}"
            mailbox {
              unbounded-queue-based.mailbox-type = "{{Mailbox}}"
              unbounded-deque-based.mailbox-type = "{{Mailbox}}"
            }
          }
          remote {
            retry-gate-closed-for = 200ms
            prune-quarantine-marker-after = 5s
            dot-netty.tcp { maximum-frame-size = {{MaxFrameSize}}b, tcp-reuse-addr = off }
          }
        }
        {{string.Join('\n', Dispatchers.Select(path => $$"""{{path}} { type = Dispatcher, executor = "{{Executor}}", throughput = 1 }"""))}}
        {{Storage.SimulatedStorage.Hocon}}
        """).WithFallback(RaftSettings.ReferenceConfig);
}
