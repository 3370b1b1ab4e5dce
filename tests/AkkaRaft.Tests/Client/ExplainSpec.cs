using AkkaRaft.Protocol;
using AkkaRaft.Tests.Explaining;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace AkkaRaft.Tests.Client;

/// <summary>A client gathers what the nodes know of a trouble; those that do not answer are evidence too.</summary>
public sealed class ExplainSpec(ITestOutputHelper output) : ClientSpec(output)
{
    [Fact]
    public void A_node_is_asked_until_it_answers()
    {
        var client = NewClient();
        var asked = client.Explain(Id(3));
        Node(3).ExpectMsg<ExplainRequest>();
        Pass(RaftClientSettings.Default.LeaderPollInterval);
        Node(3).ExpectMsg<ExplainRequest>();

        var told = Told.By(3);
        Node(3).Reply(new ExplainReply(told));

        ResultOf(asked).ShouldBe(told);
    }

    [Fact]
    public void A_node_that_does_not_answer_is_an_error_that_says_where_it_was_asked()
    {
        var client = NewClient();
        var asked = client.Explain(Id(3), TimeSpan.FromSeconds(1));

        Pass(TimeSpan.FromSeconds(1));

        FailureOf<NodeUnreachableException>(asked).Message.ShouldContain(AddressOf(3));
    }

    [Fact]
    public void A_diagnosis_asks_all_contact_points_at_once_and_takes_silence_for_evidence()
    {
        var client = NewClient();
        var asked = client.Diagnose(TimeSpan.FromSeconds(1));
        Settle();
        foreach (var node in new[] { 1, 2, 3 }) Node(node).ExpectMsg<ExplainRequest>();

        Node(1).Reply(new ExplainReply(Told.By(1)));
        Settle();
        Pass(TimeSpan.FromSeconds(1));

        var told = ResultOf(asked);
        told.Silent.ShouldBe([new RaftSilentNode(Id(2), AddressOf(2)), new RaftSilentNode(Id(3), AddressOf(3))]);
        told.Explanations.ShouldHaveSingleItem().Status.Node.ShouldBe(Id(1));
        told.NoLeader.Findings[0].Cause.ShouldBe(RaftCause.NoMajority);
    }

    [Fact]
    public void A_diagnosis_also_asks_the_voters_that_are_no_contact_points_where_the_others_say_they_are()
    {
        var client = NewClient(Settings.WithContactPoints(new RaftMember(Id(1), AddressOf(1))));
        var asked = client.Diagnose(TimeSpan.FromSeconds(1));
        Node(1).ExpectMsg<ExplainRequest>();
        var first = Told.By(1, voters: 2).WithPeer(2, peer => peer with { Address = AddressOf(2) });
        Node(1).Reply(new ExplainReply(first));

        Node(2).ExpectMsg<ExplainRequest>();
        Node(2).Reply(new ExplainReply(Told.By(2, voters: 2)));

        var told = ResultOf(asked);
        told.Explanations.Select(e => e.Status.Node).ShouldBe([Id(1), Id(2)]);
        told.Silent.ShouldBeEmpty();
    }

    [Fact]
    public void A_diagnosis_can_be_cancelled()
    {
        var client = NewClient();
        using var cancellation = new CancellationTokenSource();
        var asked = client.Diagnose(TimeSpan.FromSeconds(1), cancellation.Token);
        Settle();

        cancellation.Cancel();
        Settle();

        FailureOf<TaskCanceledException>(asked);
    }
}
