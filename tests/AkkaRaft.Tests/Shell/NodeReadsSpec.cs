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

/// <summary>Queries at a node that does not lead: it asks the leader, or answers from its own state (thesis 6.4).</summary>
public sealed class NodeReadsSpec(ITestOutputHelper output) : NodeSpec(output)
{
    static readonly LogEntry NoOp = new NoOpEntry(new EntryId(new LogIndex(1), new Term(4)), DateTimeOffset.UnixEpoch);

    [Fact]
    [Trait("RaftBug", "B80")]
    public void A_follower_asks_the_leader_and_answers_from_its_own_machine()
    {
        var node = StartFollower();
        Client.Send(node, Query(new QueryTerms(ReadConsistency.Linearizable) { AnyNode = true }));
        var request = Leader.FishForMessage<PeerMessage>(m => m.Message is ReadIndexRequest).Message.ShouldBeOfType<ReadIndexRequest>();
        request.Term.ShouldBe(new Term(4));

        node.Tell(FromPeer(2, new ReadIndexReply(Node(2), new Term(4), request.Request, new LogIndex(1))));
        Answer("well");

        Client.ExpectMsg<ClientReplyBatch>().Replies.ShouldHaveSingleItem()
            .ShouldBe(new ClientReply(5, ClientOutcome.Ok, new LogIndex(1), TextCodec.Of("well"), null));
    }

    [Fact]
    public void A_follower_refuses_a_query_that_is_for_the_leader_and_says_who_that_is()
    {
        var node = StartFollower();

        Client.Send(node, Query(QueryTerms.AtLeader));

        var refusal = Client.ExpectMsg<ClientReplyBatch>();
        refusal.Replies.ShouldHaveSingleItem().Outcome.ShouldBe(ClientOutcome.NotLeader);
        refusal.Leader.Leader.ShouldBe(Node(2));
    }

    [Fact]
    public void A_local_query_is_answered_at_once_and_asks_nobody()
    {
        var node = StartFollower();
        while (Leader.HasMessages) Leader.ReceiveOne();

        Client.Send(node, Query(new QueryTerms(ReadConsistency.Local) { AnyNode = true, MinIndex = new LogIndex(1) }));
        Answer("well");

        Client.ExpectMsg<ClientReplyBatch>().Replies.ShouldHaveSingleItem().Outcome.ShouldBe(ClientOutcome.Ok);
        Leader.HasMessages.ShouldBeFalse();
    }

    [Fact]
    public void A_local_query_that_is_not_met_in_time_is_too_stale_and_says_how_far_the_node_is()
    {
        var node = StartFollower();
        Client.Send(node, Query(new QueryTerms(ReadConsistency.Local)
        {
            AnyNode = true, MinIndex = new LogIndex(2), MaxWait = TimeSpan.FromMilliseconds(100),
        }));
        Advance(75);
        Client.HasMessages.ShouldBeFalse();

        Advance(50);

        var reply = Client.ExpectMsg<ClientReplyBatch>().Replies.ShouldHaveSingleItem();
        (reply.Outcome, reply.Index).ShouldBe((ClientOutcome.TooStale, new LogIndex(1)));
        reply.Error!.ShouldContain("up to index 1");
    }

    [Fact]
    public void A_query_that_no_leader_confirms_ends_after_an_election_timeout()
    {
        var node = StartFollower();
        Client.Send(node, Query(new QueryTerms(ReadConsistency.Linearizable) { AnyNode = true }));

        for (var i = 0; i < 52; i++) Advance(25);

        var reply = Client.ExpectMsg<ClientReplyBatch>().Replies.ShouldHaveSingleItem();
        reply.Outcome.ShouldBe(ClientOutcome.NotLeader);
        reply.Error!.ShouldContain("no leader");
    }

    [Fact]
    public void Queries_that_wait_in_the_mailbox_share_one_request()
    {
        var node = StartFollower();
        while (Leader.HasMessages) Leader.ReceiveOne();
        var terms = new QueryTerms(ReadConsistency.Lease) { AnyNode = true };

        Client.Send(node, new QueryBatch(Cluster, GroupName, [.. Enumerable.Range(1, 5).Select(id => new ClientRequest(id, TextCodec.Of("how")))]) { Terms = terms });

        var request = Leader.ExpectMsg<PeerMessage>().Message.ShouldBeOfType<ReadIndexRequest>();
        request.ByLease.ShouldBeTrue();
        Leader.HasMessages.ShouldBeFalse();
        node.Tell(FromPeer(2, new ReadIndexReply(Node(2), new Term(4), request.Request, new LogIndex(1))));
        Machine.ExpectMsg<RunQueries>().Queries.Count.ShouldBe(5);
    }

    /// <summary>What it waits for the next time that it asks is part of every fail-over.</summary>
    [Fact]
    public void Who_has_asked_for_the_leader_is_told_when_there_is_another_one_and_only_then()
    {
        var node = StartFollower();
        Client.Send(node, new LeaderRequest(Cluster, GroupName));
        Client.ExpectMsg<LeaderReply>().Leader.Leader.ShouldBe(Node(2));
        node.Tell(FromPeer(2, new AppendEntries(Node(2), new Term(4), 2, NoOp.Id, [], new LogIndex(1))));
        Client.HasMessages.ShouldBeFalse();

        Leads(node, 3, term: 5);

        var told = Client.ExpectMsg<LeaderReply>();
        (told.Leader.Leader, told.Leader.Term, told.Leader.Address).ShouldBe((Node(3), new Term(5), Address(3)));
        Leads(node, 2, term: 6);
        Client.HasMessages.ShouldBeFalse();   // it was told, and has not asked again
    }

    [Fact]
    public void Who_asked_long_ago_is_not_told()
    {
        var node = StartFollower();
        Client.Send(node, new LeaderRequest(Cluster, GroupName));
        Client.ExpectMsg<LeaderReply>();
        Advance(10_025);

        Leads(node, 3, term: 50);

        Client.HasMessages.ShouldBeFalse();
    }

    TestProbe Leader => Peers[Address(2)];

    /// <summary>A follower of node 2 in term 4 that has applied entry 1.</summary>
    IActorRef StartFollower()
    {
        var settings = Settings(3);
        var node = StartNode(settings);
        OpenChildren();
        Recover(settings, term: 4, NoOp);
        Group.ExpectMsg<NodeIsReady>();
        node.Tell(FromPeer(2, new AppendEntries(Node(2), new Term(4), 1, NoOp.Id, [], new LogIndex(1))));
        Machine.ExpectMsg<ApplyEntries>();
        Machine.Send(Child("machine"), new EntriesApplied(new LogIndex(1), []));
        return node;
    }

    void Leads(IActorRef node, int leader, long term)
    {
        node.Tell(FromPeer(leader, new AppendEntries(Node(leader), new Term(term), 1, NoOp.Id, [], new LogIndex(1))));
        TermJournal.Send(Child("term-journal"), new Written(new TermPersisted(TermJournal.ExpectMsg<Write>().Effect.ShouldBeOfType<PersistTerm>().Term, null)));
        node.Tell(FromPeer(leader, new AppendEntries(Node(leader), new Term(term), 2, NoOp.Id, [], new LogIndex(1))));
    }

    void Answer(string text) =>
        Machine.Send(Child("machine"), new QueriesAnswered([new QueryAnswered(Machine.ExpectMsg<RunQueries>().Queries.Single().ReadId, new LogIndex(1), TextCodec.Of(text), null)]));

    static QueryBatch Query(QueryTerms terms) => new(Cluster, GroupName, [new ClientRequest(5, TextCodec.Of("how"))]) { Terms = terms };
}
