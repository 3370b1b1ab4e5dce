using Akka.Actor;
using Akka.TestKit;
using AkkaRaft.Consensus;
using AkkaRaft.Journals;
using AkkaRaft.Node;
using AkkaRaft.Protocol;
using AkkaRaft.StateMachine;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace AkkaRaft.Tests.Shell;

/// <summary>Who is who between nodes: which messages are let in, who is told that it is a stranger, and who believes that (Raft 6, thesis 4.1).</summary>
public sealed class NodeIdentitySpec : NodeSpec
{
    static readonly StorageId Own = new("00000000000000aa00000000000000bb");
    static readonly StorageId Theirs = new("cc");
    static readonly StorageId Another = new("dd");

    readonly TestProbe _stranger;

    public NodeIdentitySpec(ITestOutputHelper output) : base(output) => _stranger = CreateTestProbe("stranger");

    [Theory, Trait("RaftBug", "B74"), Trait("RaftBug", "B71")]
    [InlineData("of another cluster", "of cluster \"other\"")]
    [InlineData("of another group", "of group \"other\"")]
    [InlineData("for another node", "for node \"9\"")]
    [InlineData("of this node's own id", "of a node with this node's own id")]
    [InlineData("of other founders", "founded with another list of members")]
    [InlineData("for another storage", "Its disk was wiped, or its name is used twice, or the sender has not heard yet")]
    [InlineData("of another storage", "Remove node \"2\" from the members and add it again with an empty folder")]
    public void A_stranger_is_dropped_counted_and_told_to_people_once(string kind, string told)
    {
        var node = StartMember(committed: true);
        var message = FromPeer(2, new AppendEntries(Node(2), new Term(9), 1, EntryId.Zero, [], LogIndex.Zero));
        var header = message.Header;
        header = kind switch
        {
            "of another cluster" => header with { Cluster = new ClusterId("other") },
            "of another group" => header with { Group = new GroupId("other") },
            "for another node" => header with { To = Node(9) },
            "of this node's own id" => header with { From = Node(1) },
            "of other founders" => header with { Founders = Settings(3).ToFirstConfiguration().Mark + 1 },
            "for another storage" => header with { ToStorage = Another },
            _ => header with { FromStorage = Another },
        };

        EventFilter.Warning(contains: told).ExpectOne(() =>
        {
            for (var i = 0; i < 3; i++) node.Tell(message with { Header = header });
        });

        var status = StatusOf(node);
        status.Term.ShouldBe(new Term(4));
        status.Dropped.ShouldBe([new RaftDroppedMessages(kind, 3)]);
        // Who was founded with another list is greeted, once: its people shall see that there is this cluster.
        if (kind == "of other founders") Peers[Address(2)].ExpectMsg<Greeting>().IsReply.ShouldBeTrue();
        while (Peers[Address(2)].HasMessages) Peers[Address(2)].ReceiveOne().ShouldBeOfType<IdentityRefused>();
    }

    /// <summary>What names this storage, or none, is for this node.</summary>
    [Theory, InlineData(true), InlineData(false)]
    public void A_message_for_this_storage_or_for_any_is_let_in(bool named)
    {
        var node = StartMember(committed: true);
        var message = FromPeer(2, new AppendEntries(Node(2), new Term(9), 1, EntryId.Zero, [], LogIndex.Zero));

        node.Tell(message with { Header = message.Header with { ToStorage = named ? Own : null } });

        TermJournal.ExpectMsg<Write>().Effect.ShouldBe(new PersistTerm(new Term(9), null));
    }

    /// <summary>A wiped disk: it is told which storage its name stands for, and since when; now and then, not each time.</summary>
    [Fact, Trait("RaftBug", "B71")]
    public void A_known_name_with_another_storage_is_told_so_now_and_then()
    {
        var node = StartMember(committed: true);
        var message = FromPeer(2, new AppendEntries(Node(2), new Term(9), 1, EntryId.Zero, [], LogIndex.Zero));
        message = message with { Header = message.Header with { FromStorage = Another, FromAddress = Address(9) } };

        for (var i = 0; i < 3; i++) node.Tell(message);
        var refused = _stranger.ExpectMsg<IdentityRefused>();
        (refused.Storage, refused.Index).ShouldBe((Theirs, new LogIndex(2)));
        (refused.Header.To, refused.Header.ToStorage, refused.Header.From, refused.Header.FromStorage).ShouldBe((Node(2), Another, Node(1), Own));
        _stranger.HasMessages.ShouldBeFalse("the others came within the greeting interval");
        Advance(1000);
        node.Tell(message);

        _stranger.ExpectMsg<IdentityRefused>();
    }

