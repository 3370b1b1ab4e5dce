using Akka.Remote;
using AkkaRaft.Protocol;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace AkkaRaft.Tests.Client;

/// <summary>Queries change nothing, so that they go again wherever a command must not (thesis 6.4).</summary>
public sealed class QuerySpec(ITestOutputHelper output) : ClientSpec(output)
{
    [Fact]
    public void Answer_comes_with_the_index_that_it_reflects()
    {
        var client = NewClientOf(leader: 1, term: 7);
        var query = client.QueryDetailed<long>(new Get());

        Reply(1, 1, 7, Ok(ExpectQueries(1).Requests.Single(), 12, 5L));

        ResultOf(query).ShouldBe(new RaftResult<long>(5, new LogIndex(12), Id(1)));
    }

    [Theory, InlineData("gone"), InlineData("deposed"), InlineData("unknown")]
    public void Query_under_way_is_sent_again_to_the_next_leader(string how)
    {
        var client = NewClientOf(leader: 1, term: 7);
        var query = client.Query<long>(new Get());
        var first = ExpectQueries(1).Requests.Single();

        switch (how)
        {
            case "gone":
                Publish(new DisassociatedEvent(RemoteAddress(9), RemoteAddress(1), inbound: false));
                break;
            case "unknown":
                Reply(1, leader: null, term: 8, Ended(first, ClientOutcome.Unknown));
                break;
        }

        Hint(from: 2, leader: 2, term: 8);

        var second = Node(2).FishForMessage<QueryBatch>(_ => true).Requests.Single();
        second.Body.ShouldBe(first.Body);
        second.RequestId.ShouldNotBe(first.RequestId);
        Reply(2, 2, 8, Ok(second, 12, 5L));
        ResultOf(query).ShouldBe(5);
    }

    [Fact]
    public void Query_without_an_answer_in_time_is_unknown_and_says_to_ask_again()
    {
        var client = NewClientOf(leader: 1, term: 7);
        var query = client.Query<long>(new Get());
        ExpectQueries(1);

        Pass(Timeout);

        FailureOf<OutcomeUnknownException>(query).Message.ShouldContain("changes nothing");
    }

    [Theory, InlineData("QueryFailed"), InlineData("Rejected")]
    public void Failing_query_ends_at_once(string outcome)
    {
        var client = NewClientOf(leader: 1, term: 7);
        var query = client.Query<long>(new Get());

        Reply(1, 1, 7, Ended(ExpectQueries(1).Requests.Single(), Enum.Parse<ClientOutcome>(outcome), "no such key"));

        FailureOf<QueryFailedException>(query).Message.ShouldContain("no such key");
        ExpectNothingSent(1, 2, 3);
    }
}
