using System.Diagnostics;

namespace AkkaRaft.Tests;

/// <summary>Waits for conditions.</summary>
internal static class Eventually
{
    static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(5);

    /// <summary>Looks again and again until it is so.</summary>
    /// <exception cref="TimeoutException">It never was.</exception>
    public static async Task Holds(string what, Func<Task<bool>> look, TimeSpan patience)
    {
        var started = Stopwatch.GetTimestamp();
        while (!await look())
        {
            if (Stopwatch.GetElapsedTime(started) > patience) throw new TimeoutException($"Waited {patience.TotalSeconds:0} s in vain for: {what}.");
            await Task.Delay(s_interval);
        }
    }

    /// <inheritdoc cref="Holds(string, Func{Task{bool}}, TimeSpan)"/>
    public static Task Holds(string what, Func<bool> look, TimeSpan patience) => Holds(what, () => Task.FromResult(look()), patience);
}