    /// <summary>What is not committed may be cut off; a node that is told so stops for good.</summary>
    [Fact, Trait("RaftBug", "B71")]
    public void A_stranger_by_a_configuration_that_is_not_committed_is_dropped_and_told_nothing()
    {
        var node = StartMember(committed: false);
        var message = FromPeer(2, new AppendEntries(Node(2), new Term(9), 1, EntryId.Zero, [], LogIndex.Zero));

        node.Tell(message with { Header = message.Header with { FromStorage = Another, FromAddress = Address(9) } });

        _stranger.HasMessages.ShouldBeFalse();
        StatusOf(node).Dropped.ShouldBe([new RaftDroppedMessages("of another storage", 1)]);
    }

    /// <summary>Thesis 4.1: whoever knows of a newer configuration, which names its storage, was removed and added again, and that has not come here yet.</summary>
    [Fact, Trait("RaftBug", "B71"), Trait("RaftBug", "B22")]
    public void A_known_name_with_another_storage_is_let_in_if_it_knows_of_a_newer_configuration()
    {
        var node = StartMember(committed: true);
        var message = FromPeer(2, new AppendEntries(Node(2), new Term(9), 1, EntryId.Zero, [], LogIndex.Zero));

        node.Tell(message with { Header = message.Header with { FromStorage = Another, FromAddress = Address(9), Configuration = new LogIndex(3) } });
        TermJournal.ExpectMsg<Write>().Effect.ShouldBe(new PersistTerm(new Term(9), null));
        TermJournal.Send(Child("term-journal"), new Written(new TermPersisted(new Term(9), null)));

        _stranger.ExpectMsg<PeerMessage>().Header.ToStorage.ShouldBe(Another, "an answer is for whoever asked");
    }

    /// <summary>A node vouches for itself with the index of its configuration, if that names its storage; and says which storage it means.</summary>
    [Theory, Trait("RaftBug", "B71")]
    [InlineData("own", 2)]
    [InlineData("another", 0)]
    [InlineData("none", 0)]
    public void A_message_says_which_configuration_names_its_sender(string storage, long vouched)
    {
        StartMember(committed: false, own: storage switch { "own" => Own, "another" => Another, _ => null }, drain: false);

        var header = Peers[Address(2)].ExpectMsg<Greeting>().Header;

        (header.Configuration, header.ToStorage, header.FromStorage).ShouldBe((new LogIndex(vouched), Theirs, Own));
    }

    /// <summary>Thesis 4.1: a leader that is no member by the configuration here is followed; the entry that makes it one may be what it sends.</summary>
    [Fact, Trait("RaftBug", "B23")]
    public void A_leader_and_a_candidate_that_are_no_members_here_are_answered_where_they_are()
    {
        var node = StartMember(committed: true);

        Advance(600);   // what it may have promised a leader before is over
        node.Tell(FromPeer(9, new VoteRequest(Node(9), new Term(5), ElectionKind.Vote, 1, new EntryId(new LogIndex(7), new Term(4)))));
        TermJournal.ExpectMsg<Write>().Effect.ShouldBe(new PersistTerm(new Term(5), Node(9)));
        TermJournal.Send(Child("term-journal"), new Written(new TermPersisted(new Term(5), Node(9))));
        _stranger.ExpectMsg<PeerMessage>().Message.ShouldBeOfType<VoteReply>().Granted.ShouldBeTrue();

        node.Tell(FromPeer(9, new AppendEntries(Node(9), new Term(5), 1, Second, [], LogIndex.Zero)));
        _stranger.ExpectMsg<PeerMessage>().Message.ShouldBeOfType<AppendEntriesReply>().Outcome.ShouldBe(AppendOutcome.Accepted);
        Client.Send(node, new LeaderRequest(Cluster, GroupName));
        Client.ExpectMsg<LeaderReply>().Leader.Leader.ShouldBe(Node(9));
    }

