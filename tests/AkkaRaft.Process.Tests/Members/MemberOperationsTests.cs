using AkkaRaft.Process.Tests.Support;
using AkkaRaft.Samples.ClusterLauncher.Processes;
using AkkaRaft.Samples.ClusterLauncher.Traffic;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace AkkaRaft.Process.Tests.Members;

/// <summary>docs/operations.md, the operator's day: each operation the whole way, and what happens when it is interrupted.</summary>
public sealed class MemberOperationsTests(ITestOutputHelper output) : ClusterTest(output)
{
    [Fact]
    public Task A_moved_node_is_found_by_the_others_and_by_itself_when_all_are_started_again() => WithCluster(3, async cluster =>
    {
        await cluster.Start(Patience);
        await using var client = Statuses.Client(cluster);
        await Patiently.Put(client, "before", "1");
        var moved = cluster.Nodes.First(node => node.Id != Leader(client).Result);
        var old = moved.Address;
        (await moved.Stop().WaitAsync(Patience)).ShouldBe(0);
        moved.Address = cluster.FreeAddress();
        moved.Start();
        await moved.WhenReady(Patience);

        var told = await new Operator(cluster, Report.WriteLine).Do("move", $"{moved}");

        told.ShouldContain(moved.Address);
        told.ShouldNotContain(old);
        await Patiently.Put(client, "after", "2");
        await Statuses.WhenAllAgree(client, cluster);

        await Task.WhenAll(cluster.Nodes.Select(node => node.Kill()));
        await cluster.Start(Patience);
        await using var again = Statuses.Client(cluster);
        await Patiently.Put(again, "again", "3");
        await Statuses.WhenAllAgree(again, cluster);
        // It may lead, too: then all of them have found it.
        var handedOver = await Until.Holds("the moved node to lead", () => Hashmap.Run("transfer", moved.Id, "--peers", cluster.Peers), run => run.ExitCode == 0);
        handedOver.Output.ShouldStartWith($$"""{"leader":"{{moved.Id}}","address":"{{moved.Address}}","term":""");
        handedOver.Errors[0].ShouldBe($"asks the leader to hand over to node {moved.Id}");
        (await Patiently.Get(again, "before")).ShouldBe("1");
    });

    [Fact]
    public Task A_replacement_goes_on_where_it_was_though_the_command_the_newcomer_and_the_leader_are_killed() => WithCluster(3, async cluster =>
    {
        var newcomer = cluster.Add("4");
        foreach (var founder in cluster.Nodes.SkipLast(1)) founder.Start();
        foreach (var founder in cluster.Nodes.SkipLast(1)) await founder.WhenReady(Patience);
        await using var client = Statuses.Client(cluster);
        await Patiently.Put(client, "before", "1");
        var change = new Operator(cluster, Report.WriteLine);
        string[] replace = ["replace", "2", $"{newcomer}"];

        // Nobody tells the leader to go on: that the newcomer is to vote stands in its log.
        await using (var first = change.Begin(replace))
        {
            await first.Errors.WaitFor("the newcomer to be a learner", line => line.Contains("is a learner", StringComparison.Ordinal), Patience);
            first.Kill();
            await first.Exited.WaitAsync(Patience);
        }

        (await client.Raft.GetConfiguration(Patience)).Find(NodeId.Parse("4"))!.Role.ShouldBe(RaftMemberRole.Learner, "It is not there yet.");
        var members = await change.DoDespite("is a learner", async command =>
        {
            await cluster[await Leader(client)].Kill();
            command.Kill();
            newcomer.Start();
            await newcomer.WhenReady(Patience);
            await newcomer.Kill();
            foreach (var node in cluster.Nodes.Where(node => !node.IsAlive)) node.Start();
            foreach (var node in cluster.Nodes) await node.WhenReady(Patience);
        }, replace);

        Operator.MembersOf(members).ShouldBe("1 3 4");
        await cluster["2"].Stop().WaitAsync(Patience);
        await cluster.Remove(cluster["2"]);
        await Patiently.Put(client, "after", "2");
        await Statuses.WhenAllAgree(client, cluster);
        (await Patiently.Get(client, "before")).ShouldBe("1");
    });

