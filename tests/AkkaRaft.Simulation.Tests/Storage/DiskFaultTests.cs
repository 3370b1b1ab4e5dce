using Akka.Actor;
using Akka.Persistence;
using AkkaRaft.TestKit;
using AkkaRaft.TestKit.Storage;
using Shouldly;
using Xunit;

namespace AkkaRaft.Simulation.Tests.Storage;

/// <summary>Each fault of a disk, as a user's persistent actor meets it and as its next life finds it.</summary>
public sealed class DiskFaultTests : IDisposable
{
    readonly SimulatedNode _node = new();

    public void Dispose() => _node.Dispose();

    [Theory]
    [InlineData(0, "recovered 1 at 1")]
    [InlineData(1, "recovered 1+2+3 at 3")]
    public void A_failed_write_stops_the_actor_and_may_be_on_disk_all_the_same(double stored, string found)
    {
        var ledger = Ready(new Add(1));
        _node.Disk.Faults = new DiskFaults { FailProbability = 1, FailedButStored = stored };
        ledger.Tell(new AddAll(2, 3));
        _node.RunOn();
        ledger.Heard[^2..].ShouldBe(["failed Added { Amount = 2 } at 2", "stopped"]);
        _node.Disk.Faults = DiskFaults.None;

        NextLife().ShouldBe(found);

        (_node.Disk.Counters.Failed, _node.Disk.Counters.FailedButStored).ShouldBe((1, (long)stored));
        _node.Stored.Count.ShouldBe(stored > 0 ? 3 : 1);
    }

    [Fact]
    public void Half_of_the_failed_writes_are_on_disk_unless_said_otherwise()
    {
        _node.Disk.Faults = new DiskFaults { FailProbability = 1 };
        for (var i = 0; i < 200; i++)
        {
            var ledger = _node.Start(Ledger.Props($"ledger-{i}"));
            _node.RunFor(TimeSpan.FromMilliseconds(10));
            ledger.Tell(new Add(i));
        }

        _node.RunOn();

        _node.Disk.Counters.Failed.ShouldBe(200);
        _node.Disk.Counters.FailedButStored.ShouldBeInRange(70, 130);
        _node.Stored.Count.ShouldBe((int)_node.Disk.Counters.FailedButStored);
    }

    [Fact]
    public void A_rejected_write_is_not_on_disk_and_the_actor_lives_on()
    {
        var ledger = Ready();
        _node.Disk.Faults = new DiskFaults { RejectProbability = 1 };
        ledger.Tell(new AddAll(1, 2));
        _node.RunOn();
        _node.Disk.Faults = DiskFaults.None;
        ledger.Tell(new Add(3));
        _node.RunOn();

        ledger.Heard.ShouldBe(["recovered  at 0", "rejected 1", "rejected 2", "added 3"]);
        NextLife().ShouldBe("recovered 3 at 3");
        _node.Disk.Counters.Rejected.ShouldBe(1);
    }

    /// <summary>An event that no serializer can write is rejected; others are not concerned.</summary>
    [Fact]
    public void What_cannot_be_serialized_is_rejected()
    {
        var ledger = Ready();
        ledger.Tell(new AddUnwritable());
        _node.RunOn();

        ledger.Last.ShouldBe("rejected 1");
        NextLife().ShouldBe("recovered  at 0");
    }

    [Fact]
    public void A_read_error_fails_the_recovery_and_the_next_one_may_succeed()
    {
        Ready(new Add(1), new Add(2));
        _node.CrashAndBoot();
        _node.Disk.Faults = new DiskFaults { ReadErrorProbability = 1 };
        for (var i = 0; i < 20; i++) Recover().ShouldBe(["not recovered: IOException", "stopped"]);
        _node.Disk.Faults = DiskFaults.None;

        NextLife().ShouldBe("recovered 1+2 at 2");

        _node.Disk.Counters.ReadErrors.ShouldBe(20);
    }

    [Fact]
    public void A_read_error_may_come_at_once_or_after_any_of_the_events()
    {
        Ready(new AddAll(1, 2, 3));
        _node.Disk.Faults = new DiskFaults { ReadErrorProbability = 1 };
        var session = _node.Disk.Connect(TimeSpan.FromSeconds(10));
        var read = new HashSet<int>();
        for (var i = 0; i < 100; i++)
        {
            session.Read("ledger", 1, long.MaxValue, long.MaxValue, result =>
            {
                result.Failure.ShouldNotBeNull();
                read.Add(result.Events.Count);
            });
            _node.RunOn();
        }

        read.ShouldBe([0, 1, 2, 3], ignoreOrder: true);
    }

