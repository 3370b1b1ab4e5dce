using AkkaRaft.Samples.ClusterLauncher.Traffic;

namespace AkkaRaft.Samples.ClusterLauncher.Measuring;

/// <summary>
/// Adds 1 to one of a bounded number of keys, as fast as it goes, many at a time: in the end the keys' sum is the number of writes, if each was applied exactly once.
/// </summary>
internal sealed class CountingWriters(ClusterClient client) : IAsyncDisposable
{
    /// <summary>How many keys there are.</summary>
    public const int Keys = 1000;

    const int InFlight = 2000;
    static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(20);

    readonly CancellationTokenSource _end = new();
    long _number;
    Task? _writing;

    /// <summary>How the writes have ended.</summary>
    public WriteTally Tally { get; } = new();

    /// <summary>The name of a key.</summary>
    public static string KeyOf(long number) => $"count-{number % Keys}";

    /// <summary>Begins.</summary>
    public void Start() => _writing = Task.WhenAll(Enumerable.Range(0, InFlight).Select(_ => Task.Run(Write)));

    /// <summary>Completes when so many writes are acknowledged.</summary>
    public async Task WhenAcknowledged(long count, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (Tally.Acknowledged < count) await timer.WaitForNextTickAsync(cancellationToken);
    }

    /// <summary>Ends, and completes when each write has ended.</summary>
    public async Task Stop()
    {
        await _end.CancelAsync();
        if (_writing is not null) await _writing;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await Stop();
        _end.Dispose();
    }

    async Task Write()
    {
        while (!_end.IsCancellationRequested)
        {
            try
            {
                await client.Add(KeyOf(Interlocked.Increment(ref _number)), "1");
                Tally.Count(RaftOutcome.Applied);
            }
            catch (RaftException ended)
            {
                Tally.Count(ended.Outcome);
                await Task.Delay((ended as OverloadedException)?.RetryAfter ?? s_pause);
            }
        }
    }
}
