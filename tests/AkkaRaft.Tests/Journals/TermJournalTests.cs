using Akka.Actor;
using Akka.TestKit;
using AkkaRaft.Consensus;
using AkkaRaft.Journals;
using Shouldly;
using Xunit;

namespace AkkaRaft.Tests.Journals;

/// <summary>The term journal over a disk that the test controls.</summary>
public sealed class TermJournalTests : JournalSpec
{
    static readonly NodeId One = NodeId.Parse("1");
    static readonly NodeId Three = NodeId.Parse("3");

    readonly FaultyDisk _disk;
    readonly TestProbe _node;

    public TermJournalTests() : this(new FaultyDisk())
    {
    }

    TermJournalTests(FaultyDisk disk) : base(disk.Config)
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
    public void Identity_term_and_vote_come_back_after_a_restart()
    {
        var journal = IdentifiedTerm(_node, _disk.Options);
        journal.Tell(Change(1, One));
        _node.ExpectWritten<TermPersisted>();
        journal.Tell(Change(4));
        _node.ExpectWritten<TermPersisted>();
        journal.Tell(Change(4, Three));
        _node.ExpectWritten<TermPersisted>();
        FinishAndWait(_node, journal);

        StartTerm(_node, _disk.Options);

        _node.ExpectMsg<TermJournalRecovered>().ShouldBe(new TermJournalRecovered(Identity, new Term(4), Three));
    }

    /// <summary>Elections go on for years; what is stored of them does not grow.</summary>
    [Fact, Trait("RaftBug", "B05")]
    public void After_many_changes_all_is_written_anew_and_what_was_before_is_deleted()
    {
        var journal = IdentifiedTerm(_node, _disk.Options);
        for (var term = 1; term <= 100; term++)
        {
            journal.Tell(Change(term, term % 2 == 0 ? One : null));
            _node.ExpectWritten<TermPersisted>();
        }

        AwaitAssert(() => _disk.Events(TermId).Count.ShouldBeLessThanOrEqualTo(TermJournal.MaxChanges + 3));
        _disk.Events(TermId)[0].ShouldBe(new IdentityRecorded(Identity));
        FinishAndWait(_node, journal);
        StartTerm(_node, _disk.Options);
        _node.ExpectMsg<TermJournalRecovered>().ShouldBe(new TermJournalRecovered(Identity, new Term(100), One));
    }

    /// <summary>The node sends entries of a term to the log only after this ack, so the ack must not come before the term is on disk.</summary>
    [Fact, Trait("RaftBug", "B08")]
    public void A_term_is_acknowledged_only_when_it_is_on_disk()
    {
        var journal = IdentifiedTerm(_node, _disk.Options);
        _disk.HoldsWrites = true;

        journal.Tell(Change(2, One));
        var write = _disk.NextWrite();
        _node.ExpectNoMsg(Quiet);
        _disk.Events(TermId).ShouldBe([new IdentityRecorded(Identity)]);
        write.Store();

        _node.ExpectWritten<TermPersisted>().ShouldBe(new TermPersisted(new Term(2), One));
    }

    [Fact]
    public void Changes_that_queue_during_a_write_become_the_newest_one()
    {
        var journal = IdentifiedTerm(_node, _disk.Options);
        _disk.HoldsWrites = true;

        journal.Tell(Change(1));
        var first = _disk.NextWrite();
        journal.Tell(Change(1, One));
        journal.Tell(Change(2));
        journal.Tell(Change(3));
        journal.Tell(Change(3, Three));
        first.Store();
        _node.ExpectWritten<TermPersisted>().ShouldBe(new TermPersisted(new Term(1), null));
        var last = new TermPersisted(Term.Zero, null);
        while (last.Term < new Term(3) || last.VotedFor is null)
        {
            // How many there are depends on how far the actor's mailbox was emptied when the first write ended; each ack is of what is on disk.
            _disk.NextWrite().Store();
            last = _node.ExpectWritten<TermPersisted>();
            _disk.Events(TermId)[^1].ShouldBe(new TermChanged(last.Term, last.VotedFor));
        }

        last.ShouldBe(new TermPersisted(new Term(3), Three));
        _disk.HeldWrites.ShouldBe(0);
    }

    /// <summary>At each crash point of a change the journal has the old vote or the new one, never none.</summary>
    [Theory, Trait("RaftBug", "B05")]
    [InlineData(false)]
    [InlineData(true)]
    public void A_crash_during_a_change_leaves_the_old_vote_or_the_new_one(bool stored)
    {
        var journal = IdentifiedTerm(_node, _disk.Options);
        journal.Tell(Change(5, One));
        _node.ExpectWritten<TermPersisted>();
        _disk.HoldsWrites = true;

        journal.Tell(Change(6, Three));
        if (stored) _disk.NextWrite().StoreButFail("power lost");
        else _disk.NextWrite().Fail("power lost");

        ExpectFailure(_node, journal, JournalKind.Term);
        StartTerm(_node, _disk.Options);
        _node.ExpectMsg<TermJournalRecovered>().ShouldBe(
            stored ? new TermJournalRecovered(Identity, new Term(6), Three) : new TermJournalRecovered(Identity, new Term(5), One));
    }

