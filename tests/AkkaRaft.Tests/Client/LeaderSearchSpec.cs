using AkkaRaft.Protocol;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace AkkaRaft.Tests.Client;

/// <summary>How the client finds the leader, and whom it believes.</summary>
public sealed class LeaderSearchSpec(ITestOutputHelper output) : ClientSpec(output)
{
    [Fact]
    public void Nodes_are_asked_in_turn_every_poll_interval_while_no_leader_is_known()
    {
        var client = NewClient();

        var proposal = client.Propose<long>(new Add(1));

        foreach (var node in (int[])[1, 2, 3, 1, 2])
        {
            ExpectLeaderRequest(node);
            Pass(Poll - TimeSpan.FromMilliseconds(1));
            ExpectNothingSent(1, 2, 3);
            Pass(TimeSpan.FromMilliseconds(1));
        }

        proposal.IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public void Nobody_is_asked_while_nobody_waits()
    {
        NewClient();

        Pass(TimeSpan.FromSeconds(3));

        ExpectNothingSent(1, 2, 3);
    }

    [Fact]
    public void Hint_is_followed_at_once_even_to_a_node_that_is_no_contact_point()
    {
        var client = NewClient();
        var proposal = client.Propose<long>(new Add(1));
        ExpectLeaderRequest(1);

        Hint(from: 1, leader: 4, term: 7);

        var request = ExpectProposals(4).Requests.Single();
        Reply(4, leader: 4, term: 7, Ok(request, 12, 5L));
        ResultOf(proposal).ShouldBe(5);
        Pass(TimeSpan.FromSeconds(1));
        ExpectNothingSent(1, 2, 3, 4);
    }

    [Fact]
    public void Hint_of_an_older_term_is_ignored()
    {
        var client = NewClientOf(leader: 2, term: 7);
        Hint(from: 1, leader: 1, term: 6);

        _ = client.Propose<long>(new Add(1));

        ExpectProposals(2);
        ExpectNothingSent(1, 3);
    }

    [Fact]
    public void Leader_that_refuses_is_not_believed_to_lead_that_term_on_the_word_of_others()
    {
        var client = NewClientOf(leader: 1, term: 7);
        var proposal = client.Propose<long>(new Add(1));
        Reply(1, leader: null, term: 7, Ended(ExpectProposals(1).Requests.Single(), ClientOutcome.NotLeader));
        ExpectLeaderRequest(2);

        Hint(from: 2, leader: 1, term: 7);
        ExpectNothingSent(1, 2, 3);

        Pass(Poll);
        ExpectLeaderRequest(1);    // it is asked itself, and believed
        Hint(from: 1, leader: 1, term: 7);
        Reply(1, leader: 1, term: 7, Ok(ExpectProposals(1).Requests.Single(), 12, 5L));
        ResultOf(proposal).ShouldBe(5);
    }

    [Fact]
    public void Node_that_refuses_and_names_itself_is_asked_at_the_pace_of_the_search()
    {
        var client = NewClientOf(leader: 1, term: 7);
        _ = client.Propose<long>(new Add(1));

        Reply(1, leader: 1, term: 7, Ended(ExpectProposals(1).Requests.Single(), ClientOutcome.NotLeader));

        ExpectLeaderRequest(2);
        ExpectNothingSent(1, 3);
    }

    [Fact]
    public void Silent_leader_is_not_sent_more_and_the_others_are_asked()
    {
        var client = NewClientOf(leader: 2, term: 7);
        _ = client.Propose<long>(new Add(1));
        ExpectProposals(2);

        Pass(Silence);

        ExpectLeaderRequest(2);    // it may only be slow
        var other = Node(3).HasMessages ? 3 : 1;
        ExpectLeaderRequest(other);
        var held = client.Propose<long>(new Add(2));
        ExpectNothingSent(1, 2, 3);

        Hint(from: other, leader: 3, term: 8);
        var request = ExpectProposals(3).Requests.Single();
        Codec.Decode(request.Body).ShouldBe(new Add(2));    // what was held back went nowhere else
        Reply(3, leader: 3, term: 8, Ok(request, 20, 2L));
        ResultOf(held).ShouldBe(2);
    }

    [Fact]
    public void Leader_that_was_only_slow_goes_on()
    {
        var client = NewClientOf(leader: 1, term: 7);
        var slow = client.Propose<long>(new Add(1));
        var request = ExpectProposals(1).Requests.Single();
        Pass(Silence);
        ExpectLeaderRequest(1);
        var held = client.Propose<long>(new Add(2));
        ExpectNothingSent(1);

        Hint(from: 1, leader: 1, term: 7);

        ExpectProposals(1).Requests.Single().RequestId.ShouldBeGreaterThan(request.RequestId);
        Reply(1, leader: 1, term: 7, Ok(request, 20, 2L));
        ResultOf(slow).ShouldBe(2);
        held.IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public void Leader_that_stayed_silent_until_the_time_out_is_asked_before_it_is_sent_more()
    {
        var client = NewClientOf(leader: 1, term: 7);
        var lost = client.Propose<long>(new Add(1), timeout: Silence * 2);
        ExpectProposals(1);
        Pass(Silence);
        Pass(Silence);
        FailureOf<OutcomeUnknownException>(lost);
        while (Node(1).HasMessages) ExpectLeaderRequest(1);

        Pass(Poll);
        ExpectNothingSent(1);
        _ = client.Propose<long>(new Add(2));

        ExpectLeaderRequest(1);
        ExpectNothingSent(1);
    }

    [Fact]
    public void Finding_the_leader_asks_until_the_leader_itself_answers()
    {
        var client = NewClient();

        var found = client.FindLeader();
        ExpectLeaderRequest(1);
        Hint(from: 1, leader: 2, term: 7);
        Settle();
        found.IsCompleted.ShouldBeFalse();
        Pass(Poll);
        ExpectLeaderRequest(2);
        Hint(from: 2, leader: 2, term: 7);

        ResultOf(found).ShouldBe(new LeaderInfo(new Term(7), Id(2), AddressOf(2)));
    }

    [Fact]
    public void Finding_no_leader_in_time_says_so()
    {
        var client = NewClient();
        var found = client.FindLeader(TimeSpan.FromSeconds(1));

        Pass(TimeSpan.FromSeconds(1));

        FailureOf<NotLeaderException>(found).Message.ShouldContain("1=10.0.0.1:4051");
    }

    [Fact]
    public void Status_is_asked_of_the_node_itself_until_it_answers()
    {
        var client = NewClient();
        var status = new RaftStatus(Id(3), RaftRole.Follower, new Term(7), Id(1), default, default, default, default);

        var asked = client.GetStatus(Id(3));
        Node(3).ExpectMsg<StatusRequest>();
        Pass(Poll);
        Node(3).ExpectMsg<StatusRequest>();
        Node(3).Reply(new StatusReply(status));

        ResultOf(asked).ShouldBe(status);
    }

    [Fact]
    public void Status_of_a_node_that_does_not_answer_says_where_it_was_asked()
    {
        var client = NewClient();

        var asked = client.GetStatus(Id(3), TimeSpan.FromSeconds(1));
        var unknown = client.GetStatus(Id(9), TimeSpan.FromSeconds(1));
        Pass(TimeSpan.FromSeconds(1));

        FailureOf<NodeUnreachableException>(asked).Message.ShouldContain(AddressOf(3));
        FailureOf<NodeUnreachableException>(unknown).Message.ShouldContain("no address");
    }
}
