using System.Diagnostics;
using System.Globalization;
using AkkaRaft.Samples.ClusterLauncher.Processes;

namespace AkkaRaft.Benchmarks.Contenders.Nats;

/// <summary>Processes of nats-server.</summary>
internal sealed class NatsCluster : ProcessCluster<ServerProcess>
{
    readonly string _program;
    readonly string _folder;
    readonly int _firstPort;
    readonly NatsStoreClient _client;

    NatsCluster(string program, string folder, int nodes, int firstPort, string endpoints, NatsStoreClient client) : base(nodes, endpoints, client)
    {
        _program = program;
        _folder = folder;
        _firstPort = firstPort;
        _client = client;
    }

    public static Task<NatsCluster> Start(string program, string folder, int nodes)
    {
        var port = FreePorts.InARow(2 * nodes);
        var endpoints = string.Join(',', Enumerable.Range(0, nodes).Select(node => Address(port + node)));
        return StartAll(new NatsCluster(program, folder, nodes, port, endpoints, new NatsStoreClient(endpoints)));
    }

    public override async Task<int> Leader() => Place(await _client.Leader());

    protected override async Task<ServerProcess> StartNode(int node)
    {
        var settings = Path.Combine(_folder, $"{NodeName(node)}.conf");
        await File.WriteAllTextAsync(settings, Settings(node));
        return await ServerProcess.Start(new ProcessStartInfo(_program) { WorkingDirectory = _folder, ArgumentList = { "-c", settings } }, Path.Combine(_folder, $"{NodeName(node)}.log"), () => NatsStoreClient.TakesPart(Address(_firstPort + node)));
    }

    string Settings(int node) => $$"""
        server_name: {{NodeName(node)}}
        listen: "{{Address(_firstPort + node)}}"
        jetstream { store_dir: "{{Path.Combine(_folder, NodeName(node))}}", max_file_store: 8G }
        cluster {
          name: bench
          listen: "{{Address(RoutePort(node))}}"
          routes: [{{string.Join(", ", Enumerable.Range(0, Nodes.Count).Select(other => $"\"nats://{Address(RoutePort(other))}\""))}}]
        }
        """;

    int RoutePort(int node) => _firstPort + Nodes.Count + node;

    static string NodeName(int node) => string.Create(CultureInfo.InvariantCulture, $"node-{node + 1}");

    static int Place(string name) => int.Parse(name.Split('-')[1], CultureInfo.InvariantCulture) - 1;

    static string Address(int port) => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}");
}
