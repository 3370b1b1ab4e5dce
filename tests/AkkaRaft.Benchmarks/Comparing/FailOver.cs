using System.Diagnostics;
using System.Globalization;
using AkkaRaft.Benchmarks.Contenders;
using AkkaRaft.Benchmarks.Load;
using AkkaRaft.Benchmarks.Workers;

namespace AkkaRaft.Benchmarks.Comparing;

/// <summary>From the kill -9 of the leader to the next write that a client has acknowledged, again and again; the killed node comes back before the next time.</summary>
internal static class FailOver
{
    const int Nodes = 3;
    static readonly TimeSpan s_watched = TimeSpan.FromSeconds(6);
    static readonly TimeSpan s_quiet = TimeSpan.FromSeconds(2);

    /// <summary>The times in milliseconds, in the order of the runs.</summary>
    /// <param name="contender">Whose leader is killed.</param>
    /// <param name="folder">On the disk that is measured; it and what is in it are deleted.</param>
    /// <param name="runs">How often.</param>
    /// <param name="say">Told each time.</param>
    public static async Task<IReadOnlyList<double>> Run(IContender contender, string folder, int runs, Action<string> say)
    {
        Directory.CreateDirectory(folder);
        try
        {
            await using var cluster = await contender.Start(folder, Nodes);
            await using var client = await WorkerProcess.Start(Path.Combine(folder, "client.log"), ["client", contender.Name, cluster.Endpoints]);
            await client.Run(new LoadRequest(LoadKind.Write, 100, 0, TimeSpan.FromSeconds(15), TimeSpan.Zero));
            var times = new List<double>();
            for (var run = 1; run <= runs; run++)
            {
                var leader = await cluster.Leader();
                var writes = client.Run(new LoadRequest(LoadKind.Write, 1, 0, TimeSpan.Zero, s_watched) { KeepTimes = true });
                // At any moment of a heartbeat interval.
                await Task.Delay(s_quiet + TimeSpan.FromMilliseconds(Random.Shared.Next(200)));
                var killed = Stopwatch.GetTimestamp();
                cluster.Kill(leader);
                var report = await writes;
                times.Add(GapAfter(killed, report));
                say(string.Create(CultureInfo.InvariantCulture, $"{contender.Title}, run {run} of {runs}: {times[^1]:0} ms"));
                await cluster.Restart(leader);
                await client.Run(new LoadRequest(LoadKind.Write, 1, 0, s_quiet, TimeSpan.Zero));
            }

            return times;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Median, mean and extremes, and how many were above three times the lower election timeout.</summary>
    /// <param name="times">Milliseconds.</param>
    /// <param name="electionTimeout">The lower one, in milliseconds.</param>
    public static string Describe(IReadOnlyList<double> times, double electionTimeout)
    {
        double[] sorted = [.. times.Order()];
        return string.Create(CultureInfo.InvariantCulture,
            $"{times.Count} runs: median {sorted[sorted.Length / 2]:0} ms ({sorted[sorted.Length / 2] / electionTimeout:0.00} x {electionTimeout:0} ms), shortest {sorted[0]:0} ms, longest {sorted[^1]:0} ms, {sorted.Count(time => time > 3 * electionTimeout)} above 3 x; " +
            $"all: {string.Join(' ', sorted.Select(time => time.ToString("0", CultureInfo.InvariantCulture)))}");
    }

    // The clock is the machine's: the client's process reads the same one.
    static double GapAfter(long killed, LoadReport report)
    {
        var at = killed * 1_000_000 / Stopwatch.Frequency;
        var next = Array.FindIndex(report.AcknowledgedAt, acknowledged => acknowledged > at);
        if (next < 0) throw new TimeoutException($"No write was acknowledged within {s_watched - s_quiet} after the leader was killed. {report.Failed} failed: {report.FirstFailure}");
        // A write that the leader had acknowledged before the kill may arrive just after it.
        if (next + 1 < report.AcknowledgedAt.Length && report.AcknowledgedAt[next] - at < 1000) next++;
        return (report.AcknowledgedAt[next] - at) / 1000d;
    }
}