    /// <summary>Who has lost its disk has lost what it acknowledged: under its old name it is nobody until it is added again.</summary>
    [Fact, Trait("RaftBug", "B71")]
    public Task A_node_with_a_wiped_disk_is_refused_and_says_why_until_it_is_removed_and_added_again() => WithCluster(3, async cluster =>
    {
        await cluster.Start(Patience);
        await using var client = Statuses.Client(cluster);
        await Patiently.Put(client, "before", "1");
        await Statuses.WhenAllAgree(client, cluster);
        var wiped = cluster.Nodes.First(node => node.Id != Leader(client).Result);
        await wiped.Kill();
        Directory.Delete(wiped.DataFolder, recursive: true);

        wiped.Start();

        (await wiped.Process!.Exited.WaitAsync(Patience)).ShouldBe(70);
        var why = string.Join('\n', wiped.LastLines(3));
        why.ShouldContain($"Node \"{wiped.Id}\"");
        why.ShouldContain("its name stands for storage");
        why.ShouldContain("add it again");

        var change = new Operator(cluster, Report.WriteLine);
        await change.Do("remove", wiped.Id);
        await cluster.Remove(wiped);
        Directory.Delete(wiped.DataFolder, recursive: true);
        var again = cluster.Add(wiped.Id, wiped.Address);
        again.Start();
        await again.WhenReady(Patience);
        Operator.MembersOf(await change.Do("add", $"{again}")).ShouldBe("1 2 3");
        await Patiently.Put(client, "after", "2");
        await Statuses.WhenAllAgree(client, cluster);
    });

    [Fact]
    public Task A_cluster_shrinks_to_one_node_and_grows_again() => WithCluster(3, async cluster =>
    {
        await cluster.Start(Patience);
        await using var client = Statuses.Client(cluster);
        await Patiently.Put(client, "before", "1");
        var change = new Operator(cluster, Report.WriteLine);
        var last = cluster[await Leader(client)];
        var gone = cluster.Nodes.Where(node => node != last).ToList();
        foreach (var node in gone)
        {
            await change.Do("remove", node.Id);
            (await node.Stop().WaitAsync(Patience)).ShouldBe(0);
            await cluster.Remove(node);
        }

        await Patiently.Put(client, "alone", "2");
        await last.Kill();
        last.Start();
        await last.WhenReady(Patience);
        foreach (var node in gone)
        {
            Directory.Delete(node.DataFolder, recursive: true);
            var again = cluster.Add(node.Id, node.Address);
            again.Start();
            await again.WhenReady(Patience);
            await change.Do("add", $"{again}");
        }

        // Those that came back carry it on without the one that stayed.
        await Statuses.WhenAllAgree(client, cluster);
        await last.Kill();
        await Patiently.Put(client, "without", "3");
        (await Patiently.Get(client, "alone")).ShouldBe("2");
        (await Patiently.Get(client, "before")).ShouldBe("1");
    });

    [Fact]
    public Task Founders_that_disagree_do_not_found_one_cluster_and_say_so() => WithCluster(3, async cluster =>
    {
        // It has the same nodes under the same names, and believes in one more.
        await using var stranger = ChildProcess.Start(HashmapProgram.WithArguments(
            ["server", "3", .. cluster.Founders.Split(','), $"4={cluster.FreeAddress()}", "--data", cluster["3"].DataFolder]));
        foreach (var node in cluster.Nodes.Take(2)) node.Start();
        foreach (var node in cluster.Nodes.Take(2)) await node.WhenReady(Patience);

        await stranger.Errors.WaitFor("the word of the one", IsRefusal, Patience);
        foreach (var node in cluster.Nodes.Take(2)) await node.Process!.Errors.WaitFor($"the word of node {node.Id}", IsRefusal, Patience);

        // The two are a majority of three, and the third is none of theirs.
        await using var client = Statuses.Client(cluster);
        await Patiently.Put(client, "k", "1");
        stranger.Errors.Lines.ShouldNotContain(line => line.Contains(" leads term ", StringComparison.Ordinal));

        static bool IsRefusal(string line) => line.Contains("was founded with another list of members", StringComparison.Ordinal) && line.Contains("the same, letter for letter, on each node", StringComparison.Ordinal);
    });

    static async Task<string> Leader(ClusterClient client) => (await client.FindLeader(Patience, default)).Node.Value;
}
