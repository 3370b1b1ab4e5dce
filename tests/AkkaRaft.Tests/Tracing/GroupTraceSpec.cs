using System.Text.Json;
using AkkaRaft.Tests.Groups;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace AkkaRaft.Tests.Tracing;

/// <summary><c>akka.raft.trace-file</c> of nodes as an application runs them.</summary>
public sealed class GroupTraceSpec(ITestOutputHelper output) : IDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("akkaraft-trace-");

    public void Dispose() => _folder.Delete(recursive: true);

    /// <summary>The stamps are of one clock: sorted by them, the files are one trace of the cluster.</summary>
    [Fact]
    public async Task The_files_of_a_cluster_are_together_a_run_of_Raft()
    {
        await using (var cluster = new LocalCluster(3))
        {
            foreach (var node in new[] { 1, 2, 3 }) Start(cluster, node);
            await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => cluster.Groups[1].Propose<long>(new Increase(1), Patience)));
            var leader = int.Parse((await cluster.Groups[1].Client.FindLeader(Patience)).Node.Value);
            await cluster.Stop(leader);
            (await cluster.Groups.Values.First().Propose<long>(new Increase(1), Patience)).ShouldBe(51);
            var back = Start(cluster, leader);
            await back.WhenReady.WaitAsync(Patience);
            (await back.Propose<long>(new Increase(1), Patience)).ShouldBe(52);
        }

        var replay = new TraceReplay(3);
        var lines = _folder.GetFiles().SelectMany(file => File.ReadLines(file.FullName)).Select(line => (Stamp: StampOf(line), Line: line)).ToList();
        foreach (var (_, line) in lines.OrderBy(pair => pair.Stamp)) replay.Follow(line);

        output.WriteLine(string.Join(", ", replay.Seen.Select(pair => $"{pair.Value} {pair.Key}")));
        replay.Seen["crash"].ShouldBe(4);
        replay.Seen["lead"].ShouldBeGreaterThanOrEqualTo(2);
        replay.Nodes.Values.Max(node => node.Commit).ShouldBeGreaterThanOrEqualTo(54, "52 commands and two no-ops");
    }

    [Fact]
    public async Task A_trace_file_that_cannot_be_written_is_refused_with_key_and_value_and_nothing_is_held()
    {
        await using var cluster = new LocalCluster(1);
        var path = _folder.CreateSubdirectory("folder").FullName;

        var refusal = Should.Throw<RaftSettingsException>(() => cluster.Start(1, settings => settings.WithTraceFile(path)));

        refusal.Message.ShouldContain("Nothing was started.");
        refusal.Errors.ShouldHaveSingleItem().ShouldStartWith($"akka.raft.trace-file = \"{path}\": ");
        await cluster.Stop(1);
        (await cluster.Start(1).Propose<long>(new Increase(1), Patience)).ShouldBe(1);
    }

    [Fact]
    public async Task A_node_whose_trace_cannot_be_written_serves_all_the_same()
    {
        if (!OperatingSystem.IsLinux()) return;
        await using var cluster = new LocalCluster(1);

        var group = cluster.Start(1, settings => settings.WithTraceFile("/dev/full"));

        (await group.Propose<long>(new Increase(1), Patience)).ShouldBe(1);
    }

    RaftGroup Start(LocalCluster cluster, int node) =>
        cluster.Start(node, settings => settings.WithTraceFile(Path.Combine(_folder.FullName, $"{node}.jsonl")));

    static long StampOf(string line)
    {
        using var json = JsonDocument.Parse(line);
        return json.RootElement.GetProperty("ts").GetInt64();
    }
}
