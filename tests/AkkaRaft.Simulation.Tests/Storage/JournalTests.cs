using Akka.Actor;
using Akka.Configuration;
using Akka.Persistence;
using AkkaRaft.Consensus;
using AkkaRaft.Journals;
using AkkaRaft.TestKit;
using AkkaRaft.TestKit.Storage;
using Shouldly;
using Xunit;

namespace AkkaRaft.Simulation.Tests.Storage;

/// <summary>The library's own journals and a user's persistent actor on a disk on which nothing goes wrong but crashes.</summary>
public sealed class JournalTests : IDisposable
{
    static readonly NodeId One = NodeId.Parse("1");
    static readonly string TermId = NodeJournal.PersistenceIdOf(JournalKind.Term, SimulatedNode.Cluster, SimulatedNode.Group, SimulatedNode.Id);
    static readonly string LogId = NodeJournal.PersistenceIdOf(JournalKind.Log, SimulatedNode.Cluster, SimulatedNode.Group, SimulatedNode.Id);

    readonly SimulatedNode _node = new();

    public void Dispose() => _node.Dispose();

    [Fact]
    public void A_node_accepts_the_simulated_journal() =>
        JournalPolicy.Check(_node.System, "", allowInMemory: false).ShouldBe(SimulatedStorage.JournalPluginId);

    [Fact]
    public void Identity_term_and_vote_come_back_after_a_crash()
    {
        var term = _node.StartTerm();
        _node.RunOn();
        term.Last.ShouldBe(new TermJournalRecovered(null, Term.Zero, null));
        term.Tell(new StoreIdentity(SimulatedNode.Identity));
        term.Tell(new PersistTerm(new Term(4), One));
        _node.RunOn();
        term.Heard[1..].ShouldBe([new IdentityStored(SimulatedNode.Identity), new Written(new TermPersisted(new Term(4), One))]);

        _node.CrashAndBoot();

        var again = _node.StartTerm();
        _node.RunOn();
        var found = again.Heard.ShouldHaveSingleItem().ShouldBeOfType<TermJournalRecovered>();
        found.Identity!.Storage.ShouldBe(SimulatedNode.Storage);
        (found.Term, found.VotedFor).ShouldBe((new Term(4), One));
    }

    [Fact]
    public void Entries_come_back_after_a_crash()
    {
        StoreEntries(Entry(1, 1), Entry(2, 1), Entry(3, 2));

        _node.CrashAndBoot();

        var again = _node.StartLog();
        _node.RunOn();
        var found = again.Heard.ShouldHaveSingleItem().ShouldBeOfType<LogJournalRecovered>();
        found.Storage.ShouldBe(SimulatedNode.Storage);
        found.Entries.Select(entry => entry.Id).ShouldBe([Id(1, 1), Id(2, 1), Id(3, 2)]);
    }

    /// <summary>What comes back was read from bytes: it is equal to what was written, and another object.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Events_lie_on_the_disk_as_bytes_unless_objects_are_asked_for(bool keepsObjects)
    {
        using var node = new SimulatedNode(keepsObjects: keepsObjects);
        var term = node.StartTerm();
        node.RunOn();
        term.Tell(new StoreIdentity(SimulatedNode.Identity));
        node.RunOn();

        var again = node.StartTerm();
        node.RunOn();

        var found = again.Heard.ShouldHaveSingleItem().ShouldBeOfType<TermJournalRecovered>().Identity;
        ReferenceEquals(found, SimulatedNode.Identity).ShouldBe(keepsObjects);
        found!.FirstConfiguration.Voters.ShouldBe(SimulatedNode.Identity.FirstConfiguration.Voters);
        (node.Disk.Counters.Bytes > 0).ShouldBe(!keepsObjects);
    }

    [Fact]
    public void The_disk_reports_each_event_when_it_is_durable_and_before_it_is_acknowledged()
    {
        var term = _node.StartTerm();
        _node.RunOn();
        term.Tell(new StoreIdentity(SimulatedNode.Identity));
        _node.Settle();
        _node.Stored.ShouldBeEmpty();

        _node.StepUntil(() => _node.Stored.Count > 0);

        _node.Stored.ShouldBe([(TermId, new IdentityRecorded(SimulatedNode.Identity))]);
        term.Heard.Count.ShouldBe(1);
        _node.Settle();
        term.Last.ShouldBe(new IdentityStored(SimulatedNode.Identity));
    }

    [Fact]
    public void The_report_is_in_the_order_of_the_disk()
    {
        var term = _node.StartTerm();
        var log = _node.StartLog();
        _node.RunOn();
        term.Tell(new StoreIdentity(SimulatedNode.Identity));
        _node.RunOn();
        log.Tell(new CreateLog(SimulatedNode.Storage));
        _node.RunOn();
        term.Tell(new PersistTerm(new Term(1), One));
        _node.RunOn();
        log.Tell(new AppendToLog(1, EntryId.Zero, [Entry(1, 1)]));
        _node.RunOn();

        _node.Stored.Select(stored => stored.Id).ShouldBe([TermId, LogId, TermId, LogId]);
        _node.Stored.Select(stored => stored.Event.GetType()).ShouldBe([typeof(IdentityRecorded), typeof(LogStarted), typeof(TermChanged), typeof(EntriesAppended)]);
        _node.Disk.Counters.Events.ShouldBe(4);
    }

