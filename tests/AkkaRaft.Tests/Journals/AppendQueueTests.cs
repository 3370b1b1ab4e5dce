using AkkaRaft.Consensus;
using AkkaRaft.Journals;
using CsCheck;
using Shouldly;
using Xunit;

namespace AkkaRaft.Tests.Journals;

/// <summary>Group commit by itself, without actors.</summary>
public sealed class AppendQueueTests
{
    [Fact]
    public void Batches_of_any_requests_give_the_same_log_as_the_requests() => AppendScript.Gen.Sample(script =>
    {
        const int maxBytes = 900;
        var queue = new AppendQueue(maxBytes);
        var outline = new LogOutline();
        var events = new List<EntriesAppended>();
        var taken = 0L;

        foreach (var (request, diskWrites) in script.Steps)
        {
            queue.Add(request);
            if (diskWrites) Take();
        }

        while (!queue.IsEmpty) Take();
        taken.ShouldBe(script.Steps.Count);

        void Take()
        {
            var batch = queue.Take();
            outline.WhyNot(batch.Previous, batch.Entries).ShouldBeNull();
            outline.Replace(batch.Previous, batch.Entries);
            batch.Entries.Sum(e => e.Size).ShouldBeLessThanOrEqualTo(maxBytes);
            script.Steps.Where(step => step.Request.WriteId > taken && step.Request.WriteId <= batch.WriteId)
                .ShouldAllBe(step => step.Request.LeaderTerm == batch.LeaderTerm, "an event is of one leader");
            taken = batch.WriteId;
            events.Add(new EntriesAppended(batch.Previous, batch.Entries));
            // After a part of a request the log ends within that request's entries.
            JournalSpec.Overlay(events).ShouldBe(script.LogAfter(taken).TakeWhile(entry => entry.Index <= batch.Entries[^1].Index));
        }
    }, iter: 5000);

    [Fact]
    public void The_lists_of_the_requests_are_left_as_they_are()
    {
        var queue = new AppendQueue(int.MaxValue);
        List<LogEntry> first = [JournalSpec.Entry(1, 1), JournalSpec.Entry(2, 1)];

        queue.Add(new AppendToLog(1, EntryId.Zero, first));
        queue.Add(JournalSpec.Append(2, JournalSpec.Id(2, 1), JournalSpec.Entry(3, 1)));
        queue.Take().Entries.Count.ShouldBe(3);

        first.ShouldBe([JournalSpec.Entry(1, 1), JournalSpec.Entry(2, 1)]);
    }

    [Fact]
    public void A_request_that_is_too_large_for_one_event_becomes_several()
    {
        var entry = JournalSpec.Entry(1, 1, 100);
        var queue = new AppendQueue(entry.Size * 3);
        queue.Add(JournalSpec.Append(1, EntryId.Zero, [.. Enumerable.Range(1, 7).Select(i => JournalSpec.Entry(i, 1, 100))]));
        queue.Add(JournalSpec.Append(2, JournalSpec.Id(7, 1), JournalSpec.Entry(8, 1, 100)));

        var taken = new List<AppendToLog>();
        while (!queue.IsEmpty) taken.Add(queue.Take());

        taken.Select(batch => batch.Entries.Count).ShouldBe([3, 3, 2]);
        taken.Select(batch => batch.Previous.Index.Value).ShouldBe([0, 3, 6]);
        taken.Select(batch => batch.WriteId).ShouldBe([1, 1, 2]);
    }

    /// <summary>A new leader's first entries need not cut anything, and may be of the old term: they begin a new event all the same.</summary>
    [Fact]
    public void An_event_does_not_mix_what_two_leaders_sent()
    {
        var queue = new AppendQueue(int.MaxValue);
        queue.Add(JournalSpec.Append(1, EntryId.Zero, JournalSpec.Entry(1, 1)));
        queue.Add(JournalSpec.Append(2, JournalSpec.Id(1, 1), JournalSpec.Entry(2, 1)));
        queue.Add(JournalSpec.Append(3, JournalSpec.Id(2, 1), JournalSpec.Entry(3, 1)) with { LeaderTerm = new Term(2) });
        queue.Add(JournalSpec.Append(4, JournalSpec.Id(3, 1), JournalSpec.Entry(4, 2)));

        var taken = new List<AppendToLog>();
        while (!queue.IsEmpty) taken.Add(queue.Take());

        taken.Select(batch => (batch.LeaderTerm.Value, batch.WriteId, batch.Entries.Count)).ShouldBe([(1, 2, 2), (2, 4, 2)]);
    }

    [Fact]
    public void As_many_requests_as_fit_go_into_one_event()
    {
        var entry = JournalSpec.Entry(1, 1, 100);
        var queue = new AppendQueue(entry.Size * 3);
        var previous = EntryId.Zero;
        for (var i = 1; i <= 7; i++)
        {
            queue.Add(JournalSpec.Append(i, previous, JournalSpec.Entry(i, 1, 100)));
            previous = JournalSpec.Id(i, 1);
        }

        var sizes = new List<int>();
        while (!queue.IsEmpty) sizes.Add(queue.Take().Entries.Count);

        sizes.ShouldBe([3, 3, 1]);
    }
}
