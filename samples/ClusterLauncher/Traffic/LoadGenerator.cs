
namespace AkkaRaft.Samples.ClusterLauncher.Traffic;

/// <summary>Writes at a chosen rate until told otherwise; each write is new, and so many at once as the rate needs, up to a limit.</summary>
internal sealed class LoadGenerator(ClusterClient client) : IAsyncDisposable
{
    const int MaxInFlight = 1000;
    const int Keys = 1000;
    static readonly TimeSpan s_step = TimeSpan.FromMilliseconds(10);

    readonly CancellationTokenSource _end = new();
    readonly TimeProvider _time = TimeProvider.System;
    int _rate;
    int _inFlight;
    long _sent;
    Task? _running;

    /// <summary>How its writes have ended.</summary>
    public WriteTally Tally { get; } = new();

    /// <summary>Writes per second that are wanted; 0 stops.</summary>
    public int Rate
    {
        get => Volatile.Read(ref _rate);
        set
        {
            Volatile.Write(ref _rate, value);
            if (value > 0) _running ??= Run(_end.Token);
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        if (_running is not null) await _running;
        _end.Dispose();
    }

    async Task Run(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(s_step, _time);
        var last = _time.GetTimestamp();
        var due = 0.0;
        while (!cancellationToken.IsCancellationRequested)
        {
            var now = _time.GetTimestamp();
            // What a slow cluster could not take is not saved up: at most one second's worth is due at once.
            due = Math.Min(due + (Rate * _time.GetElapsedTime(last, now).TotalSeconds), Rate);
            last = now;
            for (; due >= 1 && Volatile.Read(ref _inFlight) < MaxInFlight; due--) _ = Write(Interlocked.Increment(ref _sent));
            try
            {
                await timer.WaitForNextTickAsync(cancellationToken);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    async Task Write(long number)
    {
        Interlocked.Increment(ref _inFlight);
        try
        {
            await client.Put($"load-{number % Keys}", $"{number}");
            Tally.Count(RaftOutcome.Applied);
        }
        catch (RaftException ended)
        {
            Tally.Count(ended.Outcome);
        }
        catch (ObjectDisposedException)
        {
            Tally.Count(RaftOutcome.NotApplied);
        }
        finally
        {
            Interlocked.Decrement(ref _inFlight);
        }
    }
}
