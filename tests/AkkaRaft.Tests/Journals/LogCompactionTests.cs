using Akka.Actor;
using Akka.TestKit;
using AkkaRaft.Consensus;
using AkkaRaft.Journals;
using CsCheck;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Xunit;

namespace AkkaRaft.Tests.Journals;

/// <summary>The log journal lets go of what snapshots stand for, over a disk that the test controls.</summary>
public sealed class LogCompactionTests : JournalSpec
{
    readonly FaultyDisk _disk;
    readonly TestProbe _node;

    public LogCompactionTests() : this(new FaultyDisk())
    {
    }

    LogCompactionTests(FaultyDisk disk) : base(disk.Config)
    {
        _disk = disk;
        _node = CreateTestProbe();
    }

    protected override void AfterAll()
    {
        base.AfterAll();
        _disk.Dispose();
    }

    [Fact, Trait("RaftBug", "B61")]
    public void Events_that_hold_nothing_behind_the_compacted_entry_are_deleted_and_no_others()
    {
        var journal = CreatedLog(_node, _disk.Options);
        Appends(journal, 1, EntryId.Zero, Entry(1, 1), Entry(2, 1));
        Appends(journal, 2, Id(2, 1), Entry(3, 1), Entry(4, 1));
        Appends(journal, 3, Id(4, 1), Entry(5, 1));

        journal.Tell(new CompactLog(Id(3, 1)));
        AwaitAssert(() => _disk.Deletions.ShouldBe([2]));   // the beginning, and entries 1 and 2

        _disk.Events(LogId)[0].ShouldBeOfType<EntriesAppended>().Previous.ShouldBe(Id(2, 1));
        Replayed(journal, Id(3, 1), Entry(4, 1), Entry(5, 1));
    }

    [Fact]
    public void A_compaction_that_frees_no_event_writes_none()
    {
        var journal = CreatedLog(_node, _disk.Options);
        Appends(journal, 1, EntryId.Zero, Entry(1, 1));
        journal.Tell(new CompactLog(Id(1, 1)));
        AwaitAssert(() => _disk.Deletions.Count.ShouldBe(1));
        Appends(journal, 2, Id(1, 1), Entry(2, 1), Entry(3, 1), Entry(4, 1));

        journal.Tell(new CompactLog(Id(2, 1)));
        Appends(journal, 3, Id(4, 1), Entry(5, 1));

        _disk.Events(LogId).OfType<LogCompacted>().Select(e => e.UpTo).ShouldBe([Id(1, 1)]);
        Replayed(journal, Id(1, 1), Entry(2, 1), Entry(3, 1), Entry(4, 1), Entry(5, 1));
    }

    /// <summary>The oldest events go some at a time, so that a crash may leave the mark of an older compaction without the entries that it did not stand for.</summary>
    [Theory, Trait("RaftBug", "B61"), InlineData(true), InlineData(false)]
    public void An_older_compactions_mark_whose_entries_are_deleted_is_no_damage_if_a_newer_one_stands_for_them(bool isStoodFor)
    {
        var replay = new LogReplay();
        replay.Add(new LogCompacted(Storage, Id(142, 11)), 20).ShouldBeNull();
        replay.Add(new EntriesAppended(Id(146, 11), [Entry(147, 11)]), 21).ShouldBeNull();   // 143 to 146 were in event 19
        if (isStoodFor) replay.Add(new LogCompacted(Storage, Id(146, 11)), 22).ShouldBeNull();

        var damage = replay.End(out var log);

        if (!isStoodFor) damage.ShouldNotBeNull().ShouldContain("nothing stands for them");
        else (damage, log.Base, log.Entries.Single().Id).ShouldBe((null, Id(146, 11), Id(147, 11)));
    }

    [Fact, Trait("RaftBug", "B55")]
    public void What_a_new_beginning_made_void_may_be_deleted_in_part()
    {
        var replay = new LogReplay();
        replay.Add(new LogCompacted(Storage, Id(142, 11)), 20).ShouldBeNull();
        replay.Add(new EntriesAppended(Id(146, 11), [Entry(147, 11)]), 21).ShouldBeNull();
        replay.Add(new LogRestarted(Id(150, 11)), 22).ShouldBeNull();
        replay.Add(new EntriesAppended(Id(150, 11), [Entry(151, 12)]), 23).ShouldBeNull();

        replay.End(out var log).ShouldBeNull();
        (log.Base, log.Entries.Single().Id).ShouldBe((Id(150, 11), Id(151, 12)));
    }

