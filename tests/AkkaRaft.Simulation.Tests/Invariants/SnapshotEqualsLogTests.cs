using AkkaRaft.TestKit.Invariants;
using Xunit;

namespace AkkaRaft.Simulation.Tests.Invariants;

public sealed class SnapshotEqualsLogTests
{
    readonly World _world = new(_ => new SnapshotEqualsLog());

    [Fact]
    public void Machines_that_are_in_the_same_state_at_one_index_are_right() =>
        _world.IsIn(1, 2, "a b").IsIn(2, 2, "a b").IsIn(3, 3, "a b c").IsIn(2, 3, "a b c").ShouldHold();

    [Fact, Trait("RaftBug", "B58")]
    public void Another_state_at_the_same_index_is_reported() =>
        _world.IsIn(1, 2, "a b").IsIn(2, 2, "a").ShouldBreak("state of node 2", "at index 2 is \"a\"", "node 1", "\"a b\"");

    [Fact]
    public void A_long_state_is_shown_in_part() =>
        _world.IsIn(1, 2, new string('x', 5000)).IsIn(2, 2, "a").ShouldBreak("5000 characters");
}
