using AkkaRaft.Consensus;
using AkkaRaft.Protocol;
using Akka.Remote;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace AkkaRaft.Tests.Client;

/// <summary>Asking for another leader: who is asked, how often, and what is said of the end.</summary>
public sealed class TransferSpec(ITestOutputHelper output) : ClientSpec(output)
{
    [Fact]
    public void Whoever_leads_after_it_is_told_by_its_own_word()
    {
        var client = NewClientOf(leader: 1, term: 7);
        var transfer = client.TransferLeadership(Id(2));
        var asked = Node(1).ExpectMsg<TransferRequest>();
        asked.To.ShouldBe(Id(2));

        Answer(1, asked, TransferOutcome.HandedOver, leader: null, term: 7);
        transfer.IsCompleted.ShouldBeFalse("it is not known who leads");
        Hint(from: 3, leader: 2, term: 8);
        Settle();
        transfer.IsCompleted.ShouldBeFalse("that was another's word");
        Hint(from: 2, leader: 2, term: 8);

        ResultOf(transfer).ShouldBe(new LeaderInfo(new Term(8), Id(2), AddressOf(2)));
    }

    [Fact]
    public void A_leader_that_leads_already_is_told_at_once()
    {
        var client = NewClientOf(leader: 1, term: 7);
        var transfer = client.TransferLeadership(Id(1));

        Answer(1, Node(1).ExpectMsg<TransferRequest>(), TransferOutcome.LeadsAlready, leader: 1, term: 7);

        ResultOf(transfer).Node.ShouldBe(Id(1));
    }

    [Theory]
    [InlineData(TransferOutcome.NotAVoter, LeadershipTransferFailure.NotAVoter)]
    [InlineData(TransferOutcome.NoTarget, LeadershipTransferFailure.NoTarget)]
    [InlineData(TransferOutcome.Busy, LeadershipTransferFailure.Busy)]
    [InlineData(TransferOutcome.TimedOut, LeadershipTransferFailure.TimedOut)]
    internal void A_leader_that_leads_on_says_why(TransferOutcome outcome, LeadershipTransferFailure failure)
    {
        var client = NewClientOf(leader: 1, term: 7);
        var transfer = client.TransferLeadership();

        Answer(1, Node(1).ExpectMsg<TransferRequest>(), outcome, leader: 1, term: 7, "it is raining");

        var failed = FailureOf<LeadershipTransferException>(transfer);
        failed.Failure.ShouldBe(failure);
        failed.Message.ShouldContain("it is raining");
        failed.IsSurelyNotApplied.ShouldBeTrue();
    }

    [Fact]
    public void A_node_that_does_not_lead_did_nothing_so_that_the_next_one_is_asked()
    {
        var client = NewClientOf(leader: 1, term: 7);
        var transfer = client.TransferLeadership(Id(3));

        Answer(1, Node(1).ExpectMsg<TransferRequest>(), TransferOutcome.NotLeader, leader: 2, term: 8);
        var again = Node(2).ExpectMsg<TransferRequest>();
        Answer(2, again, TransferOutcome.HandedOver, leader: 3, term: 9);
        Hint(from: 3, leader: 3, term: 9);

        ResultOf(transfer).Node.ShouldBe(Id(3));
    }

    /// <summary>What may have been obeyed is not asked of the next leader: it would hand over once more.</summary>
    [Theory, InlineData(false), InlineData(true)]
    public void A_leader_that_is_gone_or_deposed_may_have_obeyed_so_that_nobody_else_is_asked(bool gone)
    {
        var client = NewClientOf(leader: 1, term: 7);
        var transfer = client.TransferLeadership();
        Node(1).ExpectMsg<TransferRequest>();

        if (gone) Publish(new DisassociatedEvent(RemoteAddress(9), RemoteAddress(1), false));
        Hint(from: 2, leader: 2, term: 8);
        Settle();

        ResultOf(transfer).Node.ShouldBe(Id(2));
        while (Node(2).HasMessages) Node(2).ReceiveOne().ShouldBeOfType<LeaderRequest>();
    }

    /// <summary>Who is wanted by name is asked for again: a leader that is deposed for another reason has obeyed nobody.</summary>
    [Fact]
    public void Whoever_is_wanted_by_name_is_asked_for_again_at_the_next_leader()
    {
        var client = NewClientOf(leader: 1, term: 7);
        var transfer = client.TransferLeadership(Id(3));
        Node(1).ExpectMsg<TransferRequest>();

        Hint(from: 2, leader: 2, term: 8);
        var again = Node(2).ExpectMsg<TransferRequest>();
        Answer(2, again, TransferOutcome.HandedOver, leader: null, term: 8);
        Hint(from: 3, leader: 3, term: 9);

        ResultOf(transfer).Node.ShouldBe(Id(3));
    }

    [Fact]
    public void Without_an_answer_in_time_it_is_not_known_who_leads()
    {
        var client = NewClientOf(leader: 1, term: 7);
        var transfer = client.TransferLeadership();
        Node(1).ExpectMsg<TransferRequest>();

        Pass(Timeout);

        FailureOf<OutcomeUnknownException>(transfer).Message.ShouldContain("Leadership may still change");
    }

    [Fact]
    public void Without_a_leader_in_time_nobody_was_asked()
    {
        var transfer = NewClient().TransferLeadership();

        for (var passed = TimeSpan.Zero; passed <= Timeout; passed += Poll) Pass(Poll);

        FailureOf<NotLeaderException>(transfer).IsSurelyNotApplied.ShouldBeTrue();
    }

    [Fact]
    public void A_refusal_for_overload_says_when_to_try_again()
    {
        var client = NewClientOf(leader: 1, term: 7);
        var proposal = client.Propose<long>(new Add(1));

        Reply(1, 1, 7, Ended(ExpectProposals(1).Requests.Single(), ClientOutcome.Overloaded) with { RetryAfter = TimeSpan.FromMilliseconds(250) });

        FailureOf<OverloadedException>(proposal).RetryAfter.ShouldBe(TimeSpan.FromMilliseconds(250));
    }

    void Answer(int from, TransferRequest asked, TransferOutcome outcome, int? leader, long term, string why = "") =>
        Tell(new TransferReply(Id(from), HintOf(leader, term), asked.RequestId, outcome, why), from);
}
