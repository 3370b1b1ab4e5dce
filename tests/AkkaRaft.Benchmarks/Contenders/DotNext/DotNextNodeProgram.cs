using System.Net;
using AkkaRaft.Benchmarks.Workers;
using DotNext.Net.Cluster.Consensus.Raft;
using DotNext.Net.Cluster.Consensus.Raft.Membership;
using DotNext.Net.Cluster.Consensus.Raft.StateMachine;

namespace AkkaRaft.Benchmarks.Contenders.DotNext;

/// <summary>A node of dotNext in a process of its own, over TCP, that serves clients of ours.</summary>
internal static class DotNextNodeProgram
{
    // Each file of a log has so much of it, and is flushed by itself. Its default, a page of memory, has room for 15 of our entries: with 1000 in flight it was always slower.
    const int ChunkBytes = 1 << 20;

    /// <param name="place">Which of the addresses are its own.</param>
    /// <param name="peers">Where the nodes speak with each other.</param>
    /// <param name="endpoints">Where they serve clients.</param>
    /// <param name="folder">Its data.</param>
    /// <param name="followersFlush">Whether its log is a <see cref="FlushedLog"/>.</param>
    /// <param name="lowerElectionTimeout">In milliseconds.</param>
    /// <param name="upperElectionTimeout">In milliseconds.</param>
    public static async Task<int> Run(int place, string peers, string endpoints, string folder, bool followersFlush, int lowerElectionTimeout, int upperElectionTimeout)
    {
        IPEndPoint[] members = [.. peers.Split(',').Select(IPEndPoint.Parse)];
        await using var machine = new StoredValues(new DirectoryInfo(Path.Combine(folder, "snapshots")));
        await machine.RestoreAsync();

        var options = new WriteAheadLog.Options
        {
            Location = Path.Combine(folder, "log"),
            ChunkSize = ChunkBytes,
            // With private memory flushes are faster; but entries that are not flushed yet would not outlive a kill -9, so that it is for a log that is flushed before it is acknowledged.
            MemoryManagement = followersFlush ? WriteAheadLog.MemoryManagementStrategy.PrivateMemory : WriteAheadLog.MemoryManagementStrategy.SharedMemory,
        };
        await using var log = followersFlush ? new FlushedLog(options, machine) : new WriteAheadLog(options, machine);

        var configuration = new RaftCluster.TcpConfiguration(members[place])
        {
            // Null stands for one in memory.
            ConfigurationStorage = null,
            LowerElectionTimeout = lowerElectionTimeout,
            UpperElectionTimeout = upperElectionTimeout,
        };
        var initial = ((InMemoryClusterConfigurationStorage<EndPoint>)configuration.ConfigurationStorage!).CreateInitialConfigurationBuilder();
        foreach (var member in members) initial.Add(member);
        initial.Build();

        using var node = new RaftCluster(configuration) { AuditTrail = log };
        using var server = new ValueServer(IPEndPoint.Parse(endpoints.Split(',')[place]), node, machine);
        await node.StartAsync();
        await node.Readiness;
        await WorkerProgram.Serve(null);
        await node.StopAsync();
        return 0;
    }
}
