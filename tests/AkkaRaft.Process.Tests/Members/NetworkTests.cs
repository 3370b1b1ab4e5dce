using System.Globalization;
using System.Runtime.CompilerServices;
using AkkaRaft.Process.Tests.Support;
using AkkaRaft.Samples.ClusterLauncher.Processes;
using AkkaRaft.Samples.ClusterLauncher.Traffic;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace AkkaRaft.Process.Tests.Members;

/// <summary>Whole nodes are cut off and come back, in one direction and in both, each in a network namespace of its own; under load, whose history is judged.</summary>
public sealed class NetworkTests(ITestOutputHelper output) : ClusterTest(output)
{
    // Where it is said that nobody was elected, nobody must be: on a busy machine a leader may be silent for longer than the default.
    const string Patient = "akka.raft { election-timeout-min = 2s, election-timeout-max = 4s }";
    static readonly TimeSpan s_longSilence = TimeSpan.FromSeconds(4);

    /// <summary>
    /// Thesis 6.2: a leader that hears no majority steps down, though all hear it; one that nobody hears is replaced and learns of it; and one that is cut off altogether does both. What it did not
    /// commit it did not acknowledge.
    /// </summary>
    [Fact]
    public Task A_leader_that_is_unplugged_deaf_mute_or_alone_is_replaced_and_nothing_that_was_acknowledged_is_lost() => WithNetwork(3, async (cluster, network, client, load) =>
    {
        var old = cluster[await load.GoesOn()];
        var stepDowns = StepDowns(old);
        await network.Unplug(old.Id);
        (await load.GoesOnWithout(old.Id)).ShouldNotBe(old.Id);
        await StepsDown(old, stepDowns);
        await network.Plug(old.Id);
        await Follows(client, old);

        foreach (var how in new[] { CutOff.Deaf, CutOff.Mute, CutOff.Alone })
        {
            old = cluster[await load.GoesOn()];
            Report.WriteLine($"node {old.Id}, which leads, is {how}");
            stepDowns = StepDowns(old);
            await network.Cut(old.Id, how);
            (await load.GoesOnWithout(old.Id)).ShouldNotBe(old.Id);
            // The clients reach it, and it knows that it does not lead: by itself, or because it hears who does.
            await Statuses.When(client, old.Id, "to lead no more", status => status.Role != RaftRole.Leader);
            if (how != CutOff.Mute) await StepsDown(old, stepDowns);
            await network.Heal(old.Id);
            await Follows(client, old);
        }
    });

    /// <summary>Thesis 9.6, 4.2.3: who hears no leader asks first whether it could win; those who hear one say no, and its term stays.</summary>
    [Fact]
    public Task A_follower_that_is_cut_off_disturbs_nobody_and_catches_up() => WithNetwork(3, async (cluster, network, client, load) =>
    {
        var leader = await load.GoesOn();
        var before = await Statuses.When(client, leader, "to lead", status => status.Role == RaftRole.Leader);
        var follower = cluster.Nodes.First(node => node.Id != leader);
        foreach (var how in Enum.GetValues<CutOff>())
        {
            Report.WriteLine($"node {follower.Id} is {how}");
            await network.Cut(follower.Id, how);
            if (how == CutOff.Mute)
            {
                // It hears the leader and is content; the leader misses it.
                await Statuses.When(client, leader, "to miss it", status => Peer(status, follower.Id).HeardAgo > s_longSilence);
            }
            else
            {
                await Statuses.When(client, follower.Id, "to ask whether it could win", status => status.Role == RaftRole.PreCandidate);
            }

            await load.GoesOn();
            await network.Heal(follower.Id);
            await Follows(client, follower);
            var after = (await client.TryStatus(leader, Patience, default))!;
            (after.Role, after.Term).ShouldBe((RaftRole.Leader, before.Term), "Nobody was elected.");
        }
    }, Patient);

