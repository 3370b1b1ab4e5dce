using Akka.Configuration;
using Akka.Event;

namespace AkkaRaft.Samples.Common;

/// <summary>The configuration of the programs' ActorSystems.</summary>
public static class SampleHocon
{
    /// <summary>For a node.</summary>
    /// <param name="canonical">Where the others find it, from its entry in the list of nodes.</param>
    /// <param name="listen">Where it listens.</param>
    /// <param name="log">What it logs.</param>
    public static Config Node(HostPort canonical, HostPort listen, LogLevel log) => Parse(log,
        $$"""
        akka.remote.dot-netty.tcp {
          hostname = "{{listen.Host}}"
          port = {{listen.Port}}
          public-hostname = "{{canonical.Host}}"
          public-port = {{canonical.Port}}
        }
        """);

    /// <summary>For a client.</summary>
    /// <param name="host">The address of this machine that the nodes can see.</param>
    /// <param name="log">What it logs.</param>
    public static Config Client(string host, LogLevel log) => Parse(log,
        $$"""
        akka.remote.dot-netty.tcp {
          hostname = "{{host}}"
          port = 0
        }
        """);

    /// <summary>For work on the data of a node that does not run: nobody can reach it.</summary>
    /// <param name="log">What it logs.</param>
    public static Config Offline(LogLevel log) => ConfigurationFactory.ParseString("akka.actor.provider = local").WithFallback(Parse(log, ""));

    // retry-gate-closed-for: after a broken connection Akka.Remote sends nothing for so long, 5 s unless told, and would miss a restarted node.
    // prune-quarantine-marker-after: who was frozen may take a peer's old process for its new one, and shut out the one that lives: for 5 days unless told.
    // tcp-reuse-addr: on Unix it would let a second process listen at the same port, and take some of the connections. A restart does not need it.
    static Config Parse(LogLevel log, string remoting) => ConfigurationFactory.ParseString(
        $$"""
        akka {
          loglevel = {{LevelName(log)}}
          stdout-loglevel = OFF
          stdout-logger-class = "AkkaRaft.Samples.Common.NoLogger, AkkaRaft.Samples.Common"
          loggers = ["AkkaRaft.Samples.Common.StderrLogger, AkkaRaft.Samples.Common"]
          log-dead-letters = off
          log-dead-letters-during-shutdown = off
          coordinated-shutdown.run-by-clr-shutdown-hook = off
          actor.provider = remote
          remote {
            retry-gate-closed-for = 200ms
            prune-quarantine-marker-after = 5s
            log-remote-lifecycle-events = off
            dot-netty.tcp.tcp-reuse-addr = off
          }
        }
        """ + Environment.NewLine + remoting);

    static string LevelName(LogLevel log) => log switch
    {
        LogLevel.DebugLevel => "DEBUG",
        LogLevel.InfoLevel => "INFO",
        _ => "WARNING",
    };
}
