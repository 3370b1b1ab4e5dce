using Akka.Actor;
using AkkaRaft.Consensus;
using AkkaRaft.Journals;
using AkkaRaft.Node;
using AkkaRaft.Protocol;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace AkkaRaft.Tests.Shell;

/// <summary>The fence after a recovery: a node that was left behind is neither listened to nor obeyed, and learns it.</summary>
public sealed class RecoveryFenceSpec(ITestOutputHelper output) : NodeSpec(output)
{
    const ulong Mark = 0xfeed;

    /// <summary>The lost ones come back with a higher term, and would cut what was acknowledged since.</summary>
    [Fact, Trait("RaftBug", "B71")]
    public void A_recovered_node_does_not_follow_those_that_were_left_behind_and_tells_them()
    {
        var settings = Settings(3);
        var node = Start(settings, Recovered());
        var append = FromPeer(2, new AppendEntries(Node(2), new Term(2_000_000_000), 1, EntryId.Zero, [], LogIndex.Zero), founders: settings.ToFirstConfiguration().Mark);
        Drain(2);

        EventFilter.Warning(contains: "was recovered or restored").ExpectOne(() =>
        {
            node.Tell(append);
            node.Tell(append);
        });

        TermOf(node).ShouldBe(new Term(4));
        var told = Peers[Address(2)].ExpectMsg<Greeting>();
        (told.IsReply, told.Header.RecoveryMark).ShouldBe((true, Mark));
        Peers[Address(2)].HasMessages.ShouldBeFalse("told now and then, not at each message");
    }

    [Fact]
    public void A_node_that_joins_a_recovered_group_is_let_in()
    {
        var node = Start(Settings(3), Recovered());
        Drain(2);

        node.Tell(new Greeting(HeaderOf(2) with { RecoveryMark = 0, Founders = 0 }, IsReply: false));

        Peers[Address(2)].ExpectMsg<Greeting>().IsReply.ShouldBeTrue();
        StatusOf(node).Dropped.ShouldBeEmpty("who is told of the recovery gets a greeting too");
    }

    /// <summary>The same from its own side: who belongs to no history yet takes that of whoever adds it.</summary>
    [Fact]
    public void A_node_that_joins_listens_to_a_recovered_group()
    {
        var settings = Settings(3).WithMembers().WithJoin(true);
        var node = StartNode(settings, address: Address(1));
        OpenChildren();
        Recover(settings);
        Group.ExpectMsg<NodeIsReady>();
        var append = FromPeer(2, new AppendEntries(Node(2), new Term(9), 1, EntryId.Zero, [], LogIndex.Zero));

        node.Tell(append with { Header = append.Header with { RecoveryMark = Mark, Configuration = new LogIndex(1) } });

        TermJournal.ExpectMsg<Write>().Effect.ShouldBe(new PersistTerm(new Term(9), null));
    }

    /// <summary>Only who has no part in a recovery was left behind by it: the lost ones cannot stop who was recovered.</summary>
    [Fact, Trait("RaftBug", "B71")]
    public void A_recovered_node_that_hears_no_leader_goes_on_when_a_lost_one_greets()
    {
        var settings = Settings(3);
        var node = Start(settings, Recovered());
        for (var i = 0; i < 200; i++) Advance(25);   // no leader was heard for so long that one without a part in it would stop

        node.Tell(new Greeting(HeaderOf(2) with { Founders = settings.ToFirstConfiguration().Mark }, IsReply: false));

        TermOf(node).ShouldBe(new Term(4));
        LogJournal.HasMessages.ShouldBeFalse("its journals are not closed");
        Group.HasMessages.ShouldBeFalse();
    }

