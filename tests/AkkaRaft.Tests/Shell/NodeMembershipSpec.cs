using Akka.Actor;
using Akka.TestKit;
using AkkaRaft.Consensus;
using AkkaRaft.Events;
using AkkaRaft.Journals;
using AkkaRaft.Node;
using AkkaRaft.Protocol;
using AkkaRaft.StateMachine;
using Shouldly;
using Xunit;
using Xunit.Abstractions;
using JournalFailed = AkkaRaft.Journals.JournalFailed;

namespace AkkaRaft.Tests.Shell;

/// <summary>Changes of who belongs to the group, as the shell has them: requests and their ends, addresses, events, and a node that is to be added (Raft 6, thesis 4).</summary>
public sealed class NodeMembershipSpec : NodeSpec
{
    // As NodeSpec's peers have it.
    static readonly StorageId Theirs = new("cc");

    readonly TestProbe _events;
    readonly Dictionary<string, TestProbe> _others = [];

    public NodeMembershipSpec(ITestOutputHelper output) : base(output)
    {
        _events = CreateTestProbe("events");
        Sys.EventStream.Subscribe(_events, typeof(ConfigurationChanged));
        Sys.EventStream.Subscribe(_events, typeof(NodeRemoved));
        foreach (var id in new[] { 4, 5 }) _others[Address(id)] = CreateTestProbe($"other-{id}");
    }

    [Fact]
    public void A_change_is_answered_when_it_is_committed()
    {
        var node = StartCommittedLeader();

        Client.Send(node, Wanted(7, voters: [1, 2, 3], learners: [4], expected: 2));
        var change = ExpectAppend();
        Client.HasMessages.ShouldBeFalse("it is not committed");
        Commit(node, change);

        Client.ExpectMsg<MembershipReply>().ShouldBe(
            new MembershipReply(Node(1), new LeaderHint(new Term(5), Node(1), Address(1)), 7, MembershipOutcome.Changed, new LogIndex(3), ""));
    }

    [Fact]
    public void A_change_that_cannot_be_made_is_refused_at_once_with_the_reason()
    {
        var node = StartCommittedLeader();

        Client.Send(node, Wanted(1, voters: [1, 2, 3], learners: [], expected: 0));
        Client.ExpectMsg<MembershipReply>().Outcome.ShouldBe(MembershipOutcome.Unchanged);
        Client.Send(node, Wanted(2, voters: [1, 2], learners: [], expected: 0));
        var conflict = Client.ExpectMsg<MembershipReply>();
        (conflict.Outcome, conflict.Index).ShouldBe((MembershipOutcome.Conflict, new LogIndex(2)));
        conflict.Why.ShouldContain("that of index 2, and the change was meant for that of index 0");
        Client.Send(node, Wanted(3, voters: [1, 4, 5], learners: [], expected: 2));
        var refused = Client.ExpectMsg<MembershipReply>();
        (refused.RequestId, refused.Outcome).ShouldBe((3L, MembershipOutcome.Refused));
        refused.Why.ShouldContain("node 4 is not there yet; add it as a learner first");

        Client.Send(node, Wanted(4, voters: [1, 2, 3], learners: [4], expected: 2));
        ExpectAppend();
        Client.Send(node, Wanted(5, voters: [1, 2], learners: [], expected: 2));
        Client.ExpectMsg<MembershipReply>().Outcome.ShouldBe(MembershipOutcome.Busy);
        LogJournal.HasMessages.ShouldBeFalse();
    }

    [Fact]
    public void A_node_that_does_not_lead_or_is_of_another_cluster_changes_nothing()
    {
        var node = StartNode(Settings(3), NodeAt);
        OpenChildren();
        Client.Send(node, Wanted(1, [1, 2], [], 0));
        Client.ExpectMsg<MembershipReply>().Outcome.ShouldBe(MembershipOutcome.NotLeader, "it recovers");
        Recover(Settings(3), term: 4);
        Client.Send(node, Wanted(2, [1, 2], [], 0));
        Client.ExpectMsg<MembershipReply>().Outcome.ShouldBe(MembershipOutcome.NotLeader);

        EventFilter.Warning(contains: "of cluster \"other\"").ExpectOne(() => Client.Send(node, Wanted(3, [1, 2], [], 0) with { Cluster = new ClusterId("other") }));

        Client.HasMessages.ShouldBeFalse("a stranger learns nothing");
        LogJournal.HasMessages.ShouldBeFalse();
    }

