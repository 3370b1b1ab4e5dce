using System.Globalization;
using Akka.Actor;
using AkkaRaft.Benchmarks.Workers;
using AkkaRaft.Samples.ClusterLauncher.Processes;

namespace AkkaRaft.Benchmarks.Contenders.Raft;

/// <summary>Ours, with its defaults: each node journals in a SQLite file of its own.</summary>
/// <param name="name">One word.</param>
/// <param name="settings">HOCON over the defaults, for all nodes.</param>
internal sealed class RaftContender(string name = "akkaraft", string settings = "") : IContender
{
    public string Name => name;

    public string Title => "AkkaRaft";

    public string Durability => "in the journals of a majority of the nodes, each synced (SQLite, WAL, synchronous=FULL), and applied by the leader";

    public Task<string?> WhyMissing() => Task.FromResult<string?>(null);

    public async Task<IContenderCluster> Start(string folder, int nodes) => await RaftCluster.Start(this, folder, nodes, settings);

    public Task<IStoreClient> Connect(string endpoints)
    {
        var system = ActorSystem.Create("bench-client", RaftHocon.Client);
        var client = RaftClient.Create(system, RaftClientSettings.Default
            .WithClusterId(RaftHocon.Cluster)
            .WithSystemName(RaftHocon.SystemName)
            .WithContactPoints(endpoints.Split(',').Select(RaftMember.Parse)));
        return Task.FromResult<IStoreClient>(new RaftStoreClient(client, system));
    }
}

/// <summary>Our nodes. Their processes say what they cost, and put load on the cluster from inside.</summary>
internal sealed class RaftCluster : ProcessCluster<WorkerProcess>
{
    readonly string _folder;
    readonly string _settings;

    RaftCluster(string folder, int nodes, string settings, string endpoints, RaftStoreClient client) : base(nodes, endpoints, client)
    {
        _folder = folder;
        _settings = settings;
        Client = client.Raft;
    }

    /// <summary>A client of it, in this process.</summary>
    public RaftClient Client { get; }

    /// <summary>A node's data.</summary>
    public string DataFolder(int node) => Path.Combine(_folder, $"node-{node + 1}");

    public static async Task<RaftCluster> Start(IContender contender, string folder, int nodes, string settings)
    {
        var port = FreePorts.InARow(nodes);
        var endpoints = string.Join(',', Enumerable.Range(1, nodes).Select(id => string.Create(CultureInfo.InvariantCulture, $"{id}=127.0.0.1:{port + id - 1}")));
        return await StartAll(new RaftCluster(folder, nodes, settings, endpoints, (RaftStoreClient)await contender.Connect(endpoints)));
    }

    public override async Task<int> Leader() => int.Parse((await Client.FindLeader(TimeSpan.FromSeconds(30))).Node.Value, CultureInfo.InvariantCulture) - 1;

    protected override Task<WorkerProcess> StartNode(int node) =>
        WorkerProcess.Start(Path.Combine(_folder, $"node-{node + 1}.log"), ["node", $"{node + 1}", Endpoints, DataFolder(node), _settings]);
}

/// <summary>A client of ours.</summary>
internal sealed class RaftStoreClient(RaftClient client, ActorSystem? system = null) : IStoreClient
{
    static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    public RaftClient Raft => client;

    public Task Write(int key, ReadOnlyMemory<byte> value) => client.Propose(new PutValue(key, value), s_patience);

    public Task Read(int key) => client.Query<StoredBytes>(new GetValue(key), ReadConsistency.Linearizable, s_patience);

    public async ValueTask DisposeAsync()
    {
        await client.DisposeAsync();
        if (system is not null) await system.Terminate();
    }
}
