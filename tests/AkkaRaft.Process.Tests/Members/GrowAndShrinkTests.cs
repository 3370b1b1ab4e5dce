using AkkaRaft.Process.Tests.Support;
using AkkaRaft.Samples.ClusterLauncher.Processes;
using AkkaRaft.Samples.ClusterLauncher.Traffic;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace AkkaRaft.Process.Tests.Members;

/// <summary>Raft 6, thesis 4: the members change, by the commands of the hashmap, while the cluster serves and its nodes are killed.</summary>
public sealed class GrowAndShrinkTests(ITestOutputHelper output) : ClusterTest(output)
{
    /// <summary>In each phase somebody is killed with kill -9: the newcomer, the leader while it has a learner, the leader while it is being removed, the leader of a replacement.</summary>
    [Fact]
    public Task Grows_from_one_to_five_and_shrinks_to_three_under_load_while_nodes_are_killed_and_loses_nothing() => WithCluster(1, async cluster =>
    {
        foreach (var id in new[] { "2", "3", "4", "5", "6" }) cluster.Add(id);
        cluster["1"].Start();
        await cluster["1"].WhenReady(Patience);
        await using var client = Statuses.Client(cluster);
        await using var load = JudgedLoad.Start(cluster);
        var change = new Operator(cluster, Report.WriteLine);
        await load.GoesOn();

        Report.WriteLine("1 -> 3");
        await AddWhileItIsKilled(cluster, change, "2");
        await AddWhileTheLeaderIsKilled(cluster, client, load, change, "3");
        Report.WriteLine("3 -> 5");
        await AddWhileTheLeaderIsKilled(cluster, client, load, change, "4");
        Operator.MembersOf(await AddWhileItIsKilled(cluster, change, "5")).ShouldBe("1 2 3 4 5");
        await load.GoesOn();

        Report.WriteLine("5 -> 3");
        var first = await RemoveTheLeader(cluster, client, change);
        await load.GoesOn();
        var (second, members) = await ReplaceWhileTheLeaderIsKilled(cluster, client, change, by: "6");
        await Remove(cluster, second);
        Operator.MembersOf(members).Split(' ').Length.ShouldBe(4);
        var leader = await Leader(client);
        var (third, other) = (cluster.Nodes.First(node => node.Id != leader).Id, cluster.Nodes.Last(node => node.Id != leader));
        members = await change.DoDespite("removes node", _ => KillAndRestart(other), "remove", third);
        await Remove(cluster, third);

        string[] wanted = [.. new[] { "1", "2", "3", "4", "5", "6" }.Except([first, second, third])];
        Operator.MembersOf(members).ShouldBe(string.Join(' ', wanted));
        await load.GoesOn();
        await load.Judge(Report.WriteLine);
        await Statuses.WhenAllAgree(client, cluster);
        foreach (var node in wanted) await Statuses.When(client, node, "to go by the same members", status => MembersOf(status) == string.Join(' ', wanted));
    });

    // It is a learner, then it is gone, then it comes back: the leader goes on with it.
    static async Task<string> AddWhileItIsKilled(HashmapCluster cluster, Operator change, string id)
    {
        var node = cluster[id];
        return await change.DoDespite("is a learner", async _ =>
        {
            node.Start();
            await node.WhenReady(Patience);
            await KillAndRestart(node);
        }, "add", $"{node}");
    }

    // The learner is frozen until then, so that the leader dies while it has not caught up.
    static async Task AddWhileTheLeaderIsKilled(HashmapCluster cluster, ClusterClient client, JudgedLoad load, Operator change, string id)
    {
        var node = cluster[id];
        node.Start();
        await node.WhenReady(Patience);
        node.Pause();
        await change.DoDespite("is a learner", async _ =>
        {
            await KillAndRestart(cluster[await Leader(client)]);
            await load.GoesOn();
            node.Resume();
        }, "add", $"{node}");
    }

    static async Task<string> RemoveTheLeader(HashmapCluster cluster, ClusterClient client, Operator change)
    {
        var leader = await Leader(client);
        await change.DoDespite("removes node", _ => KillAndRestart(cluster[leader]), "remove", leader);
        await Remove(cluster, leader);
        return leader;
    }

    static async Task<(string Old, string Members)> ReplaceWhileTheLeaderIsKilled(HashmapCluster cluster, ClusterClient client, Operator change, string by)
    {
        var node = cluster[by];
        node.Start();
        await node.WhenReady(Patience);
        var leader = await Leader(client);
        var old = cluster.Nodes.First(other => other.Id != leader && other != node).Id;
        return (old, await change.DoDespite("is a learner", _ => KillAndRestart(cluster[leader]), "replace", old, $"{node}"));
    }

    // Its process ends in order: it has nothing to do any more.
    static async Task Remove(HashmapCluster cluster, string id)
    {
        (await cluster[id].Stop().WaitAsync(Patience)).ShouldBe(0);
        await cluster.Remove(cluster[id]);
    }

    static async Task KillAndRestart(HashmapNode node)
    {
        await node.Kill();
        node.Start();
        await node.WhenReady(Patience);
    }

    static async Task<string> Leader(ClusterClient client) => (await client.FindLeader(Patience, default)).Node.Value;

    static string MembersOf(RaftStatus status) => string.Join(' ', status.Configuration!.Members.Select(member => member.Id.Value));
}
