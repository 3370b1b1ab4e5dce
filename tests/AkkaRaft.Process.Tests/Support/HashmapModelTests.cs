using Shouldly;
using Xunit;
using static AkkaRaft.Process.Tests.Support.OperationKind;

namespace AkkaRaft.Process.Tests.Support;

/// <summary>The judge is judged first: it must refuse what is wrong and accept what is right.</summary>
[Trait("Category", "process")]
public sealed class HashmapModelTests
{
    const long Never = long.MaxValue;
    int _next;

    [Fact]
    public void Sequential_reads_of_the_last_write_are_right() =>
        Judge(
            Op(Put, 0, 1, argument: "1"), Op(Get, 2, 3, "1"), Op(Add, 4, 5, "3", argument: "2"), Op(Cas, 6, 7, "true", "9", "3"), Op(Get, 8, 9, "9"))
            .ShouldBeNull();

    [Fact]
    public void Read_of_an_overwritten_value_is_refused() =>
        Judge(Op(Put, 0, 1, argument: "1"), Op(Put, 2, 3, argument: "2"), Op(Get, 4, 5, "1")).ShouldNotBeNull();

    [Fact]
    public void Lost_acknowledged_write_is_refused() =>
        Judge(Op(Put, 0, 1, argument: "1"), Op(Get, 2, 3)).ShouldNotBeNull();

    [Fact]
    public void Reads_during_a_write_may_see_either_but_never_go_back()
    {
        Judge(Op(Put, 0, 1, argument: "1"), Op(Put, 2, 9, argument: "2"), Op(Get, 3, 4, "1"), Op(Get, 5, 6, "2")).ShouldBeNull();
        Judge(Op(Put, 0, 1, argument: "1"), Op(Put, 2, 9, argument: "2"), Op(Get, 3, 4, "2"), Op(Get, 5, 6, "1")).ShouldNotBeNull();
    }

    [Fact]
    public void Add_that_was_applied_twice_is_refused()
    {
        Judge(Op(Add, 0, 1, "1", argument: "1"), Op(Get, 2, 3, "2")).ShouldNotBeNull();
        Judge(Op(Add, 0, Never, argument: "1"), Op(Get, 2, 3, "2")).ShouldNotBeNull();
    }

    [Fact]
    public void Unknown_add_may_be_applied_once_at_any_time_or_never()
    {
        Judge(Op(Add, 0, Never, argument: "1"), Op(Get, 2, 3), Op(Get, 4, 5)).ShouldBeNull();
        Judge(Op(Add, 0, Never, argument: "1"), Op(Get, 2, 3), Op(Get, 4, 5, "1")).ShouldBeNull();
        Judge(Op(Add, 0, Never, argument: "1"), Op(Get, 2, 3, "1"), Op(Get, 4, 5)).ShouldNotBeNull();
    }

    [Fact]
    public void Two_successes_of_the_same_compare_and_swap_are_refused() =>
        Judge(Op(Put, 0, 1, argument: "1"), Op(Cas, 2, 9, "true", "2", "1"), Op(Cas, 3, 8, "true", "3", "1")).ShouldNotBeNull();

    [Fact]
    public void Mismatch_is_right_only_if_the_value_was_another()
    {
        Judge(Op(Put, 0, 1, argument: "1"), Op(Cas, 2, 3, "false", "3", "2")).ShouldBeNull();
        Judge(Op(Put, 0, 1, argument: "1"), Op(Cas, 2, 3, "false", "3", "1")).ShouldNotBeNull();
        Judge(Op(Cas, 0, 1, "true", "3", expected: null), Op(Delete, 2, 3), Op(Get, 4, 5)).ShouldBeNull();
    }

    [Fact]
    public void Sixteen_at_once_on_one_counter_are_judged_in_time()
    {
        var rising = Enumerable.Range(1, 60).Select(n => Op(Add, n, n + 16, $"{n}", argument: "1")).ToList();

        Judge([.. rising]).ShouldBeNull();
        Judge([.. rising, Op(Get, 100, 101, "59")]).ShouldNotBeNull();
    }

    /// <summary>As at the end of an outage: what several clients gave up took effect at once, and before the next answer, while many others are under way.</summary>
    [Fact]
    public void Two_unknown_writes_in_a_row_among_many_at_once_are_found()
    {
        var together = Enumerable.Range(0, 24).Select(n => Op(Put, 10 + n, 90, argument: $"{1000 * n}", index: 5 + n)).ToList();

        Judge([Op(Put, 0, 1, argument: "1", index: 1), Op(Put, 2, Never, argument: "70"), Op(Add, 3, Never, argument: "7"), Op(Add, 4, 80, "82", argument: "5", index: 4), .. together])
            .ShouldBeNull();
    }

    static string? Judge(params DriveOperation[] operations) => HashmapModel.Judge(operations).Failure;

    DriveOperation Op(OperationKind kind, long start, long end, string? result = null, string? argument = null, string? expected = null, long? index = null)
    {
        var outcome = end == Never ? "unknown" : "ok";
        // Milliseconds in, nanoseconds out.
        var answer = new DriveAnswer(_next, outcome, result, index, null, null, start * 1_000_000, end == Never ? (start + 1) * 1_000_000 : end * 1_000_000);
        return new DriveOperation(_next++, 0, new DriveRequest(kind, "k", argument, expected), answer);
    }
}
