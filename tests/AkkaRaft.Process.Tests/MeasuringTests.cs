using AkkaRaft.Process.Tests.Support;
using AkkaRaft.Samples.ClusterLauncher.Processes;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace AkkaRaft.Process.Tests;

/// <summary>The launcher's measuring verbs, in small: what they find out is what docs/measurements.md tells of much more. No figure is judged here.</summary>
public sealed class MeasuringTests(ITestOutputHelper output) : ClusterTest(output)
{
    /// <summary>A voter's first start comes after the leader has compacted its log; then it is away until that has happened again. Both times it catches up under full load.</summary>
    [Fact, Trait("RaftBug", "B62")]
    public async Task Who_comes_late_and_who_was_away_catch_up_by_snapshot_under_full_load_and_every_write_is_applied_once()
    {
        var said = await Run("long-run", "--entries", "30000", "--away", "12000");

        said.Count(line => line.Contains("node 3 has caught up", StringComparison.Ordinal)).ShouldBe(2);
        said.Count(line => line.Contains("it went on from the leader's snapshot", StringComparison.Ordinal)).ShouldBe(2);
        said[^1].ShouldContain("each write was applied exactly once");
    }

    [Fact]
    public async Task A_state_is_taken_restored_and_sent_within_a_heap_of_the_state_and_400_MB() =>
        (await Run("big-state", "--megabytes", "16"))[^1].ShouldContain("all 3 nodes have all 1024 values");

    [Fact]
    public async Task What_is_more_than_a_slow_disk_takes_is_refused_at_once_with_a_hint_and_nothing_is_unknown()
    {
        var said = await Run("overload", "--seconds", "3");

        var refused = said.Single(line => line.Contains("refused at once", StringComparison.Ordinal)).Split(' ')[0];
        refused.ShouldNotBe("0");
        said.ShouldContain($"{refused} refused at once ({refused} with a hint when to try again), 0 unknown");
    }

    async Task<IReadOnlyList<string>> Run(params string[] arguments)
    {
        var folder = Directory.CreateTempSubdirectory("akkaraft-test-");
        await using var launcher = ChildProcess.Start(
            LauncherProgram.WithArguments([.. arguments, "--data", folder.FullName, "--base-port", $"{FreePorts.InARow(3) - 1}"]));
        var exitCode = await launcher.Exited.WaitAsync(TimeSpan.FromMinutes(6));

        foreach (var line in launcher.Output.Lines) Report.WriteLine(line);
        exitCode.ShouldBe(0, string.Join(Environment.NewLine, launcher.Errors.Last(10)));
        folder.Delete(recursive: true);
        return [.. launcher.Output.Lines];
    }
}
