using Akka.Actor;
using Akka.Event;
using Akka.Remote;
using AkkaRaft.Protocol;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace AkkaRaft.Tests.Client;

/// <summary>What the client says of each outcome, and what it never does: send a command again that may be in a log (design.md section 6).</summary>
public sealed class OutcomeSpec(ITestOutputHelper output) : ClientSpec(output)
{
    [Fact]
    public void Result_comes_with_index_and_answerer()
    {
        var client = NewClientOf(leader: 2, term: 7);
        var proposal = client.ProposeDetailed<long>(new Add(1));

        Reply(2, 2, 7, Ok(ExpectProposals(2).Requests.Single(), 12, 5L));

        ResultOf(proposal).ShouldBe(new RaftResult<long>(5, new LogIndex(12), Id(2)));
    }

    [Fact]
    public void Refusal_of_a_node_that_does_not_lead_is_tried_again_at_the_leader_that_it_names()
    {
        var client = NewClientOf(leader: 1, term: 7);
        var proposal = client.Propose<long>(new Add(1));
        var first = ExpectProposals(1).Requests.Single();

        Reply(1, leader: 2, term: 8, Ended(first, ClientOutcome.NotLeader));

        var second = ExpectProposals(2).Requests.Single();
        second.Body.ShouldBe(first.Body);
        Reply(2, 2, 8, Ok(second, 12, 5L));
        ResultOf(proposal).ShouldBe(5);
    }

    [Fact]
    public void Refused_proposals_keep_their_order()
    {
        var client = NewClient(Settings.WithMaxBatchRequests(2));
        for (var i = 1; i <= 4; i++) _ = client.Propose<long>(new Add(i));
        ExpectLeaderRequest(1);
        Settle();
        Hint(1, leader: 1, term: 7);
        var first = ExpectProposals(1);
        var second = ExpectProposals(1);

        Reply(1, leader: 2, term: 7, [.. second.Requests.Concat(first.Requests).Select(r => Ended(r, ClientOutcome.NotLeader))]);
        Hint(from: 3, leader: 3, term: 8);

        ExpectProposals(3).Requests.Concat(ExpectProposals(3).Requests).Select(r => ((Add)Codec.Decode(r.Body)).Amount).ShouldBe([1, 2, 3, 4]);
    }

    /// <summary>The late refusal belongs to a flight that is over; to heed it would send what the present flight may have appended.</summary>
    [Fact, Trait("RaftBug", "B85")]
    public void Late_copy_of_a_refusal_does_not_send_the_command_again()
    {
        var client = NewClientOf(leader: 1, term: 7);
        var proposal = client.Propose<long>(new Add(1));
        var first = ExpectProposals(1).Requests.Single();
        Reply(1, leader: 2, term: 8, Ended(first, ClientOutcome.NotLeader));
        var second = ExpectProposals(2).Requests.Single();

        Reply(1, leader: 2, term: 8, Ended(first, ClientOutcome.NotLeader));
        ExpectNothingSent(1, 2, 3);

        Reply(2, 2, 8, Ok(second, 12, 5L));
        ResultOf(proposal).ShouldBe(5);
    }

    [Fact, Trait("RaftBug", "B51")]
    public void Reply_to_nothing_that_is_under_way_is_ignored()
    {
        var client = NewClientOf(leader: 1, term: 7);
        var proposal = client.Propose<long>(new Add(1));
        var request = ExpectProposals(1).Requests.Single();

        Reply(1, 1, 7, Ok(request with { RequestId = 999 }, 3, 9L), Ok(request, 12, 5L), Ok(request, 13, 6L));

        ResultOf(proposal).ShouldBe(5);
    }

