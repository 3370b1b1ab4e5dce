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

/// <summary>How a node hands its leadership over (thesis 3.10), and what becomes of requests meanwhile.</summary>
public sealed class NodeTransferSpec(ITestOutputHelper output) : NodeSpec(output)
{
    /// <summary>Those who wait are sent on to the new leader as soon as it is known; nothing of theirs was appended.</summary>
    [Fact]
    [Trait("RaftBug", "B81")]
    public void Requests_that_come_while_leadership_is_handed_over_are_sent_on_to_the_new_leader()
    {
        var node = StartCommittedLeader();
        Client.Send(node, new TransferRequest(Cluster, GroupName, 7, Node(2)));
        ExpectCall(2);

        Client.Send(node, Proposals((1, "a")));
        Client.Send(node, new QueryBatch(Cluster, GroupName, [new ClientRequest(2, TextCodec.Of("how"))]));
        Client.HasMessages.ShouldBeFalse("they wait");
        LogJournal.HasMessages.ShouldBeFalse("and nothing is appended");
        TakeOver(node, 2);
        Client.ExpectMsg<TransferReply>().ShouldBe(new TransferReply(Node(1), LeaderHint.Nobody(new Term(5)), 7, TransferOutcome.HandedOver, ""));
        Client.Send(node, Proposals((3, "b")));
        Client.HasMessages.ShouldBeFalse("nobody knows yet who leads");
        TermJournal.Send(Child("term-journal"), new Written(new TermPersisted(new Term(6), Node(2))));
        node.Tell(FromPeer(2, new AppendEntries(Node(2), new Term(6), 1, First, [], First.Index)));

        var replies = Client.ExpectMsg<ClientReplyBatch>();
        replies.Leader.ShouldBe(new LeaderHint(new Term(6), Node(2), Address(2)));
        replies.Replies.Select(reply => (reply.RequestId, reply.Outcome)).ShouldBe(
            [(1, ClientOutcome.NotLeader), (3, ClientOutcome.NotLeader), (2, ClientOutcome.NotLeader)], ignoreOrder: true);
        LogJournal.HasMessages.ShouldBeFalse();
    }

    /// <summary>When it does not work, the old leader takes up what waited.</summary>
    [Fact]
    [Trait("RaftBug", "B82")]
    public void Requests_that_waited_go_on_when_leadership_was_not_handed_over()
    {
        var node = StartCommittedLeader();
        Client.Send(node, new TransferRequest(Cluster, GroupName, 7, Node(2)));
        Client.Send(node, Proposals((1, "a")));

        for (var passed = 0; passed <= 1200; passed += 25)
        {
            Advance(25);
            node.Tell(FromPeer(3, AppendEntriesReply.Accepted(Node(3), new Term(5), 0, new LogIndex(1), new LogIndex(1))));
        }

        var reply = Client.ExpectMsg<TransferReply>();
        reply.Outcome.ShouldBe(TransferOutcome.TimedOut);
        reply.Leader.Leader.ShouldBe(Node(1));
        ExpectAppend().Entries.ShouldHaveSingleItem().ShouldBeOfType<CommandEntry>();
    }

    /// <summary>A leader that is told to stop lets another node lead first, and stops when that is known.</summary>
    [Fact]
    public void A_leader_that_is_told_to_stop_hands_over_first()
    {
        var node = StartCommittedLeader();

        node.Tell(StopNode.Instance);
        ExpectCall(2);
        Group.HasMessages.ShouldBeFalse();
        TakeOver(node, 2);
        Group.HasMessages.ShouldBeFalse("the next leader is not known yet");
        TermJournal.Send(Child("term-journal"), new Written(new TermPersisted(new Term(6), Node(2))));
        node.Tell(FromPeer(2, new AppendEntries(Node(2), new Term(6), 1, First, [], First.Index)));

        Group.ExpectMsg<Ended>().Thrown.ShouldBeNull();
    }

    /// <summary>It stops all the same when nobody takes over: in the time of two election timeouts.</summary>
    [Fact]
    public void A_leader_that_nobody_replaces_stops_all_the_same()
    {
        var node = StartCommittedLeader();

        node.Tell(StopNode.Instance);
        Client.Send(node, Proposals((1, "a")));
        for (var passed = 0; passed <= 2400; passed += 25)
        {
            Advance(25);
            if (Group.HasMessages) break;
            node.Tell(FromPeer(3, AppendEntriesReply.Accepted(Node(3), new Term(5), 0, new LogIndex(1), new LogIndex(1))));
        }

        Group.ExpectMsg<Ended>().Thrown.ShouldBeNull();
        Client.ExpectMsg<ClientReplyBatch>().Replies.ShouldHaveSingleItem().Outcome.ShouldBe(ClientOutcome.NotLeader, "it was never appended");
    }

    /// <summary>With transfer-on-stop = off, as a follower, and as the only voter it stops at once.</summary>
    [Theory, InlineData(true), InlineData(false)]
    public void Who_has_nothing_to_hand_over_or_is_not_to_stops_at_once(bool alone)
    {
        var node = alone ? StartLeader(Settings(1)) : StartCommittedLeader(settings => settings.WithTransferOnStop(false));
        if (alone) CommitNoOp();

        node.Tell(StopNode.Instance);

        Group.ExpectMsg<Ended>().Thrown.ShouldBeNull();
    }