    /// <summary>Who waits for a change hears that nobody knows what became of it, as soon as its leader leads no more.</summary>
    [Theory, Trait("RaftBug", "B50")]
    [InlineData("stops")]
    [InlineData("its journal fails")]
    [InlineData("is deposed")]
    [InlineData("breaks")]
    public void A_change_under_way_is_interrupted_when_its_leader_goes(string how)
    {
        var node = StartCommittedLeader();
        Client.Send(node, Wanted(7, voters: [1, 2, 3], learners: [4], expected: 2));
        ExpectAppend();

        switch (how)
        {
            case "stops":
                node.Tell(StopNode.Instance);
                break;
            case "its journal fails":
                LogJournal.Send(Child("log-journal"), new JournalFailed(JournalKind.Log, "a write", new IOException("disk full")));
                break;
            case "is deposed":
                node.Tell(FromPeer(2, AppendEntriesReply.StaleTerm(Node(2), new Term(9))));
                break;
            default:
                node.Tell(FromPeer(2, new AppendEntries(Node(2), new Term(5), 1, EntryId.Zero, [], LogIndex.Zero)));   // a second leader of this term
                break;
        }

        var reply = Client.ExpectMsg<MembershipReply>();
        (reply.RequestId, reply.Outcome, reply.Leader.Leader).ShouldBe((7L, MembershipOutcome.Interrupted, (NodeId?)null));
        reply.Why.ShouldNotBeEmpty();
        Client.HasMessages.ShouldBeFalse("once");
    }

    /// <summary>Thesis 4.1: where a member is stands in its entry, which counts from the moment it is appended; and who was removed can still be told so.</summary>
    [Fact, Trait("RaftBug", "B92"), Trait("RaftBug", "B70")]
    public void Members_that_move_are_talked_to_at_their_new_address_and_those_removed_at_their_last()
    {
        var node = StartCommittedLeader();

        Client.Send(node, Wanted(7, [1, 2, 3], [], 2) with { Voters = [new Member(Node(1), Address(1)), new Member(Node(2), Address(5)), new Member(Node(3), Address(3))] });
        var move = ExpectAppend();
        _others[Address(5)].ExpectMsg<PeerMessage>().Message.ShouldBeOfType<AppendEntries>().Entries.ShouldHaveSingleItem();
        Peers[Address(2)].HasMessages.ShouldBeFalse();
        Commit(node, move);
        Client.ExpectMsg<MembershipReply>().Outcome.ShouldBe(MembershipOutcome.Changed);
        Client.Send(node, new LeaderRequest(Cluster, GroupName));
        Client.ExpectMsg<LeaderReply>().Members.ShouldContain(new RaftMember(Node(2), Address(5)), "clients learn it too");

        Client.Send(node, Wanted(8, [1, 2], [], 3) with { Voters = [new Member(Node(1), Address(1)), new Member(Node(2), Address(5))] });
        Drain(Peers[Address(3)]);
        Advance(100);
        Peers[Address(3)].FishForMessage(message => message is PeerMessage { Message: AppendEntries });
    }

