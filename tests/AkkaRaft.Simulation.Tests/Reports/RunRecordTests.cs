using AkkaRaft.TestKit;
using AkkaRaft.TestKit.Reports;
using Shouldly;
using Xunit;

namespace AkkaRaft.Simulation.Tests.Reports;

/// <summary>What the kernel says while a run goes is what the record has afterwards.</summary>
public sealed class RunRecordTests
{
    readonly RunRecord _record = new(1, "title", [new NodeId("a"), new NodeId("b"), new NodeId("c")], clients: 2);

    Lane A => _record.NodeLane(new NodeId("a"));

    Lane B => _record.NodeLane(new NodeId("b"));

    Lane C => _record.NodeLane(new NodeId("c"));

    static TimeSpan At(int milliseconds) => TimeSpan.FromMilliseconds(milliseconds);

    static NodeSample Leader(int last, int durable) => new(
        NodeCondition.Leader, new Term(3), new Lane(0), new EntryId(new LogIndex(last), new Term(3)),
        new LogIndex(durable), new LogIndex(durable), new LogIndex(durable));

    [Fact]
    public void A_sample_is_kept_only_when_it_differs_from_the_nodes_last_one()
    {
        _record.Sample(At(1), A, Leader(last: 5, durable: 5));
        _record.Sample(At(2), B, Leader(last: 5, durable: 5));
        _record.Sample(At(3), A, Leader(last: 5, durable: 5));
        _record.Sample(At(4), A, Leader(last: 6, durable: 5));
        _record.Sample(At(5), A, Leader(last: 5, durable: 5));

        _record.Samples.ToArray().Select(row => (row.At, row.Node)).ShouldBe([(At(1), A), (At(2), B), (At(4), A), (At(5), A)]);
    }

    [Fact]
    public void A_copy_has_a_fate_of_its_own()
    {
        var message = _record.Sent(At(1), A, B, "Greeting", "Greeting from a");
        var copy = _record.Duplicated(message);
        _record.Delivered(copy, At(3));
        _record.Lost(message, At(2), MessageFate.Cut);

        _record.Messages.ToArray().ShouldBe(
        [
            new MessageRow(At(1), At(2), A, B, "Greeting", "Greeting from a", MessageFate.Cut, IsCopy: false),
            new MessageRow(At(1), At(3), A, B, "Greeting", "Greeting from a", MessageFate.Delivered, IsCopy: true),
        ]);
    }

    [Fact]
    public void A_crash_leaves_what_is_on_disk_and_ends_pause_and_writes()
    {
        _record.Sample(At(1), A, Leader(last: 7, durable: 5));
        _record.Paused(At(2), A);
        var lost = _record.WriteBegan(At(2), A, "entries 6 to 7");
        var others = _record.WriteBegan(At(2), B, "entries 6 to 7");
        var left = new NodeSample(NodeCondition.Down, new Term(3), null, new EntryId(new LogIndex(6), new Term(3)), new LogIndex(6), LogIndex.Zero, LogIndex.Zero);
        _record.Crashed(At(4), A, left);
        _record.WriteEnded(lost, At(5), WriteOutcome.Durable);
        _record.WriteEnded(others, At(5), WriteOutcome.Durable);

        _record.Samples[^1].Sample.ShouldBe(left);
        _record.Writes.ToArray().Select(row => (row.Outcome, row.End)).ShouldBe([(WriteOutcome.Interrupted, At(4)), (WriteOutcome.Durable, At(5))]);
        _record.Faults.ToArray().Select(row => (row.Kind, row.Begin, row.End)).ShouldBe(
            [(FaultKind.Pause, At(2), At(4)), (FaultKind.Crash, At(4), At(4))], ignoreOrder: true);
    }

    [Fact]
    public void Healing_ends_what_lasts_and_leaves_alone_what_is_over()
    {
        var over = _record.Begin(At(1), FaultKind.Disk, A, "slow");
        _record.Ended(over, At(2));
        _record.Cut(At(3), [new LaneLink(A, B)], "cut a -> b");
        _record.Paused(At(3), B);
        _record.Healed(At(9));
        _record.Resumed(At(10), B);

        _record.Faults.ToArray().Select(row => (row.Kind, row.End)).ShouldBe(
            [(FaultKind.Disk, At(2)), (FaultKind.Cut, At(9)), (FaultKind.Pause, At(9)), (FaultKind.Heal, At(9))]);
    }

    [Fact]
    public void The_first_failure_counts_and_the_run_reaches_as_far_as_what_was_recorded()
    {
        _record.Fail("first", At(20));
        _record.Fail("second", At(30));

        (_record.Failure, _record.FailedAt, _record.End).ShouldBe(("first", At(20), At(20)));
    }

    [Fact]
    public void An_operation_of_a_client_that_the_record_does_not_have_is_refused() =>
        Should.Throw<ArgumentOutOfRangeException>(() => _record.Add(new Operation(1, 3, "x", false, At(1), null, OperationOutcome.Unknown, null)));
}
