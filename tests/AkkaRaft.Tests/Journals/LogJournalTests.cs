using Akka.Actor;
using Akka.Persistence;
using Akka.TestKit;
using AkkaRaft.Consensus;
using AkkaRaft.Journals;
using CsCheck;
using Shouldly;
using Xunit;

namespace AkkaRaft.Tests.Journals;

/// <summary>The log journal over a disk that the test controls.</summary>
public sealed class LogJournalTests : JournalSpec
{
    readonly FaultyDisk _disk;
    readonly TestProbe _node;

    public LogJournalTests() : this(new FaultyDisk())
    {
    }

    LogJournalTests(FaultyDisk disk) : base(disk.Config)
    {
        _disk = disk;
        _node = CreateTestProbe();
    }

    protected override void AfterAll()
    {
        base.AfterAll();
        _disk.Dispose();
    }

    [Fact]
    public void Entries_are_acknowledged_only_when_they_are_on_disk()
    {
        var journal = CreatedLog(_node, _disk.Options);
        _disk.HoldsWrites = true;

        journal.Tell(Append(1, EntryId.Zero, Entry(1, 1), Entry(2, 1)));
        var write = _disk.NextWrite();
        _node.ExpectNoMsg(Quiet);
        write.Store();

        _node.ExpectWritten<EntriesPersisted>().ShouldBe(new EntriesPersisted(1, Id(2, 1)));
        _disk.Events(LogId).Count.ShouldBe(2);
    }

    /// <summary>Group commit: what queues up while an event is being written becomes one event, with one ack for all.</summary>
    [Fact]
    public void Requests_that_queue_during_a_write_become_one_event()
    {
        var journal = CreatedLog(_node, _disk.Options);
        _disk.HoldsWrites = true;

        journal.Tell(Append(1, EntryId.Zero, Entry(1, 1)));
        var first = _disk.NextWrite();
        journal.Tell(Append(2, Id(1, 1), Entry(2, 1)));
        journal.Tell(Append(3, Id(2, 1), Entry(3, 1), Entry(4, 1)));
        journal.Tell(Append(4, Id(4, 1), Entry(5, 1)));
        Processed(journal);
        _disk.HeldWrites.ShouldBe(0);
        first.Store();
        _node.ExpectWritten<EntriesPersisted>().ShouldBe(new EntriesPersisted(1, Id(1, 1)));
        var second = _disk.NextWrite();
        second.Store();

        _node.ExpectWritten<EntriesPersisted>().ShouldBe(new EntriesPersisted(4, Id(5, 1)));
        second.Event.ShouldBeOfType<EntriesAppended>().Previous.ShouldBe(Id(1, 1));
        Overlay(_disk.Events(LogId)).ShouldBe([Entry(1, 1), Entry(2, 1), Entry(3, 1), Entry(4, 1), Entry(5, 1)]);
    }

    /// <summary>The trace tells what each event stored, and whose entries those are.</summary>
    [Fact]
    public void A_confirmation_carries_the_event_that_was_stored()
    {
        var journal = CreatedLog(_node, _disk.Options);
        _disk.HoldsWrites = true;

        journal.Tell(Append(1, EntryId.Zero, Entry(1, 1)));
        var first = _disk.NextWrite();
        journal.Tell(Append(2, Id(1, 1), Entry(2, 1)) with { LeaderTerm = new Term(3) });
        journal.Tell(Append(3, Id(2, 1), Entry(3, 3)));
        Processed(journal);
        first.Store();
        var told = _node.ExpectEvent();
        (told.LeaderTerm, told.Previous, told.Entries[^1].Id).ShouldBe((new Term(1), EntryId.Zero, Id(1, 1)));
        var second = _disk.NextWrite();
        second.Store();

        told = _node.ExpectEvent();
        (told.LeaderTerm, told.Previous).ShouldBe((new Term(3), Id(1, 1)));
        told.Entries.ShouldBe(second.Event.ShouldBeOfType<EntriesAppended>().Entries);
        told.Entries.ShouldBe([Entry(2, 1), Entry(3, 3)]);
    }

