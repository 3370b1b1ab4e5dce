using AkkaRaft.Node;
using Shouldly;
using Xunit;

namespace AkkaRaft.Tests.Shell;

/// <summary>How long the log journal takes, as the status tells it.</summary>
public sealed class JournalLatencyTests
{
    readonly JournalLatency _latency = new();

    [Fact]
    public void Before_the_first_write_there_is_nothing_to_tell() => _latency.StatusAt(At(1000)).ShouldBe(RaftJournalStatus.None);

    [Fact]
    public void A_write_counts_from_its_request_to_its_confirmation_and_confirms_those_before_it()
    {
        _latency.Began(1, At(0));
        _latency.Began(2, At(4));
        _latency.Began(3, At(5));

        _latency.Confirmed(2, At(10));

        var status = _latency.StatusAt(At(25));
        status.Writes.ShouldBe(2);
        status.Max.ShouldBe(At(10));
        status.Mean.ShouldBe(At(10 - (4 / 16.0)));   // 10, and then 6 with the weight of a sixteenth
        status.WritingFor.ShouldBe(At(20));
    }

    [Fact]
    public void The_longest_is_forgotten_after_a_minute()
    {
        Write(1, from: 0, to: 500);
        Write(2, from: 30_000, to: 30_008);

        _latency.StatusAt(At(59_999)).Max.ShouldBe(At(500));
        _latency.StatusAt(At(60_000)).Max.ShouldBe(At(8));
        _latency.StatusAt(At(95_000)).Max.ShouldBe(TimeSpan.Zero);
        Write(3, from: 120_400, to: 120_403);   // the place in the ring that the first one had
        _latency.StatusAt(At(120_500)).Max.ShouldBe(At(3));
    }

    [Fact]
    public void The_longest_of_a_second_is_kept_whatever_the_order()
    {
        Write(1, from: 0, to: 20);
        Write(2, from: 30, to: 35);
        Write(3, from: 40, to: 70);

        _latency.StatusAt(At(100)).Max.ShouldBe(At(30));
    }

    [Fact]
    public void However_many_writes_hang_the_oldest_is_known_and_memory_is_bounded()
    {
        for (var id = 1; id <= 100_000; id++) _latency.Began(id, At(id));

        _latency.StatusAt(At(100_001)).WritingFor.ShouldBe(At(100_000));
        _latency.Confirmed(100_000, At(200_000));
        _latency.StatusAt(At(200_000)).Writes.ShouldBe(1024);
        _latency.StatusAt(At(200_000)).WritingFor.ShouldBeNull();
    }

    void Write(long id, double from, double to)
    {
        _latency.Began(id, At(from));
        _latency.Confirmed(id, At(to));
    }

    static TimeSpan At(double milliseconds) => TimeSpan.FromMilliseconds(milliseconds);
}
