using AkkaRaft.TestKit;
using Shouldly;
using Xunit;

namespace AkkaRaft.Simulation.Tests.Storage;

/// <summary>The snapshot store, as a user's persistent actor meets it.</summary>
public sealed class SnapshotStoreTests : IDisposable
{
    readonly SimulatedNode _node = new();

    public void Dispose() => _node.Dispose();

    [Fact]
    public void A_recovery_begins_with_the_newest_snapshot()
    {
        Play(new AddAll(1, 2), new Snap(), new Add(3), new Snap(), new Forget(3), new Add(4));

        Recover().ShouldBe(["recovered 1+2+3+4 at 4"]);
    }

    [Fact]
    public void A_deleted_snapshot_is_gone_and_the_one_before_it_is_used()
    {
        Play(new Add(1), new Snap(), new Add(2), new Snap(), new ForgetSnapshot(2));
        Recover().ShouldBe(["recovered 1+2 at 2"]);
        Play(new Forget(1));
        Recover().ShouldBe(["recovered 1+2 at 2"]);

        Play(new ForgetSnapshots(1));

        Recover().ShouldBe(["recovered 2 at 2"]);
    }

    [Fact]
    public void A_snapshot_of_the_same_moment_replaces_the_older_one()
    {
        Play(new Add(1), new Snap(), new Snap());

        _node.Disk.Contents.Snapshots("ledger").Count.ShouldBe(1);
        Recover().ShouldBe(["recovered 1 at 1"]);
    }

    /// <summary>Akka's store deletes what it failed to save; a crash before that leaves it.</summary>
    [Theory]
    [InlineData(0.0, false, 0)]
    [InlineData(1.0, false, 0)]
    [InlineData(1.0, true, 1)]
    public void A_failed_snapshot_is_removed_unless_the_node_crashes(double stored, bool crashes, int left)
    {
        var ledger = Play(new Add(1));
        _node.Disk.Faults = new DiskFaults { FailProbability = 1, FailedButStored = stored };
        ledger.Tell(new Snap());
        _node.Settle();
        _node.Disk.Faults = new DiskFaults { CrashKeepsWhole = 0, CrashKeepsPrefix = 0 };
        while (ledger.Last is not "SaveSnapshotFailure")
        {
            _node.Clock.Step(TimeSpan.MaxValue).ShouldBeTrue();
            _node.Settle();
        }

        if (crashes) _node.Crash();
        _node.RunOn();

        _node.Disk.Contents.Snapshots("ledger").Count.ShouldBe(left);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    public void A_crash_loses_or_keeps_a_snapshot_under_way(double whole, int left)
    {
        var ledger = Play(new Add(1));
        _node.Disk.Faults = new DiskFaults { CrashKeepsWhole = whole, CrashKeepsPrefix = 0 };
        ledger.Tell(new Snap());
        _node.Settle();

        _node.Crash();

        _node.Disk.Contents.Snapshots("ledger").Count.ShouldBe(left);
        ledger.Last.ShouldBe("added 1");
    }

    [Fact]
    public void A_read_error_fails_the_recovery()
    {
        Play(new Add(1), new Snap());
        _node.Disk.Faults = new DiskFaults { ReadErrorProbability = 1 };

        Recover().ShouldBe(["not recovered: IOException", "stopped"]);
    }

    Recorded Play(params object[] commands)
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

    List<object> Recover()
    {
        _node.CrashAndBoot();
        var ledger = _node.Start(Ledger.Props("ledger"));
        _node.RunOn();
        return ledger.Heard;
    }
}