    /// <summary>Acks name the write and its last entry, so the ack of an entry that was cut meanwhile cannot stand for the one that replaced it.</summary>
    [Fact, Trait("RaftBug", "B38"), Trait("RaftBug", "B39")]
    public void The_ack_of_a_cut_entry_names_that_entry_and_no_other()
    {
        var journal = CreatedLog(_node, _disk.Options);
        _disk.HoldsWrites = true;

        journal.Tell(Append(1, EntryId.Zero, Entry(1, 1), Entry(2, 1), Entry(3, 1)));
        var first = _disk.NextWrite();
        journal.Tell(Append(2, Id(1, 1), Entry(2, 2)));
        journal.Tell(Append(3, EntryId.Zero, Entry(1, 3), Entry(2, 3)));
        journal.Tell(Append(4, Id(1, 3), Entry(2, 4), Entry(3, 4)));
        Processed(journal);
        first.Store();
        _node.ExpectWritten<EntriesPersisted>().ShouldBe(new EntriesPersisted(1, Id(3, 1)));
        foreach (var (id, last) in new[] { (2, Id(2, 2)), (3, Id(2, 3)), (4, Id(3, 4)) })
        {
            _disk.NextWrite().Store();
            _node.ExpectWritten<EntriesPersisted>().ShouldBe(new EntriesPersisted(id, last));
        }

        _disk.Events(LogId).Count.ShouldBe(5);
        Overlay(_disk.Events(LogId)).ShouldBe([Entry(1, 3), Entry(2, 4), Entry(3, 4)]);
    }

    /// <summary>Whatever is asked and whenever the disk is done: at each ack the disk holds exactly the log as of the acknowledged write, so a crash leaves
    /// a log that the node had; and a new actor replays it.</summary>
    [Fact, Trait("RaftBug", "B30"), Trait("RaftBug", "B38")]
    public void Any_appends_and_cuts_replay_to_the_log_that_was_acknowledged()
    {
        _disk.HoldsWrites = true;
        var run = 0;
        AppendScript.Gen.Sample(script =>
        {
            var node = NodeId.Parse($"n{run++}");
            var id = NodeJournal.PersistenceIdOf(JournalKind.Log, Cluster, Group, node);
            var props = LogJournal.Props(Cluster, Group, node, _disk.Options with { MaxEventBytes = 600 });
            var journal = _node.ChildActorOf(props);
            _node.ExpectMsg<LogJournalRecovered>().Entries.ShouldBeEmpty();
            journal.Tell(new CreateLog(Storage));
            _disk.NextWrite().Store();
            _node.ExpectMsg<LogCreated>();

            var acknowledged = 0L;
            var last = EntryId.Zero;
            foreach (var step in script.Steps)
            {
                journal.Tell(step.Request);
                if (step.DiskWrites) Acknowledge();
            }

            while (acknowledged < script.Steps.Count || last != script.LogAfter(acknowledged)[^1].Id) Acknowledge();

            FinishAndWait(_node, journal);
            var again = _node.ChildActorOf(props);
            _node.ExpectMsg<LogJournalRecovered>().Entries.ShouldBe(script.LogAfter(acknowledged));
            FinishAndWait(_node, again);

            void Acknowledge()
            {
                _disk.NextWrite().Store();
                var ack = _node.ExpectWritten<EntriesPersisted>();
                ack.WriteId.ShouldBeGreaterThanOrEqualTo(acknowledged);
                acknowledged = ack.WriteId;
                last = ack.Last;
                // A request that is too large for one event is acknowledged part by part.
                var log = script.LogAfter(acknowledged).TakeWhile(entry => entry.Index <= last.Index).ToList();
                last.ShouldBe(log[^1].Id);
                Overlay(_disk.Events(id)).ShouldBe(log);
            }
        }, iter: 200, threads: 1);
    }

