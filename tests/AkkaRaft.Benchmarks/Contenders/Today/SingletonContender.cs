using Akka.Actor;
using Akka.Cluster.Tools.Singleton;
using Akka.Configuration;
using Akka.Pattern;
using AkkaRaft.Journals;

namespace AkkaRaft.Benchmarks.Contenders.Today;

/// <summary>
/// A cluster singleton: a persistent actor on the oldest node, that journals in a database of which all nodes have the same one; here a SQLite file. Clients ask the singleton's proxy of the first
/// node, which is the oldest until it dies: so their messages take no step more over the network than they must, and the singleton answers them directly.
/// </summary>
internal sealed class SingletonContender : IContender
{
    public const string Word = "akka-singleton";

    const string Manager = "singleton";

    public string Name => Word;

    public string Title => "Akka.NET cluster singleton";

    public string Durability => "in one SQLite file that all nodes share (WAL, synchronous=FULL), synced once: a single copy on a single disk, and no majority of anything";

    public Task<string?> WhyMissing() => Task.FromResult<string?>(null);

    public async Task<IContenderCluster> Start(string folder, int nodes)
    {
        foreach (var file in new[] { Journal(folder), Snapshots(folder) }) file.Prepare(ClusterId.Parse("bench"), GroupId.Parse("all"), NodeId.Parse("all"));
        return await TodayCluster.Start(this, folder, nodes);
    }

    public Task<IStoreClient> Connect(string endpoints) => Task.FromResult<IStoreClient>(new TodayClient(endpoints));

    /// <summary>What a node has besides the cluster.</summary>
    public static Config Storage(string folder) => TodayHocon.Sqlite(Journal(folder).ConnectionString, Snapshots(folder).ConnectionString);

    /// <summary>What runs on each node.</summary>
    public static void StartNode(ActorSystem system, int place)
    {
        var store = BackoffSupervisor.Props(Backoff.OnStop(Props.Create(() => new SingletonStore(place)), "values", TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(5), 0.2, maxNrOfRetries: -1));
        system.ActorOf(ClusterSingletonManager.Props(store, PoisonPill.Instance, ClusterSingletonManagerSettings.Create(system)), Manager);
        system.ActorOf(ClusterSingletonProxy.Props($"/user/{Manager}", ClusterSingletonProxySettings.Create(system)), TodayClient.ActorName);
    }

    static SqliteJournalFile Journal(string folder) => new(Path.Combine(folder, "journal.db"));

    static SqliteJournalFile Snapshots(string folder) => new(Path.Combine(folder, "snapshots.db"));
}
