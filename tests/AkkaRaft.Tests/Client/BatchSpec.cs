using AkkaRaft.Client;
using AkkaRaft.Protocol;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace AkkaRaft.Tests.Client;

/// <summary>What travels together, and what is refused before it travels.</summary>
public sealed class BatchSpec(ITestOutputHelper output) : ClientSpec(output)
{
    // What waits for a leader goes out together once there is one: the same gathering as in a mailbox under load.
    IReadOnlyList<Task<long>> Waiting(RaftClient client, int count)
    {
        Task<long>[] proposals = [.. Enumerable.Range(1, count).Select(i => client.Propose<long>(new Add(i)))];
        ExpectLeaderRequest(1);
        Settle();
        return proposals;
    }

    long AmountOf(ClientRequest request) => ((Add)Codec.Decode(request.Body)).Amount;

    [Fact]
    public void Proposals_that_wait_travel_as_one_message_in_their_order()
    {
        var client = NewClient();
        var proposals = Waiting(client, 50);

        Hint(1, leader: 2, term: 7);

        var batch = ExpectProposals(2);
        batch.Cluster.ShouldBe(new ClusterId("shop"));
        batch.Group.ShouldBe(new GroupId("orders"));
        batch.Requests.Select(AmountOf).ShouldBe(Enumerable.Range(1, 50).Select(i => (long)i));
        Reply(2, 2, 7, [.. batch.Requests.Select((r, i) => Ok(r, 10 + i, AmountOf(r) * 2))]);
        proposals.Select(p => ResultOf(p)).ShouldBe(Enumerable.Range(1, 50).Select(i => 2L * i));
    }

    [Fact]
    public void Message_carries_no_more_requests_than_max_batch_requests()
    {
        var client = NewClient(Settings.WithMaxBatchRequests(20));
        Waiting(client, 50);

        Hint(1, leader: 2, term: 7);

        var batches = (ProposeBatch[])[ExpectProposals(2), ExpectProposals(2), ExpectProposals(2)];
        batches.Select(b => b.Requests.Count).ShouldBe([20, 20, 10]);
        batches.SelectMany(b => b.Requests).Select(AmountOf).ShouldBe(Enumerable.Range(1, 50).Select(i => (long)i));
        batches.SelectMany(b => b.Requests).Select(r => r.RequestId).ShouldBeUnique();
    }

    [Fact]
    public void Message_carries_no_more_bytes_than_max_batch_bytes()
    {
        const int limit = 6 * 1024;
        var client = NewClient(Settings.WithMaxCommandSize(1024).WithMaxBatchBytes(limit));
        Waiting(client, 100);

        Hint(1, leader: 2, term: 7);

        var requests = 0;
        while (requests < 100)
        {
            var batch = ExpectProposals(2);
            batch.Requests.Sum(r => r.Body.Size + StateOperation.RequestOverhead).ShouldBeInRange(requests + batch.Requests.Count < 100 ? limit / 2 : 1, limit);
            requests += batch.Requests.Count;
        }

        requests.ShouldBe(100);
    }

    [Fact]
    public void While_four_messages_are_unanswered_what_comes_waits_for_an_answer_and_travels_together()
    {
        var client = NewClientOf(leader: 2, term: 7);
        var first = Enumerable.Range(1, 4).Select(i => Sent(client, i)).ToList();
        for (var i = 5; i <= 9; i++) _ = client.Propose<long>(new Add(i));
        ExpectNothingSent(1, 2, 3);

        Reply(2, 2, 7, Ok(first[1].Requests[0], 12, 0));

        ExpectProposals(2).Requests.Select(AmountOf).ShouldBe([5, 6, 7, 8, 9]);
        ExpectNothingSent(1, 2, 3);
    }

    [Fact]
    public void Who_waits_for_an_answer_goes_when_a_message_is_full_or_one_under_way_is_given_up()
    {
        var client = NewClientOf(leader: 2, term: 7, Settings.WithMaxBatchRequests(3));
        using var cancelled = new CancellationTokenSource();
        var first = Enumerable.Range(1, 3).Select(i => Sent(client, i)).ToList();
        var abandoned = client.Propose<long>(new Add(4), cancellationToken: cancelled.Token);
        ExpectProposals(2);
        _ = client.Propose<long>(new Add(5));
        _ = client.Propose<long>(new Add(6));
        ExpectNothingSent(1, 2, 3);

        _ = client.Propose<long>(new Add(7));
        ExpectProposals(2).Requests.Select(AmountOf).ShouldBe([5, 6, 7]);
        _ = client.Propose<long>(new Add(8));
        ExpectNothingSent(1, 2, 3);
        Reply(2, 2, 7, Ok(first[0].Requests[0], 12, 0));
        ExpectNothingSent(1, 2, 3);   // there are four others still

        cancelled.Cancel();

        ExpectProposals(2).Requests.Select(AmountOf).ShouldBe([8]);
        abandoned.IsCanceled.ShouldBeTrue();
    }

