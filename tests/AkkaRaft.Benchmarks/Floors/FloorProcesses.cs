using System.Diagnostics;
using System.Text.Json;
using AkkaRaft.Benchmarks.Load;
using AkkaRaft.Benchmarks.Workers;
using AkkaRaft.Samples.ClusterLauncher.Processes;

namespace AkkaRaft.Benchmarks.Floors;

/// <summary>How long a floor is measured.</summary>
/// <param name="WarmUp">Not measured: the first seconds are the JIT's.</param>
/// <param name="Measured">What is measured, after that.</param>
internal sealed record FloorTime(TimeSpan WarmUp, TimeSpan Measured);

/// <summary>What one thing, done again and again, took.</summary>
/// <param name="P50">Its median, milliseconds.</param>
/// <param name="P99">One in a hundred took longer, milliseconds.</param>
/// <param name="PerSecond">How often in a second, by all processes that did it.</param>
internal sealed record FloorFigures(double P50, double P99, double PerSecond);

/// <summary>Runs this program anew as what a floor is measured with: each in processes of its own, as the nodes are.</summary>
internal static class FloorProcesses
{
    static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    /// <summary>Starts a process that does one thing whenever it is told to write.</summary>
    /// <param name="folder">Where its stderr goes.</param>
    /// <param name="kind">What it does, as <see cref="FloorProgram"/> knows it.</param>
    /// <param name="arguments">More about that.</param>
    public static Task<WorkerProcess> Start(string folder, string kind, params IEnumerable<string> arguments) =>
        WorkerProcess.Start(Path.Combine(folder, $"floor-{kind}.log"), [FloorProgram.Command, kind, .. arguments]);

    /// <summary>What a load on all of these, at once, took; each has so many under way.</summary>
    public static async Task<FloorFigures> Measure(IReadOnlyList<WorkerProcess> workers, FloorTime time, int inFlight = 1)
    {
        var reports = await Task.WhenAll(workers.Select(worker => worker.Run(new LoadRequest(LoadKind.Write, inFlight, Rate: 0, time.WarmUp, time.Measured))));
        if (reports.FirstOrDefault(report => report.FirstFailure is not null) is { } failed) throw new InvalidOperationException($"A floor could not be measured: {failed.FirstFailure}");
        var all = Histograms.New();
        foreach (var report in reports) all.Add(Histograms.Decode(report.Histogram));
        return new FloorFigures(all.Percentile(50), all.Percentile(99), reports.Sum(report => report.PerSecond));
    }

    /// <summary>What a load on so many processes, that are started for it, took.</summary>
    /// <param name="count">How many.</param>
    /// <param name="time">For how long.</param>
    /// <param name="start">Starts one of them.</param>
    public static async Task<FloorFigures> Measure(int count, FloorTime time, Func<int, Task<WorkerProcess>> start)
    {
        var workers = new List<WorkerProcess>();
        try
        {
            for (var number = 0; number < count; number++) workers.Add(await start(number));
            return await Measure(workers, time);
        }
        finally
        {
            foreach (var worker in workers) await worker.DisposeAsync();
        }
    }

    /// <summary>The answer of a process that does its work at once, says one line of JSON, and ends.</summary>
    public static async Task<T> Answer<T>(string folder, string kind, TimeSpan work, params IEnumerable<string> arguments)
    {
        await using var process = ChildProcess.Start(ThisProgram.WithArguments([FloorProgram.Command, kind, .. arguments]), new OutputLog(Path.Combine(folder, $"floor-{kind}.log")));
        var code = await process.Exited.WaitAsync(work + s_patience);
        return code == 0 && process.Output.Lines is [.., var line]
            ? JsonSerializer.Deserialize<T>(line)!
            : throw new InvalidOperationException($"The process of floor {kind} has ended with exit code {code}. Its last lines:{Environment.NewLine}{string.Join(Environment.NewLine, process.Errors.Last(20))}");
    }
}