    [Theory, Trait("RaftBug", "B50")]
    [InlineData("refused"), InlineData("another leader"), InlineData("same leader, later term")]
    public void Command_under_way_is_unknown_when_a_later_term_has_a_leader_and_is_never_sent_again(string how)
    {
        var client = NewClientOf(leader: 1, term: 7);
        var proposal = client.Propose<long>(new Add(1));
        var request = ExpectProposals(1).Requests.Single();

        switch (how)
        {
            case "refused":
                Reply(1, leader: 2, term: 8);    // its answer is about others; this one it still has in its log
                break;
            case "another leader":
                Hint(from: 3, leader: 2, term: 8);
                break;
            default:
                Hint(from: 1, leader: 1, term: 8);
                break;
        }

        var error = FailureOf<OutcomeUnknownException>(proposal);
        error.Outcome.ShouldBe(RaftOutcome.Unknown);
        error.IsSurelyNotApplied.ShouldBeFalse();
        error.Message.ShouldContain("term 8");
        Reply(1, leader: 2, term: 8, Ended(request, ClientOutcome.NotLeader));
        Pass(TimeSpan.FromSeconds(1));
        ExpectNothingSent(1, 2, 3);
    }

    [Fact]
    public void Later_term_without_a_leader_decides_nothing()
    {
        var client = NewClientOf(leader: 1, term: 7);
        var proposal = client.Propose<long>(new Add(1));
        var request = ExpectProposals(1).Requests.Single();

        Hint(from: 2, leader: null, term: 9);
        Settle();
        proposal.IsCompleted.ShouldBeFalse();

        Reply(1, 1, 7, Ok(request, 12, 5L));
        ResultOf(proposal).ShouldBe(5);
    }

    /// <summary>A reply that also names the next leader: what it says of the request counts, not what could be guessed from the hint.</summary>
    [Fact]
    public void Answer_counts_before_the_hint_that_comes_with_it()
    {
        var client = NewClientOf(leader: 1, term: 7);
        var done = client.Propose<long>(new Add(1));
        var request = ExpectProposals(1).Requests.Single();

        Reply(1, leader: 2, term: 8, Ok(request, 12, 5L));

        ResultOf(done).ShouldBe(5);
    }

    [Theory]
    [InlineData(typeof(DisassociatedEvent)), InlineData(typeof(AssociationErrorEvent)), InlineData(typeof(QuarantinedEvent))]
    public void Command_under_way_is_unknown_as_soon_as_its_node_is_gone_and_is_never_sent_again(Type how)
    {
        var client = NewClientOf(leader: 1, term: 7);
        var proposal = client.Propose<long>(new Add(1));
        ExpectProposals(1);

        Publish(Gone(how, 1));

        FailureOf<OutcomeUnknownException>(proposal).Message.ShouldContain("1=10.0.0.1:4051");
        Pass(TimeSpan.FromSeconds(1));
        Hint(from: 2, leader: 2, term: 8);
        Settle();
        foreach (var node in (int[])[1, 2, 3])
        {
            while (Node(node).HasMessages) Node(node).ExpectMsg<LeaderRequest>();
        }
    }

    [Fact]
    public void Loss_of_another_node_decides_nothing()
    {
        var client = NewClientOf(leader: 1, term: 7);
        var proposal = client.Propose<long>(new Add(1));
        var request = ExpectProposals(1).Requests.Single();

        Publish(Gone(typeof(DisassociatedEvent), 2));
        Publish(new DisassociatedEvent(RemoteAddress(9), RemoteAddress(1, system: "others"), false));
        Settle();
        proposal.IsCompleted.ShouldBeFalse();

        Reply(1, 1, 7, Ok(request, 12, 5L));
        ResultOf(proposal).ShouldBe(5);
    }

    [Fact]
    public void Command_that_still_waits_here_is_not_unknown_when_the_leader_is_gone()
    {
        var client = NewClientOf(leader: 1, term: 7);
        _ = client.Propose<long>(new Add(1));
        ExpectProposals(1);
        Pass(Silence);
        ExpectLeaderRequest(1);
        var waiting = client.Propose<long>(new Add(2));
        Settle();

        Publish(Gone(typeof(DisassociatedEvent), 1));
        Hint(from: 2, leader: 2, term: 8);

        Reply(2, 2, 8, Ok(Node(2).FishForMessage<ProposeBatch>(_ => true).Requests.Single(), 12, 5L));
        ResultOf(waiting).ShouldBe(5);
    }