    [Fact, Trait("RaftBug", "B65")]
    public void Each_configuration_that_a_node_goes_by_is_told_with_its_index_also_when_it_is_cut_off()
    {
        var node = StartNode(Settings(3), NodeAt);
        OpenChildren();
        Recover(Settings(3), term: 4);
        _events.HasMessages.ShouldBeFalse("what it starts with is no change");

        node.Tell(FromPeer(2, Append(2, term: 4, EntryId.Zero, Entry(1, 4, [1, 2, 3], [4]))));
        var changed = _events.ExpectMsg<ConfigurationChanged>();
        (changed.Configuration.Index, changed.Configuration.IsCommitted).ShouldBe((new LogIndex(1), false));
        changed.Configuration.ToString().ShouldBe($"voters 1={Address(1)}, 2={Address(2)}, 3={Address(3)}; learner 4={Address(4)}");
        (changed.Node, changed.Group).ShouldBe((Node(1), GroupName));
        Confirm(ExpectAppend());
        node.Tell(FromPeer(3, Append(3, term: 6, EntryId.Zero, new NoOpEntry(new EntryId(new LogIndex(1), new Term(6)), DateTimeOffset.UnixEpoch))));
        TermJournal.Send(Child("term-journal"), new Written(new TermPersisted(new Term(6), null)));

        var back = _events.ExpectMsg<ConfigurationChanged>().Configuration;
        back.Index.ShouldBe(LogIndex.Zero);
        back.Find(Node(4)).ShouldBeNull();
    }

    /// <summary>Raft 6: it counts when it is appended; that it is removed a node believes when that is committed.</summary>
    [Fact, Trait("RaftBug", "B72")]
    public void A_node_is_told_removed_once_when_that_is_committed()
    {
        var node = StartNode(Settings(3), NodeAt);
        OpenChildren();
        Recover(Settings(3), term: 4);
        node.Tell(FromPeer(2, Append(2, term: 4, EntryId.Zero, Entry(1, 4, [2, 3], []))));
        _events.ExpectMsg<ConfigurationChanged>().Configuration.Find(Node(1)).ShouldBeNull();
        Confirm(ExpectAppend());
        _events.HasMessages.ShouldBeFalse("it may still be cut off");

        EventFilter.Warning(contains: "it was removed from group default").ExpectOne(() =>
        {
            for (var i = 0; i < 2; i++) node.Tell(FromPeer(2, Append(2, term: 4, Last(1, 4), commit: 1)));
        });

        _events.ExpectMsg<NodeRemoved>().Node.ShouldBe(Node(1));
        _events.HasMessages.ShouldBeFalse();
        Client.Send(node, new StatusRequest(Cluster, GroupName));
        Client.ExpectMsg<StatusReply>().Status.IsRemoved.ShouldBeTrue();
    }

    [Fact, Trait("RaftBug", "B23")]
    public void A_node_that_voters_tell_that_it_was_removed_says_so_and_asks_no_more()
    {
        var node = StartNode(Settings(3), NodeAt);
        OpenChildren();
        Recover(Settings(3), term: 4);
        foreach (var peer in Peers.Values) peer.ExpectMsg<Greeting>();
        VoteRequest? asked = null;
        for (var passed = 0; asked is null && passed < 5000; passed += 25)
        {
            Advance(25);
            while (Peers[Address(2)].HasMessages) asked ??= (Peers[Address(2)].ReceiveOne() as PeerMessage)?.Message as VoteRequest;
        }

        node.Tell(FromPeer(2, new VoteReply(Node(2), new Term(4), ElectionKind.PreVote, asked.ShouldNotBeNull().Round, VoteRefusal.LeaderAlive) { CandidateIsRemoved = true }));

        _events.ExpectMsg<NodeRemoved>();
        Drain(Peers[Address(2)]);
        for (var passed = 0; passed < 5000; passed += 25) Advance(25);
        while (Peers[Address(2)].HasMessages) Peers[Address(2)].ReceiveOne().ShouldBeOfType<Greeting>();
    }

