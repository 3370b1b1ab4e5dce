using Akka.Actor;
using Akka.Cluster;
using Akka.Configuration;
using AkkaRaft.Benchmarks.Workers;
using ClusterExtension = Akka.Cluster.Cluster;

namespace AkkaRaft.Benchmarks.Contenders.Today;

/// <summary>A node with Akka.Cluster in a process of its own.</summary>
internal static class TodayNodeProgram
{
    /// <summary>The hidden command that starts one.</summary>
    public const string Command = "today-node";

    /// <param name="contender">The name of what it is a node of.</param>
    /// <param name="place">Its place.</param>
    /// <param name="endpoints">The addresses of all nodes.</param>
    /// <param name="folder">Where all of them keep what they keep.</param>
    public static async Task<int> Run(string contender, int place, string endpoints, string folder)
    {
        var addresses = endpoints.Split(',');
        var isSingleton = contender == SingletonContender.Word;
        var config = TodayHocon.Node(addresses[place], addresses);
        using var system = ActorSystem.Create(Raft.RaftHocon.SystemName, isSingleton ? SingletonContender.Storage(folder).WithFallback(config) : config);
        await AllAreUp(system, addresses.Length);
        if (isSingleton) SingletonContender.StartNode(system, place);
        else DistributedDataContender.StartNode(system, place);
        await WorkerProgram.Serve(null);
        return 0;
    }

    // A store that serves before it knows the others would count a majority of itself.
    static async Task AllAreUp(ActorSystem system, int nodes)
    {
        var cluster = ClusterExtension.Get(system);
        while (cluster.SelfMember.Status != MemberStatus.Up || cluster.State.Members.Count(member => member.Status == MemberStatus.Up) < nodes) await Task.Delay(100);
    }
}
