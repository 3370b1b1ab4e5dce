using System.Diagnostics;
using AkkaRaft.Samples.ClusterLauncher.Traffic;

namespace AkkaRaft.Samples.ClusterLauncher.Measuring;

/// <summary>Small writes at a fixed pace, whatever becomes of them, and how long each took; each belongs to the phase in which it was sent.</summary>
internal sealed class PacedWriter(ClusterClient client, int perSecond)
{
    const int Keys = 1000;
    static readonly TimeSpan s_step = TimeSpan.FromMilliseconds(5);
    static readonly string s_value = $"\"{new string('x', 100)}\"";

    /// <summary>Writes for as long as something takes.</summary>
    /// <param name="during">What; it is called at once.</param>
    public Task<Latencies> While(Task during) => While(() => during.IsCompleted, during);

    /// <summary>Writes for so long.</summary>
    public async Task<Latencies> For(TimeSpan time)
    {
        var clock = Stopwatch.StartNew();
        return await While(() => clock.Elapsed >= time, Task.CompletedTask);
    }

    async Task<Latencies> While(Func<bool> isOver, Task during)
    {
        var seen = new Latencies();
        var writes = new List<Task>();
        using var timer = new PeriodicTimer(s_step);
        var clock = Stopwatch.StartNew();
        while (!isOver())
        {
            await timer.WaitForNextTickAsync();
            for (var due = (long)(clock.Elapsed.TotalSeconds * perSecond); writes.Count < due;) writes.Add(Write(seen, writes.Count % Keys));
        }

        await Task.WhenAll(writes);
        await during;
        return seen;
    }

    async Task Write(Latencies seen, int key)
    {
        var sent = Stopwatch.GetTimestamp();
        try
        {
            await client.Put($"paced-{key}", s_value);
            seen.Add(Stopwatch.GetElapsedTime(sent));
        }
        catch (RaftException)
        {
            seen.AddFailure();
        }
    }
}
