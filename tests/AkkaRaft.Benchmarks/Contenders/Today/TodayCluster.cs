using System.Globalization;
using AkkaRaft.Benchmarks.Workers;
using AkkaRaft.Samples.ClusterLauncher.Processes;

namespace AkkaRaft.Benchmarks.Contenders.Today;

/// <summary>Processes with Akka.Cluster, and an actor in each that clients ask.</summary>
internal sealed class TodayCluster : IContenderCluster
{
    readonly string _contender;
    readonly string _folder;
    readonly WorkerProcess[] _nodes;
    readonly TodayClient _client;

    TodayCluster(string contender, string folder, string endpoints, int nodes)
    {
        _contender = contender;
        _folder = folder;
        Endpoints = endpoints;
        _nodes = new WorkerProcess[nodes];
        _client = new TodayClient(endpoints);
    }

    public string Endpoints { get; }

    public IReadOnlyList<int> ProcessIds => [.. _nodes.Select(node => node.Id)];

    public static async Task<TodayCluster> Start(IContender contender, string folder, int nodes)
    {
        var port = FreePorts.InARow(nodes);
        var endpoints = string.Join(',', Enumerable.Range(port, nodes).Select(free => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{free}")));
        var cluster = new TodayCluster(contender.Name, folder, endpoints, nodes);
        await Task.WhenAll(Enumerable.Range(0, nodes).Select(cluster.Restart));
        await cluster._client.Write(0, new byte[16]);
        return cluster;
    }

    public Task<int> Leader() => _client.Place();

    public void Kill(int node) => _nodes[node].Kill();

    public async Task Restart(int node) => _nodes[node] = await WorkerProcess.Start(
        Path.Combine(_folder, $"node-{node + 1}.log"), [TodayNodeProgram.Command, _contender, node.ToString(CultureInfo.InvariantCulture), Endpoints, _folder]);

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        foreach (var node in _nodes) await node.DisposeAsync();
    }
}