    /// <summary>A node that is to be added waits: it stands for nothing and greets nobody, and answers the first who calls it a member, wherever that is.</summary>
    [Fact]
    public void A_node_that_joins_waits_until_it_is_added()
    {
        var settings = Settings(3).WithMembers().WithJoin(true);
        IActorRef node = ActorRefs.Nobody;
        EventFilter.Info(contains: $"it belongs to no group yet, and waits until the members of one add it as 1={Address(1)}").ExpectOne(() =>
        {
            node = StartNode(settings, NodeAt, Address(1));
            OpenChildren();
            Recover(settings);
        });
        Group.ExpectMsg<NodeIsReady>();
        for (var passed = 0; passed < 5000; passed += 25) Advance(25);
        TermJournal.HasMessages.ShouldBeFalse("it does not stand");
        Peers.Values.ShouldAllBe(peer => !peer.HasMessages);
        Client.Send(node, new LeaderRequest(Cluster, GroupName));
        Client.ExpectMsg<LeaderReply>().Members.ShouldBeEmpty();

        node.Tell(FromPeer(4, new AppendEntries(Node(4), new Term(3), 1, EntryId.Zero, [Entry(1, 3, [3, 4], [1])], LogIndex.Zero)));
        TermJournal.Send(Child("term-journal"), new Written(new TermPersisted(new Term(3), null)));
        Confirm(ExpectAppend());

        _others[Address(4)].FishForMessage(message => message is PeerMessage { Message: AppendEntriesReply { Match.Value: 1 } });
        _events.ExpectMsg<ConfigurationChanged>().Configuration.Find(Node(1)).ShouldNotBeNull().Role.ShouldBe(RaftMemberRole.Learner);
        Advance(1000);
        Peers[Address(3)].ExpectMsg<Greeting>();
    }

    /// <summary>Thesis 4.1: it is answered where it is, and not found by itself where the others look for it.</summary>
    [Fact, Trait("RaftBug", "B92")]
    public void A_node_that_was_moved_says_what_is_to_be_done()
    {
        var settings = Settings(3);

        EventFilter.Warning(contains: "members move 1=10.9.9.9:4001").ExpectOne(() =>
        {
            StartNode(settings, NodeAt, address: "10.9.9.9:4001");
            OpenChildren();
            Recover(settings, term: 4);
        });

        Group.ExpectMsg<NodeIsReady>();
    }

    /// <summary>From the moment that it is a member a leader writes down whose disk it is, in its own words and not in those of whoever had its name before.</summary>
    [Fact, Trait("RaftBug", "B71"), Trait("RaftBug", "B93")]
    public void The_storage_of_a_member_that_was_added_is_the_one_that_answers_the_leader()
    {
        var node = StartCommittedLeader();
        Client.Send(node, Wanted(7, voters: [1, 2, 3], learners: [4], expected: 2));
        Commit(node, ExpectAppend());

        var late = FromPeer(4, AppendEntriesReply.Accepted(Node(4), new Term(5), 0, LogIndex.Zero, LogIndex.Zero));
        node.Tell(new Greeting(late.Header with { FromStorage = new StorageId("old") }, IsReply: true));
        node.Tell(late with { Header = late.Header with { FromStorage = new StorageId("old") } });
        Advance(25);
        LogJournal.HasMessages.ShouldBeFalse("that may come from an earlier one of the same name");
        Drain(_others[Address(4)]);
        Advance(100);
        var round = ((AppendEntries)((PeerMessage)_others[Address(4)].FishForMessage(message => message is PeerMessage { Message: AppendEntries })).Message).Round;
        node.Tell(FromPeer(4, AppendEntriesReply.Accepted(Node(4), new Term(5), round, LogIndex.Zero, LogIndex.Zero)));

        ExpectAppend().Entries.ShouldHaveSingleItem().ShouldBeOfType<ConfigurationEntry>().Configuration.Find(Node(4)).ShouldNotBeNull().Storage.ShouldBe(Theirs);
    }

    /// <summary>What a node of unknown storage acknowledges could be gone with its disk, and nobody would know: first the log names it, then it votes.</summary>
    [Fact, Trait("RaftBug", "B71")]
    public void A_learner_is_promoted_after_the_log_names_its_storage()
    {
        var node = StartCommittedLeader();
        Client.Send(node, Wanted(7, [1, 2, 3], [], 2) with { Learners = [new Member(Node(4), Address(4)) { PromoteWhenCaughtUp = true }] });
        Commit(node, ExpectAppend());
        Advance(100);
        var round = ((AppendEntries)((PeerMessage)_others[Address(4)].FishForMessage(message => message is PeerMessage { Message: AppendEntries { Round: > 0 } })).Message).Round;

        node.Tell(FromPeer(4, AppendEntriesReply.Accepted(Node(4), new Term(5), round, new LogIndex(3), new LogIndex(3))));
        var named = ExpectAppend();
        var learner = named.Entries.ShouldHaveSingleItem().ShouldBeOfType<ConfigurationEntry>().Configuration;
        (learner.IsVoter(Node(4)), learner.Find(Node(4))!.Storage).ShouldBe((false, Theirs));
        Commit(node, named);
        node.Tell(FromPeer(4, AppendEntriesReply.Accepted(Node(4), new Term(5), round, new LogIndex(4), new LogIndex(4))));

        ExpectAppend().Entries.ShouldHaveSingleItem().ShouldBeOfType<ConfigurationEntry>().Configuration.IsVoter(Node(4)).ShouldBeTrue();
    }

