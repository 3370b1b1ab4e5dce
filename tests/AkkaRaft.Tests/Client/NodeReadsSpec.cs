using Akka.Remote;
using AkkaRaft.Protocol;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace AkkaRaft.Tests.Client;

/// <summary>Queries to a node of the caller's choice, with terms of the caller's choice.</summary>
public sealed class NodeReadsSpec(ITestOutputHelper output) : ClientSpec(output)
{
    static readonly ReadOptions OfNode2 = new() { From = ReadFrom.Node(new NodeId("2")) };

    [Fact]
    public void A_query_goes_to_the_node_that_was_named_and_needs_no_leader()
    {
        var client = NewClient();
        var query = client.QueryDetailed<long>(new Get(), OfNode2);

        var batch = ExpectQueries(2);
        batch.Terms.ShouldBe(new QueryTerms(ReadConsistency.Linearizable) { AnyNode = true });
        Reply(2, leader: 1, term: 7, Ok(batch.Requests.Single(), 12, 5L));

        ResultOf(query).ShouldBe(new RaftResult<long>(5, new LogIndex(12), Id(2)));
        ExpectNothingSent(1, 3);
    }

    [Fact]
    public void Local_terms_go_with_the_query_and_the_node_waits_no_longer_than_the_client()
    {
        var client = NewClient();
        _ = client.Query<long>(new Get(), OfNode2 with
        {
            Consistency = ReadConsistency.Local, MinIndex = new LogIndex(9), MaxStaleness = TimeSpan.FromMilliseconds(250),
        });

        ExpectQueries(2).Terms.ShouldBe(new QueryTerms(ReadConsistency.Local)
        {
            AnyNode = true, MinIndex = new LogIndex(9), MaxStaleness = TimeSpan.FromMilliseconds(250), MaxWait = TimeSpan.FromMilliseconds(3750),
        });
    }

