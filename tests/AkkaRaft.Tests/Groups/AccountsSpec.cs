using System.Collections.Concurrent;
using Akka.Actor;
using AkkaRaft.Events;
using Shouldly;
using Xunit;

namespace AkkaRaft.Tests.Groups;

/// <summary>Status, diagnosis and events as an application has them: real actor systems, Akka.Remote and SQLite.</summary>
public sealed class AccountsSpec
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task A_leaders_status_tells_of_its_disk_and_of_its_peers()
    {
        await using var cluster = new LocalCluster(3);
        foreach (var node in new[] { 1, 2, 3 }) cluster.Start(node);
        await cluster.Groups[1].Propose<long>(new Increase(1), Patience);
        var leader = cluster.Groups[int.Parse((await cluster.Groups[1].Client.FindLeader(Patience)).Node.Value)];

        var status = await leader.GetStatus(Patience);

        status.Role.ShouldBe(RaftRole.Leader);
        status.Address.ShouldBe(cluster.AddressOf(int.Parse(status.Node.Value)));
        status.Journal.Writes.ShouldBeGreaterThan(0);
        status.Journal.Max.ShouldBeGreaterThanOrEqualTo(status.Journal.Mean);
        status.Journal.Mean.ShouldBeGreaterThan(TimeSpan.Zero);
        status.Peers.Count.ShouldBe(2);
        status.Peers.ShouldAllBe(peer => peer.State != null);
        status.Peers.Count(peer => peer.Match >= status.CommitIndex && peer.HeardAgo != null).ShouldBeGreaterThan(0);
        (await leader.Explain(Patience)).Commit.ShouldNotBeNull();
    }

    [Fact]
    public async Task A_node_that_has_stopped_says_why_when_the_group_is_asked_why_there_is_no_leader()
    {
        await using var cluster = new LocalCluster(1);
        var group = cluster.Start(1);
        await group.Propose<long>(new Increase(2), Patience);
        (await group.Diagnose(Patience)).IsWell.ShouldBeTrue();

        await Should.ThrowAsync<OutcomeUnknownException>(group.Propose<long>(new Increase(13), Patience));
        await group.WhenStopped.WaitAsync(Patience);

        var told = await group.Diagnose(Patience);
        told.NoLeader.Findings.Select(finding => finding.Cause).ShouldBe([RaftCause.NoMajority, RaftCause.NodeStopped]);
        told.NoLeader.Findings[1].Evidence.ShouldHaveSingleItem().Fact.ShouldContain("13 brings bad luck");
    }

    [Fact]
    public async Task One_subscription_gets_all_events_from_ready_to_stopped()
    {
        await using var cluster = new LocalCluster(1);
        var system = cluster.NewSystem(1);
        var heard = new ConcurrentQueue<RaftEvent>();
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        system.EventStream.Subscribe(system.ActorOf(Props.Create(() => new Listener(heard, stopped))), typeof(RaftEvent));
        var group = Raft.Get(system).Start(Props.Create(() => new Tally()), RaftSettings.Create(system));
        await group.Propose<long>(new Increase(1), Patience);

        await group.Stop();

        await stopped.Task.WaitAsync(Patience);
        heard.Select(happened => happened.GetType()).ShouldBe([
            typeof(RoleChanged), typeof(NodeReady), typeof(RoleChanged), typeof(RoleChanged), typeof(RoleChanged), typeof(LeaderChanged), typeof(ConfigurationChanged), typeof(RoleChanged),
            typeof(NodeStopped)]);
        heard.ShouldAllBe(happened => happened.Node == NodeId.Parse("1") && happened.Cluster == ClusterId.Parse("test"));
        heard.OfType<NodeStopped>().Single().Cause.ShouldBeNull();
    }

    sealed class Listener(ConcurrentQueue<RaftEvent> heard, TaskCompletionSource stopped) : UntypedActor
    {
        protected override void OnReceive(object message)
        {
            if (message is not RaftEvent happened) return;
            heard.Enqueue(happened);
            if (happened is NodeStopped) stopped.TrySetResult();
        }
    }
}