    [Fact, Trait("RaftBug", "B95")]
    public void A_rejected_vote_ends_the_journal_and_is_never_acknowledged()
    {
        var journal = IdentifiedTerm(_node, _disk.Options);
        _disk.HoldsWrites = true;

        journal.Tell(Change(1, One));
        var write = _disk.NextWrite();
        journal.Tell(Change(2, Three));
        write.Reject("no serializer");

        ExpectFailure(_node, journal, JournalKind.Term).Cause.Message.ShouldContain("no serializer");
        _disk.Events(TermId).ShouldBe([new IdentityRecorded(Identity)]);
    }

    [Fact]
    public void Finishing_waits_for_the_write_under_way_and_drops_the_rest()
    {
        var journal = IdentifiedTerm(_node, _disk.Options);
        _disk.HoldsWrites = true;
        _node.Watch(journal);

        journal.Tell(Change(1));
        var write = _disk.NextWrite();
        journal.Tell(Change(2));
        journal.Tell(FinishJournal.Instance);
        _node.ExpectNoMsg(Quiet);
        write.Store();

        _node.ExpectWritten<TermPersisted>().ShouldBe(new TermPersisted(new Term(1), null));
        _node.ExpectTerminated(journal);
        _disk.HeldWrites.ShouldBe(0);
    }

    public static TheoryData<string> WrongRequests => [.. Wrong.Keys];

    static readonly Dictionary<string, object> Wrong = new()
    {
        ["a term that falls"] = Change(4),
        ["a vote taken back"] = Change(5),
        ["a second vote in one term"] = Change(5, Three),
        ["another identity"] = new StoreIdentity(Identity with { Storage = new StorageId("fedcba9876543210fedcba9876543210") }),
    };

    /// <summary>Raft 5.2: at most one vote in a term; and a term never falls.</summary>
    [Theory]
    [MemberData(nameof(WrongRequests))]
    public void A_change_that_breaks_a_promise_ends_the_journal_and_writes_nothing(string what)
    {
        var journal = IdentifiedTerm(_node, _disk.Options);
        journal.Tell(Change(5, One));
        _node.ExpectWritten<TermPersisted>();

        journal.Tell(Wrong[what]);

        ExpectFailure(_node, journal, JournalKind.Term).Cause.ShouldBeOfType<RaftInvariantException>();
        _disk.Events(TermId).Count.ShouldBe(2);
    }

    [Fact]
    public void A_term_before_the_identity_ends_the_journal()
    {
        var journal = StartTerm(_node, _disk.Options);
        _node.ExpectMsg<TermJournalRecovered>();

        journal.Tell(Change(1));

        ExpectFailure(_node, journal, JournalKind.Term).Cause.ShouldBeOfType<RaftInvariantException>();
        _disk.Events(TermId).ShouldBeEmpty();
    }

    [Fact]
    public void Another_nodes_identity_is_not_stored()
    {
        var journal = StartTerm(_node, _disk.Options);
        _node.ExpectMsg<TermJournalRecovered>();

        journal.Tell(new StoreIdentity(Identity with { Node = Three }));

        ExpectFailure(_node, journal, JournalKind.Term).Cause.ShouldBeOfType<RaftInvariantException>();
        _disk.Events(TermId).ShouldBeEmpty();
    }

    public static TheoryData<string> DamagedTerms => [.. Damaged.Keys];

    static readonly Dictionary<string, JournalEvent[]> Damaged = new()
    {
        ["a term that falls"] = [new IdentityRecorded(Identity), Stored(2), Stored(1)],
        ["a second vote in one term"] = [new IdentityRecorded(Identity), Stored(2, One), Stored(2, Three)],
        ["a term before the identity"] = [Stored(1)],
        ["two identities"] = [new IdentityRecorded(Identity), new IdentityRecorded(Identity with { Storage = new StorageId("fedcba9876543210fedcba9876543210") })],
        ["another node's identity"] = [new IdentityRecorded(Identity with { Node = Three })],
        ["an event of the log journal"] = [new IdentityRecorded(Identity), new LogStarted(Storage)],
    };

    [Theory]
    [MemberData(nameof(DamagedTerms))]
    public void A_damaged_term_journal_fails_recovery_loudly(string what)
    {
        var sequenceNr = 1;
        foreach (var stored in Damaged[what]) _disk.Plant(TermId, sequenceNr++, stored);

        var journal = StartTerm(_node, _disk.Options);

        ExpectFailure(_node, journal, JournalKind.Term).Cause.ShouldBeOfType<RaftInvariantException>();
    }

    /// <summary>Terms may jump, so only the sequence numbers show that a vote is missing.</summary>
    [Fact]
    public void A_missing_vote_fails_recovery()
    {
        JournalEvent[] events = [new IdentityRecorded(Identity), Stored(1, One), Stored(2, Three), Stored(3)];
        for (var i = 0; i < events.Length; i++) _disk.Plant(TermId, i + 1, events[i]);
        _disk.Forget(TermId, 3);

        var journal = StartTerm(_node, _disk.Options);

        ExpectFailure(_node, journal, JournalKind.Term).Cause.Message.ShouldContain("event 4 follows event 2");
    }

    static PersistTerm Change(long term, NodeId? vote = null) => new(new Term(term), vote);

    static TermChanged Stored(long term, NodeId? vote = null) => new(new Term(term), vote);
}
