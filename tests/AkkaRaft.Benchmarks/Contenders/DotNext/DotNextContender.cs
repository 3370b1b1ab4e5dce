namespace AkkaRaft.Benchmarks.Contenders.DotNext;

/// <summary>DotNext.Net.Cluster: three processes of ours with a node of it in each, and a small protocol of ours for clients, since it has none.</summary>
/// <param name="followersFlush">False: its log as it comes. True: with one whose followers flush before they acknowledge, <see cref="FlushedLog"/>; FlushInterval has no effect in 6.12.</param>
/// <param name="lowerElectionTimeout">Milliseconds without a heartbeat after which a follower stands for election, at least; half of it is the time between two heartbeats. As etcd's;
/// with its own default, 150, leaders changed under load whenever the disk was slow for a moment, which would be held against its throughput.</param>
/// <param name="upperElectionTimeout">The same, at most. Its own default is 300.</param>
internal sealed class DotNextContender(bool followersFlush, int lowerElectionTimeout = 1000, int upperElectionTimeout = 2000) : IContender
{
    /// <summary>Whether followers flush before they acknowledge.</summary>
    public bool FollowersFlush => followersFlush;

    public string Name => followersFlush ? "dotnext-sync" : "dotnext";

    public string Title => followersFlush ? $"dotNext {Version}, followers flush" : $"dotNext {Version}";

    public string Durability => followersFlush
        ? "in the logs of a majority of the nodes, each synced (O_SYNC), since followers are made to flush before they acknowledge, and applied by the leader"
        : "in the leader's log, flushed (msync), in memory that is mapped to the logs of a majority (a follower flushes after it has acknowledged: safe against kill -9, not against a loss of power), and applied by the leader";

    static string Version => typeof(global::DotNext.Net.Cluster.Consensus.Raft.RaftCluster).Assembly.GetName().Version!.ToString(3);

    public Task<string?> WhyMissing() => Task.FromResult<string?>(null);

    public async Task<IContenderCluster> Start(string folder, int nodes) => await DotNextCluster.Start(folder, nodes, followersFlush, lowerElectionTimeout, upperElectionTimeout);

    public Task<IStoreClient> Connect(string endpoints) => Task.FromResult<IStoreClient>(new DotNextStoreClient(endpoints));
}