    [Fact, Trait("RaftBug", "B95")]
    public void A_rejected_write_ends_the_journal_and_is_never_acknowledged()
    {
        var journal = CreatedLog(_node, _disk.Options);
        _disk.HoldsWrites = true;

        journal.Tell(Append(1, EntryId.Zero, Entry(1, 1)));
        journal.Tell(Append(2, Id(1, 1), Entry(2, 1)));
        _disk.NextWrite().Reject("no serializer");

        var failure = ExpectFailure(_node, journal, JournalKind.Log);
        failure.What.ShouldContain("rejected");
        failure.Cause.Message.ShouldContain("no serializer");
        _disk.HeldWrites.ShouldBe(0);
    }

    [Theory, Trait("RaftBug", "B95")]
    [InlineData(false)]
    [InlineData(true)]
    public void A_failed_write_ends_the_journal_and_only_a_replay_tells_whether_it_is_stored(bool stored)
    {
        var journal = CreatedLog(_node, _disk.Options);
        journal.Tell(Append(1, EntryId.Zero, Entry(1, 1)));
        _node.ExpectWritten<EntriesPersisted>();
        _disk.HoldsWrites = true;

        journal.Tell(Append(2, Id(1, 1), Entry(2, 1)));
        journal.Tell(Append(3, Id(2, 1), Entry(3, 1)));
        if (stored) _disk.NextWrite().StoreButFail("disk is full");
        else _disk.NextWrite().Fail("disk is full");

        ExpectFailure(_node, journal, JournalKind.Log).Cause.Message.ShouldContain("disk is full");
        _disk.HeldWrites.ShouldBe(0);
        StartLog(_node, _disk.Options);
        _node.ExpectMsg<LogJournalRecovered>().Entries.ShouldBe(stored ? [Entry(1, 1), Entry(2, 1)] : [Entry(1, 1)]);
    }

    [Fact]
    public void Finishing_waits_for_the_write_under_way_and_drops_the_rest()
    {
        var journal = CreatedLog(_node, _disk.Options);
        _disk.HoldsWrites = true;
        _node.Watch(journal);

        journal.Tell(Append(1, EntryId.Zero, Entry(1, 1)));
        var write = _disk.NextWrite();
        journal.Tell(Append(2, Id(1, 1), Entry(2, 1)));
        journal.Tell(FinishJournal.Instance);
        journal.Tell(Append(3, Id(2, 1), Entry(3, 1)));
        _node.ExpectNoMsg(Quiet);
        write.Store();

        _node.ExpectWritten<EntriesPersisted>().WriteId.ShouldBe(1);
        _node.ExpectTerminated(journal);
        Overlay(_disk.Events(LogId)).ShouldBe([Entry(1, 1)]);
        _disk.HeldWrites.ShouldBe(0);
    }

    [Fact]
    public void Finishing_with_nothing_to_write_stops_at_once()
    {
        var journal = CreatedLog(_node, _disk.Options);

        FinishAndWait(_node, journal);

        _node.ExpectNoMsg(Quiet);
    }

    [Fact]
    public void An_oversized_request_is_written_whole_and_alone()
    {
        var journal = CreatedLog(_node, _disk.Options with { MaxEventBytes = 1000 });
        _disk.HoldsWrites = true;

        journal.Tell(Append(1, EntryId.Zero, Entry(1, 1)));
        var first = _disk.NextWrite();
        journal.Tell(Append(2, Id(1, 1), Entry(2, 1, 100)));
        journal.Tell(Append(3, Id(2, 1), Entry(3, 1, 5000)));
        journal.Tell(Append(4, Id(3, 1), Entry(4, 1, 100)));
        Processed(journal);
        first.Store();
        _node.ExpectWritten<EntriesPersisted>().WriteId.ShouldBe(1);

        for (var id = 2; id <= 4; id++)
        {
            var write = _disk.NextWrite();
            write.Event.ShouldBeOfType<EntriesAppended>().Entries.Count.ShouldBe(1);
            write.Store();
            _node.ExpectWritten<EntriesPersisted>().ShouldBe(new EntriesPersisted(id, Id(id, 1)));
        }
    }