    [Fact]
    public void A_gap_in_a_log_of_which_nothing_was_deleted_is_damage()
    {
        var replay = new LogReplay();
        replay.Add(new LogStarted(Storage), 1).ShouldBeNull();
        replay.Add(new EntriesAppended(EntryId.Zero, [Entry(1, 1)]), 2).ShouldBeNull();

        replay.Add(new EntriesAppended(Id(2, 1), [Entry(3, 1)]), 3).ShouldNotBeNull();
    }

    /// <summary>Many at once hold up the writes of SQLite for hundreds of milliseconds, and so does a deletion beside a write.</summary>
    [Fact]
    public void Events_are_deleted_a_few_at_a_time_and_never_beside_a_write()
    {
        var journal = CreatedLog(_node, _disk.Options);
        for (var i = 1; i <= 100; i++) Appends(journal, i, i == 1 ? EntryId.Zero : Id(i - 1, 1), Entry(i, 1));

        journal.Tell(new CompactLog(Id(100, 1)));
        for (var i = 101; i <= 160; i++) Appends(journal, i, Id(i - 1, 1), Entry(i, 1));

        AwaitAssert(() => _disk.Deletions.Sum().ShouldBe(101));
        _disk.Deletions.ShouldAllBe(events => events <= 20);
        _node.ExpectNoMsg(Quiet);
        Replayed(journal, Id(100, 1), [.. Enumerable.Range(101, 60).Select(i => Entry(i, 1))]);
    }

    [Fact]
    public void Of_large_events_no_more_are_deleted_at_once_than_make_up_a_few_MiB()
    {
        var journal = CreatedLog(_node, _disk.Options);
        for (var i = 1; i <= 10; i++) Appends(journal, i, i == 1 ? EntryId.Zero : Id(i - 1, 1), Entry(i, 1, bytes: 1 << 20));

        journal.Tell(new CompactLog(Id(10, 1)));

        AwaitAssert(() => _disk.Deletions.ShouldBe([3, 2, 2, 2, 2], "the beginning, which has no entries, goes with the first two"));
    }

    /// <summary>What is deleted may have to be read first: that must not take the disk from the writes of other files on it.</summary>
    [Fact]
    public void No_more_is_deleted_in_a_second_than_the_disk_bears()
    {
        var time = new FakeTimeProvider();
        var journal = CreatedLog(_node, _disk.Options with { Time = time });
        for (var i = 1; i <= 10; i++) Appends(journal, i, i == 1 ? EntryId.Zero : Id(i - 1, 1), Entry(i, 1, bytes: 1 << 20));

        journal.Tell(new CompactLog(Id(10, 1)));
        AwaitAssert(() => _disk.Deletions.ShouldBe([3]));
        for (var i = 11; i <= 30; i++) Appends(journal, i, Id(i - 1, 1), Entry(i, 1));

        _disk.Deletions.ShouldBe([3], "small writes give no reason to hurry");
        time.Advance(TimeSpan.FromMilliseconds(130));
        AwaitAssert(() => _disk.Deletions.ShouldBe([3, 2], "two MiB in an eighth of a second"));
    }

    [Fact]
    public void Deletion_of_large_events_keeps_up_when_there_is_always_something_to_write()
    {
        var journal = CreatedLog(_node, _disk.Options with { Time = new FakeTimeProvider() });
        _disk.HoldsWrites = true;
        for (var i = 1; i <= 9; i++) journal.Tell(Append(i, i == 1 ? EntryId.Zero : Id(i - 1, i - 1), Entry(i, i, bytes: 1 << 20)));
        journal.Tell(new CompactLog(Id(4, 4)));
        for (var i = 10; i <= 13; i++) journal.Tell(Append(i, Id(i - 1, i - 1), Entry(i, i, bytes: 1 << 20)));

        // Nine entries, the mark, and two of the four that come after it: the last is not written yet, so that there always was one to write.
        for (var i = 1; i <= 12; i++) _disk.NextWrite().Store();
        _disk.NextWrite();

        _disk.Deletions.Sum().ShouldBe(5, "the beginning and the four entries");
    }

