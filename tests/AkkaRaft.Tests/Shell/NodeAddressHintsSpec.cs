using Akka.Actor;
using Akka.TestKit;
using AkkaRaft.Consensus;
using AkkaRaft.Node;
using AkkaRaft.Protocol;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace AkkaRaft.Tests.Shell;

/// <summary>An address book helps to find a peer that has moved: a hint for sending, never a membership change (B92).</summary>
public sealed class NodeAddressHintsSpec : NodeSpec
{
    const string Moved = "127.0.0.1:4009";

    readonly TestProbe _there;

    public NodeAddressHintsSpec(ITestOutputHelper output) : base(output) => _there = CreateTestProbe("there");

    [Fact]
    [Trait("RaftBug", "B92")]
    public void A_peer_is_sent_to_where_an_address_book_has_it_once_it_has_spoken_from_there_itself()
    {
        var node = StartLeader(Settings(3), NodeAt);
        Drain();

        node.Tell(new PeerAddressHint(Node(2), Moved));
        Greeted(Peers[Address(2)]).ShouldBeTrue("it may be there still");
        Greeted(_there).ShouldBeTrue();
        Ticks(5);
        IsAppendedTo(Peers[Address(2)]).ShouldBeTrue("an address book may be wrong");
        IsAppendedTo(_there).ShouldBeFalse();

        node.Tell(new Greeting(FromMoved(), IsReply: true));
        Drain();
        Ticks(5);
        IsAppendedTo(_there).ShouldBeTrue();
        IsAppendedTo(Peers[Address(2)]).ShouldBeFalse();
        var status = StatusOf(node);
        status.Peers.Single(peer => peer.Node == Node(2)).Address.ShouldBe(Moved);
        status.Configuration.ShouldNotBeNull().Find(Node(2)).ShouldNotBeNull().Address.ShouldBe(Address(2), "only the log says who belongs to the group");

        node.Tell(new PeerAddressHint(Node(2), null));
        Drain();
        Ticks(5);
        IsAppendedTo(Peers[Address(2)]).ShouldBeTrue();
        IsAppendedTo(_there).ShouldBeFalse();
    }

    [Fact]
    public void A_place_that_does_not_answer_is_greeted_now_and_then_and_nothing_else_changes()
    {
        var node = StartLeader(Settings(3), NodeAt);
        Drain();
        node.Tell(new PeerAddressHint(Node(2), Moved));
        Drain();
        // Heard from its old place, it is there.
        node.Tell(new Greeting(FromMoved() with { FromAddress = Address(2) }, IsReply: true));

        for (var second = 0; second < 3; second++)
        {
            Ticks(44);
            Greeted(_there).ShouldBeTrue();
        }

        StatusOf(node).Peers.Single(peer => peer.Node == Node(2)).Address.ShouldBe(Address(2));
    }

    [Fact]
    public void A_hint_that_comes_while_the_node_recovers_is_used_when_it_is_ready()
    {
        var node = StartNode(Settings(3), NodeAt);
        OpenChildren();
        node.Tell(new PeerAddressHint(Node(2), Moved));
        node.Tell(new PeerAddressHint(Node(3), "no address"));
        _there.HasMessages.ShouldBeFalse();

        Recover(Settings(3), term: 4);

        _there.ExpectMsg<Greeting>().Header.To.ShouldBe(Node(2));
        foreach (var peer in Peers.Values) peer.ExpectMsg<Greeting>();
    }

    /// <summary>The peer's cluster member is reachable again: whoever speaks first opens the way, so this node does.</summary>
    [Fact]
    public void A_peer_that_is_where_it_should_be_is_greeted_at_once()
    {
        var node = StartNode(Settings(3), NodeAt);
        OpenChildren();
        Recover(Settings(3), term: 4);
        Drain();

        node.Tell(new PeerAddressHint(Node(3), Address(3)));

        Peers[Address(3)].ExpectMsg<Greeting>().IsReply.ShouldBeFalse();
        Peers[Address(2)].HasMessages.ShouldBeFalse();
        node.Tell(new PeerAddressHint(Node(9), Moved));
        _there.HasMessages.ShouldBeFalse("who is no member is not greeted");
    }

    // Of 25 ms each: a heartbeat is due after four, and nothing of an election yet.
    void Ticks(int ticks)
    {
        for (var tick = 0; tick < ticks; tick++) Advance(25);
    }

    ICanTell NodeAt(string address) => address == Moved ? _there.Ref : Peers[address].Ref;

    static PeerHeader FromMoved() => FromPeer(2, new AppendEntries(Node(2), new Term(4), 1, EntryId.Zero, [], LogIndex.Zero)).Header with { FromAddress = Moved };

    RaftStatus StatusOf(IActorRef node)
    {
        Client.Send(node, new StatusRequest(Cluster, GroupName));
        return Client.ExpectMsg<StatusReply>().Status;
    }

    void Drain()
    {
        foreach (var probe in Peers.Values.Append(_there)) _ = All(probe);
    }

    static bool Greeted(TestProbe probe) => All(probe).Any(message => message is Greeting { IsReply: false });

    static bool IsAppendedTo(TestProbe probe) => All(probe).Any(message => message is PeerMessage { Message: AppendEntries });

    static List<object> All(TestProbe probe)
    {
        var messages = new List<object>();
        while (probe.HasMessages) messages.Add(probe.ReceiveOne());
        return messages;
    }
}