    /// <summary>Messages may be lost; those who ask later must not wait until the callers of the lost ones have given up.</summary>
    [Fact]
    public void What_is_unanswered_for_long_holds_nothing_up()
    {
        var client = NewClientOf(leader: 2, term: 7);
        for (var i = 0; i < 4; i++)
        {
            _ = client.Query<long>(new Get());
            ExpectQueries(2);
        }

        _ = client.Query<long>(new Get());
        ExpectNothingSent(1, 2, 3);
        Pass(Silence);
        ExpectLeaderRequest(2);   // it is silent, and asked whether it still leads

        Hint(2, leader: 2, term: 7);

        ExpectQueries(2).Requests.Count.ShouldBe(1);
    }

    ProposeBatch Sent(RaftClient client, int amount)
    {
        _ = client.Propose<long>(new Add(amount));
        return ExpectProposals(2);
    }

    [Fact]
    public void Commands_and_queries_travel_apart()
    {
        var client = NewClient();
        _ = client.Propose<long>(new Add(1));
        _ = client.Query<long>(new Get());
        _ = client.Propose<long>(new Add(2));
        ExpectLeaderRequest(1);
        Settle();

        Hint(1, leader: 2, term: 7);

        ExpectProposals(2).Requests.Count.ShouldBe(2);
        ExpectQueries(2).Requests.Count.ShouldBe(1);
    }

    [Fact]
    public void Command_over_max_command_size_is_rejected_and_never_sent()
    {
        var client = NewClientOf(leader: 1, term: 7, Settings.WithMaxCommandSize(100));

        var error = FailureOf<CommandRejectedException>(client.Propose<long>(new string('x', 200)));
        var query = FailureOf<QueryFailedException>(client.Query<long>(new string('x', 200)));

        error.IsSurelyNotApplied.ShouldBeTrue();
        error.Message.ShouldContain("akka.raft.client.max-command-size = 100");
        query.Message.ShouldContain("max-command-size");
        ExpectNothingSent(1, 2, 3);
    }

    [Fact]
    public void Command_that_cannot_be_serialized_is_rejected_and_never_sent()
    {
        var client = NewClientOf(leader: 1, term: 7);

        var error = FailureOf<CommandRejectedException>(client.Propose<long>(new StateMachine.Unwritable("x")));

        error.InnerException.ShouldBeOfType<NotSupportedException>();
        error.Message.ShouldContain(nameof(StateMachine.Unwritable));
        ExpectNothingSent(1, 2, 3);
    }

    [Fact]
    public void More_than_max_pending_requests_are_refused_at_once_and_room_returns()
    {
        var client = NewClientOf(leader: 1, term: 7, Settings.WithMaxPendingRequests(2));
        var first = client.Propose<long>(new Add(1));
        _ = client.Query<long>(new Get());

        var error = FailureOf<OverloadedException>(client.Propose<long>(new Add(3)));

        error.IsSurelyNotApplied.ShouldBeTrue();
        error.Message.ShouldContain("akka.raft.client.max-pending-requests = 2");
        Reply(1, 1, 7, Ok(ExpectProposals(1).Requests.Single(), 5, 1L));
        ResultOf(first);
        _ = client.Propose<long>(new Add(4));
        AmountOf(Node(1).FishForMessage<ProposeBatch>(_ => true).Requests.Single()).ShouldBe(4);
    }

    [Fact]
    public void More_than_max_pending_bytes_are_refused_at_once()
    {
        var client = NewClientOf(leader: 1, term: 7, Settings.WithMaxCommandSize(1000).WithMaxPendingBytes(1000));
        _ = client.Propose<long>(new string('x', 700));

        FailureOf<OverloadedException>(client.Propose<long>(new string('y', 700))).Message.ShouldContain("akka.raft.client.max-pending-bytes = 1000");

        ExpectProposals(1).Requests.Count.ShouldBe(1);
        ExpectNothingSent(1);
    }
}
