namespace AkkaRaft.Benchmarks.Contenders.Etcd;

/// <summary>etcd as Debian packages it, with its defaults.</summary>
/// <param name="heartbeat">Milliseconds between two heartbeats; null for etcd's default (100).</param>
/// <param name="electionTimeout">Milliseconds without a heartbeat after which a follower stands for election, at least; at most twice that. At least five heartbeats; null for etcd's default (1000).</param>
internal sealed class EtcdContender(int? heartbeat = null, int? electionTimeout = null) : IContender
{
    static readonly Lazy<string?> s_program = new(() => ServerProcess.Find("etcd"));
    // "etcd Version: 3.4.23" is the first line that it says.
    static readonly Lazy<string> s_version = new(() => ServerProcess.Version(s_program.Value!));

    public string Name => "etcd";

    public string Title => s_program.Value is null ? "etcd" : $"etcd {s_version.Value}";

    public string Durability => "in the write-ahead logs of a majority of the nodes, each synced (fdatasync), and applied by the node that answers";

    public Task<string?> WhyMissing() => Task.FromResult(s_program.Value is null
        ? "there is no program etcd in the PATH and no /usr/bin/etcd. Debian's package etcd-server has it: apt-get install --no-install-recommends etcd-server"
        : null);

    public async Task<IContenderCluster> Start(string folder, int nodes)
    {
        List<string> timing = [];
        if (heartbeat is { } interval) timing.Add($"--heartbeat-interval={interval}");
        if (electionTimeout is { } timeout) timing.Add($"--election-timeout={timeout}");
        return await EtcdCluster.Start(s_program.Value!, folder, nodes, timing);
    }

    public Task<IStoreClient> Connect(string endpoints) => Task.FromResult<IStoreClient>(new EtcdStoreClient(endpoints));
}
