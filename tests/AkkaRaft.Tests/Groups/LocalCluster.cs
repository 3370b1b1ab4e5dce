using Akka.Actor;
using Akka.Configuration;

namespace AkkaRaft.Tests.Groups;

/// <summary>Counts; the smallest state machine whose every mistake shows.</summary>
public sealed class Tally : RaftStateMachine
{
    long _value;

    public Tally()
    {
        Command<Increase>(increase => increase.By == 13 ? throw new InvalidOperationException("13 brings bad luck") : _value += increase.By);
        Query<HowMany>(_ => _value);
        Snapshot(() => _value, value => _value = value);
    }
}

/// <summary>Adds to the tally; 13 makes its handler throw.</summary>
public sealed record Increase(long By);

/// <summary>Asks for the tally.</summary>
public sealed record HowMany;

/// <summary>Nodes of one group in this process, each in an actor system of its own, over real Akka.Remote, with real SQLite files in a folder that goes with the test.</summary>
public sealed class LocalCluster : IAsyncDisposable
{
    const string Name = "tally";

    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("akkaraft-cluster-");
    readonly Dictionary<int, ActorSystem> _systems = [];
    readonly int[] _ports;
    readonly string _cluster;

    readonly Config _more;

    /// <param name="nodes">How many there may be.</param>
    /// <param name="cluster">Its id.</param>
    /// <param name="more">HOCON over that of all nodes; empty for none.</param>
    public LocalCluster(int nodes, string cluster = "test", string more = "")
    {
        (_cluster, _more) = (cluster, ConfigurationFactory.ParseString(more));
        _ports = [.. Enumerable.Range(0, nodes).Select(_ => FreePort.Next())];
    }

    public Dictionary<int, RaftGroup> Groups { get; } = [];

    public string FolderOf(int node) => Path.Combine(_folder.FullName, $"{node}", "default");

    public string AddressOf(int node) => $"127.0.0.1:{_ports[node - 1]}";

    public Config ConfigOf(int node) => _more.WithFallback(ConfigurationFactory.ParseString($$"""
        akka.loglevel = WARNING
        akka.stdout-loglevel = OFF
        akka.log-dead-letters = off
        akka.actor.provider = remote
        akka.remote.retry-gate-closed-for = 200ms
        akka.remote.dot-netty.tcp { hostname = "127.0.0.1", port = {{_ports[node - 1]}}, tcp-reuse-addr = off }
        akka.raft {
          cluster-id = {{_cluster}}
          node-id = "{{node}}"
          members = [{{string.Join(", ", Enumerable.Range(1, _ports.Length).Select(id => $"\"{id}={AddressOf(id)}\""))}}]
          data-dir = "{{_folder.FullName}}/{{node}}"
        }
        """));

    public ActorSystem NewSystem(int node) => _systems[node] = ActorSystem.Create(Name, ConfigOf(node));

    public RaftGroup Start(int node, Func<RaftSettings, RaftSettings>? change = null)
    {
        var system = NewSystem(node);
        var settings = RaftSettings.Create(system);
        return Groups[node] = Raft.Get(system).Start(Props.Create(() => new Tally()), change?.Invoke(settings) ?? settings);
    }

    /// <summary>The disk of a stopped node is lost.</summary>
    public void DeleteFolderOf(int node) => Directory.Delete(Path.Combine(_folder.FullName, $"{node}"), recursive: true);

    public ActorSystem SystemOf(int node) => _systems[node];

    /// <summary>Works on the data of a stopped node.</summary>
    public async Task<T> Offline<T>(int node, Func<ActorSystem, RaftSettings, Task<T>> work)
    {
        var system = ActorSystem.Create("offline", ConfigurationFactory.ParseString("akka.actor.provider = local").WithFallback(ConfigOf(node)));
        try
        {
            return await work(system, RaftSettings.Create(system));
        }
        finally
        {
            await system.Terminate();
        }
    }

    /// <summary>A file beside the nodes' folders.</summary>
    public string FileNamed(string name) => Path.Combine(_folder.FullName, name);

    /// <summary>Ends a node's actor system; its files stay.</summary>
    public async Task Stop(int node)
    {
        await _systems[node].Terminate();
        _systems.Remove(node);
        Groups.Remove(node);
    }

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_systems.Values.Select(system => system.Terminate()));
        _folder.Delete(recursive: true);
    }
}