    [Theory]
    [InlineData(0, 0, "recovered 1 at 1")]
    [InlineData(1, 0, "recovered 1+2+3 at 3")]
    [InlineData(0, 1, "recovered 1 at 1")]
    public void A_crash_loses_or_keeps_a_write_under_way_as_a_whole(double whole, double prefix, string found)
    {
        var ledger = Ready(new Add(1));
        _node.Disk.Faults = new DiskFaults { CrashKeepsWhole = whole, CrashKeepsPrefix = prefix };
        ledger.Tell(new AddAll(2, 3));
        _node.Settle();
        _node.Disk.UnderWay.ShouldBe(1);
        var heard = ledger.Heard.Count;

        NextLife().ShouldBe(found);

        ledger.Heard.Count.ShouldBe(heard, "nobody answers into a life that is over");
        (_node.Disk.Counters.KeptWhole, _node.Disk.Counters.Lost).ShouldBe(((long)whole, 1 - (long)whole));
        _node.Stored.Count.ShouldBe(whole > 0 ? 3 : 1);
    }

    /// <summary>PersistAsync batches what queues up; the parts of a batch are atomic, the batch is not.</summary>
    [Fact]
    public void A_crash_may_keep_the_beginning_of_a_batch()
    {
        var ledger = Ready();
        _node.Disk.Faults = new DiskFaults { CrashKeepsWhole = 0, CrashKeepsPrefix = 1 };
        for (var i = 1; i <= 6; i += 2) ledger.Tell(new AddAsync(i, i + 1));
        _node.Settle();
        // The first event goes alone, the others when it is acknowledged.
        _node.StepUntil(() => _node.Stored.Count > 0);
        _node.Settle();
        _node.Disk.UnderWay.ShouldBe(1);

        var found = NextLife();

        found.ShouldBeOneOf("recovered 1+2 at 2", "recovered 1+2+3 at 3", "recovered 1+2+3+4 at 4", "recovered 1+2+3+4+5 at 5");
        _node.Disk.Counters.KeptPrefix.ShouldBe(1);
    }

    [Fact]
    public void A_crash_after_the_write_and_before_its_answer_loses_nothing()
    {
        var ledger = Ready();
        _node.Disk.Faults = new DiskFaults { CrashKeepsWhole = 0, CrashKeepsPrefix = 0 };
        ledger.Tell(new Add(1));
        _node.Settle();
        _node.StepUntil(() => _node.Stored.Count > 0);
        ledger.Last.ShouldBe("recovered  at 0");

        NextLife().ShouldBe("recovered 1 at 1");
    }

    [Fact]
    public void A_crash_draws_each_fate_as_often_as_it_should()
    {
        var disk = _node.Disk;
        for (var i = 1; i <= 300; i++)
        {
            NewAtomicWrite[] writes = [One(i, 1), One(i, 2)];
            disk.Connect(TimeSpan.FromSeconds(10)).Write($"id-{i}", writes, _ => throw new InvalidOperationException("A crash answers nothing."));
            disk.Crash();
            _node.RunOn();
        }

        disk.Counters.Crashes.ShouldBe(300);
        disk.Counters.KeptWhole.ShouldBeInRange(90, 150);
        disk.Counters.KeptPrefix.ShouldBeInRange(35, 85);
        (disk.Counters.KeptWhole + disk.Counters.KeptPrefix + disk.Counters.Lost).ShouldBe(300);
        disk.Counters.Events.ShouldBe((2 * disk.Counters.KeptWhole) + disk.Counters.KeptPrefix);

        static NewAtomicWrite One(int i, long number) =>
            new([new NewEvent(new StoredEvent(number, "w", 0, "", StoredPayload.AsObject(i)), i)], null);
    }

    /// <summary>A database cannot have a write without the one before it.</summary>
    [Fact]
    public void A_crash_keeps_nothing_that_came_after_what_it_lost()
    {
        var seen = new HashSet<(bool, bool)>();
        for (var i = 1; i <= 100; i++)
        {
            var session = _node.Disk.Connect(TimeSpan.FromSeconds(10));
            foreach (var number in new[] { 1L, 2L })
                session.Write($"id-{i}", [new NewAtomicWrite([new NewEvent(new StoredEvent(number, "w", 0, "", StoredPayload.AsObject(i)), i)], null)], _ => { });
            _node.Crash();
            seen.Add((_node.Disk.Contents.Holds($"id-{i}", 1), _node.Disk.Contents.Holds($"id-{i}", 2)));
        }

        seen.ShouldBe([(false, false), (true, false), (true, true)], ignoreOrder: true);
    }

