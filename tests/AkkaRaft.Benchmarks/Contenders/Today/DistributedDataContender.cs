using Akka.Actor;

namespace AkkaRaft.Benchmarks.Contenders.Today;

/// <summary>
/// Akka.DistributedData: a register for each value, of which the last writer wins, written to and read from a majority. Any node serves; clients ask an actor of the first one that answers.
/// </summary>
internal sealed class DistributedDataContender : IContender
{
    public string Name => "akka-ddata";

    public string Title => "Akka.DistributedData, WriteMajority";

    public string Durability =>
        "in the memory of a majority of the nodes; nothing is on any disk, and of concurrent writes to one key all are acknowledged and one is kept, the one with the later wall clock";

    public Task<string?> WhyMissing() => Task.FromResult<string?>(null);

    public async Task<IContenderCluster> Start(string folder, int nodes) => await TodayCluster.Start(this, folder, nodes);

    public Task<IStoreClient> Connect(string endpoints) => Task.FromResult<IStoreClient>(new TodayClient(endpoints));

    /// <summary>What runs on each node.</summary>
    public static void StartNode(ActorSystem system, int place) => system.ActorOf(Props.Create(() => new DistributedDataStore(place)), TodayClient.ActorName);
}