    public static TheoryData<string> WrongRequests => [.. Wrong.Keys];

    static readonly Dictionary<string, AppendToLog> Wrong = new()
    {
        ["no entries"] = Append(2, Id(2, 1)),
        ["a gap after the last entry"] = Append(2, Id(3, 1), Entry(4, 1)),
        ["a previous entry of another term"] = Append(2, Id(2, 2), Entry(3, 2)),
        ["the first entry overlaps the previous one"] = Append(2, Id(2, 1), Entry(2, 1)),
        ["the first entry leaves a gap"] = Append(2, Id(2, 1), Entry(4, 1)),
        ["a gap inside"] = Append(2, Id(2, 1), Entry(3, 1), Entry(5, 1)),
        ["terms that fall"] = Append(2, Id(2, 1), Entry(3, 2), Entry(4, 1)),
        ["a term before the previous one's"] = Append(2, Id(2, 1), Entry(3, 0)),
        ["a write id again"] = Append(1, Id(2, 1), Entry(3, 1)),
    };

    [Theory]
    [MemberData(nameof(WrongRequests))]
    public void A_request_that_does_not_continue_the_log_ends_the_journal_and_writes_nothing(string what)
    {
        var journal = CreatedLog(_node, _disk.Options);
        journal.Tell(Append(1, EntryId.Zero, Entry(1, 1), Entry(2, 1)));
        _node.ExpectWritten<EntriesPersisted>();

        journal.Tell(Wrong[what]);

        ExpectFailure(_node, journal, JournalKind.Log).Cause.ShouldBeOfType<RaftInvariantException>();
        Overlay(_disk.Events(LogId)).ShouldBe([Entry(1, 1), Entry(2, 1)]);
    }

    [Fact]
    public void Entries_before_the_log_was_created_end_the_journal()
    {
        var journal = StartLog(_node, _disk.Options);
        _node.ExpectMsg<LogJournalRecovered>();

        journal.Tell(Append(1, EntryId.Zero, Entry(1, 1)));

        ExpectFailure(_node, journal, JournalKind.Log).Cause.ShouldBeOfType<RaftInvariantException>();
        _disk.Events(LogId).ShouldBeEmpty();
    }

    public static TheoryData<string> DamagedLogs => [.. Damaged.Keys];

    static readonly Dictionary<string, JournalEvent[]> Damaged = new()
    {
        ["a gap in the indexes"] = [new LogStarted(Storage), Stored(EntryId.Zero, Entry(1, 1)), Stored(Id(2, 1), Entry(3, 1))],
        ["a previous entry of another term"] = [new LogStarted(Storage), Stored(EntryId.Zero, Entry(1, 1)), Stored(Id(1, 2), Entry(2, 2))],
        ["entries out of order"] = [new LogStarted(Storage), Stored(EntryId.Zero, Entry(2, 1), Entry(1, 1))],
        ["terms that fall"] = [new LogStarted(Storage), Stored(EntryId.Zero, Entry(1, 2), Entry(2, 1))],
        ["an event without entries"] = [new LogStarted(Storage), Stored(EntryId.Zero)],
        ["no beginning"] = [Stored(EntryId.Zero, Entry(1, 1))],
        ["two beginnings"] = [new LogStarted(Storage), new LogStarted(Storage)],
        ["an event of the term journal"] = [new LogStarted(Storage), new TermChanged(new Term(1), null)],
    };

