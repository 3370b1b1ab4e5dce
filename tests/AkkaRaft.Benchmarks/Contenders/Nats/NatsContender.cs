namespace AkkaRaft.Benchmarks.Contenders.Nats;

/// <summary>NATS JetStream as Debian packages it: a stream of three replicas that keeps the last message of each subject, which is what its key-value store is made of.</summary>
internal sealed class NatsContender : IContender
{
    static readonly Lazy<string?> s_program = new(() => ServerProcess.Find("nats-server"));

    // "nats-server: v2.9.10" is all that it says.
    static readonly Lazy<string> s_version = new(() => ServerProcess.Version(s_program.Value!));

    public string Name => "nats";

    public string Title => s_program.Value is null ? "NATS JetStream" : $"NATS JetStream {s_version.Value}";

    public string Durability =>
        "in the files of a majority of the nodes, in the kernel's memory: each is synced once in two minutes (2.9 has no option for it), so that it survives kill -9 and no loss of power. "
        + "Reads are answered by the stream's leader, which asks no majority whether it still is: not linearizable";

    public Task<string?> WhyMissing() => Task.FromResult(s_program.Value is null
        ? "there is no program nats-server in the PATH, /usr/bin or /usr/sbin. Debian's package nats-server has it: apt-get install --no-install-recommends nats-server"
        : null);

    public async Task<IContenderCluster> Start(string folder, int nodes) => await NatsCluster.Start(s_program.Value!, folder, nodes);

    public Task<IStoreClient> Connect(string endpoints) => Task.FromResult<IStoreClient>(new NatsStoreClient(endpoints));
}
