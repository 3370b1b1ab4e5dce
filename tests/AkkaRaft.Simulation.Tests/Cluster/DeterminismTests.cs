using System.Diagnostics;
using System.Globalization;
using AkkaRaft.Simulator;
using AkkaRaft.TestKit;
using AkkaRaft.TestKit.Scenarios;
using Shouldly;
using Xunit;

namespace AkkaRaft.Simulation.Tests.Cluster;

/// <summary>A seed decides a run, step by step, in every process alike.</summary>
public sealed class DeterminismTests
{
    [Fact]
    public void The_same_script_with_the_same_seed_does_the_same()
    {
        RunScript(7).ShouldBe(RunScript(7));
        RunScript(8).ShouldNotBe(RunScript(7));
    }

    /// <summary>Another process has other string hash codes, other counters, and compiles at other times. Seed 16 shares no compiled code between hosts.</summary>
    [Theory, InlineData(1UL), InlineData(2UL), InlineData(3UL), InlineData(5UL), InlineData(16UL)]
    public void Another_process_does_the_same_with_the_same_seed(ulong seed)
    {
        var here = new SeedRunner(Simulate.Defined(Hunts.Of("map", Faults.All)), "") { Threads = 1 }.RunOne(seed);
        RunInAnotherProcess(seed).ShouldContain(string.Create(CultureInfo.InvariantCulture, $"seed {seed}: trace hash {here.TraceHash:x16}"));
    }

    static string RunInAnotherProcess(ulong seed)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(Hunt).Assembly.Location, "--machine", "map", "--faults", "All", "--seed", $"{seed}"])
        {
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return output;
    }

    static (ulong, RunCounters) RunScript(ulong seed)
    {
        using var cluster = new SimulatedCluster(seed, new ClusterOptions { StateMachine = () => new Journaled(), Clients = 3 });
        cluster.Start();
        cluster.RunUntil(Conditions.LeaderElected);
        for (var i = 0; i < 30; i++)
        {
            cluster.Propose(new AddLine($"{i}"), client: 1 + i % 3);
            if (i == 10) cluster.Crash(cluster.Leader!.Value);
            if (i == 20) cluster.Start();
            cluster.RunFor(100.Milliseconds());
        }

        cluster.RunUntil(Conditions.OperationsEnded);
        cluster.RunUntil(Conditions.Converged);
        return (cluster.TraceHash, cluster.Counters);
    }
}
