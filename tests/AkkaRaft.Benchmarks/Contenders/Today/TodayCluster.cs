using System.Globalization;
using AkkaRaft.Benchmarks.Workers;
using AkkaRaft.Samples.ClusterLauncher.Processes;

namespace AkkaRaft.Benchmarks.Contenders.Today;

/// <summary>Processes with Akka.Cluster, and an actor in each that clients ask.</summary>
internal sealed class TodayCluster : ProcessCluster<WorkerProcess>
{
    readonly string _contender;
    readonly string _folder;
    readonly TodayClient _client;

    TodayCluster(string contender, string folder, int nodes, string endpoints, TodayClient client) : base(nodes, endpoints, client)
    {
        _contender = contender;
        _folder = folder;
        _client = client;
    }

    public static Task<TodayCluster> Start(IContender contender, string folder, int nodes)
    {
        var port = FreePorts.InARow(nodes);
        var endpoints = string.Join(',', Enumerable.Range(port, nodes).Select(free => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{free}")));
        return StartAll(new TodayCluster(contender.Name, folder, nodes, endpoints, new TodayClient(endpoints)));
    }

    public override Task<int> Leader() => _client.Place();

    protected override Task<WorkerProcess> StartNode(int node) => WorkerProcess.Start(
        Path.Combine(_folder, $"node-{node + 1}.log"), [TodayNodeProgram.Command, _contender, node.ToString(CultureInfo.InvariantCulture), Endpoints, _folder]);
}
