using System.Diagnostics;
using System.Globalization;

namespace AkkaRaft.Samples.ClusterLauncher.Measuring;

/// <summary>
/// How long the disk takes for a small write of nobody's but its own, all the time: a disk that others use too stands still now and then, and what that does to the
/// nodes' writes is not the nodes' doing.
/// </summary>
internal sealed class DiskProbe : IAsyncDisposable
{
    const int Bytes = 4096;
    const int Blocks = 1024;
    static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(20);

    readonly FileStream _file;
    readonly CancellationTokenSource _end = new();
    readonly Task _probing;
    Latencies _seen = new();

    /// <summary>Begins.</summary>
    /// <param name="folder">A folder on that disk; the probe's file is deleted in the end.</param>
    public DiskProbe(string folder)
    {
        _file = new FileStream(
            Path.Combine(folder, "disk-probe"), FileMode.Create, FileAccess.Write, FileShare.None, 0, FileOptions.DeleteOnClose);
        _probing = Probe();
    }

    /// <summary>What was seen since this was asked last.</summary>
    public string Take()
    {
        var seen = Interlocked.Exchange(ref _seen, new Latencies());
        return string.Create(CultureInfo.InvariantCulture, $"the disk by itself: p50 {seen.Percentile(0.5):0.0} ms, p99 {seen.Percentile(0.99):0.0} ms, longest {seen.Percentile(1):0.0} ms");
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _probing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _file.DisposeAsync();
        _end.Dispose();
    }

    async Task Probe()
    {
        var block = new byte[Bytes];
        for (var count = 0; ; count++)
        {
            await Task.Delay(s_pause, _end.Token);
            var begun = Stopwatch.GetTimestamp();
            _file.Position = count % Blocks * Bytes;
            _file.Write(block);
            _file.Flush(flushToDisk: true);
            Volatile.Read(ref _seen).Add(Stopwatch.GetElapsedTime(begun));
        }
    }
}