    [Fact]
    public void Command_that_akka_hands_back_undelivered_is_sent_to_the_next_leader()
    {
        var client = NewClientOf(leader: 1, term: 7);
        var proposal = client.Propose<long>(new Add(1));
        var batch = ExpectProposals(1);

        Publish(new DeadLetter(batch, Sys.DeadLetters, Node(1).Ref));
        Publish(new DeadLetter(new ProposeBatch(batch.Cluster, batch.Group, batch.Requests), Sys.DeadLetters, Node(1).Ref));    // another client's
        Hint(from: 2, leader: 2, term: 8);

        Reply(2, 2, 8, Ok(Node(2).FishForMessage<ProposeBatch>(_ => true).Requests.Single(), 12, 5L));
        ResultOf(proposal).ShouldBe(5);
    }

    [Fact, Trait("RaftBug", "B51")]
    public void Another_clients_undelivered_message_with_the_same_numbers_is_not_ours()
    {
        var client = NewClientOf(leader: 1, term: 7);
        _ = client.Propose<long>(new Add(1));
        var batch = ExpectProposals(1);

        Publish(new DeadLetter(new ProposeBatch(batch.Cluster, batch.Group, batch.Requests), Sys.DeadLetters, Node(1).Ref));
        Hint(from: 1, leader: 1, term: 7);

        ExpectNothingSent(1, 2, 3);
    }

    [Theory]
    [InlineData("Overloaded", typeof(OverloadedException), RaftOutcome.NotApplied)]
    [InlineData("Rejected", typeof(CommandRejectedException), RaftOutcome.NotApplied)]
    [InlineData("Unknown", typeof(OutcomeUnknownException), RaftOutcome.Unknown)]
    [InlineData("ResultUnavailable", typeof(ResultUnavailableException), RaftOutcome.Applied)]
    public void Outcome_that_the_node_tells_ends_the_command_at_once(string outcome, Type error, RaftOutcome known)
    {
        var client = NewClientOf(leader: 1, term: 7);
        var proposal = client.Propose<long>(new Add(1));

        Reply(1, 1, 7, Ended(ExpectProposals(1).Requests.Single(), Enum.Parse<ClientOutcome>(outcome), "the node's own words", index: 12));

        var thrown = FailureOf<RaftException>(proposal);
        thrown.ShouldBeOfType(error);
        thrown.Outcome.ShouldBe(known);
        thrown.Message.ShouldContain("the node's own words");
        if (thrown is ResultUnavailableException unavailable) unavailable.Index.ShouldBe(new LogIndex(12));
        ExpectNothingSent(1, 2, 3);
    }

    [Fact]
    public void Command_whose_result_nobody_wants_succeeds_without_it()
    {
        var client = NewClientOf(leader: 1, term: 7);
        var proposal = client.Propose(new Add(1));

        Reply(1, 1, 7, Ended(ExpectProposals(1).Requests.Single(), ClientOutcome.ResultUnavailable, "too large", index: 12));

        WaitFor(proposal);
        proposal.Status.ShouldBe(TaskStatus.RanToCompletion);
    }

    [Fact]
    public void Result_of_another_type_says_that_the_command_was_applied()
    {
        var client = NewClientOf(leader: 1, term: 7);
        var wrong = client.Propose<string>(new Add(1));
        Reply(1, 1, 7, Ok(ExpectProposals(1).Requests.Single(), 12, 5L));
        var missing = client.Propose<long>(new Add(1));
        Reply(1, 1, 7, Ok(ExpectProposals(1).Requests.Single(), 13, null));
        var absent = client.Propose<string?>(new Add(1));
        Reply(1, 1, 7, Ok(ExpectProposals(1).Requests.Single(), 14, null));

        FailureOf<ResultUnavailableException>(wrong).Index.ShouldBe(new LogIndex(12));
        FailureOf<ResultUnavailableException>(missing).Outcome.ShouldBe(RaftOutcome.Applied);
        ResultOf(absent).ShouldBeNull();
    }