    /// <summary>A life that is over may still have messages under way to the disk.</summary>
    [Fact]
    public void An_earlier_life_can_write_nothing_more()
    {
        var ledger = Ready();
        _node.CrashAndBoot();

        ledger.Tell(new Add(1));
        _node.RunOn();

        ledger.Last.ShouldBe("recovered  at 0");
        _node.Stored.ShouldBeEmpty();
        _node.Disk.UnderWay.ShouldBe(0);
    }

    [Fact]
    public void A_slow_write_takes_its_time()
    {
        var ledger = Ready();
        _node.Disk.Faults = new DiskFaults { SlowProbability = 1, SlowMin = TimeSpan.FromMilliseconds(100), SlowMax = TimeSpan.FromMilliseconds(200) };
        ledger.Tell(new Add(1));

        _node.RunFor(TimeSpan.FromMilliseconds(100));
        ledger.Last.ShouldBe("recovered  at 0");
        _node.RunFor(TimeSpan.FromMilliseconds(103));

        ledger.Last.ShouldBe("added 1");
        _node.Disk.Counters.Slow.ShouldBe(1);
    }

    [Fact]
    public void A_stalled_disk_does_nothing_until_it_goes_on()
    {
        var ledger = Ready();
        var other = _node.Start(Ledger.Props("other"));
        _node.RunOn();
        _node.Disk.Stall(TimeSpan.FromSeconds(3));
        ledger.Tell(new Add(1));
        other.Tell(new Add(2));

        _node.RunFor(TimeSpan.FromSeconds(2.9));
        _node.Stored.ShouldBeEmpty();
        _node.RunFor(TimeSpan.FromSeconds(0.2));

        (ledger.Last, other.Last).ShouldBe(("added 1", "added 2"));
    }

    [Fact]
    public void A_crash_ends_a_stall()
    {
        _node.Disk.Stall(TimeSpan.FromHours(1));
        _node.CrashAndBoot();

        Recover().ShouldBe(["recovered  at 0"]);
    }

    /// <summary>
    /// As with Akka.Persistence.Sql: the breaker reports a failure while the database still works; the write may succeed, and a recovery of the same actor waits for it.
    /// </summary>
    [Fact]
    public void A_write_that_hangs_fails_by_its_timeout_and_a_recovery_waits_for_its_end()
    {
        var ledger = Ready();
        _node.Disk.Faults = new DiskFaults { StallProbability = 1, StallTime = TimeSpan.FromSeconds(12) };
        ledger.Tell(new Add(1));
        _node.RunFor(TimeSpan.FromSeconds(9.9));
        ledger.Last.ShouldBe("recovered  at 0");
        _node.RunFor(TimeSpan.FromSeconds(0.2));
        ledger.Heard[^2..].ShouldBe(["failed Added { Amount = 1 } at 1", "stopped"]);
        _node.Disk.Faults = DiskFaults.None;

        var again = _node.Start(Ledger.Props("ledger"));
        _node.RunOn();
        again.Heard.ShouldBeEmpty();
        _node.RunOn();

        again.Last.ShouldBe("recovered 1 at 1");
        _node.Disk.Counters.TimedOut.ShouldBe(1);
    }

    [Fact]
    public void A_write_that_timed_out_is_answered_once()
    {
        var answers = new List<WriteResult>();
        _node.Disk.Faults = new DiskFaults { StallProbability = 1, StallTime = TimeSpan.FromSeconds(2) };
        _node.Disk.Connect(TimeSpan.FromSeconds(1)).Write(
            "a", [new NewAtomicWrite([new NewEvent(new StoredEvent(1, "w", 0, "", StoredPayload.AsObject("event")), "event")], null)], answers.Add);

        _node.RunFor(TimeSpan.FromSeconds(3));

        answers.ShouldHaveSingleItem().Failure.ShouldBeOfType<TimeoutException>();
        _node.Stored.ShouldBe([("a", "event")]);
    }

