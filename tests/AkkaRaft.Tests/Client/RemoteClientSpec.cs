using Akka.Actor;
using Akka.Configuration;
using Akka.Event;
using Akka.TestKit.Xunit2;
using AkkaRaft.Consensus;
using AkkaRaft.Node;
using AkkaRaft.Protocol;
using AkkaRaft.Tests.StateMachine;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace AkkaRaft.Tests.Client;

/// <summary>The client over a real Akka.Remote: paths, answers, and what Akka says when a node goes.</summary>
public sealed class RemoteClientSpec(ITestOutputHelper output) : TestKit(Remoting, "outside", output)
{
    static readonly Config Remoting = ConfigurationFactory.ParseString("""
        akka.loglevel = ERROR
        akka.log-dead-letters = off
        akka.actor.provider = remote
        akka.remote.dot-netty.tcp { hostname = "127.0.0.1", port = 0 }
        akka.remote.retry-gate-closed-for = 200ms
        akka.actor.serializers.by-reference = "AkkaRaft.Tests.Client.ByReferenceSerializer, AkkaRaft.Tests"
        akka.actor.serialization-bindings { "AkkaRaft.Protocol.IRaftWireMessage, AkkaRaft" = by-reference }
        """);

    readonly InMemoryCodec _codec = new();

    public sealed record Add(long Amount);

    /// <summary>Makes /system/raft-orders/node, as Raft does.</summary>
    sealed class Parent(string name, Props child) : UntypedActor
    {
        protected override void PreStart() => Context.ActorOf(child, name);

        protected override void OnReceive(object message) => Context.Child(name).Forward(message);
    }

    /// <summary>Leads term 7; answers proposals, or passes them on and keeps silent.</summary>
    sealed class FakeNode(string address, IActorRef? keepsSilentTo) : UntypedActor
    {
        LeaderHint Hint => new(new Term(7), new NodeId("1"), address);

        protected override void OnReceive(object message)
        {
            switch (message)
            {
                case LeaderRequest:
                    Sender.Tell(new LeaderReply(new NodeId("1"), Hint));
                    break;
                case ProposeBatch when keepsSilentTo is not null:
                    keepsSilentTo.Tell("proposed");
                    break;
                case ProposeBatch batch:
                    Sender.Tell(new ClientReplyBatch(new NodeId("1"), Hint,
                        [.. batch.Requests.Select(r => new ClientReply(r.RequestId, ClientOutcome.Ok, new LogIndex(4), r.Body, null))]));
                    break;
            }
        }
    }

    static string AddressOf(ActorSystem system)
    {
        var address = ((ExtendedActorSystem)system).Provider.DefaultAddress;
        return $"{address.Host}:{address.Port}";
    }

    static IActorRef StartNode(ActorSystem system, IActorRef? keepsSilentTo = null)
    {
        var node = Props.Create(() => new FakeNode(AddressOf(system), keepsSilentTo));
        return ((ExtendedActorSystem)system).SystemActorOf(Props.Create(() => new Parent(NodePath.NodeName, node)), NodePath.GroupName(new GroupId("orders")));
    }

    RaftClient NewClient(ActorSystem nodes)
    {
        var settings = RaftClientSettings.Default
            .WithClusterId(new ClusterId("shop"))
            .WithGroupId(new GroupId("orders"))
            .WithSystemName(nodes.Name)
            .WithSessions(false)
            .WithRequestTimeout(TimeSpan.FromMinutes(1))
            .WithContactPoints(new RaftMember(new NodeId("1"), AddressOf(nodes)));
        return RaftClient.Create(Sys, settings, _codec, RaftClient.Nodes(Sys, settings));
    }

    [Fact]
    public async Task Client_outside_of_the_cluster_needs_only_an_address()
    {
        using var nodes = ActorSystem.Create("nodes", Remoting);
        StartNode(nodes);
        await using var client = NewClient(nodes);

        var result = await client.ProposeDetailed<Add>(new Add(3)).WaitAsync(TimeSpan.FromSeconds(20));

        result.ShouldBe(new RaftResult<Add>(new Add(3), new LogIndex(4), new NodeId("1")));
    }

    [Fact]
    public async Task Command_under_way_is_unknown_long_before_its_time_out_when_the_nodes_process_ends()
    {
        var nodes = ActorSystem.Create("nodes", Remoting);
        StartNode(nodes, keepsSilentTo: TestActor);
        await using var client = NewClient(nodes);
        var proposal = client.Propose<Add>(new Add(3));
        await ExpectMsgAsync("proposed", TimeSpan.FromSeconds(20));

        await nodes.Terminate();

        await Should.ThrowAsync<OutcomeUnknownException>(proposal.WaitAsync(TimeSpan.FromSeconds(20)));
    }

    [Fact]
    public async Task Command_for_a_node_of_this_process_that_is_not_there_is_sent_once_it_is()
    {
        var first = StartNode(Sys);
        await using var client = NewClient(Sys);
        await client.Propose<Add>(new Add(1)).WaitAsync(TimeSpan.FromSeconds(20));
        Watch(first);
        Sys.Stop(first);
        await ExpectTerminatedAsync(first, TimeSpan.FromSeconds(20));
        Sys.EventStream.Subscribe(TestActor, typeof(DeadLetter));

        var proposal = client.Propose<Add>(new Add(2));
        await FishForMessageAsync<DeadLetter>(letter => letter.Message is ProposeBatch, TimeSpan.FromSeconds(20));
        proposal.IsCompleted.ShouldBeFalse();
        await AwaitAssertAsync(() => StartNode(Sys), TimeSpan.FromSeconds(10));    // the name is free a moment after the actor's end

        (await proposal.WaitAsync(TimeSpan.FromSeconds(20))).ShouldBe(new Add(2));
    }
}