    /// <summary>CoordinatedShutdown's first phase waits until another node leads.</summary>
    [Fact]
    public void A_shutdown_that_waits_for_the_next_leader_is_told_when_there_is_one()
    {
        var node = StartCommittedLeader();
        var done = new TaskCompletionSource();
        node.Tell(new HandOver(done));
        ExpectCall(2);
        TakeOver(node, 2);
        done.Task.IsCompleted.ShouldBeFalse();
        TermJournal.Send(Child("term-journal"), new Written(new TermPersisted(new Term(6), Node(2))));
        node.Tell(FromPeer(2, new AppendEntries(Node(2), new Term(6), 1, First, [], First.Index)));

        done.Task.IsCompleted.ShouldBeTrue();
        Group.HasMessages.ShouldBeFalse("it was not told to stop");
        var follower = new TaskCompletionSource();
        node.Tell(new HandOver(follower));
        follower.Task.IsCompleted.ShouldBeTrue("a follower has nothing to hand over");
    }

    /// <summary>Who does not lead, or has stopped, says so at once.</summary>
    [Fact]
    public void A_node_that_does_not_lead_says_so()
    {
        var settings = Settings(3);
        var node = StartNode(settings);
        OpenChildren();
        Client.Send(node, new TransferRequest(Cluster, GroupName, 1, null));
        Client.ExpectMsg<TransferReply>().Outcome.ShouldBe(TransferOutcome.NotLeader);
        Recover(settings, term: 4);
        Group.ExpectMsg<NodeIsReady>();

        Client.Send(node, new TransferRequest(Cluster, GroupName, 2, null));

        Client.ExpectMsg<TransferReply>().Outcome.ShouldBe(TransferOutcome.NotLeader);
    }

    /// <summary>A leader whose process stood still does not say that it leads before it has asked itself.</summary>
    [Fact]
    [Trait("RaftBug", "B91")]
    public void A_leader_that_stood_still_does_not_say_that_it_leads()
    {
        var node = StartCommittedLeader();
        Client.Send(node, new LeaderRequest(Cluster, GroupName));
        Client.ExpectMsg<LeaderReply>().Leader.Leader.ShouldBe(Node(1));

        // Time passes without a tick: what comes first is a client's question.
        StandsStill(1300);
        Client.Send(node, new LeaderRequest(Cluster, GroupName));

        Client.ExpectMsg<LeaderReply>().Leader.Leader.ShouldBeNull();
    }

    /// <summary>Whoever is refused for overload is told when half of what waits will be done.</summary>
    [Fact]
    public void An_overloaded_leader_says_when_to_try_again()
    {
        var node = StartLeader(Settings(1).WithMaxPendingProposals(4));
        CommitNoOp();
        for (var round = 0; round < 3; round++)
        {
            for (var id = 1; id <= 4; id++) Client.Send(node, Proposals((id, "a")));
            var writes = Enumerable.Range(0, 4).Select(_ => ExpectAppend()).ToList();
            foreach (var write in writes) LogJournal.Send(Child("log-journal"), new Written(new EntriesPersisted(write.WriteId, write.Entries[^1].Id)));
            Client.Send(node, Proposals((5, "too many")));
            var refused = Client.ExpectMsg<ClientReplyBatch>().Replies.ShouldHaveSingleItem();
            refused.Outcome.ShouldBe(ClientOutcome.Overloaded);
            if (round == 0) refused.RetryAfter.ShouldBeNull("nothing is known of its pace yet");
            if (round == 2) refused.RetryAfter.ShouldNotBeNull().TotalMilliseconds.ShouldBeInRange(100, 400);

            for (var i = 0; i < 4; i++) Machine.ExpectMsg<ApplyEntries>();
            Advance(400);
            foreach (var entry in writes.Select(write => write.Entries[0].Id))
                Machine.Send(Child("machine"), new EntriesApplied(entry.Index, [new EntryResult(entry, null, null)]));
            for (var i = 0; i < 4; i++) Client.ExpectMsg<ClientReplyBatch>();
        }
    }

    /// <summary>A leader of three whose no-op is committed and applied; node 2 has it, and is fastest.</summary>
    IActorRef StartCommittedLeader(Func<RaftSettings, RaftSettings>? change = null)
    {
        var settings = Settings(3);
        var node = StartLeader(change?.Invoke(settings) ?? settings);
        var noop = ExpectAppend();
        LogJournal.Send(Child("log-journal"), new Written(new EntriesPersisted(noop.WriteId, noop.Entries[^1].Id)));
        node.Tell(FromPeer(2, AppendEntriesReply.Accepted(Node(2), new Term(5), 0, First.Index, First.Index)));
        Machine.ExpectMsg<ApplyEntries>();
        Machine.Send(Child("machine"), new EntriesApplied(First.Index, []));
        foreach (var probe in Peers.Values)
        {
            while (probe.HasMessages) probe.ReceiveOne();
        }

        return node;
    }

    /// <summary>The last of a leader's first entries: its no-op, and the storages of the members that it has met.</summary>
    static readonly EntryId First = new(new LogIndex(2), new Term(5));

    void ExpectCall(int peer) =>
        Peers[Address(peer)].FishForMessage(message => message is PeerMessage { Message: TimeoutNow { Term.Value: 5 } call } && call.Last == First);

    static void TakeOver(IActorRef node, int peer) => node.Tell(FromPeer(peer,
        new VoteRequest(Node(peer), new Term(6), ElectionKind.Vote, 1, First) { IsTransfer = true }));
}
