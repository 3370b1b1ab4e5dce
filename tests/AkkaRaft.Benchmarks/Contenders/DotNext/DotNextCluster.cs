using System.Globalization;
using AkkaRaft.Benchmarks.Workers;
using AkkaRaft.Samples.ClusterLauncher.Processes;

namespace AkkaRaft.Benchmarks.Contenders.DotNext;

/// <summary>Processes of ours with a node of dotNext in each.</summary>
internal sealed class DotNextCluster : ProcessCluster<WorkerProcess>
{
    readonly string _folder;
    readonly string _peers;
    readonly string[] _settings;
    readonly DotNextStoreClient _client;

    DotNextCluster(string folder, int nodes, string peers, string[] settings, DotNextStoreClient client, string endpoints) : base(nodes, endpoints, client)
    {
        _folder = folder;
        _peers = peers;
        _settings = settings;
        _client = client;
    }

    public static Task<DotNextCluster> Start(string folder, int nodes, bool followersFlush, int lowerElectionTimeout, int upperElectionTimeout)
    {
        var port = FreePorts.InARow(2 * nodes);
        var endpoints = Addresses(port + nodes, nodes);
        string[] settings = [$"{followersFlush}", .. new[] { lowerElectionTimeout, upperElectionTimeout }.Select(timeout => timeout.ToString(CultureInfo.InvariantCulture))];
        return StartAll(new DotNextCluster(folder, nodes, Addresses(port, nodes), settings, new DotNextStoreClient(endpoints), endpoints));
    }

    public override Task<int> Leader() => _client.Leader();

    protected override Task<WorkerProcess> StartNode(int node) => WorkerProcess.Start(
        Path.Combine(_folder, $"node-{node + 1}.log"), ["dotnext-node", $"{node}", _peers, Endpoints, Path.Combine(_folder, $"node-{node + 1}"), .. _settings]);

    static string Addresses(int firstPort, int count) =>
        string.Join(',', Enumerable.Range(firstPort, count).Select(port => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}")));
}