    [Fact]
    public void Deletion_goes_on_when_there_is_always_something_to_write()
    {
        var journal = CreatedLog(_node, _disk.Options);
        _disk.HoldsWrites = true;
        journal.Tell(Append(1, EntryId.Zero, Entry(1, 1)));
        var write = _disk.NextWrite();
        for (var i = 2; i <= 15; i++)
        {
            // Each of another leader's, so that none is joined; and the next one waits whenever one ends.
            journal.Tell(Append(i, Id(i - 1, i - 1), Entry(i, i)));
            if (i == 3) journal.Tell(new CompactLog(Id(1, 1)));
            if (i < 4) continue;
            write.Store();
            write = _disk.NextWrite();
        }

        while (_disk.Deletions.Count == 0)
        {
            write.Store();
            write = _disk.NextWrite();
        }

        write.Event.ShouldNotBeNull();
    }

    [Fact]
    public void Events_that_cannot_be_deleted_are_told_of_and_do_no_harm()
    {
        _disk.FailsDeletions = true;
        var journal = CreatedLog(_node, _disk.Options);
        Appends(journal, 1, EntryId.Zero, Entry(1, 1), Entry(2, 1));

        journal.Tell(new CompactLog(Id(2, 1)));

        _node.ExpectMsg<CompactionFailed>().Cause.Message.ShouldContain("nothing can be deleted");
        Appends(journal, 2, Id(2, 1), Entry(3, 1));
        Replayed(journal, Id(2, 1), Entry(3, 1));
    }

    [Fact, Trait("RaftBug", "B55")]
    public void A_log_that_begins_anew_has_nothing_of_what_was_before()
    {
        var journal = CreatedLog(_node, _disk.Options);
        Appends(journal, 1, EntryId.Zero, Entry(1, 1), Entry(2, 1), Entry(3, 1));

        journal.Tell(new RestartLog(2, Id(2, 5)));
        _node.ExpectWritten<EntriesPersisted>().ShouldBe(new EntriesPersisted(2, Id(2, 5)));
        Appends(journal, 3, Id(2, 5), Entry(3, 6));
        journal.Tell(new CompactLog(Id(2, 5)));

        AwaitAssert(() => _disk.Deletions.ShouldBe([3], "whatever was before is void, and the mark says where it begins"));
        Replayed(journal, Id(2, 5), Entry(3, 6));
    }