    [Theory]
    [MemberData(nameof(DamagedLogs))]
    public void A_damaged_log_fails_recovery_loudly(string what)
    {
        var sequenceNr = 1;
        foreach (var stored in Damaged[what]) _disk.Plant(LogId, sequenceNr++, stored);

        var journal = StartLog(_node, _disk.Options);

        ExpectFailure(_node, journal, JournalKind.Log).Cause.ShouldBeOfType<RaftInvariantException>();
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void A_missing_event_fails_recovery_even_when_the_rest_fits(long missing)
    {
        JournalEvent[] events =
        [
            new LogStarted(Storage), Stored(EntryId.Zero, Entry(1, 1)), Stored(EntryId.Zero, Entry(1, 2)), Stored(EntryId.Zero, Entry(1, 3)),
        ];
        for (var i = 0; i < events.Length; i++) _disk.Plant(LogId, i + 1, events[i]);
        _disk.Forget(LogId, missing);

        var journal = StartLog(_node, _disk.Options);

        ExpectFailure(_node, journal, JournalKind.Log).Cause.ShouldBeOfType<RaftInvariantException>().Message.ShouldContain($"follows event {missing - 1}");
    }

    [Fact]
    public void A_journal_that_cannot_be_read_fails_recovery()
    {
        _disk.Plant(LogId, 1, new LogStarted(Storage));
        _disk.Replays = Task.FromException(new IOException("unreadable sector"));

        var journal = StartLog(_node, _disk.Options);

        ExpectFailure(_node, journal, JournalKind.Log).Cause.Message.ShouldContain("unreadable sector");
    }

    /// <summary>Akka gives a silent plug-in up after its recovery-event-timeout: the node hears of it and can try again.</summary>
    [Fact]
    public void A_journal_that_never_answers_fails_recovery()
    {
        _disk.Plant(LogId, 1, new LogStarted(Storage));
        _disk.Replays = new TaskCompletionSource().Task;

        var journal = StartLog(_node, _disk.ImpatientOptions);

        ExpectFailure(_node, journal, JournalKind.Log).Cause.ShouldBeOfType<RecoveryTimedOutException>();
    }

    /// <summary>The plug-in's call-timeout ends a write that hangs; should the disk do it after all, nobody is told.</summary>
    [Fact, Trait("RaftBug", "B95")]
    public void A_write_that_hangs_ends_the_journal_and_its_late_success_is_not_acknowledged()
    {
        var journal = CreatedLog(_node, _disk.ImpatientOptions);
        _disk.HoldsWrites = true;

        journal.Tell(Append(1, EntryId.Zero, Entry(1, 1)));
        var write = _disk.NextWrite();
        ExpectFailure(_node, journal, JournalKind.Log).What.ShouldContain("whether it is stored is not known");
        write.Store();

        _node.ExpectNoMsg(Quiet);
        StartLog(_node, _disk.Options);
        _node.ExpectMsg<LogJournalRecovered>().Entries.ShouldBe([Entry(1, 1)]);
    }

    [Fact]
    public void A_plug_in_that_does_not_exist_is_reported_as_a_failure()
    {
        var journal = StartLog(_node, new JournalOptions { JournalPluginId = "akka.persistence.journal.absent" });

        var failure = ExpectFailure(_node, journal, JournalKind.Log);
        failure.What.ShouldContain("akka.persistence.journal.absent");
    }

    /// <summary>The replay filter in mode fail: an event of a writer that another one had replaced is never taken.</summary>
    [Fact, Trait("RaftBug", "B94")]
    public void Two_writers_of_one_log_make_recovery_fail()
    {
        _disk.Plant(LogId, 1, new LogStarted(Storage), "first");
        _disk.Plant(LogId, 2, Stored(EntryId.Zero, Entry(1, 1)), "second");
        _disk.Plant(LogId, 3, Stored(Id(1, 1), Entry(2, 1)), "first");

        var journal = StartLog(_node, _disk.Options);

        ExpectFailure(_node, journal, JournalKind.Log).Cause.Message.ShouldContain("writer");
    }

    static EntriesAppended Stored(EntryId previous, params LogEntry[] entries) => new(previous, entries);

    // A message that the journal does not know comes back as unhandled: then everything sent before it has been taken up.
    void Processed(IActorRef journal)
    {
        var probe = CreateTestProbe();
        Sys.EventStream.Subscribe(probe, typeof(Akka.Event.UnhandledMessage));
        journal.Tell("are you there");
        probe.ExpectMsg<Akka.Event.UnhandledMessage>();
        Sys.EventStream.Unsubscribe(probe);
    }
}