    [Fact]
    public void Time_out_is_surely_not_applied_before_a_leader_was_found_and_unknown_after_it_was_sent()
    {
        var client = NewClient();
        var neverSent = client.Propose<long>(new Add(1), timeout: TimeSpan.FromSeconds(1));
        Pass(TimeSpan.FromSeconds(1));
        var error = FailureOf<NotLeaderException>(neverSent);
        error.IsSurelyNotApplied.ShouldBeTrue();
        error.Leader.ShouldBeNull();

        var sent = client.Propose<long>(new Add(2));
        Hint(from: 1, leader: 1, term: 7);
        Node(1).FishForMessage<ProposeBatch>(_ => true);
        Pass(Timeout - TimeSpan.FromMilliseconds(1));
        sent.IsCompleted.ShouldBeFalse();
        Pass(TimeSpan.FromMilliseconds(1));
        FailureOf<OutcomeUnknownException>(sent).Message.ShouldContain("5000 ms");
    }

    [Fact]
    public void Command_that_was_surely_refused_until_its_time_out_is_surely_not_applied()
    {
        var client = NewClientOf(leader: 1, term: 7);
        var proposal = client.Propose<long>(new Add(1));
        Reply(1, leader: null, term: 7, Ended(ExpectProposals(1).Requests.Single(), ClientOutcome.NotLeader));

        Pass(Timeout);

        FailureOf<NotLeaderException>(proposal).Leader!.Node.ShouldBe(Id(1));
    }

    [Fact]
    public void Cancellation_ends_the_wait_and_an_unsent_command_is_never_sent()
    {
        var client = NewClient();
        using var source = new CancellationTokenSource();
        var proposal = client.Propose<long>(new Add(1), cancellationToken: source.Token);
        ExpectLeaderRequest(1);

        source.Cancel();

        FailureOf<OperationCanceledException>(proposal).CancellationToken.ShouldBe(source.Token);
        Hint(from: 1, leader: 1, term: 7);
        ExpectNothingSent(1, 2, 3);
    }

    [Fact]
    public void Cancellation_of_a_command_under_way_ignores_its_answer()
    {
        var client = NewClientOf(leader: 1, term: 7);
        using var source = new CancellationTokenSource();
        var proposal = client.Propose<long>(new Add(1), cancellationToken: source.Token);
        var request = ExpectProposals(1).Requests.Single();

        source.Cancel();
        FailureOf<OperationCanceledException>(proposal);

        Reply(1, 1, 7, Ok(request, 12, 5L));
        ExpectNothingSent(1, 2, 3);
        FailureOf<OperationCanceledException>(client.Propose<long>(new Add(2), cancellationToken: source.Token));
    }

    [Fact]
    public void Closing_ends_everything_as_what_it_is()
    {
        var client = NewClientOf(leader: 1, term: 7);
        var sent = client.Propose<long>(new Add(1));
        ExpectProposals(1);
        Pass(Silence);
        var waiting = client.Propose<long>(new Add(2));
        Settle();

        WaitFor(client.DisposeAsync().AsTask());

        FailureOf<OutcomeUnknownException>(sent);
        FailureOf<NotLeaderException>(waiting).IsSurelyNotApplied.ShouldBeTrue();
        FailureOf<ObjectDisposedException>(client.Propose<long>(new Add(3)));
    }

    [Fact]
    public void Time_out_that_no_timer_takes_is_refused()
    {
        var client = NewClient();

        FailureOf<ArgumentOutOfRangeException>(client.Propose<long>(new Add(1), timeout: TimeSpan.Zero));
        FailureOf<ArgumentOutOfRangeException>(client.Propose<long>(new Add(1), timeout: RaftClient.MaxTimeout * 2));
        var patient = client.Propose<long>(new Add(1), timeout: global::System.Threading.Timeout.InfiniteTimeSpan);
        Pass(TimeSpan.FromDays(2));
        patient.IsCompleted.ShouldBeFalse();
    }

    static object Gone(Type type, int node) => type.Name switch
    {
        nameof(DisassociatedEvent) => new DisassociatedEvent(RemoteAddress(9), RemoteAddress(node), inbound: true),
        nameof(AssociationErrorEvent) => new AssociationErrorEvent(new TimeoutException(), RemoteAddress(9), RemoteAddress(node), false, LogLevel.WarningLevel),
        _ => new QuarantinedEvent(RemoteAddress(node), 7),
    };
}
