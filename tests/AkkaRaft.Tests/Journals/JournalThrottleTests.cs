using Akka.Actor;
using AkkaRaft.Consensus;
using AkkaRaft.Journals;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Xunit;

namespace AkkaRaft.Tests.Journals;

/// <summary>A journal that is slowed to a fixed rate, for tests and measurements.</summary>
public sealed class JournalThrottleTests
{
    [Fact]
    public void Writes_take_as_long_as_the_rate_says_one_after_the_other()
    {
        var time = new FakeTimeProvider();
        var throttle = new JournalThrottle(1000, time);
        time.Advance(TimeSpan.FromSeconds(10));

        throttle.DelayOf(500).TotalMilliseconds.ShouldBe(450, "what was not used is not saved up, but for a timer's lateness");
        throttle.DelayOf(500).TotalMilliseconds.ShouldBe(950);
        time.Advance(TimeSpan.FromSeconds(1));

        throttle.DelayOf(100).TotalMilliseconds.ShouldBe(50);
    }

    [Fact]
    public void Without_a_rate_nothing_is_held_back() => new JournalThrottle(0, new FakeTimeProvider()).DelayOf(1_000_000).ShouldBe(TimeSpan.Zero);
}

/// <summary>The same through a journal.</summary>
public sealed class SlowedJournalTests : JournalSpec
{
    readonly FaultyDisk _disk;

    public SlowedJournalTests() : this(new FaultyDisk())
    {
    }

    SlowedJournalTests(FaultyDisk disk) : base(disk.Config) => _disk = disk;

    protected override void AfterAll()
    {
        base.AfterAll();
        _disk.Dispose();
    }

    [Fact]
    public void A_slowed_journal_confirms_nothing_before_its_time_and_writes_nothing_meanwhile()
    {
        var node = CreateTestProbe();
        var journal = CreatedLog(node, _disk.Options with { BytesPerSecond = 1, Time = new FakeTimeProvider() });

        journal.Tell(Append(1, EntryId.Zero, Entry(1, 1, bytes: 1800)));
        journal.Tell(Append(2, Id(1, 1), Entry(2, 1)));
        node.ExpectNoMsg(Quiet);

        _disk.Events(LogId).Count.ShouldBe(2, "the second waits for the first");
    }

    [Fact]
    public void A_slowed_journal_confirms_in_order()
    {
        var node = CreateTestProbe();
        var journal = CreatedLog(node, _disk.Options with { BytesPerSecond = 4000, Time = new FakeTimeProvider() });

        journal.Tell(Append(1, EntryId.Zero, Entry(1, 1, bytes: 1800)));
        journal.Tell(Append(2, Id(1, 1), Entry(2, 1)));

        node.ExpectWritten<EntriesPersisted>().ShouldBe(new EntriesPersisted(1, Id(1, 1)));
        node.ExpectWritten<EntriesPersisted>().ShouldBe(new EntriesPersisted(2, Id(2, 1)));
    }

    [Fact]
    public void A_slowed_journal_finishes_what_it_holds_back()
    {
        var node = CreateTestProbe();
        var journal = CreatedLog(node, _disk.Options with { BytesPerSecond = 4000 });
        journal.Tell(Append(1, EntryId.Zero, Entry(1, 1, bytes: 1800)));

        node.Watch(journal);
        journal.Tell(FinishJournal.Instance);

        node.ExpectWritten<EntriesPersisted>().ShouldBe(new EntriesPersisted(1, Id(1, 1)));
        node.ExpectTerminated(journal);
    }
}