    /// <summary>Whatever is appended, cut, compacted and begun anew: a new actor finds the log as the last acknowledgement left it.</summary>
    [Fact, Trait("RaftBug", "B30"), Trait("RaftBug", "B53")]
    public void Any_log_that_is_compacted_and_begun_anew_replays_to_what_it_was()
    {
        var run = 0;
        Gen.Select(Gen.Int[0, 9], Gen.Int[0, 6], Gen.Int[1, 4]).Array[1, 60].Sample(steps =>
        {
            var node = NodeId.Parse($"n{run++}");
            var props = LogJournal.Props(Cluster, Group, node, _disk.Options with { MaxEventBytes = 300 });
            var journal = _node.ChildActorOf(props);
            _node.ExpectMsg<LogJournalRecovered>();
            journal.Tell(new CreateLog(Storage));
            _node.ExpectMsg<LogCreated>();

            var (from, log, term, write, floor) = (EntryId.Zero, new List<LogEntry>(), 1L, 0L, LogIndex.Zero);
            EntryId LastOf() => log.Count > 0 ? log[^1].Id : from;
            foreach (var (kind, a, b) in steps)
            {
                if (kind < 6)
                {
                    // Nothing is cut that a snapshot stands for.
                    var cut = kind < 2 ? (int)Math.Clamp(LastOf().Index - floor, 0, a) : 0;
                    if (cut > 0) term++;
                    log.RemoveRange(log.Count - cut, cut);
                    var previous = LastOf();
                    LogEntry[] entries = [.. Enumerable.Range(1, b).Select(i => Entry(previous.Index.Value + i, term, bytes: 100))];
                    log.AddRange(entries);
                    journal.Tell(Append(++write, previous, entries));
                    _node.FishForMessage(message => message is Written { Input: EntriesPersisted done } && done.Last == entries[^1].Id);
                }
                else if (kind < 9)
                {
                    if (log.Count == 0) continue;
                    var gone = Math.Min(log.Count, a + 1);
                    from = log[gone - 1].Id;
                    floor = LogIndex.Max(floor, from.Index);
                    log.RemoveRange(0, gone);
                    journal.Tell(new CompactLog(from));
                }
                else
                {
                    from = Id(LastOf().Index.Value + a, ++term);
                    if (from.Index == LogIndex.Zero) from = Id(1, term);
                    floor = from.Index;
                    log.Clear();
                    journal.Tell(new RestartLog(++write, from));
                    journal.Tell(new CompactLog(from));
                    _node.FishForMessage(message => message is Written { Input: EntriesPersisted done } && done.Last == from);
                }
            }

            FinishAndWait(_node, journal);
            var again = _node.ChildActorOf(props);
            var found = _node.ExpectMsg<LogJournalRecovered>();
            found.Storage.ShouldBe(Storage);
            // What was compacted last may still be there.
            found.Base.Index.ShouldBeLessThanOrEqualTo(from.Index);
            found.Entries.SkipWhile(entry => entry.Index <= from.Index).ShouldBe(log);
            (found.Entries.Count > 0 ? found.Entries[^1].Id : found.Base).ShouldBe(LastOf());
            FinishAndWait(_node, again);
        }, iter: 150, threads: 1);
    }

    public static TheoryData<string> DamagedLogs => [.. Damaged.Keys];

    static readonly Dictionary<string, JournalEvent[]> Damaged = new()
    {
        ["nothing stands for what is gone"] = [Stored(Id(2, 1), Entry(3, 1))],
        ["what is left begins behind the compacted entry"] = [Stored(Id(3, 1), Entry(4, 1)), new LogCompacted(Storage, Id(2, 1))],
        ["the compacted entry is another one"] = [Stored(Id(2, 1), Entry(3, 1)), new LogCompacted(Storage, Id(3, 2))],
        ["what is left follows another entry"] = [Stored(Id(2, 1), Entry(3, 1)), new LogCompacted(Storage, Id(2, 2))],
        ["entries do not follow the compacted one"] = [new LogCompacted(Storage, Id(2, 2)), Stored(Id(2, 1), Entry(3, 3))],
        ["two storages"] = [Stored(Id(2, 1), Entry(3, 1)), new LogCompacted(Storage, Id(2, 1)), new LogCompacted(new StorageId(new string('f', 32)), Id(3, 1))],
    };

    [Theory, MemberData(nameof(DamagedLogs))]
    public void A_damaged_compacted_log_fails_recovery_loudly(string what)
    {
        var sequenceNr = 5;
        foreach (var stored in Damaged[what]) _disk.Plant(LogId, sequenceNr++, stored);

        ExpectFailure(_node, StartLog(_node, _disk.Options), JournalKind.Log).Cause.ShouldBeOfType<RaftInvariantException>();
    }

    static EntriesAppended Stored(EntryId previous, params LogEntry[] entries) => new(previous, entries);

    void Appends(IActorRef journal, long writeId, EntryId previous, params LogEntry[] entries)
    {
        journal.Tell(Append(writeId, previous, entries));
        _node.ExpectWritten<EntriesPersisted>().Last.ShouldBe(entries[^1].Id);
    }

    void Replayed(IActorRef journal, EntryId from, params LogEntry[] entries)
    {
        FinishAndWait(_node, journal);
        StartLog(_node, _disk.Options);
        var found = _node.ExpectMsg<LogJournalRecovered>();
        found.Storage.ShouldBe(Storage);
        found.Base.ShouldBe(from);
        found.Entries.ShouldBe(entries);
    }
}
