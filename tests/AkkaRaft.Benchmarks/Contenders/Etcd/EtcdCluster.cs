using System.Diagnostics;
using System.Globalization;
using AkkaRaft.Samples.ClusterLauncher.Processes;

namespace AkkaRaft.Benchmarks.Contenders.Etcd;

/// <summary>Processes of etcd.</summary>
internal sealed class EtcdCluster : IContenderCluster
{
    // More than any run writes; at etcd's default of 2 GB a long one would end in "database space exceeded".
    const long Quota = 8L << 30;

    readonly string _program;
    readonly string _folder;
    readonly IReadOnlyList<string> _timing;
    readonly int _firstPort;
    readonly ChildProcess[] _nodes;
    readonly EtcdStoreClient _client;

    EtcdCluster(string program, string folder, int nodes, IReadOnlyList<string> timing)
    {
        _program = program;
        _folder = folder;
        _timing = timing;
        _firstPort = FreePorts.InARow(2 * nodes);
        _nodes = new ChildProcess[nodes];
        Endpoints = string.Join(',', Enumerable.Range(0, nodes).Select(ClientAddress));
        _client = new EtcdStoreClient(Endpoints);
    }

    public string Endpoints { get; }

    public IReadOnlyList<int> ProcessIds => [.. _nodes.Select(node => node.Id)];

    public static async Task<EtcdCluster> Start(string program, string folder, int nodes, IReadOnlyList<string> timing)
    {
        var cluster = new EtcdCluster(program, folder, nodes, timing);
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

    public void Kill(int node) => _nodes[node].Kill();

    public async Task Restart(int node)
    {
        var start = new ProcessStartInfo(_program)
        {
            WorkingDirectory = _folder,
            ArgumentList =
            {
                $"--name={Id(node)}",
                $"--data-dir={Path.Combine(_folder, Id(node))}",
                $"--listen-client-urls=http://{ClientAddress(node)}",
                $"--advertise-client-urls=http://{ClientAddress(node)}",
                $"--listen-peer-urls=http://{PeerAddress(node)}",
                $"--initial-advertise-peer-urls=http://{PeerAddress(node)}",
                $"--initial-cluster={string.Join(',', Enumerable.Range(0, _nodes.Length).Select(other => $"{Id(other)}=http://{PeerAddress(other)}"))}",
                $"--quota-backend-bytes={Quota}",
                "--logger=zap",
                "--log-level=error",
            },
        };
        foreach (var argument in _timing) start.ArgumentList.Add(argument);
        // The environment can set each of its options, and the command line is to say all.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("ETCD_", StringComparison.Ordinal)).ToList()) start.Environment.Remove(name);

        var child = _nodes[node] = ChildProcess.Start(start, new OutputLog(Path.Combine(_folder, $"{Id(node)}.log")));
        var ready = _client.TakesPart(node);
        if (await Task.WhenAny(ready, child.Exited) == ready)
        {
            await ready;
            return;
        }

        throw new InvalidOperationException($"etcd has ended with exit code {await child.Exited}. Its last lines:{Environment.NewLine}{string.Join(Environment.NewLine, child.Errors.Last(20))}");
    }

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        // Null where the start of all failed before this one's.
        foreach (var node in _nodes) await (node?.DisposeAsync() ?? ValueTask.CompletedTask);
    }

    static string Id(int node) => $"node-{node + 1}";

    string ClientAddress(int node) => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{_firstPort + 2 * node}");

    string PeerAddress(int node) => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{_firstPort + 2 * node + 1}");
}
