using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;
using Akka.Event;

namespace AkkaRaft.Tests.Tls;

/// <summary>ActorSystems on this machine with TLS, their certificates in a folder, and what they have logged.</summary>
internal sealed class TlsSystems : IAsyncDisposable
{
    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("akkaraft-tls-");
    readonly List<ActorSystem> _systems = [];

    public TlsSystems()
    {
        Authority = new TestAuthority(_folder.FullName, "authority");
        Foreign = new TestAuthority(_folder.FullName, "foreign");
    }

    public string Folder => _folder.FullName;

    public TestAuthority Authority { get; }

    public TestAuthority Foreign { get; }

    /// <summary>Settings of a system with a certificate.</summary>
    public string Hocon(TestCertificate certificate, string? authority = null, string more = "") => $$"""
        {{Remoting(0)}}
        akka.remote.adapters.raft-tls = "AkkaRaft.Tls.TlsAdapterProvider,AkkaRaft"
        akka.remote.dot-netty.tcp.applied-adapters = ["raft-tls"]
        akka.raft.tls {
          certificate = "{{certificate.Certificate}}", private-key = "{{certificate.Key}}", authority = "{{authority ?? Authority.File}}"
          {{more}}
        }
        """;

    /// <summary>Settings of a system without TLS.</summary>
    public static string Remoting(int port) => $$"""
        akka { loglevel = INFO, stdout-loglevel = OFF, loggers = ["{{typeof(Lines.Writer).AssemblyQualifiedName}}"], log-dead-letters = off }
        akka.actor.provider = remote
        akka.remote { retry-gate-closed-for = 50ms, log-remote-lifecycle-events = off }
        akka.remote.dot-netty.tcp { hostname = "127.0.0.1", port = {{port}}, tcp-reuse-addr = off, batching.enabled = off }
        """;

    /// <summary>Starts one.</summary>
    /// <param name="hocon">Its settings.</param>
    /// <param name="time">Its clock; null for the machine's.</param>
    public (ExtendedActorSystem System, Lines Lines) Start(string hocon, TimeProvider? time = null)
    {
        var lines = new Lines();
        var setup = BootstrapSetup.Create().WithConfig(ConfigurationFactory.ParseString(hocon)).And(lines);
        if (time is not null) setup = setup.And(RaftSetup.Create().WithTimeProvider(time));
        var system = ActorSystem.Create("tls", setup);
        _systems.Add(system);
        return ((ExtendedActorSystem)system, lines);
    }

    /// <summary>What a system's start is refused with.</summary>
    public RaftSettingsException Refusal(string hocon)
    {
        try
        {
            Start(hocon);
        }
        catch (Exception failed)
        {
            for (var cause = failed; cause is not null; cause = cause.InnerException)
            {
                if (cause is RaftSettingsException refusal) return refusal;
            }

            throw;
        }

        throw new InvalidOperationException("It has started.");
    }

    /// <summary>An actor that answers whatever it gets with the same; returns its path for others.</summary>
    public static string Echo(ExtendedActorSystem system)
    {
        system.ActorOf(Props.Create(() => new EchoActor()), "echo");
        return $"{system.Provider.DefaultAddress}/user/echo";
    }

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_systems.Select(system => system.Terminate()));
        Authority.Dispose();
        Foreign.Dispose();
        _folder.Delete(recursive: true);
    }

    sealed class EchoActor : UntypedActor
    {
        protected override void OnReceive(object message) => Sender.Tell(message);
    }
}

/// <summary>What a system has logged, warnings and above, and what AkkaRaft says.</summary>
internal sealed class Lines : Setup
{
    readonly Lock _lock = new();
    readonly List<string> _all = [];

    public IReadOnlyList<string> All
    {
        get
        {
            lock (_lock) return [.. _all];
        }
    }

    /// <summary>Completes when a line has been logged that contains all of the texts.</summary>
    public Task Has(params string[] texts) => Eventually.Holds(
        $"a line with {string.Join(" and ", texts)}; there are: {string.Join(" | ", All)}", () => All.Any(line => texts.All(line.Contains)), TimeSpan.FromSeconds(60));

    void Add(string line)
    {
        lock (_lock) _all.Add(line);
    }

    internal sealed class Writer : ReceiveActor
    {
        public Writer()
        {
            var lines = Context.System.Settings.Setup.Get<Lines>().Value;
            Receive<InitializeLogger>(_ => Sender.Tell(new LoggerInitialized()));
            Receive<LogEvent>(e => lines.Add($"{e.LogLevel()} {e.Message}"));
        }
    }
}
