using AkkaRaft.TestKit;
using Shouldly;
using Xunit;

namespace AkkaRaft.Simulation.Tests;

public sealed class RandomTests
{
    /// <summary>The numbers are part of what a seed means: they must never change.</summary>
    [Fact]
    public void A_stream_is_decided_by_seed_and_purpose()
    {
        new SimulationRandom(1, "delays").Bits().ShouldBe(new SimulationRandom(1, "delays").Bits());
        new SimulationRandom(1, "delays").Bits().ShouldNotBe(new SimulationRandom(1, "losses").Bits());
        new SimulationRandom(2, "delays").Bits().ShouldNotBe(new SimulationRandom(1, "delays").Bits());
    }

    [Fact]
    public void Numbers_stay_within_their_bounds_and_reach_both()
    {
        var random = new SimulationRandom(7, "bounds");
        var drawn = Enumerable.Range(0, 1000).Select(_ => random.Between(-1, 2)).ToHashSet();
        drawn.ShouldBe([-1, 0, 1, 2], ignoreOrder: true);
    }
}
