using AkkaRaft.Consensus;
using AkkaRaft.TestKit.Invariants;
using Xunit;

namespace AkkaRaft.Simulation.Tests.Invariants;

public sealed class LogMatchingTests
{
    readonly World _world = new World(_ => new LogMatching()).Start(1, term: 3, log: "1 1 3").Start(2, term: 3, log: "1 1 2 2").Start(3, term: 3, log: "1");

    [Fact]
    public void Logs_that_part_and_are_mended_are_right() =>
        _world.Takes(2, World.Entry(2, 1), World.CommandAt(3, 3)).Stores(2, World.Entry(2, 1), [World.CommandAt(3, 3)])
            .Takes(3, World.Entry(1, 1), World.CommandAt(2, 1), World.CommandAt(3, 3)).ShouldHold();

    [Fact]
    public void One_index_and_term_with_two_commands_is_reported() =>
        _world.Takes(3, World.Entry(1, 1), World.CommandAt(2, 1, "something else")).ShouldBreak("node 3", "in memory", "an entry 2/1 that is not node 1's");

    [Fact]
    public void One_entry_after_two_different_ones_is_reported() =>
        _world.Start(3, term: 3, log: "1 2 2").ShouldBreak("node 3", "entry 3/2 after entry 2/2", "after entry 2/1");

    [Fact]
    public void A_disk_with_another_command_is_reported() =>
        _world.Stores(3, World.Entry(1, 1), [World.CommandAt(2, 1, "something else")]).ShouldBreak("node 3", "on disk", "an entry 2/1");

    [Fact]
    public void An_entry_stored_at_a_wrong_index_is_reported() =>
        _world.Stores(3, World.Entry(1, 1), [World.CommandAt(3, 3)]).ShouldBreak("on disk", "entry 3/3 at index 2");

    [Fact]
    public void What_a_crash_has_erased_everywhere_is_still_known() =>
        _world.Takes(3, World.Entry(1, 1), World.CommandAt(2, 3, "lost")).Crashes(3).Start(3, term: 4, log: "1").ShouldHold()
            .Takes(3, World.Entry(1, 1), World.CommandAt(2, 3, "another")).ShouldBreak("entry 2/3 that is not node 3's");

    [Fact]
    public void A_change_in_the_middle_with_the_same_last_entry_is_seen()
    {
        _world.Takes(3, World.Entry(1, 1), World.CommandAt(2, 2), World.CommandAt(3, 4)).ShouldHold();
        _world.Takes(3, World.Entry(1, 1), World.CommandAt(2, 3), World.CommandAt(3, 4)).ShouldBreak("node 3", "entry 3/4 after entry 2/3", "after entry 2/2");
    }

    [Fact]
    public void Logs_that_are_compacted_or_begin_behind_a_snapshot_are_right() =>
        _world.StoresSnapshot(1, _world.Snapshot(2, 1)).Compacts(1, 1).Compacts(1, 2).Takes(1, World.Entry(3, 3), World.CommandAt(4, 3))
            .Stores(1, World.Entry(3, 3), [World.CommandAt(4, 3)]).Installs(2, _world.Snapshot(3, 3)).RestartsDisk(2, World.Entry(3, 3))
            .Takes(2, World.Entry(3, 3), World.CommandAt(4, 3)).Stores(2, World.Entry(3, 3), [World.CommandAt(4, 3)])
            .Crashes(2).StartFrom(2, term: 3, _world.Snapshot(3, 3), World.Entry(3, 3), log: "3").ShouldHold();

    [Fact]
    public void A_log_that_begins_behind_what_nobody_ever_had_is_reported() =>
        _world.Installs(3, _world.Snapshot(4, 3)).ShouldBreak("node 3", "in memory", "begins behind entry 4/3");

    [Fact]
    public void A_disk_whose_log_begins_behind_what_nobody_ever_had_is_reported() =>
        _world.RestartsDisk(3, World.Entry(2, 2)).ShouldBreak("node 3", "on disk", "begins behind entry 2/2");

    [Fact]
    public void An_entry_behind_a_snapshot_that_is_not_the_one_that_others_have_is_reported() =>
        _world.Installs(3, _world.Snapshot(2, 1)).Takes(3, World.Entry(2, 1), World.CommandAt(3, 3, "something else")).ShouldBreak("node 3", "in memory", "an entry 3/3 that is not node 1's");

    [Fact]
    public void An_entry_after_another_one_than_others_have_it_after_is_reported_behind_a_snapshot() =>
        _world.Installs(3, _world.Snapshot(3, 2)).Takes(3, World.Entry(3, 2), World.CommandAt(4, 3)).ShouldHold()
            .Takes(1, World.Entry(3, 3), World.CommandAt(4, 3)).ShouldBreak("node 1", "entry 4/3 after entry 3/3", "node 3 has it after entry 3/2");

    [Fact]
    public void A_compacted_disk_with_another_entry_is_reported() =>
        _world.StoresSnapshot(1, _world.Snapshot(2, 1)).Compacts(1, 2).Stores(1, World.Entry(2, 1), [World.CommandAt(3, 3, "something else")]).ShouldBreak("node 1", "on disk", "an entry 3/3");
}