    /// <summary>It hears no leader of before: what it has is no part of the group any more, and it says so and stops.</summary>
    [Fact]
    public void A_node_that_was_left_behind_stops_when_it_hears_no_leader()
    {
        var settings = Settings(3);
        var node = Start(settings, null);
        for (var i = 0; i < 200; i++) Advance(25);   // in which a leader of before would have been heard, elections and all

        node.Tell(new Greeting(HeaderOf(2) with { RecoveryMark = Mark, Founders = settings.ToFirstConfiguration().Mark }, IsReply: true));

        var why = Group.FishForMessage<NodeFailed>(_ => true).Cause.ShouldBeOfType<RaftNodeException>().Message;
        why.ShouldContain("was recovered without it");
        why.ShouldContain("empty it, start the node with akka.raft.join = on, and add it again");
    }

    /// <summary>A recovery by mistake must not bring down the majority that lives on.</summary>
    [Fact]
    public void A_node_that_follows_a_leader_of_before_goes_on()
    {
        var settings = Settings(3);
        var founders = settings.ToFirstConfiguration().Mark;
        var node = Start(settings, null);
        node.Tell(FromPeer(3, new AppendEntries(Node(3), new Term(4), 1, EntryId.Zero, [], LogIndex.Zero), founders: founders));

        EventFilter.Warning(contains: "was recovered or restored").ExpectOne(() =>
            node.Tell(new Greeting(HeaderOf(2) with { RecoveryMark = Mark, Founders = founders }, IsReply: true)));

        TermOf(node).ShouldBe(new Term(4));
    }

    /// <summary>
    /// operations.md: "a recovery by mistake does not bring down a majority that lives". Node 2 was recovered by mistake and greets at each interval whom it has never heard. Nodes 1 and 3 live on; their leader is
    /// silent for one election timeout, as in any failover, and just then the greeting comes.
    /// </summary>
    [Fact]
    public void A_recovery_by_mistake_does_not_stop_a_node_in_the_middle_of_an_ordinary_election()
    {
        var settings = Settings(3);
        var founders = settings.ToFirstConfiguration().Mark;
        var node = StartNode(settings);
        OpenChildren();
        Recover(settings, term: 4);
        Group.ExpectMsg<NodeIsReady>();
        node.Tell(FromPeer(3, new AppendEntries(Node(3), new Term(4), 1, EntryId.Zero, [], LogIndex.Zero), founders: founders));
        for (var i = 0; i < 100 && RoleOf(node) == RaftRole.Follower; i++) Advance(25);
        RoleOf(node).ShouldBe(RaftRole.PreCandidate);

        var header = FromPeer(2, new TimeoutNow(Node(2), new Term(1), EntryId.Zero)).Header;
        node.Tell(new Greeting(header with { RecoveryMark = 0xfeed, Founders = founders }, IsReply: false));

        Group.HasMessages.ShouldBeFalse("it did not fail: the next leader is on its way");
    }

    IActorRef Start(RaftSettings settings, ConfigurationEntry? recovered)
    {
        var node = StartNode(settings);
        OpenChildren();
        Recover(settings, term: 4, recovered is null ? [] : [recovered]);
        Group.ExpectMsg<NodeIsReady>();
        return node;
    }

    /// <summary>The survivor's log: one voter of two, so that the node does not lead by itself.</summary>
    static ConfigurationEntry Recovered() => new(new EntryId(new LogIndex(1), new Term(4)), DateTimeOffset.UnixEpoch, new Configuration(
        [new Member(Node(1), Address(1)) { Storage = new StorageId("00000000000000aa00000000000000bb") }, new Member(Node(2), Address(2))]) { RecoveryMark = Mark });

    static PeerHeader HeaderOf(int peer) => FromPeer(peer, new TimeoutNow(Node(peer), new Term(1), EntryId.Zero)).Header;

    Term TermOf(IActorRef node) => StatusOf(node).Term;

    RaftStatus StatusOf(IActorRef node)
    {
        Client.Send(node, new StatusRequest(Cluster, GroupName));
        return Client.ExpectMsg<StatusReply>().Status;
    }

    RaftRole RoleOf(IActorRef node)
    {
        Client.Send(node, new StatusRequest(Cluster, GroupName));
        return Client.ExpectMsg<StatusReply>().Status.Role;
    }

    void Drain(int peer)
    {
        while (Peers[Address(peer)].HasMessages) Peers[Address(peer)].ReceiveOne();
    }
}
