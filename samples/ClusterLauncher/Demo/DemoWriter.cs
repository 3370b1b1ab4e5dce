using System.Globalization;
using AkkaRaft.Samples.ClusterLauncher.Traffic;

namespace AkkaRaft.Samples.ClusterLauncher.Demo;

/// <summary>Writes new keys, some at a time, and keeps book of what became of each.</summary>
internal sealed class DemoWriter(ClusterClient client, AcknowledgedWrites book)
{
    const int Writers = 16;
    long _next;

    /// <summary>Writes so many keys; what was surely not applied is written again until it is acknowledged or unknown.</summary>
    public Task Write(int count, Action written, CancellationToken cancellationToken)
    {
        var left = count;
        return Task.WhenAll(Enumerable.Range(0, Writers).Select(async _ =>
        {
            while (Interlocked.Decrement(ref left) >= 0)
            {
                while (!await WriteOne(null, cancellationToken)) cancellationToken.ThrowIfCancellationRequested();
                written();
            }
        }));
    }

    /// <summary>Writes as fast as <see cref="Writers"/> writers can, until cancelled.</summary>
    /// <param name="acknowledged">Called with the node that acknowledged, at once.</param>
    /// <param name="cancellationToken">Ends it; what is under way ends first, so that no outcome is left out.</param>
    public Task WriteOn(Action<NodeId> acknowledged, CancellationToken cancellationToken) =>
        Task.WhenAll(Enumerable.Range(0, Writers).Select(async _ =>
        {
            while (!cancellationToken.IsCancellationRequested) await WriteOne(acknowledged, CancellationToken.None);
        }));

    // True when it is acknowledged or unknown; false when it surely was not applied.
    async Task<bool> WriteOne(Action<NodeId>? acknowledged, CancellationToken cancellationToken)
    {
        var number = Interlocked.Increment(ref _next).ToString(CultureInfo.InvariantCulture);
        var key = $"demo-{number}";
        try
        {
            var answerer = await client.Put(key, number, cancellationToken);
            book.Acknowledge(key, number);
            acknowledged?.Invoke(answerer);
            return true;
        }
        catch (RaftException ended)
        {
            if (ended.Outcome == RaftOutcome.Unknown) book.LeaveOpen(key, number);
            return ended.Outcome != RaftOutcome.NotApplied;
        }
    }
}
