using System.Diagnostics;
using System.Globalization;
using AkkaRaft.Samples.ClusterLauncher.Processes;
using AkkaRaft.Samples.ClusterLauncher.Traffic;
using Spectre.Console;

namespace AkkaRaft.Samples.ClusterLauncher.Demo;

/// <summary>
/// The scripted run: start, write, kill -9 the leader under load, restart it, compare the logs, read everything back, say what was lost.
/// </summary>
internal sealed class DemoScript(HashmapCluster cluster, IAnsiConsole console)
{
    const int Keys = 1000;
    const int WritesBeforeKill = 300;
    const int WritesAfterFailover = 300;
    const int Readers = 16;
    static readonly TimeSpan s_stepLimit = TimeSpan.FromSeconds(30);

    readonly AcknowledgedWrites _book = new();
    readonly Stopwatch _whole = Stopwatch.StartNew();
    ClusterClient _client = null!;
    DemoWriter _writer = null!;

    /// <summary>Runs it.</summary>
    /// <returns>0 when nothing that was acknowledged is missing, else 1.</returns>
    public async Task<int> Run(CancellationToken cancellationToken)
    {
        try
        {
            await Step($"start {cluster.Nodes.Count} nodes", token => cluster.Start(s_stepLimit, token), cancellationToken);
            await using var client = _client = ClusterClient.Connect(cluster);
            _writer = new DemoWriter(_client, _book);
            await Step("wait for a leader", WaitForLeader, cancellationToken);
            await Step($"write {Keys} keys", token => Bar("writing", Keys, tick => _writer.Write(Keys, tick, token)), cancellationToken);
            console.WriteLine($"  {_book.Acknowledged.Count} acknowledged, {_book.Unknown.Count} unknown");
            var (killed, failover) = await KillUnderLoad(cancellationToken);
            await Step($"restart node {killed}", token => Restart(killed, token), cancellationToken);
            await Step("wait until all logs agree", WaitForAgreement, cancellationToken);
            var read = await ReadBack(cancellationToken);
            return Summary(killed, failover, read);
        }
        catch (StepFailedException failed)
        {
            console.MarkupLineInterpolated($"[red]{failed.Message}[/]");
            foreach (var node in cluster.Nodes) ShowLog(node);
            return 1;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            console.WriteLine("Interrupted: nothing is known about what was acknowledged.");
            return 1;
        }
    }

    async Task WaitForLeader(CancellationToken cancellationToken)
    {
        var leader = await _client.FindLeader(s_stepLimit, cancellationToken);
        console.WriteLine($"  node {leader.Node} leads term {leader.Term}");
    }

    async Task<(string Killed, TimeSpan Failover)> KillUnderLoad(CancellationToken cancellationToken)
    {
        using var load = new CancellationTokenSource();
        var progress = new FailoverProgress();
        var writing = _writer.WriteOn(progress.Acknowledged, load.Token);
        try
        {
            await Step("write without a pause", token => progress.WhenWritten(WritesBeforeKill, token), cancellationToken);
            var leader = cluster[(await _client.FindLeader(s_stepLimit, cancellationToken)).Node.Value];
            await Step($"kill -9 the leader, node {leader.Id}", _ => progress.Kill(leader), cancellationToken);
            await Step("wait for the next acknowledged write", progress.WhenTakenOver, cancellationToken);
            console.WriteLine($"  {progress.Failover.TotalMilliseconds:0} ms after the kill, by node {progress.Successor}");
            await Step("write on", token => progress.WhenWritten(WritesAfterFailover, token), cancellationToken);
            return (leader.Id, progress.Failover);
        }
        finally
        {
            await load.CancelAsync();
            await writing;
        }
    }

    async Task Restart(string node, CancellationToken cancellationToken)
    {
        cluster[node].Start();
        await cluster[node].WhenReady(s_stepLimit, cancellationToken);
    }

    async Task WaitForAgreement(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        IReadOnlyList<RaftStatus?> all;
        do all = await Task.WhenAll(cluster.Nodes.Select(n => _client.TryStatus(n.Id, TimeSpan.FromSeconds(1), cancellationToken)));
        while (!Agree(all) && await timer.WaitForNextTickAsync(cancellationToken));
        console.WriteLine($"  every log ends with entry {all[0]!.LastEntry} (index/term), committed and applied");
    }

    static bool Agree(IReadOnlyList<RaftStatus?> all) => all.All(s => s is not null && s.LastEntry == all[0]!.LastEntry
        && s.CommitIndex == s.LastEntry.Index && s.AppliedIndex == s.CommitIndex);

    async Task<ReadBack> ReadBack(CancellationToken cancellationToken)
    {
        var lost = 0;
        var wrong = 0;
        var present = 0;
        var all = _book.Acknowledged.Select(w => (w.Key, w.Value, Sure: true)).Concat(_book.Unknown.Select(w => (w.Key, w.Value, Sure: false))).ToList();
        await Step($"read {all.Count} keys back", token => Bar("reading", all.Count, tick => Parallel.ForEachAsync(all,
            new ParallelOptions { MaxDegreeOfParallelism = Readers, CancellationToken = token },
            async (write, readToken) =>
            {
                var value = await _client.Get(write.Key, readToken);
                if (value is null && write.Sure) Interlocked.Increment(ref lost);
                if (value is not null && value != write.Value) Interlocked.Increment(ref wrong);
                if (value is not null && !write.Sure) Interlocked.Increment(ref present);
                tick();
            })), cancellationToken);
        return new ReadBack(lost, wrong, present);
    }

    int Summary(string killed, TimeSpan failover, ReadBack read)
    {
        console.WriteLine();
        Line("acknowledged", $"{_book.Acknowledged.Count}");
        Line("unknown", $"{_book.Unknown.Count} (under way when node {killed} was killed; {read.UnknownPresent} of them were applied)");
        Line("fail-over", $"{failover.TotalMilliseconds:0} ms");
        Line("whole run", $"{_whole.Elapsed.TotalSeconds:0.0} s");
        Line("wrong", $"{read.Wrong}");
        Line("lost", $"{read.Lost}");
        return read.Lost + read.Wrong == 0 ? 0 : 1;
    }

    void Line(string name, string value) => console.WriteLine($"{name}: {value}");

    async Task Step(string name, Func<CancellationToken, Task> action, CancellationToken cancellationToken)
    {
        console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"[{_whole.Elapsed.TotalSeconds,5:0.0} s] {name}"));
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(s_stepLimit);
        try
        {
            await action(limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new StepFailedException($"The step \"{name}\" did not end within {s_stepLimit.TotalSeconds:0} s.");
        }
        catch (Exception failed) when (failed is RaftException or TimeoutException)
        {
            throw new StepFailedException($"The step \"{name}\" failed: {failed.Message}");
        }
    }

    Task Bar(string name, int total, Func<Action, Task> action) => console.Progress()
        .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn())
        .StartAsync(async progress =>
        {
            var bar = progress.AddTask(name, maxValue: total);
            await action(() => bar.Increment(1));
        });

    void ShowLog(HashmapNode node)
    {
        console.WriteLine($"Node {node.Id} ({node.State}), the last lines of {node.LogFile}:");
        foreach (var line in node.LastLines(15)) console.WriteLine($"  {line}");
    }
}
