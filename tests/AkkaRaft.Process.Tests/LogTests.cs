using System.Text.RegularExpressions;
using AkkaRaft.Process.Tests.Support;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace AkkaRaft.Process.Tests;

public sealed partial class LogTests(ITestOutputHelper output) : ClusterTest(output)
{
    const int Writes = 5000;

    /// <summary>At info a node tells what an operator wants to know, and nothing per entry.</summary>
    [Fact]
    public Task Log_at_info_has_only_starts_roles_leaders_members_and_peers_however_many_writes_there_are() => WithCluster(3, async cluster =>
    {
        await cluster.Start(Patience);
        await using var session = DriveSession.Start(cluster, 16);
        var book = new WriteBook();
        await Task.WhenAll(Enumerable.Range(0, Writes).Select(_ => session.Send(book.Next)));
        var leader = session.History.Last(o => o.Answer.IsOk).Answer.Leader!;
        var follower = cluster.Nodes.First(n => n.Id != leader);
        await follower.Kill();
        await cluster[leader].Process!.Errors.WaitFor("the peer's loss to be noticed", line => line.Contains($"peer {follower.Id} lost"), Patience);
        follower.Start();
        await cluster[leader].Process!.Errors.WaitFor(
            "the peer to be found again",
            _ => cluster[leader].LastLines(1000).SkipWhile(l => !l.Contains("lost")).Any(l => l.Contains($"peer {follower.Id} found")), Patience);

        foreach (var node in cluster.Nodes)
        {
            var lines = await File.ReadAllLinesAsync(node.LogFile);
            lines.Where(line => !Allowed().IsMatch(line)).ShouldBeEmpty();
            lines.Length.ShouldBeLessThan(40, string.Join(Environment.NewLine, lines));
            lines.ShouldContain("ready");
        }
    });

    [GeneratedRegex(
        @"^(ready|\S+Z (INFO|WARNING) (ready: node \d at \S+, .*, last index \d+, term \d+|node \d: \w+ -> \w+ in term \d+: .+" +
        @"|node \d: goes by the configuration of index \d+: voters .*" +
        @"|node \d: node \d leads term \d+|node \d: no leader is known in term \d+|peer \d (lost|found).*|Node \d cannot reach node \d at .*))$")]
    private static partial Regex Allowed();
}
