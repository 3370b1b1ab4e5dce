using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Cluster;
using Akka.Configuration;
using AkkaRaft.Events;
using AkkaRaft.Tests;
using AkkaCluster = Akka.Cluster.Cluster;

namespace AkkaRaft.Cluster.Tests.Stories;

/// <summary>Counts.</summary>
public sealed class Tally : RaftStateMachine
{
    long _value;

    public Tally()
    {
        Command<Increase>(increase => _value += increase.By);
        Query<HowMany>(_ => _value);
        Snapshot(() => _value, value => _value = value);
    }
}

/// <summary>Adds to the tally.</summary>
public sealed record Increase(long By);

/// <summary>Asks for the tally.</summary>
public sealed record HowMany;

/// <summary>One process of a story: an actor system that is a member of the cluster, mostly with a node of the group.</summary>
public sealed class Place
{
    public required ActorSystem System { get; init; }

    public required string Address { get; init; }

    public AkkaCluster Cluster => AkkaCluster.Get(System);

    public RaftGroup? Group { get; set; }

    public RaftClusterGroup? Attached { get; set; }

    /// <summary>What its node and its autopilot told, in order.</summary>
    public ConcurrentQueue<RaftEvent> Told { get; } = new();

    public IEnumerable<T> All<T>() where T : RaftEvent => Told.OfType<T>();
}

/// <summary>Writes down what a system's EventStream has.</summary>
internal sealed class Scribe(ConcurrentQueue<RaftEvent> told) : UntypedActor
{
    protected override void PreStart() => Context.System.EventStream.Subscribe(Self, typeof(RaftEvent));

    protected override void OnReceive(object message)
    {
        if (message is RaftEvent happened) told.Enqueue(happened);
    }
}

/// <summary>
/// A cluster of actor systems in this process, over real Akka.Remote and Akka.Cluster, with real SQLite files in a folder that goes with the test. A system that is terminated
/// does not take leave of the cluster, as if its process had been killed; CoordinatedShutdown does.
/// </summary>
public sealed class Clustered : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(180);

    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("akkaraft-clustered-");
    readonly List<ActorSystem> _systems = [];

    public Dictionary<int, Place> Places { get; } = [];

    public Place this[int node] => Places[node];

    /// <summary>A member of the cluster without a node of the group. The first place of a story founds the cluster.</summary>
    public async Task<Place> Join(string roles, string more = "", string provider = "cluster", int node = 0)
    {
        var address = $"127.0.0.1:{FreePort.Next()}";
        var system = ActorSystem.Create("story", ConfigurationFactory.ParseString($$"""
            akka.loglevel = WARNING
            akka.stdout-loglevel = OFF
            akka.log-dead-letters = off
            akka.actor.provider = {{provider}}
            akka.coordinated-shutdown { run-by-actor-system-terminate = off, run-by-clr-shutdown-hook = off, exit-clr = off }
            akka.remote.retry-gate-closed-for = 200ms
            akka.remote.dot-netty.tcp { hostname = "127.0.0.1", port = {{address.Split(':')[1]}}, tcp-reuse-addr = off }
            akka.cluster { roles = [{{roles}}], gossip-interval = 200ms, leader-actions-interval = 200ms, periodic-tasks-initial-delay = 100ms, log-info = off }
            akka.raft { cluster-id = story, node-id = "{{node}}", data-dir = "{{_folder.FullName}}/{{node}}" }
            {{more}}
            """));
        _systems.Add(system);
        var place = new Place { System = system, Address = address };
        system.ActorOf(Props.Create(() => new Scribe(place.Told)), "scribe");
        if (provider != "cluster") return place;
        var seed = Places.Values.FirstOrDefault()?.Address ?? address;   // whoever is there: the first of all may be gone
        await place.Cluster.JoinAsync(Address.Parse($"akka.tcp://story@{seed}")).WaitAsync(Patience);
        return place;
    }

    /// <summary>A member of the cluster with a node of the group: one that founds it, or one that waits to be added.</summary>
    public async Task<Place> Start(int node, IEnumerable<RaftMember>? founders = null, Func<RaftClusterSettings, RaftClusterSettings>? cluster = null, string more = "")
    {
        var place = Places[node] = await Join($"raft, raft-node-{node}", more, node: node);
        Run(node, founders, cluster);
        return place;
    }

    /// <summary>Several that found the group together; their addresses are known only when they have joined.</summary>
    public async Task Found(int nodes, Func<RaftClusterSettings, RaftClusterSettings>? cluster = null, string more = "")
    {
        for (var node = 1; node <= nodes; node++) Places[node] = await Join($"raft, raft-node-{node}", more, node: node);
        var founders = Places.Select(place => new RaftMember(new NodeId($"{place.Key}"), place.Value.Address)).ToList();
        foreach (var node in Places.Keys) Run(node, founders, cluster);
        foreach (var place in Places.Values) await place.Group!.WhenReady.WaitAsync(Patience);
    }

    public void Run(int node, IEnumerable<RaftMember>? founders, Func<RaftClusterSettings, RaftClusterSettings>? cluster)
    {
        var place = Places[node];
        var settings = RaftSettings.Create(place.System);
        settings = founders is null ? settings.WithMembers().WithJoin(true) : settings.WithMembers(founders);
        place.Group = Raft.Get(place.System).Start(Props.Create(() => new Tally()), settings);
        var members = RaftClusterSettings.Create(place.System);
        place.Attached = RaftCluster.Get(place.System).Attach(place.Group, cluster?.Invoke(members) ?? members);
    }

    /// <summary>As if its process had been killed; its files stay.</summary>
    public async Task Kill(int node)
    {
        await Places[node].System.Terminate().WaitAsync(Patience);
        Places.Remove(node);
    }

    /// <summary>The node that leads, by its own word.</summary>
    public async Task<int> Leader()
    {
        var leader = 0;
        await Eventually.Holds("a node leads", async () =>
        {
            foreach (var (node, place) in Places.Where(place => place.Value.Group is not null).ToList())
            {
                if ((await place.Group!.GetStatus(Patience)).Role == RaftRole.Leader) leader = node;
            }

            return leader != 0;
        }, Patience);
        return leader;
    }

    public Task Holds(string what, Func<bool> look) => Eventually.Holds(what, look, Patience);

    public Task<RaftConfiguration> Configuration(int by) => this[by].Group!.GetConfiguration(Patience);

    /// <summary>Waits for a configuration that is committed and as it should be.</summary>
    public Task Becomes(string what, int by, Func<RaftConfiguration, bool> isSo) =>
        Eventually.Holds(what, async () => await Configuration(by) is { IsCommitted: true, IsJoint: false } now && isSo(now), Patience);

    /// <summary>The autopilot of a story: as quick as its settings allow.</summary>
    public static RaftClusterSettings Quick(RaftClusterSettings settings) => settings.WithAutopilot(true)
        .WithInterval(TimeSpan.FromMilliseconds(200)).WithStableAfter(TimeSpan.FromMilliseconds(600)).WithRemoveDeadAfter(TimeSpan.FromSeconds(4)).WithRetryAfter(TimeSpan.FromSeconds(1))
        .WithActionTimeout(TimeSpan.FromSeconds(30));

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_systems.Select(system => system.Terminate()));
        _folder.Delete(recursive: true);
    }
}
