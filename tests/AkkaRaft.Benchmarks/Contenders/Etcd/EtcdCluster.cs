using System.Diagnostics;
using System.Globalization;
using AkkaRaft.Samples.ClusterLauncher.Processes;

namespace AkkaRaft.Benchmarks.Contenders.Etcd;

/// <summary>Processes of etcd.</summary>
internal sealed class EtcdCluster : ProcessCluster<ServerProcess>
{
    // More than any run writes; at etcd's default of 2 GB a long one would end in "database space exceeded".
    const long Quota = 8L << 30;

    readonly string _program;
    readonly string _folder;
    readonly IReadOnlyList<string> _timing;
    readonly int _firstPort;
    readonly EtcdStoreClient _client;

    EtcdCluster(string program, string folder, int nodes, IReadOnlyList<string> timing, int firstPort, string endpoints, EtcdStoreClient client) : base(nodes, endpoints, client)
    {
        _program = program;
        _folder = folder;
        _timing = timing;
        _firstPort = firstPort;
        _client = client;
    }

    public static Task<EtcdCluster> Start(string program, string folder, int nodes, IReadOnlyList<string> timing)
    {
        var port = FreePorts.InARow(2 * nodes);
        var endpoints = string.Join(',', Enumerable.Range(0, nodes).Select(node => ClientAddress(port, node)));
        return StartAll(new EtcdCluster(program, folder, nodes, timing, port, endpoints, new EtcdStoreClient(endpoints)));
    }

    public override Task<int> Leader() => _client.Leader();

    protected override Task<ServerProcess> StartNode(int node) => ServerProcess.Start(Program(node), Path.Combine(_folder, $"{Id(node)}.log"), () => _client.TakesPart(node));

    ProcessStartInfo Program(int node)
    {
        var start = new ProcessStartInfo(_program)
        {
            WorkingDirectory = _folder,
            ArgumentList =
            {
                $"--name={Id(node)}",
                $"--data-dir={Path.Combine(_folder, Id(node))}",
                $"--listen-client-urls=http://{ClientAddress(_firstPort, node)}",
                $"--advertise-client-urls=http://{ClientAddress(_firstPort, node)}",
                $"--listen-peer-urls=http://{PeerAddress(node)}",
                $"--initial-advertise-peer-urls=http://{PeerAddress(node)}",
                $"--initial-cluster={string.Join(',', Enumerable.Range(0, Nodes.Count).Select(other => $"{Id(other)}=http://{PeerAddress(other)}"))}",
                $"--quota-backend-bytes={Quota}",
                "--logger=zap",
                "--log-level=error",
            },
        };
        foreach (var argument in _timing) start.ArgumentList.Add(argument);
        // The environment can set each of its options, and the command line is to say all.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("ETCD_", StringComparison.Ordinal)).ToList()) start.Environment.Remove(name);
        return start;
    }

    static string Id(int node) => $"node-{node + 1}";

    static string ClientAddress(int firstPort, int node) => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{firstPort + 2 * node}");

    string PeerAddress(int node) => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{_firstPort + 2 * node + 1}");
}
