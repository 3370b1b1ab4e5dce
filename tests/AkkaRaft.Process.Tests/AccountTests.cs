using System.Text.Json.Nodes;
using AkkaRaft.Process.Tests.Support;
using AkkaRaft.Samples.ClusterLauncher.Processes;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace AkkaRaft.Process.Tests;

/// <summary>status and explain, of hashmap and of the launcher, against real processes that are killed.</summary>
public sealed class AccountTests(ITestOutputHelper output) : ClusterTest(output)
{
    [Fact]
    public Task A_cluster_that_loses_its_nodes_one_by_one_says_how_it_is_and_why() => WithCluster(3, async cluster =>
    {
        await cluster.Start(Patience);
        await Until.Holds("a write", () => Hashmap.Run("put", "k", "1", "--peers", cluster.Peers), run => run.ExitCode == 0);
        await ClusterNote.Claim(cluster);

        // All are well.
        var status = await Until.Holds("all nodes to know the leader", () => Status(cluster), all => all.All(node => node!["leader"] is not null));
        status.Count(node => (string?)node!["role"] == "leader").ShouldBe(1);
        var leader = status.Single(node => (string?)node!["role"] == "leader")!;
        ((long)leader["journal"]!["writes"]!).ShouldBeGreaterThan(0);
        leader["peers"]!.AsArray().Count.ShouldBe(2);
        var table = await Until.Holds("all nodes to answer", () => Hashmap.Run("status", "--peers", cluster.Peers), run => run.ExitCode == 0);
        Report.WriteLine(table.Output);
        table.Output.Split('\n')[0].ShouldStartWith("node  address");
        await Until.Holds("no trouble", () => Hashmap.Run("explain", "--peers", cluster.Peers), run => run.ExitCode == 0);   // a busy machine has some now and then
        var ofLauncher = await Until.Holds("all nodes to answer the launcher", () => Launch("status", "--data", cluster.DataFolder), run => run.ExitCode == 0);
        (await Launch("members", "--data", cluster.DataFolder)).Output.ShouldContain($"1  {cluster["1"].Address}  voter  ");
        ofLauncher.Output.ShouldContain("Leader");

        // One is gone: the others go on.
        var followers = cluster.Nodes.Where(node => node.Id != (string?)leader["node"]).ToList();
        await followers[0].Kill();
        var without = await Hashmap.Run("status", "--peers", cluster.Peers, "--json");
        without.ExitCode.ShouldBe(1, $"{without}");
        JsonNode.Parse(without.Output)!["nodes"]!.AsArray().Single(node => (string?)node!["node"] == followers[0].Id)!["answers"]!.GetValue<bool>().ShouldBeFalse();

        // Two are gone: no leader, and the reason is known.
        await followers[1].Kill();
        var why = await Until.Holds("the last node to lead no more", () => Hashmap.Run("explain", "--peers", cluster.Peers, "--json"),
            run => (string?)JsonNode.Parse(run.Output)!["no_leader"]!["findings"]?.AsArray().FirstOrDefault()?["cause"] == "no_majority");   // while it still leads there is none
        why.ExitCode.ShouldBe(1, $"{why}");
        var explained = await Launch("explain", "--data", cluster.DataFolder);
        Report.WriteLine(explained.Output);
        explained.ExitCode.ShouldBe(1, $"{explained}");
        explained.Output.ShouldContain("Of 3 voters 2 are needed, and 1 takes part.");
        explained.Output.ShouldContain($"node {followers[0].Id}: does not answer at {followers[0].Address}; node {leader["node"]} heard it last, ");
    });

    [Fact]
    public async Task A_cluster_of_which_nobody_answers_is_exit_code_3()
    {
        var nobody = $"1=127.0.0.1:{FreePorts.InARow(1)}";

        (await Hashmap.Run("status", "--peers", nobody, "--timeout", "500ms")).ExitCode.ShouldBe(3);
        var why = await Hashmap.Run("explain", "--peers", nobody, "--timeout", "500ms");
        why.ExitCode.ShouldBe(3, $"{why}");
        why.Output.ShouldContain("does not answer");
    }

    static async Task<JsonArray> Status(HashmapCluster cluster)
    {
        var run = await Until.Holds("all nodes to answer", () => Hashmap.Run("status", "--peers", cluster.Peers, "--json"), run => run.ExitCode == 0);
        return JsonNode.Parse(run.Output)!["nodes"]!.AsArray();
    }

    static async Task<HashmapRun> Launch(params string[] arguments)
    {
        await using var child = ChildProcess.Start(LauncherProgram.WithArguments(arguments));
        var exitCode = await child.Exited.WaitAsync(Patience);
        return new HashmapRun(exitCode, string.Join('\n', child.Output.Lines), child.Errors.Lines);
    }
}