    [Fact, Trait("RaftBug", "B71")]
    public void A_node_whose_name_was_given_away_stops_and_says_which_storage_it_is_and_what_to_do()
    {
        var node = StartMember(committed: false);

        node.Tell(Refusal());

        var cause = Group.ExpectMsg<NodeFailed>().Cause.Message;
        cause.ShouldContain("in cluster \"test\" its name stands for storage ee since entry 3, says node \"2\" at 127.0.0.1:4002");
        cause.ShouldContain($"the storage here is {Own} (the test's probes)");
        cause.ShouldContain("Nothing was changed. Remove the node from the members and add it again with an empty folder, or give it a name of its own.");
        LogJournal.ExpectMsg<FinishJournal>();
    }

    /// <summary>A node stops for good only if the other one surely knows better, and means this very node.</summary>
    [Theory, Trait("RaftBug", "B71"), Trait("RaftBug", "B74")]
    [InlineData("an older configuration")]
    [InlineData("another cluster")]
    [InlineData("another group")]
    [InlineData("another node")]
    [InlineData("another storage of the name")]
    [InlineData("this very storage")]
    public void A_refusal_that_proves_nothing_stops_nobody(string of)
    {
        var node = StartMember(committed: false);
        var refusal = Refusal();

        node.Tell(of switch
        {
            "an older configuration" => refusal with { Index = new LogIndex(2) },
            "another cluster" => refusal with { Header = refusal.Header with { Cluster = new ClusterId("other") } },
            "another group" => refusal with { Header = refusal.Header with { Group = new GroupId("other") } },
            "another node" => refusal with { Header = refusal.Header with { To = Node(3) } },
            "another storage of the name" => refusal with { Header = refusal.Header with { ToStorage = Another } },
            _ => refusal with { Storage = Own },
        });

        StatusOf(node).Role.ShouldBe(RaftRole.Follower);
        Group.HasMessages.ShouldBeFalse();
    }

    static readonly EntryId Second = new(new LogIndex(2), new Term(4));

    static IdentityRefused Refusal()
    {
        var header = FromPeer(2, AppendEntriesReply.StaleTerm(Node(2), new Term(4))).Header;
        return new IdentityRefused(header with { ToStorage = Own }, new StorageId("ee"), new LogIndex(3));
    }

    /// <summary>A follower in term 4 whose log names the storages of the three members in entry 2.</summary>
    IActorRef StartMember(bool committed, StorageId? own = null, bool drain = true)
    {
        var settings = Settings(3);
        var node = StartNode(settings, address => address == Address(9) ? _stranger.Ref : Peers[address].Ref);
        OpenChildren();
        var members = new Configuration([Member(1, drain ? Own : own), Member(2, Theirs), Member(3, Theirs)]);
        Recover(settings, term: 4, new NoOpEntry(new EntryId(new LogIndex(1), new Term(4)), DateTimeOffset.UnixEpoch), new ConfigurationEntry(Second, DateTimeOffset.UnixEpoch, members));
        Group.ExpectMsg<NodeIsReady>();
        if (committed)
        {
            node.Tell(FromPeer(3, new AppendEntries(Node(3), new Term(4), 1, Second, [], Second.Index)));
            Machine.ExpectMsg<ApplyEntries>();
            Machine.Send(Child("machine"), new EntriesApplied(Second.Index, []));
        }

        foreach (var peer in Peers.Values.Where(_ => drain))
        {
            while (peer.HasMessages) peer.ReceiveOne();
        }

        return node;
    }

    RaftStatus StatusOf(IActorRef node)
    {
        Client.Send(node, new StatusRequest(Cluster, GroupName));
        return Client.ExpectMsg<StatusReply>().Status;
    }

    static Member Member(int id, StorageId? storage) => new(Node(id), Address(id)) { Storage = storage };
}
