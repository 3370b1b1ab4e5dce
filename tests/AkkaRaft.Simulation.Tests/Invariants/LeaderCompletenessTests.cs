using AkkaRaft.TestKit.Invariants;
using Xunit;

namespace AkkaRaft.Simulation.Tests.Invariants;

public sealed class LeaderCompletenessTests
{
    readonly World _world = new World(committed => new LeaderCompleteness(committed)).Start(1, term: 1, vote: 1, log: "1 1").Leads(1);

    [Fact]
    public void A_leader_that_has_all_that_was_committed_is_right() =>
        _world.Commits(1, 2).Start(2, term: 3, vote: 2, log: "1 1 2").Leads(2).ShouldHold();

    [Fact]
    public void A_leader_that_lacks_a_committed_entry_is_reported() =>
        _world.Commits(1, 2).ShouldHold().Start(2, term: 2, vote: 2, log: "1").Leads(2)
            .ShouldBreak("node 2 was elected in term 2 without entry 2/1", "node 1 committed in term 1", "ended at index 1");

    [Fact]
    public void A_leader_with_another_entry_in_its_place_is_reported() =>
        _world.Commits(1, 2).Start(2, term: 3, vote: 2, log: "1 2 2").Leads(2).ShouldBreak("in term 3 without entry 2/1", "it had entry 2/2 there");

    [Fact]
    public void A_late_winner_of_an_earlier_term_may_lack_it() =>
        new World(committed => new LeaderCompleteness(committed)).Start(1, term: 5, vote: 1, log: "1 5").Leads(1).Commits(1, 2)
            .Start(2, term: 3, vote: 2, log: "1").Leads(2).ShouldHold();

    [Fact]
    public void What_an_old_leader_commits_must_be_with_a_later_one_already() =>
        _world.Start(2, term: 2, vote: 2, log: "1").Leads(2).ShouldHold().Crashes(2).Commits(1, 2)
            .ShouldBreak("node 2 was elected in term 2 without entry 2/1");

    [Fact]
    public void A_leader_whose_log_begins_behind_a_snapshot_is_right() =>
        _world.Commits(1, 2).StartFrom(2, term: 3, _world.Snapshot(2, 1), World.Entry(2, 1), log: "2").Leads(2).ShouldHold();

    [Fact]
    public void A_leader_whose_log_begins_behind_another_entry_is_reported() =>
        _world.Commits(1, 2).StartFrom(2, term: 3, _world.Snapshot(2, 2), World.Entry(2, 2)).Leads(2).ShouldBreak("in term 3 without entry 2/1", "began behind entry 2/2");

    [Fact]
    public void A_leader_that_lacks_what_comes_behind_its_snapshot_is_reported() =>
        _world.Commits(1, 2).StartFrom(2, term: 3, _world.Snapshot(1, 1), World.Entry(1, 1)).Leads(2).ShouldBreak("in term 3 without entry 2/1", "ended at index 1");
}
