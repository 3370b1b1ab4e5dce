using AkkaRaft.Process.Tests.Support;
using AkkaRaft.Samples.ClusterLauncher.Live;
using AkkaRaft.Samples.ClusterLauncher.Processes;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace AkkaRaft.Process.Tests.Live;

/// <summary>What is typed at the launcher's screen to change the members, with the processes that come and go for it, and the table that follows.</summary>
public sealed class MemberCommandsTests(ITestOutputHelper output) : ClusterTest(output)
{
    readonly List<string> _said = [];

    [Fact]
    public Task Nodes_are_added_promoted_moved_replaced_and_removed_with_their_processes_and_the_table_and_the_next_start_follow() => WithCluster(1, async cluster =>
    {
        await ClusterNote.Claim(cluster);
        await cluster.Start(Patience);
        await using var client = Statuses.Client(cluster);
        await using var watch = new ClusterWatch(cluster, client);
        var commands = new MemberCommands(cluster, client, line => _said.Add(line));

        (await Run("add")).ShouldContain("voter");
        Said().ShouldContain($"starts node 2={cluster["2"].Address}, which joins, and adds it; it votes as soon as it has caught up");
        Said().ShouldContain("node 2 votes");
        (await Run("add 3 learner")).ShouldContain("learner");
        await Shows("1 voter", "2 voter", "3 Learner");
        await Run("promote 3");
        (await Run("transfer 3")).ShouldStartWith("node 3 leads term ");

        var before = cluster["2"].Address;
        (await Run("move 2")).ShouldContain(cluster["2"].Address);
        cluster["2"].Address.ShouldNotBe(before);
        Said().ShouldContain($"stops node 2, starts it at {cluster["2"].Address}, and tells the others");
        (await Run("replace 1 4")).ShouldNotContain($"{cluster.Founders[2..]} ");
        (await Run("demote 2")).ShouldContain("learner");
        await Run("remove 2");
        Said().ShouldContain("node 2 has stopped with exit code 0");

        await Shows("3 voter", "4 voter");
        cluster.Nodes.Select(node => node.Id).ShouldBe(["3", "4"]);
        (await Run("members")).ShouldNotContain("learner");
        (await commands.Run(["nonsense"])).ShouldBeNull();
        // What a next launcher would start.
        await using var next = new HashmapCluster([cluster.Founders.Split('=')[1]], cluster.DataFolder);
        await ClusterNote.Claim(next);
        next.Peers.ShouldBe(cluster.Peers);
        await Patiently.Put(client, "k", "1");

        async Task<string> Run(string line)
        {
            _said.Clear();
            // What has failed is typed again.
            var told = (await Patiently.Do(line, () => commands.Run(line.Split(' '))))!;
            Report.WriteLine($"{line}: {told}");
            return told;
        }

        Task Shows(params string[] nodes) => Until.Holds($"the table to show {string.Join(", ", nodes)}", () => Task.FromResult(string.Join(", ", watch.Views.Select(Line))), shown => shown == string.Join(", ", nodes));

        static string Line(NodeView view) => $"{view.Node} {(view.Membership == NodeMembership.Voter ? "voter" : view.Role)}";
    });

    string Said() => string.Join('\n', _said);
}
