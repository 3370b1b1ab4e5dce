using AkkaRaft.Consensus;
using AkkaRaft.TestKit.Invariants;
using Shouldly;
using Xunit;

namespace AkkaRaft.Simulation.Tests.Invariants;

public sealed class LogMirrorTests
{
    readonly RaftLog _log = new(EntryId.Zero, World.Log("1 1 2 2"));
    readonly LogMirror _mirror = new();

    public LogMirrorTests() => _mirror.Follow(_log).ShouldBe(new LogIndex(1));

    [Fact]
    public void What_is_compacted_has_not_changed()
    {
        _log.CompactTo(new LogIndex(2));
        _mirror.Follow(_log).ShouldBeNull();
        _mirror.Base.ShouldBe(World.Entry(2, 1));
        _log.CompactTo(new LogIndex(4));
        _mirror.Follow(_log).ShouldBeNull();
        _log.Append([World.CommandAt(5, 2)]);
        _mirror.Follow(_log).ShouldBe(new LogIndex(5));
        _mirror.Follow(_log).ShouldBeNull();
    }

    [Fact]
    public void What_is_compacted_and_appended_to_has_changed_at_its_end()
    {
        _log.CompactTo(new LogIndex(3));
        _log.Append([World.CommandAt(5, 2)]);
        _mirror.Follow(_log).ShouldBe(new LogIndex(5));
    }

    [Fact]
    public void What_is_compacted_and_cut_has_changed_where_it_was_cut()
    {
        _log.CompactTo(new LogIndex(2));
        _log.AppendAfter(World.Entry(3, 2), [World.CommandAt(4, 3)], LogIndex.Zero);
        _mirror.Follow(_log).ShouldBe(new LogIndex(4));
    }

    [Fact]
    public void A_log_that_begins_anew_has_changed_from_there_on()
    {
        _log.Install(World.Entry(3, 3));
        _mirror.Follow(_log).ShouldBe(new LogIndex(4));
        _mirror.Base.ShouldBe(World.Entry(3, 3));
        _log.Append([World.CommandAt(4, 3)]);
        _mirror.Follow(_log).ShouldBe(new LogIndex(4));
        _mirror.Follow(_log).ShouldBeNull();
    }

    [Fact]
    public void A_log_that_is_read_again_after_a_start_has_changed_as_a_whole()
    {
        _log.CompactTo(new LogIndex(3));
        _mirror.Follow(_log);
        _mirror.Follow(new RaftLog(World.Entry(1, 1), World.Log("1 2 2", after: 1))).ShouldBe(new LogIndex(2));
    }
}
