using System.Text.Json;
using System.Text.RegularExpressions;
using AkkaRaft.Process.Tests.Support;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace AkkaRaft.Process.Tests;

/// <summary>docs/trace.md: the file of a real process.</summary>
public sealed partial class TraceFileTests(ITestOutputHelper output) : ClusterTest(output)
{
    const int Writes = 30;

    [Fact]
    public async Task Each_line_is_one_write_to_the_kernel_and_what_was_told_survives_a_kill()
    {
        var folder = Directory.CreateTempSubdirectory("akkaraft-trace-");
        try
        {
            var trace = Path.Combine(folder.FullName, "1.jsonl");
            var config = Path.Combine(folder.FullName, "trace.conf");
            await File.WriteAllTextAsync(config, $"akka.raft.trace-file = \"{trace}\"\n");
            await WithCluster(1, async cluster =>
            {
                await cluster.Start(Patience);
                await using var session = DriveSession.Start(cluster, 1);
                (await session.Send(new DriveRequest(OperationKind.Put, "warm", "1"))).Answer.IsOk.ShouldBeTrue();
                var node = cluster.Nodes[0];
                var before = Whole(trace).Count;
                var strace = await Strace.Attach(node, "-y", "-s", "100000", "-e", "trace=write,writev,pwrite64,pwritev,pwritev2");
                for (var i = 0; i < Writes; i++) (await session.Send(new DriveRequest(OperationKind.Put, $"key-{i}", $"{i}"))).Answer.IsOk.ShouldBeTrue();
                var calls = (await strace.Detach()).Where(line => line.Contains($"<{trace}>", StringComparison.Ordinal)).ToList();
                await node.Kill();
                var told = Whole(trace);

                calls.ShouldAllBe(call => WholeLine().IsMatch(call));
                calls.Count.ShouldBe(told.Count - before);
                calls.Count.ShouldBeGreaterThanOrEqualTo(2 * Writes, "each write is stored and committed");

                node.Start();
                await node.WhenReady(Patience);
                await node.Kill();
                var all = Whole(trace);
                all.Take(told.Count).ShouldBe(told);
                Field(all[0], "e").ShouldBe("crash");
                Field(all[told.Count], "e").ShouldBe("crash");
                all.Count(line => Field(line, "e") == "crash").ShouldBe(2);
                all.Select(Stamp).ShouldBeInOrder();
            }, ["--config", config]);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    // 4711 write(42</tmp/1.jsonl>, "{\"ts\":1,...}\n", 60) = 60, or without its end: ... 60 <unfinished ...>
    [GeneratedRegex("""^\d+ +write\(\d+<[^>]*>, "\{\\"ts\\":((?!\\n).)*\}\\n", \d+(\)| <)""")]
    private static partial Regex WholeLine();

    // Not by File: the node holds the lock that .NET respects and other programs do not.
    static List<string> Whole(string file)
    {
        using var cat = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("cat", [file]) { RedirectStandardOutput = true })!;
        var text = cat.StandardOutput.ReadToEnd();
        text.ShouldEndWith("\n");
        return [.. text.TrimEnd('\n').Split('\n')];
    }

    static string Field(string line, string name)
    {
        using var json = JsonDocument.Parse(line);
        return json.RootElement.GetProperty(name).ToString();
    }

    static long Stamp(string line) => long.Parse(Field(line, "ts"), System.Globalization.CultureInfo.InvariantCulture);
}