    [Fact]
    public void Later_operations_are_timed_out_each_by_its_own_start()
    {
        var first = Ready();
        var second = _node.Start(Ledger.Props("second"));
        _node.RunOn();
        _node.Disk.Stall(TimeSpan.FromSeconds(30));
        first.Tell(new Add(1));
        _node.RunFor(TimeSpan.FromSeconds(4));
        second.Tell(new Add(2));
        _node.RunFor(TimeSpan.FromSeconds(6.1));
        (first.Last, second.Last).ShouldBe(("stopped", "recovered  at 0"));

        _node.RunFor(TimeSpan.FromSeconds(4));

        second.Last.ShouldBe("stopped");
    }

    [Fact]
    public void Of_two_writers_one_is_refused()
    {
        var one = _node.Start(Ledger.Props("ledger"));
        var two = _node.Start(Ledger.Props("ledger"));
        _node.RunOn();
        one.Tell(new Add(1));
        _node.RunOn();
        two.Tell(new Add(2));
        _node.RunOn();

        one.Last.ShouldBe("added 1");
        two.Heard[^2..].ShouldBe(["failed Added { Amount = 2 } at 1", "stopped"]);
        _node.Disk.Counters.Conflicts.ShouldBe(1);
        NextLife().ShouldBe("recovered 1 at 1");
    }

    /// <summary>All that a run does is in its seed.</summary>
    [Fact]
    public void The_same_seed_gives_the_same_disk()
    {
        Story(1).ShouldBe(Story(1));
        Story(1).ShouldNotBe(Story(2));
    }

    /// <summary>Shrinking weakens faults one by one: the numbers drawn for the others must stay what they were.</summary>
    [Fact]
    public void Switching_a_fault_off_changes_no_other_draw()
    {
        var all = new DiskFaults { SlowProbability = 0.5, FailProbability = 0.5, StallProbability = 0.5 };
        var fewer = all with { FailProbability = 0, StallProbability = 0, FailedButStored = 0 };

        Draws(all).ShouldBe(Draws(fewer));

        static List<ulong> Draws(DiskFaults faults)
        {
            var random = new SimulationRandom(1, "disk");
            var dice = new DiskDice(random);
            var drawn = new List<ulong>();
            for (var i = 0; i < 20; i++)
            {
                dice.Latency(faults);
                dice.Failure(faults, 3);
                dice.IsRejected(faults);
                dice.ReadError(faults);
                drawn.Add(random.Bits());
            }

            return drawn;
        }
    }

    [Fact]
    public void Faults_that_make_no_sense_are_refused()
    {
        Refused(new DiskFaults { FailProbability = 1.5 }).ShouldContain("FailProbability = 1.5");
        Refused(new DiskFaults { CrashKeepsWhole = 0.7, CrashKeepsPrefix = 0.7 }).ShouldContain("CrashKeepsWhole + CrashKeepsPrefix");
        Refused(new DiskFaults { LatencyMin = TimeSpan.FromSeconds(1) }).ShouldContain("LatencyMax");
        Refused(new DiskFaults { StallTime = TimeSpan.FromSeconds(-1) }).ShouldContain("StallTime");

        string Refused(DiskFaults faults) => Should.Throw<ArgumentOutOfRangeException>(() => _node.Disk.Faults = faults).Message;
    }

    static string Story(ulong seed)
    {
        using var node = new SimulatedNode(seed);
        node.Disk.Faults = new DiskFaults { SlowProbability = 0.2, FailProbability = 0.1, RejectProbability = 0.1, ReadErrorProbability = 0.2 };
        var story = new List<string>();
        for (var i = 0; i < 30; i++)
        {
            var ledger = node.Start(Ledger.Props("ledger"));
            node.RunOn();
            ledger.Tell(new AddAsync(i, i));
            node.RunFor(TimeSpan.FromMilliseconds(1));
            if (i % 3 == 0) node.CrashAndBoot();
            story.Add(string.Join(',', ledger.Heard));
        }

        return string.Join('\n', story) + node.Disk.Counters;
    }

    Recorded Ready(params object[] commands)
    {
        var ledger = _node.Start(Ledger.Props("ledger"));
        _node.RunOn();
        foreach (var command in commands)
        {
            ledger.Tell(command);
            _node.RunOn();
        }

        return ledger;
    }

    object? NextLife()
    {
        _node.CrashAndBoot();
        return Recover().ShouldHaveSingleItem();
    }

    List<object> Recover()
    {
        var ledger = _node.Start(Ledger.Props("ledger"));
        _node.RunOn();
        return ledger.Heard;
    }
}
