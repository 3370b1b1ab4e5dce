using AkkaRaft.Consensus;
using AkkaRaft.TestKit.Invariants;
using Xunit;

namespace AkkaRaft.Simulation.Tests.Invariants;

public sealed class CommittedNeverChangesTests
{
    readonly World _world = new World(committed => new CommittedNeverChanges(committed)).Start(1, term: 2, log: "1 1 2").Start(2, term: 2, log: "1 1 1")
        .Commits(1, 2).Commits(2, 1);

    [Fact]
    public void Logs_that_change_beyond_what_is_committed_are_right() =>
        _world.Commits(1, 3).Takes(2, World.Entry(2, 1), World.CommandAt(3, 2)).Wants(2, new AppendToLog(1, World.Entry(2, 1), [World.CommandAt(3, 2)]))
            .Commits(2, 3).Crashes(2).Start(2, term: 2, log: "1 1 2").Commits(2, 2).ShouldHold();

    [Fact]
    public void A_node_that_commits_another_entry_is_reported() =>
        _world.Commits(1, 3).ShouldHold().Commits(2, 3).ShouldBreak("node 2", "takes entry 3/1 for committed", "node 1 committed entry 3/2");

    [Fact]
    public void A_committed_entry_that_is_overwritten_is_reported() =>
        _world.Takes(1, World.Entry(1, 1), World.CommandAt(2, 2)).ShouldBreak("node 1", "takes entry 2/2 for committed", "committed entry 2/1");

    [Fact]
    public void A_node_that_commits_what_it_does_not_have_is_reported() =>
        _world.Start(3, term: 2, log: "1").Commits(3, 2).ShouldBreak("log of node 3", "ends at 1/1", "taken entry 2/1 for committed");

    [Fact]
    public void A_cut_below_what_is_committed_is_reported_even_if_it_writes_the_same_again() =>
        _world.Wants(1, new AppendToLog(1, World.Entry(1, 1), [World.CommandAt(2, 1), World.CommandAt(3, 2)]))
            .ShouldBreak("node 1", "to cut its log after 1/1", "committed up to 2");

    // Node 3 has nothing, and gets a snapshot of what the others committed.
    World WithSnapshot() => _world.Commits(1, 3).Start(3, term: 2).Installs(3, _world.Snapshot(3, 2));

    [Fact]
    public void Logs_that_are_compacted_or_begin_behind_a_snapshot_are_right() =>
        WithSnapshot().Takes(3, World.Entry(3, 2), World.CommandAt(4, 2)).TakesSnapshot(1, 3).Compacts(1, 2).Compacts(1, 3).Takes(1, World.Entry(3, 2), World.CommandAt(4, 2))
            .Commits(1, 4).Commits(3, 4).Crashes(1).StartFrom(1, term: 2, _world.Snapshot(3, 2), World.Entry(2, 1), log: "2 2").Commits(1, 4).ShouldHold();

    [Fact]
    public void A_log_that_begins_behind_another_entry_than_the_committed_one_is_reported() =>
        _world.Commits(1, 3).Start(3, term: 2).Installs(3, _world.Snapshot(3, 1)).ShouldBreak("log of node 3", "begins behind entry 3/1", "there is entry 3/2");

    [Fact]
    public void A_log_that_begins_behind_what_nobody_committed_is_reported() =>
        _world.Start(3, term: 2).Installs(3, _world.Snapshot(5, 2)).ShouldBreak("log of node 3", "begins behind entry 5/2", "ends at index 2");

    [Fact]
    public void A_log_that_is_compacted_beyond_what_is_committed_is_reported() =>
        _world.Changes(1, state => state.Log.CompactTo(new LogIndex(3))).ShouldBreak("log of node 1", "begins behind entry 3/2", "commit index is 2");

    [Fact]
    public void A_compacted_log_that_changes_what_it_has_committed_is_reported() =>
        WithSnapshot().Takes(3, World.Entry(3, 2), World.CommandAt(4, 2), World.CommandAt(5, 2)).Commits(3, 5).ShouldHold()
            .Takes(3, World.Entry(3, 2), World.CommandAt(4, 3)).ShouldBreak("node 3", "takes entry 4/3 for committed", "committed entry 4/2");

    [Fact]
    public void A_log_that_begins_anew_below_what_is_committed_is_reported() =>
        _world.Wants(1, new RestartLog(1, World.Entry(1, 1))).ShouldBreak("node 1", "to cut its log after 1/1", "committed up to 2");
}
