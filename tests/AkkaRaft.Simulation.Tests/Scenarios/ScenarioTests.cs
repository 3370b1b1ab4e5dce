using AkkaRaft.TestKit;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace AkkaRaft.Simulation.Tests.Scenarios;

/// <summary>Clusters under faults.</summary>
public sealed class ScenarioTests(ITestOutputHelper output)
{
    [Theory, InlineData("Calm"), InlineData("Network"), InlineData("Disk"), InlineData("Crashes"), InlineData("All")]
    public void Clusters_survive(string profile)
    {
        var faults = (Faults)typeof(Faults).GetProperty(profile)!.GetValue(null)!;
        var lines = 0;
        var counters = Simulate.Seeds(int.Parse(Environment.GetEnvironmentVariable("N") ?? "20"), cluster => cluster
            .StateMachine(() => new Journaled())
            .Clients(4, random => random.Chance(0.3) ? new ReadLines() : new AddLine($"{Interlocked.Increment(ref lines)}"))
            .Faults(faults)
            .Fingerprint(machine => ((Journaled)machine).State));
        output.WriteLine($"{profile}: {counters}");
        counters.Elections.ShouldBeGreaterThan(0);
    }
}
