using AkkaRaft.TestKit.Invariants;
using Xunit;

namespace AkkaRaft.Simulation.Tests.Invariants;

public sealed class AppliedAtMostOnceTests
{
    readonly World _world = new World(_ => new AppliedAtMostOnce()).Runs(1, index: 5, session: 2, sequence: 1).Runs(1, index: 6, session: 2, sequence: 2);

    [Fact]
    public void Each_node_may_carry_out_a_command_at_its_one_index_also_again_after_a_restart() =>
        _world.Runs(2, 5, 2, 1).Crashes(1).Runs(1, 5, 2, 1).Runs(1, 7, 3, 1).ShouldHold();

    [Fact]
    public void A_command_that_is_carried_out_twice_is_reported() =>
        _world.Runs(1, 7, 2, 1).ShouldBreak("command 1 of session 2 at index 7", "at index 5");

    [Fact]
    public void A_command_that_two_nodes_carry_out_at_different_indexes_is_reported() =>
        _world.Runs(2, 7, 2, 2).ShouldBreak("node 2", "command 2 of session 2 at index 7", "node 1", "at index 6");
}