    /// <summary>The same for who is made a voter by hand: an answer of whoever had its name before does not make it ready.</summary>
    [Fact, Trait("RaftBug", "B71")]
    public void A_learner_whose_storage_nobody_knows_is_not_ready_to_vote()
    {
        var node = StartCommittedLeader();
        Client.Send(node, Wanted(7, voters: [1, 2, 3], learners: [4], expected: 2));
        Commit(node, ExpectAppend());
        Client.ExpectMsg<MembershipReply>();
        for (var passed = 0; passed < 1500; passed += 100)
        {
            Advance(100);
            node.Tell(FromPeer(2, AppendEntriesReply.Accepted(Node(2), new Term(5), 0, new LogIndex(3), new LogIndex(3))));
        }

        node.Tell(FromPeer(4, AppendEntriesReply.Accepted(Node(4), new Term(5), 0, new LogIndex(3), new LogIndex(3))));
        Client.Send(node, Wanted(8, voters: [1, 2, 3, 4], learners: [], expected: 3));

        var refused = Client.ExpectMsg<MembershipReply>();
        refused.Outcome.ShouldBe(MembershipOutcome.Refused);
        refused.Why.ShouldContain("node 4 has not been heard by a leader yet");
    }

    ICanTell NodeAt(string address) => Peers.TryGetValue(address, out var peer) ? peer.Ref : _others[address].Ref;

    /// <summary>A leader of three in term 5, whose first entries (its no-op, and the storages of the members) are committed and applied; node 2 has them.</summary>
    IActorRef StartCommittedLeader()
    {
        var node = StartLeader(Settings(3).WithTransferOnStop(false), NodeAt);
        Commit(node, ExpectAppend());
        foreach (var peer in Peers.Values) Drain(peer);
        Drain(_events);
        return node;
    }

    /// <summary>The leader's own journal and node 2 have it, and its machine applies it.</summary>
    void Commit(IActorRef node, AppendToLog written)
    {
        Confirm(written);
        var last = written.Entries[^1].Index;
        node.Tell(FromPeer(2, AppendEntriesReply.Accepted(Node(2), new Term(5), 0, last, last)));
        Machine.ExpectMsg<ApplyEntries>();
        Machine.Send(Child("machine"), new EntriesApplied(last, []));
    }

    void Confirm(AppendToLog written) => LogJournal.Send(Child("log-journal"), new Written(new EntriesPersisted(written.WriteId, written.Entries[^1].Id)));

    static void Drain(TestProbe probe)
    {
        while (probe.HasMessages) probe.ReceiveOne();
    }

    static EntryId Last(long index, long term) => new(new LogIndex(index), new Term(term));

    static AppendEntries Append(int from, long term, EntryId after, LogEntry? entry = null, long commit = 0) =>
        new(Node(from), new Term(term), 1, after, entry is null ? [] : [entry], new LogIndex(commit));

    static ConfigurationEntry Entry(long index, long term, int[] voters, int[] learners) =>
        new(Last(index, term), DateTimeOffset.UnixEpoch, new Configuration(Members(voters), Members(learners)));

    static MembershipRequest Wanted(long id, int[] voters, int[] learners, long expected) =>
        new(Cluster, GroupName, id, Members(voters), Members(learners), new LogIndex(expected));

    static IReadOnlyList<Member> Members(int[] ids) => [.. ids.Select(id => new Member(Node(id), Address(id)))];
}
