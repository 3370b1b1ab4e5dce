using AkkaRaft.Consensus;
using AkkaRaft.TestKit.Invariants;
using Xunit;

namespace AkkaRaft.Simulation.Tests.Invariants;

public sealed class StateMachineSafetyTests
{
    readonly World _world = new World(committed => new StateMachineSafety(committed)).Start(1, term: 1, log: "1 1 1").Start(2, term: 1, log: "1 1 1")
        .Commits(1, 2).Commits(2, 2).Applies(1, World.CommandAt(1, 1), "a").Applies(1, World.CommandAt(2, 1), "b");

    [Fact]
    public void Machines_that_apply_the_same_with_the_same_results_are_right() =>
        _world.Applies(2, World.CommandAt(1, 1), "a").Crashes(2).Start(2, term: 1, log: "1 1 1").Commits(2, 2)
            .Applies(2, World.CommandAt(1, 1), "a").Applies(2, World.CommandAt(2, 1), "b").ShouldHold();

    [Fact]
    public void Different_results_at_one_index_are_reported() =>
        _world.Applies(2, World.CommandAt(1, 1), "not a").ShouldBreak("node 2", "node 1", "different results at entry 1/1");

    [Fact]
    public void Another_entry_than_the_committed_one_is_reported() =>
        _world.Applies(2, World.CommandAt(1, 1, "something else"), "a").ShouldBreak("node 2", "applies entry 1/1", "committed there is entry 1/1");

    [Fact]
    public void What_is_not_committed_anywhere_is_not_applied() =>
        _world.Applies(1, World.CommandAt(3, 1)).ShouldBreak("node 1", "applies entry 3/1", "committed up to 2 only");

    [Fact]
    public void What_the_node_itself_has_not_committed_is_not_applied() =>
        _world.Start(3, term: 1, log: "1 1").Applies(3, World.CommandAt(1, 1), "a").ShouldBreak("node 3", "commit index is 0");

    [Fact]
    public void Nothing_is_applied_twice() =>
        _world.Applies(1, World.CommandAt(2, 1), "b").ShouldBreak("applies entry 2/1", "the last that it applied is 2");

    [Fact]
    public void Nothing_is_skipped() => _world.Applies(2, World.CommandAt(2, 1), "b").ShouldBreak("applies entry 2/1", "the last that it applied is 0");

    [Fact]
    public void A_machine_that_begins_anew_where_a_snapshot_stands_is_right() =>
        _world.Start(3, term: 1).Installs(3, _world.Snapshot(2, 1)).Restores(3, World.Entry(2, 1)).Takes(3, World.Entry(2, 1), World.CommandAt(3, 1)).Commits(1, 3)
            .Commits(3, 3).Applies(3, World.CommandAt(3, 1), "c").Applies(1, World.CommandAt(3, 1), "c").ShouldHold();

    [Fact]
    public void A_node_that_starts_where_its_snapshot_stands_is_right() =>
        _world.Crashes(2).StartFrom(2, term: 1, _world.Snapshot(1, 1), World.Entry(1, 1), log: "1 1").Commits(2, 2).Applies(2, World.CommandAt(2, 1), "b").ShouldHold();

    /// <summary>B56: the machine is behind the entries that it was given before.</summary>
    [Fact]
    public void What_was_given_before_is_applied_before() =>
        _world.Start(3, term: 1, log: "1").Commits(3, 1).Installs(3, _world.Snapshot(2, 1)).Applies(3, World.CommandAt(1, 1), "a").Restores(3, World.Entry(2, 1)).ShouldHold();

    [Fact]
    public void A_machine_may_leave_out_all_but_the_newest_snapshot() =>
        _world.Commits(1, 3).Start(3, term: 1).Installs(3, _world.Snapshot(1, 1)).Installs(3, _world.Snapshot(3, 1)).Restores(3, World.Entry(3, 1)).ShouldHold();

    [Fact, Trait("RaftBug", "B56")]
    public void A_machine_that_goes_back_is_reported() =>
        _world.Wants(1, new RestoreMachine(_world.Snapshot(1, 1))).Restores(1, World.Entry(1, 1)).ShouldBreak("machine of node 1", "a snapshot of 1/1", "the last that it applied is 2");

    [Fact]
    public void A_machine_that_begins_anew_unasked_is_reported() =>
        _world.Restores(2, World.Entry(2, 1)).ShouldBreak("machine of node 2", "which it was not asked for");

    [Fact]
    public void A_machine_that_begins_anew_where_nothing_is_committed_is_reported() =>
        _world.Wants(2, new RestoreMachine(_world.Snapshot(3, 1))).Restores(2, World.Entry(3, 1)).ShouldBreak("machine of node 2", "a snapshot of 3/1", "ends at index 2");

    [Fact]
    public void A_machine_that_goes_on_without_the_snapshot_that_its_node_installed_is_reported() =>
        _world.Commits(1, 3).Start(3, term: 1).Installs(3, _world.Snapshot(2, 1)).Takes(3, World.Entry(2, 1), World.CommandAt(3, 1)).Commits(3, 3)
            .Applies(3, World.CommandAt(3, 1)).ShouldBreak("applies entry 3/1", "the last that it applied is 0");

    [Fact]
    public void A_node_whose_machine_starts_from_another_snapshot_is_reported()
    {
        _world.Crashes(2);
        _world[2].Machines++;
        var recovered = new RecoveredState(new Term(1), null, _world.Voters, []) { Base = World.Entry(2, 1), Snapshot = _world.Snapshot(2, 1) };
        _world.Restores(2, World.Entry(1, 1)).ShouldHold()
            .Joins(2, new NodeState(World.Id(2), new CoreOptions(), recovered, 1, new Instant(TimeSpan.Zero, DateTimeOffset.UnixEpoch)))
            .ShouldBreak("node 2", "starts with a snapshot of 2/1", "its machine with a snapshot of 1/1");
    }

    [Fact]
    public void What_was_asked_of_a_machine_before_a_crash_is_not_asked_of_the_next_one() =>
        _world.Start(3, term: 1).Installs(3, _world.Snapshot(2, 1)).Crashes(3).Start(3, term: 1).ShouldHold()
            .Restores(3, World.Entry(2, 1)).ShouldBreak("machine of node 3", "which it was not asked for");

    [Fact]
    public void Different_results_after_a_snapshot_are_reported() =>
        _world.Commits(1, 3).Applies(1, World.CommandAt(3, 1), "c").Start(3, term: 1).Installs(3, _world.Snapshot(2, 1)).Restores(3, World.Entry(2, 1))
            .Takes(3, World.Entry(2, 1), World.CommandAt(3, 1)).Commits(3, 3).Applies(3, World.CommandAt(3, 1), "not c").ShouldBreak("node 3", "node 1", "different results at entry 3/1");
}
