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
}
