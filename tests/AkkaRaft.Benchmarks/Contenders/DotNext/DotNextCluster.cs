using System.Globalization;
using AkkaRaft.Benchmarks.Workers;
using AkkaRaft.Samples.ClusterLauncher.Processes;

namespace AkkaRaft.Benchmarks.Contenders.DotNext;

/// <summary>Processes of ours with a node of dotNext in each.</summary>
internal sealed class DotNextCluster : IContenderCluster
{
    readonly string _folder;
    readonly string _peers;
    readonly string[] _settings;
    readonly WorkerProcess?[] _nodes;
    readonly DotNextStoreClient _client;

    DotNextCluster(string folder, int nodes, string[] settings)
    {
        var port = FreePorts.InARow(2 * nodes);
        _folder = folder;
        _settings = settings;
        _nodes = new WorkerProcess[nodes];
        _peers = Addresses(port, nodes);
        Endpoints = Addresses(port + nodes, nodes);
        _client = new DotNextStoreClient(Endpoints);
    }

    public string Endpoints { get; }

    public IReadOnlyList<int> ProcessIds => [.. _nodes.Select(node => node!.Id)];

    public static async Task<DotNextCluster> Start(string folder, int nodes, bool followersFlush, int lowerElectionTimeout, int upperElectionTimeout)
    {
        var cluster = new DotNextCluster(folder, nodes, [$"{followersFlush}", .. new[] { lowerElectionTimeout, upperElectionTimeout }.Select(timeout => timeout.ToString(CultureInfo.InvariantCulture))]);
        try
        {
            await Task.WhenAll(Enumerable.Range(0, nodes).Select(cluster.Restart));
            await cluster._client.Write(0, new byte[16]);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    public Task<int> Leader() => _client.Leader();

    public void Kill(int node) => _nodes[node]!.Kill();

    public async Task Restart(int node) => _nodes[node] = await WorkerProcess.Start(
        Path.Combine(_folder, $"node-{node + 1}.log"), ["dotnext-node", $"{node}", _peers, Endpoints, Path.Combine(_folder, $"node-{node + 1}"), .. _settings]);

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        // Null where the start of all failed before this one's.
        foreach (var node in _nodes) await (node?.DisposeAsync() ?? ValueTask.CompletedTask);
    }

    static string Addresses(int firstPort, int count) =>
        string.Join(',', Enumerable.Range(firstPort, count).Select(port => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}")));
}