    /// <summary>AsyncWriteJournal answers in the order of the requests, whichever is on disk first.</summary>
    [Fact]
    public void Answers_come_in_the_order_of_the_requests()
    {
        var slow = _node.Start(Ledger.Props("slow"));
        var quick = _node.Start(Ledger.Props("quick"));
        _node.RunOn();

        _node.Disk.Faults = new DiskFaults { StallProbability = 1, StallTime = TimeSpan.FromSeconds(1) };
        slow.Tell(new Add(1));
        _node.Settle();
        _node.Disk.Faults = DiskFaults.None;
        quick.Tell(new Add(2));
        _node.RunFor(TimeSpan.FromMilliseconds(500));

        _node.Stored.ShouldBe([("quick", new Added(2))]);
        quick.Last.ShouldBe("recovered  at 0");
        _node.RunOn();
        (slow.Last, quick.Last).ShouldBe(("added 1", "added 2"));
    }

    [Fact]
    public void Persistent_actors_of_other_ids_see_nothing_of_each_other()
    {
        Store("a", new Add(1));
        Store("b", new Add(2));
        _node.CrashAndBoot();

        Recovered("a").ShouldBe("recovered 1 at 1");
        Recovered("b").ShouldBe("recovered 2 at 1");
        Recovered("c").ShouldBe("recovered  at 0");
    }

    /// <summary>Else a recovered actor would give a number twice, and its new events would be taken for the old ones.</summary>
    [Fact]
    public void Deleted_events_are_gone_and_their_numbers_are_not_used_again()
    {
        Store("a", new AddAll(1, 2, 3), new Forget(2));
        _node.CrashAndBoot();
        Recovered("a").ShouldBe("recovered 3 at 3");

        Store("a", new Forget(3));
        _node.CrashAndBoot();

        Recovered("a").ShouldBe("recovered  at 3");
    }

    [Fact]
    public void A_system_without_a_disk_says_so_when_it_starts_the_plugin()
    {
        using var system = new PumpedSystem(null, ConfigurationFactory.ParseString(SimulatedStorage.Hocon));

        Should.Throw<ConfigurationException>(() => SimulatedDiskSetup.DiskOf(system.System)).Message.ShouldContain("without a disk");
    }

    [Fact]
    public void A_stored_event_that_cannot_be_read_fails_the_recovery()
    {
        _node.Disk.Contents.Add("a", new StoredEvent(1, "w", 0, "", StoredPayload.AsBytes(_node.System, new Added(1))));
        _node.Disk.Contents.Add("a", new StoredEvent(2, "w", 0, "", StoredPayload.AsBytes(_node.System, new Unreadable())));

        var ledger = _node.Start(Ledger.Props("a"));
        _node.RunOn();

        ledger.Heard.Count.ShouldBe(2);
        ledger.Heard[0].ShouldBeOfType<string>().ShouldStartWith("not recovered: ");
        ledger.Last.ShouldBe("stopped");
    }

    [Fact]
    public void Events_of_two_writers_at_once_fail_the_recovery()
    {
        foreach (var (number, writer) in new[] { (1L, "w1"), (2L, "w2"), (3L, "w1") })
            _node.Disk.Contents.Add("a", new StoredEvent(number, writer, 0, "", StoredPayload.AsBytes(_node.System, new Added(1))));

        var ledger = _node.Start(Ledger.Props("a"));
        _node.RunOn();

        ledger.Heard[0].ShouldBe("not recovered: IllegalStateException");
    }

    void StoreEntries(params LogEntry[] entries)
    {
        var log = _node.StartLog();
        _node.RunOn();
        log.Tell(new CreateLog(SimulatedNode.Storage));
        _node.RunOn();
        log.Tell(new AppendToLog(1, EntryId.Zero, entries));
        _node.RunOn();
        log.Last.ShouldBeOfType<Written>().Input.ShouldBe(new EntriesPersisted(1, entries[^1].Id));
    }

    void Store(string id, params object[] commands)
    {
        var ledger = _node.Start(Ledger.Props(id));
        foreach (var command in commands)
        {
            _node.RunOn();
            ledger.Tell(command);
        }

        _node.RunOn();
    }

    object? Recovered(string id)
    {
        var ledger = _node.Start(Ledger.Props(id));
        _node.RunOn();
        return ledger.Heard.ShouldHaveSingleItem();
    }

    static EntryId Id(long index, long term) => new(new LogIndex(index), new Term(term));

    static LogEntry Entry(long index, long term) => new CommandEntry(Id(index, term), DateTimeOffset.UnixEpoch, new Payload(1, "c", new byte[] { 7 }));

    /// <summary>Something that its serializer writes but cannot read.</summary>
    public sealed class Unreadable
    {
        public int Value
        {
            get => 1;
            set => throw new InvalidOperationException($"{value} cannot be read.");
        }
    }
}