    /// <summary>Raft 6, thesis 4.2.2: a majority changes the members without the node that is away, even removes it; whoever comes back learns of it and disturbs nobody.</summary>
    [Fact, Trait("RaftBug", "B23")]
    public Task Members_change_while_one_of_them_is_cut_off_which_learns_of_it_when_it_is_back() => WithNetwork(3, async (cluster, network, client, load) =>
    {
        var change = new Operator(cluster, Report.WriteLine);
        var leader = await load.GoesOn();
        var away = cluster.Nodes.First(node => node.Id != leader);
        await network.Unplug(away.Id);
        var newcomer = Add(cluster, network, "4");
        newcomer.Start();
        await newcomer.WhenReady(Patience);

        Operator.MembersOf(await change.Do("add", $"{newcomer}")).ShouldBe("1 2 3 4");
        await network.Plug(away.Id);
        await Statuses.When(client, away.Id, "to have heard of the newcomer", status => status.Configuration?.Find(NodeId.Parse("4")) is { Role: RaftMemberRole.Voter });

        await load.GoesOn();
        await network.Cut(away.Id, CutOff.Alone);
        await change.Do("remove", away.Id);
        await Statuses.When(client, away.Id, "to ask whether it could win", status => status.Role == RaftRole.PreCandidate);
        leader = await load.GoesOn();
        var before = await Statuses.When(client, leader, "to lead", status => status.Role == RaftRole.Leader);
        await network.Heal(away.Id);
        await Statuses.When(client, away.Id, "to have heard that it was removed", status => status.IsRemoved);
        await load.GoesOn();
        var after = (await client.TryStatus(leader, Patience, default))!;
        (after.Role, after.Term).ShouldBe((RaftRole.Leader, before.Term), "It disturbed them.");
        (await away.Stop().WaitAsync(Patience)).ShouldBe(0);
        await cluster.Remove(away);
    }, Patient);

    Task WithNetwork(int nodes, Func<HashmapCluster, NodeNetwork, ClusterClient, JudgedLoad, Task> test, string settings = "", [CallerMemberName] string name = "") => WithFolder(async folder =>
    {
        var config = Path.Combine(folder, "nodes.conf");
        await File.WriteAllTextAsync(config, settings);
        await using var network = await NodeNetwork.Create(nodes + 1);
        await using var cluster = new HashmapCluster([.. Enumerable.Range(1, nodes).Select(network.AddressOf)], folder, "--log", "info", "--config", config);
        foreach (var node in cluster.Nodes) node.StartedBy = network.Inside(int.Parse(node.Id, CultureInfo.InvariantCulture));
        await cluster.Start(Patience);
        await using var client = Statuses.Client(cluster);
        await using var load = JudgedLoad.Start(cluster);
        await test(cluster, network, client, load);
        await load.Judge(Report.WriteLine);
        await Statuses.WhenAllAgree(client, cluster);
    }, name);

    static HashmapNode Add(HashmapCluster cluster, NodeNetwork network, string id)
    {
        var number = int.Parse(id, CultureInfo.InvariantCulture);
        var node = cluster.Add(id, network.AddressOf(number));
        node.StartedBy = network.Inside(number);
        return node;
    }

    // By itself: nobody told it of a later term.
    static int StepDowns(HashmapNode node) => node.Process!.Errors.Lines.Count(line =>
        line.Contains("Leader -> Follower", StringComparison.Ordinal) && line.Contains("no majority has answered", StringComparison.Ordinal));

    static Task StepsDown(HashmapNode node, int before) => Until.IsTrue($"node {node.Id} to step down by itself", () => StepDowns(node) > before);

    // In the leader's log up to an entry that was committed after it came back.
    static async Task Follows(ClusterClient client, HashmapNode node)
    {
        var leader = await Until.Holds("a leader", async () => await client.FindLeader(Patience, default), _ => true);
        var goal = (await client.TryStatus(leader.Node.Value, Patience, default))!.CommitIndex;
        await Statuses.When(client, node.Id, $"to have everything up to {goal}", status => status.CommitIndex >= goal);
    }

    static RaftPeerStatus Peer(RaftStatus leader, string node) => leader.Peers.First(peer => peer.Node.Value == node);
}
