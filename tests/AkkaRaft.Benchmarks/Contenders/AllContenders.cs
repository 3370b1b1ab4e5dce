using AkkaRaft.Benchmarks.Contenders.DotNext;
using AkkaRaft.Benchmarks.Contenders.Etcd;
using AkkaRaft.Benchmarks.Contenders.Nats;
using AkkaRaft.Benchmarks.Contenders.Raft;
using AkkaRaft.Benchmarks.Contenders.Today;

namespace AkkaRaft.Benchmarks.Contenders;

/// <summary>Everything that is measured side by side.</summary>
internal static class AllContenders
{
    public static IReadOnlyList<IContender> InOrder { get; } = [new RaftContender(), new EtcdContender(), new DotNextContender(followersFlush: false), new DotNextContender(followersFlush: true), new NatsContender(), new SingletonContender(), new DistributedDataContender()];

    /// <summary>What was to be measured and cannot be, anywhere, and why.</summary>
    public static IReadOnlyDictionary<string, string> OutOfReach { get; } = new Dictionary<string, string>
    {
        ["zookeeper"] = "Debian has the server (package zookeeper), but there is no client of it for .NET in the package registry that this was built with (ZooKeeperNetEx is not served)",
    };

    /// <exception cref="ArgumentException">There is none of that name.</exception>
    public static IContender Named(string name) => InOrder.FirstOrDefault(contender => contender.Name == name)
        ?? throw new ArgumentException($"There is no contender \"{name}\"; there are {string.Join(", ", InOrder.Select(contender => contender.Name))}.");
}
