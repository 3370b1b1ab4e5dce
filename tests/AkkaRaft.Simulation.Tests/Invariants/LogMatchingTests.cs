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
}
