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
}
