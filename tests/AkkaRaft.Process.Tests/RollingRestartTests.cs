using System.Collections.Concurrent;
using AkkaRaft.Process.Tests.Support;
using AkkaRaft.Samples.ClusterLauncher.Traffic;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace AkkaRaft.Process.Tests;

public sealed class RollingRestartTests(ITestOutputHelper output) : ClusterTest(output)
{
    /// <summary>
    /// Thesis 3.10: a leader that stops hands over first, so that nobody notices a rolling restart but by a moment's wait. How long that is `launcher rolling-restart`
    /// measures; here the election timeouts are long, so that a busy machine does not make a failed handing-over of a slow one.
    /// </summary>
    [Fact]
    public async Task Rolling_restart_under_load_fails_no_write()
    {
        var patient = Path.Combine(Path.GetTempPath(), $"akkaraft-{Guid.NewGuid():N}.conf");
        await File.WriteAllTextAsync(patient, "akka.raft { election-timeout-min = 2s, election-timeout-max = 4s }");
        await WithCluster(3, async cluster =>
        {
            await cluster.Start(Patience);
            await using var client = Statuses.Client(cluster);
            await client.FindLeader(Patience, CancellationToken.None);
            var failed = new ConcurrentQueue<string>();
            var acknowledged = 0;
            var stoppedLeaders = 0;
            using var end = new CancellationTokenSource();
            var writing = Task.WhenAll(Enumerable.Range(0, 8).Select(writer => Write(client, writer, () => Interlocked.Increment(ref acknowledged), failed, end.Token)));

            while (stoppedLeaders < 3)
            {
                foreach (var node in cluster.Nodes)
                {
                    if ((await client.FindLeader(Patience, CancellationToken.None)).Node.Value == node.Id) stoppedLeaders++;
                    (await node.Stop().WaitAsync(Patience)).ShouldBe(0);
                    node.Start();
                    await node.WhenReady(Patience);
                    var before = acknowledged;
                    await Until.Holds("writes to go on", () => Task.FromResult(Volatile.Read(ref acknowledged)), now => now > before);
                }
            }

            await end.CancelAsync();
            await writing;
            Report.WriteLine($"{acknowledged} writes acknowledged, {stoppedLeaders} leaders stopped");
            failed.ShouldBeEmpty();
            await Statuses.WhenAllAgree(client, cluster);
        }, ["--config", patient]);
        File.Delete(patient);
    }

    static async Task Write(ClusterClient client, int writer, Action done, ConcurrentQueue<string> failed, CancellationToken cancellationToken)
    {
        for (var number = 0; !cancellationToken.IsCancellationRequested; number++)
        {
            try
            {
                await client.Put($"rolling-{writer}", $"{number}", CancellationToken.None);
                done();
            }
            catch (RaftException error)
            {
                failed.Enqueue(error.Message);
            }
        }
    }
}
