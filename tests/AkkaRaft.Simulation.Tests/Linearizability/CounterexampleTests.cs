using System.Xml.Linq;
using AkkaRaft.TestKit;
using Shouldly;
using Xunit;

namespace AkkaRaft.Simulation.Tests.Checking;

/// <summary>What a person gets to see of a wrong history.</summary>
public sealed class CounterexampleTests
{
    static readonly RegisterInput.Get s_get = new();

    [Fact]
    public void Stale_read_is_told_with_the_two_writes_that_refute_it_and_the_right_answer()
    {
        var verdict = StaleRead().Judge(RegisterModel.Instance);

        verdict.Failure.ShouldNotBeNull().ReplaceLineEndings("\n").ShouldBe(
            """
            Not linearizable: RegisterModel. No order explains these 3 operations, of 7:
              #1  client 1  0.000 - 0.010 s  set 1 -> null
              #3  client 2  0.020 - 0.030 s  set 2 -> null
              #7  client 3  0.060 - 0.070 s  get -> 1   <== cannot be placed
            2 other commands that began before #7 ended may have taken effect at any time, or never, for all that matters here, these among them:
              #4  client 4  0.025 - ... s    set 3 -> unknown
              #8  client 1  0.065 - 0.080 s  set 4 -> null

            #7 cannot be placed: it answered 1, and would have had to answer 2 or 3 or 4.
            Longest order that explains what it holds: #1 set 1 -> null, #2 get -> 1, #3 set 2 -> null, #5 get -> 2; the state is then 2.

              client 1   |#1-|                   |#8-----|
              client 2           |#3-----|
              client 3                       |#7!----|
              client 4               |#4--------------------->
            """.ReplaceLineEndings("\n"));
    }

    [Fact]
    public void Picture_has_a_lane_for_each_client_a_bar_for_each_shown_operation_and_marks_the_one_that_cannot_be_placed()
    {
        var svg = XDocument.Parse(StaleRead().Judge(RegisterModel.Instance).Picture.ShouldNotBeNull());

        var texts = svg.Descendants().Where(element => element.Name.LocalName == "text").Select(element => element.Value).ToList();
        texts.Where(text => text.StartsWith("client", StringComparison.Ordinal)).ShouldBe(["client 1", "client 2", "client 3", "client 4"]);
        foreach (var bar in new[] { "#1 set 1", "#3 set 2", "#4 set 3", "#7 get", "#8 set 4" }) texts.ShouldContain(bar);
        texts.ShouldContain("!");
        texts.ShouldNotContain("#2 get");
    }

    [Fact]
    public void Picture_is_well_formed_whatever_the_values_hold()
    {
        var verdict = new HistoryBuilder()
            .Command(1, new RegisterInput.Set("<\u0001&\"\ud800 ü 日本 😀>"), 0, 1).Query(2, s_get, 2, 3, "]]>").Judge(RegisterModel.Instance);

        XDocument.Parse(verdict.Picture.ShouldNotBeNull()).Root.ShouldNotBeNull().Name.LocalName.ShouldBe("svg");
    }

    [Fact]
    public void Write_that_would_explain_the_read_had_it_begun_earlier_is_shown()
    {
        var failure = new HistoryBuilder().Command(1, new RegisterInput.Set(4), 0, 1).Query(2, s_get, 2, 3, 5).Command(1, new RegisterInput.Set(5), 4, 6)
            .Judge(RegisterModel.Instance).Failure.ShouldNotBeNull().ReplaceLineEndings("\n");

        failure.ShouldContain("""
            No order explains this operation, of 3:
              #2  client 2  0.002 - 0.003 s  get -> 5   <== cannot be placed
            This began too late to explain it:
              #3  client 1  0.004 - 0.006 s  set 5 -> null
            """.ReplaceLineEndings("\n"));
    }

    [Fact]
    public void Answer_that_is_right_but_for_its_type_says_so() =>
        new HistoryBuilder().Command(1, new CounterInput.Add(1), 0, 1, 1).Judge(CounterModel.Instance).Failure.ShouldNotBeNull()
            .ShouldContain("would have had to answer 1 (Int64) (it answered 1 (Int32): mind the types, or override SameOutput)");

    [Fact]
    public void Long_history_without_choice_is_told_from_the_state_that_every_order_leads_to()
    {
        var history = new HistoryBuilder();
        for (var i = 0; i < 3_000; i++) history.Command(1 + i % 3, new CounterInput.Add(1 + i % 7), 10 * i, 10 * i + 15, Total(i));
        history.Query(4, new CounterInput.Get(), 40_000, 40_001, Total(2_990));

        var failure = history.Judge(CounterModel.Instance).Failure.ShouldNotBeNull();

        failure.ShouldContain("No order explains this operation");
        failure.ShouldContain("Before: 3,000 operations, the last of them #3000. "
            + $"Whatever their order, if it explains their answers, the state is {Total(2_999)} after them.");
        failure.ShouldContain($"it answered {Total(2_990)}, and would have had to answer {Total(2_999)}.");
    }

    static long Total(int last) => Enumerable.Range(0, last + 1).Sum(i => 1L + i % 7);

    static HistoryBuilder StaleRead() => new HistoryBuilder()
        .Command(1, new RegisterInput.Set(1), 0, 10).Query(3, s_get, 11, 19, 1).Command(2, new RegisterInput.Set(2), 20, 30)
        .Unknown(4, new RegisterInput.Set(3), 25, 50)
        .Query(5, s_get, 31, 35, 2).NotDone(5, new RegisterInput.Set(9), 36, 40).Query(3, s_get, 60, 70, 1).Command(1, new RegisterInput.Set(4), 65, 80);
}
