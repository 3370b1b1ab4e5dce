using AkkaRaft.TestKit.Invariants;
using Xunit;

namespace AkkaRaft.Simulation.Tests.Invariants;

public sealed class CommittedOnQuorumTests
{
    readonly World _world = new World(committed => new CommittedOnQuorum(committed)).Start(1, term: 2, vote: 1, log: "1 2 2").Start(2, term: 2, log: "1 2")
        .Start(3, term: 2, log: "1 1").Leads(1);

    [Fact]
    public void Entries_of_a_leader_that_a_majority_has_are_committed_rightly() =>
        _world.Commits(1, 2).Commits(2, 2).Stores(3, World.Entry(1, 1), [World.CommandAt(2, 2), World.CommandAt(3, 2)]).Commits(1, 3)
            .Stores(2, term: 3).Stores(2, World.Entry(2, 2), [World.CommandAt(3, 2)]).ShouldHold();

    [Fact]
    public void A_leaders_own_disk_is_one_of_the_majority_or_none_like_any_other() =>
        new World(committed => new CommittedOnQuorum(committed)).Start(1, term: 2, vote: 1, log: "1").Start(2, term: 2, log: "1 2").Start(3, term: 2, log: "1 2")
            .Leads(1).Takes(1, World.Entry(1, 1), World.CommandAt(2, 2)).Commits(1, 2).ShouldHold();

    [Fact]
    public void An_entry_on_a_minority_of_the_disks_is_reported() =>
        _world.Commits(1, 3).ShouldBreak("node 1 commits entries 1 to 3/2;", "on 1 disks of 3 voters");

    [Fact]
    public void A_disk_with_another_entry_there_does_not_count() =>
        _world.Stores(2, World.Entry(1, 1), [World.CommandAt(2, 1)]).Commits(1, 2).ShouldBreak("node 1 commits entries 1 to 2/2", "on 1 disks");

    [Fact]
    public void An_earlier_terms_entry_is_not_committed_by_counting() =>
        _world.Commits(1, 1).ShouldBreak("node 1, leader of term 2, commits entry 1/1 by counting");

    [Fact]
    public void Only_a_leader_commits_first() =>
        _world.Commits(2, 2).ShouldBreak("node 2 commits entry 2/2 in term 2", "is a follower");

    [Fact]
    public void A_disk_that_loses_a_committed_entry_is_reported_though_others_have_it() =>
        _world.Commits(1, 2).Stores(3, World.Entry(1, 1), [World.CommandAt(2, 2)]).ShouldHold()
            .Stores(3, World.Entry(1, 1), [World.CommandAt(2, 1)]).ShouldBreak("journal of node 3", "wrote entry 2/1 over entry 2/2");

    // Node 3 has another log, and on its disk a snapshot of what was committed.
    World WithSnapshot() => _world.Commits(1, 2).StoresSnapshot(3, _world.Snapshot(2, 2));

    [Fact]
    public void A_disk_with_a_snapshot_of_it_has_a_committed_entry() =>
        WithSnapshot().RestartsDisk(3, World.Entry(2, 2)).Stores(3, World.Entry(2, 2), [World.CommandAt(3, 2)]).Commits(1, 3).ShouldHold();

    [Fact]
    public void A_disk_that_forgets_what_a_snapshot_stands_for_keeps_it() =>
        _world.Commits(1, 2).StoresSnapshot(2, _world.Snapshot(2, 2)).CompactsDisk(2, World.Entry(1, 1)).CompactsDisk(2, World.Entry(2, 2)).ShouldHold();

    [Fact]
    public void A_log_that_a_snapshot_makes_void_does_not_count() =>
        WithSnapshot().Stores(3, World.Entry(2, 1), [World.CommandAt(3, 2)]).Commits(1, 3).ShouldBreak("node 1 commits entries 3 to 3/2", "on 1 disks of 3 voters");

    [Fact]
    public void A_snapshot_of_another_entry_does_not_count() =>
        new World(committed => new CommittedOnQuorum(committed)).Start(1, term: 2, vote: 1, log: "1 2").Start(2, term: 2).Start(3, term: 2).Leads(1)
            .StoresSnapshot(2, _world.Snapshot(2, 1)).Commits(1, 2).ShouldBreak("node 1 commits entries 1 to 2/2", "on 1 disks");

    [Fact, Trait("RaftBug", "B61")]
    public void A_disk_that_forgets_what_no_snapshot_stands_for_is_reported() =>
        _world.Commits(1, 2).StoresSnapshot(2, _world.Snapshot(1, 1)).CompactsDisk(2, World.Entry(2, 2)).ShouldBreak("journal of node 2", "cut off entry 2/2");

    [Fact, Trait("RaftBug", "B53")]
    public void A_log_that_begins_anew_though_it_was_that_of_the_snapshot_is_reported() =>
        _world.Stores(2, World.Entry(2, 2), [World.CommandAt(3, 2)]).Commits(1, 3).StoresSnapshot(2, _world.Snapshot(2, 2)).ShouldHold()
            .RestartsDisk(2, World.Entry(2, 2)).ShouldBreak("journal of node 2", "cut off entry 3/2");

    [Fact]
    public void A_disk_that_loses_its_snapshot_is_reported() =>
        WithSnapshot().RestartsDisk(3, World.Entry(2, 2)).ShouldHold().Keeps(3).ShouldBreak("node 3", "entry 1/1");
}
