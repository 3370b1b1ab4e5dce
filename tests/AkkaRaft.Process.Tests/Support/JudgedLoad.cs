using AkkaRaft.Samples.ClusterLauncher.Processes;
using Shouldly;

namespace AkkaRaft.Process.Tests.Support;

/// <summary>A <c>hashmap drive</c> that is kept busy while something is done to the cluster; in the end everything is read, and the whole history is judged.</summary>
internal sealed class JudgedLoad : IAsyncDisposable
{
    readonly HashmapCluster _cluster;
    readonly DriveSession _session;
    readonly OperationMix _mix;
    readonly LeaderPulse _pulse = new();
    readonly CancellationTokenSource _end = new();
    readonly Task _load;

    JudgedLoad(HashmapCluster cluster, int clients, int seed)
    {
        _cluster = cluster;
        _session = DriveSession.Start(cluster, clients);
        _mix = new OperationMix(seed);
        _load = _session.Load(_mix.Next, _pulse.Note, _end.Token);
    }

    /// <summary>Starts it, at all nodes that the cluster has by now.</summary>
    public static JudgedLoad Start(HashmapCluster cluster, int clients = 4, int seed = 20_261_130) => new(cluster, clients, seed);

    /// <summary>Completes when one leader has acknowledged so many more operations.</summary>
    public Task<string> GoesOn(int operations = 30) => _pulse.WhenAcknowledged(operations, TimeSpan.FromMinutes(2));

    /// <summary>The same, by another leader than this one.</summary>
    public Task<string> GoesOnWithout(string leader, int operations = 30)
    {
        _pulse.Forget(leader);
        return GoesOn(operations);
    }

    /// <summary>Ends it, reads every key that was ever used, and judges: what was acknowledged is there, and all that was seen is linearizable (Raft 8).</summary>
    public async Task Judge(Action<string> say)
    {
        await _end.CancelAsync();
        await _load;
        var loaded = _session.History.Count;
        var reads = await Task.WhenAll(_mix.Keys.Select(key => _session.Send(new DriveRequest(OperationKind.Get, key))));
        reads.Where(read => !read.Answer.IsOk).ShouldBeEmpty("Reads of a cluster at rest failed.");
        (await _session.End()).ShouldBe(0);

        var history = _session.History;
        say($"{loaded} operations: {string.Join(", ", history.Take(loaded).CountBy(o => o.Answer.Outcome).Select(o => $"{o.Value} {o.Key}"))}; "
            + $"acknowledged by {string.Join(" ", history.Where(o => o.Answer.IsOk).Select(o => o.Answer.Leader).Distinct())}");
        DriveProtocol.Check(_session, loaded + reads.Length);
        LogOrder.FindError(history).ShouldBeNull();
        var verdict = HashmapModel.Judge(history);
        if (verdict.Picture is { } picture) await File.WriteAllTextAsync(Path.Combine(_cluster.DataFolder, "counterexample.svg"), picture);
        verdict.Failure.ShouldBeNull();
        history.Count(o => o.Answer.IsOk).ShouldBeGreaterThan(history.Count / 2, "Otherwise it would have shown little.");
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _session.DisposeAsync();
        _end.Dispose();
    }
}