    [Fact]
    public void A_lease_read_goes_to_the_leader_apart_from_others()
    {
        var client = NewClientOf(leader: 1, term: 7);
        var plain = client.Query<long>(new Get());
        var byLease = client.Query<long>(new Get(), ReadConsistency.Lease);

        ExpectQueries(1).Terms.ShouldBe(QueryTerms.AtLeader);
        ExpectQueries(1).Terms.ShouldBe(new QueryTerms(ReadConsistency.Lease));
        plain.IsCompleted.ShouldBeFalse();
        byLease.IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public void Queries_with_the_same_terms_travel_together()
    {
        var client = NewClient();
        for (var i = 0; i < 3; i++) _ = client.Query<long>(new Get(), OfNode2);
        Settle();

        var sent = new List<int>();
        while (Node(2).HasMessages) sent.Add(ExpectQueries(2).Requests.Count);
        sent.Sum().ShouldBe(3);
        sent.Count.ShouldBeLessThanOrEqualTo(3);
        ExpectNothingSent(1, 3);
    }

    [Fact]
    public void Without_a_node_the_contact_points_are_asked_in_turn_until_one_answers()
    {
        var client = NewClient();
        var query = client.Query<long>(new Get(), ReadConsistency.Local);
        var first = ExpectQueries(2);

        Reply(2, leader: null, term: 7, Ended(first.Requests.Single(), ClientOutcome.NotLeader, "Node 2 is recovering."));
        var second = ExpectQueries(3);
        Publish(new DisassociatedEvent(RemoteAddress(9), RemoteAddress(3), inbound: false));
        var third = ExpectQueries(1);
        third.Requests.Single().RequestId.ShouldNotBe(second.Requests.Single().RequestId);
        Reply(1, leader: null, term: 7, Ok(third.Requests.Single(), 4, 5L));

        ResultOf(query).ShouldBe(5);
    }

    [Fact]
    public void A_node_that_is_silent_is_asked_again_and_its_first_answer_is_good_still()
    {
        var client = NewClient();
        var query = client.Query<long>(new Get(), OfNode2);
        var first = ExpectQueries(2).Requests.Single();

        Pass(Silence - TimeSpan.FromMilliseconds(1));
        ExpectNothingSent(1, 2, 3);
        Pass(TimeSpan.FromMilliseconds(1));
        ExpectQueries(2).Requests.Single().RequestId.ShouldNotBe(first.RequestId);
        Reply(2, leader: 1, term: 7, Ok(first, 12, 5L));

        ResultOf(query).ShouldBe(5);
    }

    [Fact]
    public void A_named_node_that_refuses_is_asked_again_at_the_pace_of_a_search()
    {
        var client = NewClient();
        var query = client.Query<long>(new Get(), OfNode2);
        Reply(2, leader: null, term: 7, Ended(ExpectQueries(2).Requests.Single(), ClientOutcome.NotLeader, "Node 2 has heard no leader."));

        ExpectNothingSent(1, 2, 3);
        Pass(Poll);
        ExpectQueries(2);
        Pass(Timeout);

        FailureOf<NotLeaderException>(query).Message.ShouldContain("has heard no leader");
    }

    /// <summary>Nor does a query that may wait for ever take more memory with each try.</summary>
    [Fact]
    public void An_answer_to_one_of_the_last_tries_is_good_and_to_one_long_ago_is_not()
    {
        var client = NewClient();
        var query = client.Query<long>(new Get(), OfNode2, global::System.Threading.Timeout.InfiniteTimeSpan);
        var tries = new List<ClientRequest>();
        for (var i = 0; i < 40; i++)
        {
            tries.Add(ExpectQueries(2).Requests.Single());
            Reply(2, leader: null, term: 7, Ended(tries[^1], ClientOutcome.NotLeader, "Node 2 has heard no leader."));
            Pass(Poll);
        }

        Reply(2, leader: 1, term: 7, Ok(tries[0], 12, 4L));
        Reply(2, leader: 1, term: 7, Ok(tries[^1], 12, 5L));

        ResultOf(query).ShouldBe(5);
    }

    [Fact]
    public void A_node_that_never_answers_is_unreachable()
    {
        var client = NewClient();
        var query = client.Query<long>(new Get(), OfNode2);
        Pass(Timeout);

        FailureOf<NodeUnreachableException>(query).Node.ShouldBe(Id(2));
    }

    [Fact]
    public void A_node_of_which_no_address_is_known_is_an_error_at_once_that_names_those_that_are()
    {
        var client = NewClient();
        var query = client.Query<long>(new Get(), new ReadOptions { From = ReadFrom.Node(Id(9)) });
        var status = client.GetStatus(Id(9));

        FailureOf<NodeUnreachableException>(query).Message.ShouldContain(client.Settings.ContactPoints[1].ToString());
        FailureOf<NodeUnreachableException>(status).Message.ShouldContain("no address of it is known");
    }

    /// <summary>A process that has just started connects first: its node's own answer is to come in time all the same.</summary>
    [Theory, InlineData(800, 400), InlineData(1000, 500), InlineData(1600, 1100), InlineData(4000, 3000)]
    public void A_node_waits_so_long_that_its_answer_comes_before_the_client_gives_up(int timeout, int wait)
    {
        var client = NewClient();
        _ = client.Query<long>(new Get(), OfNode2 with { Consistency = ReadConsistency.Local }, TimeSpan.FromMilliseconds(timeout));

        ExpectQueries(2).Terms.MaxWait.ShouldBe(TimeSpan.FromMilliseconds(wait));
    }

    [Fact]
    public void Too_stale_is_an_error_of_its_own_that_says_how_far_the_node_is()
    {
        var client = NewClient();
        var query = client.Query<long>(new Get(), OfNode2 with { Consistency = ReadConsistency.Local, MinIndex = new LogIndex(9) });

        Reply(2, leader: 1, term: 7, Ended(ExpectQueries(2).Requests.Single(), ClientOutcome.TooStale, "It is behind.", index: 4));

        var error = FailureOf<TooStaleException>(query);
        (error.Node, error.Applied, error.IsSurelyNotApplied).ShouldBe((Id(2), new LogIndex(4), true));
        error.Message.ShouldContain("It is behind.");
    }

    /// <summary>Any node will do: one may be too far behind, and the next one not.</summary>
    [Fact]
    public void A_node_that_is_too_stale_is_one_answer_of_any_node()
    {
        var client = NewClient();
        var query = client.Query<long>(new Get(), new ReadOptions { Consistency = ReadConsistency.Local, MinIndex = new LogIndex(9) });

        foreach (var node in new[] { 2, 3, 1 })
        {
            query.IsCompleted.ShouldBeFalse();
            Reply(node, leader: 1, term: 7, Ended(ExpectQueries(node).Requests.Single(), ClientOutcome.TooStale, "It is behind.", index: 4));
        }

        FailureOf<TooStaleException>(query);
    }

    [Fact]
    public void Options_that_contradict_themselves_are_refused_before_anything_is_sent()
    {
        var client = NewClient();
        ReadOptions[] wrong =
        [
            new() { MinIndex = new LogIndex(3) },
            new() { Consistency = ReadConsistency.Lease, MaxStaleness = TimeSpan.FromSeconds(1) },
            new() { Consistency = ReadConsistency.Local, MaxStaleness = TimeSpan.Zero },
            new() { Consistency = ReadConsistency.Local, MaxWait = TimeSpan.FromDays(2) },
            new() { Consistency = ReadConsistency.Local, MinIndex = new LogIndex(-1) },
            new() { Consistency = (ReadConsistency)9 },
            new() { From = ReadFrom.LocalNode },
        ];

        foreach (var options in wrong) FailureOf<ArgumentException>(client.Query<long>(new Get(), options)).Message.ShouldContain("Nothing was asked.");
        ExpectNothingSent(1, 2, 3);
    }

    [Fact]
    public void A_client_that_is_closed_tells_readers_to_ask_again()
    {
        var client = NewClient();
        var query = client.Query<long>(new Get(), OfNode2);
        ExpectQueries(2);

        _ = client.DisposeAsync().AsTask();

        FailureOf<OutcomeUnknownException>(query).Message.ShouldContain("changes nothing");
    }
}
