using System.Diagnostics;
using AkkaRaft.Benchmarks.Contenders;
using HdrHistogram;

namespace AkkaRaft.Benchmarks.Load;

/// <summary>
/// Puts a load on a store. In an open loop an operation counts from when it was to begin, not from when it could: a store that stands still for a second has made all wait that were to
/// begin in it (no coordinated omission).
/// </summary>
internal sealed class LoadRunner
{
    readonly IStoreClient _store;
    readonly LoadRequest _request;
    readonly LongConcurrentHistogram _latencies = Histograms.New();
    readonly byte[] _value = new byte[LoadRequest.ValueBytes];
    readonly List<long> _times = [];
    long _measureFrom;
    long _measureUntil;
    long _key;
    long _done;
    long _failed;
    long _shed;
    int _inFlight;
    string? _firstFailure;

    LoadRunner(IStoreClient store, LoadRequest request)
    {
        _store = store;
        _request = request;
        Random.Shared.NextBytes(_value);
    }

    /// <summary>Runs it to its end.</summary>
    public static async Task<LoadReport> Run(IStoreClient store, LoadRequest request)
    {
        var runner = new LoadRunner(store, request);
        var begun = Stopwatch.GetTimestamp();
        runner._measureFrom = begun + Ticks(request.WarmUp);
        runner._measureUntil = runner._measureFrom + Ticks(request.Measured);
        await (request.Rate > 0 ? runner.Open(begun) : Task.WhenAll(Enumerable.Range(0, request.InFlight).Select(_ => Task.Run(runner.Closed))));
        return new LoadReport(runner._done, runner._failed, runner._shed, request.Measured.TotalSeconds, Histograms.Encode(runner._latencies))
        {
            AcknowledgedAt = [.. runner._times.Order()],
            FirstFailure = runner._firstFailure,
        };
    }

    static long Ticks(TimeSpan time) => (long)(time.TotalSeconds * Stopwatch.Frequency);

    async Task Closed()
    {
        for (var begin = Stopwatch.GetTimestamp(); begin < _measureUntil; begin = Stopwatch.GetTimestamp()) await One(begin);
    }

    async Task Open(long begun)
    {
        var interval = Stopwatch.Frequency / _request.Rate;
        var under = new List<Task>();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(1));
        for (var number = 0L; ;)
        {
            var now = Stopwatch.GetTimestamp();
            for (var due = begun + (long)(number * interval); due <= now && due < _measureUntil; due = begun + (long)(++number * interval))
            {
                if (Volatile.Read(ref _inFlight) < _request.InFlight) under.Add(One(due));
                else if (due >= _measureFrom) _shed++;
            }

            if (now >= _measureUntil) break;
            under.RemoveAll(task => task.IsCompleted);
            await timer.WaitForNextTickAsync();
        }

        await Task.WhenAll(under);
    }

    async Task One(long begin)
    {
        Interlocked.Increment(ref _inFlight);
        var key = (int)(Interlocked.Increment(ref _key) % LoadRequest.Keys);
        try
        {
            if (_request.Kind == LoadKind.Write) await _store.Write(key, _value).ConfigureAwait(false);
            else await _store.Read(key).ConfigureAwait(false);
            Note(begin, Stopwatch.GetTimestamp());
        }
        catch (Exception problem)
        {
            // What was due within the measured time counts, whenever it ended.
            Interlocked.CompareExchange(ref _firstFailure, $"{problem.GetType().Name}: {problem.Message}", null);
            if (begin >= _measureFrom) Interlocked.Increment(ref _failed);
        }
        finally
        {
            Interlocked.Decrement(ref _inFlight);
        }
    }

    void Note(long begin, long end)
    {
        if (_request.KeepTimes)
        {
            lock (_times) _times.Add(end * 1_000_000 / Stopwatch.Frequency);
        }

        // A closed loop is as fast as what was acknowledged while the clock ran; an open one owes an answer to all that were due then.
        if (_request.Rate > 0 ? begin < _measureFrom : end < _measureFrom || end >= _measureUntil) return;
        Interlocked.Increment(ref _done);
        _latencies.RecordValue(Math.Clamp((end - begin) * 1_000_000 / Stopwatch.Frequency, 1, Histograms.Highest));
    }
}
