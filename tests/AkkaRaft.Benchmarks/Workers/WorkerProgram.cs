using System.Runtime;
using System.Text.Json;
using AkkaRaft.Benchmarks.Contenders;
using AkkaRaft.Benchmarks.Load;

namespace AkkaRaft.Benchmarks.Workers;

/// <summary>
/// A process that puts load on a store when it is told to: a client's own process, or that of a node. A line of stdin is a request, its answer a line of stdout; it ends with its stdin.
/// </summary>
internal static class WorkerProgram
{
    /// <summary>The first line, when it serves.</summary>
    public const string Ready = "ready";

    /// <summary>Serves until stdin ends.</summary>
    /// <param name="store">What it puts load on; null where it only says what it costs.</param>
    public static async Task Serve(IStoreClient? store)
    {
        await Console.Out.WriteLineAsync(Ready);
        while (await Console.In.ReadLineAsync() is { } line)
        {
            var request = JsonSerializer.Deserialize<WorkerRequest>(line)!;
            var answer = new WorkerAnswer
            {
                Load = request.Load is { } load ? await LoadRunner.Run(store ?? throw new InvalidOperationException("This process has no client."), load) : null,
                Cost = request.Cost ? ProcessCost.Now() : null,
            };
            await Console.Out.WriteLineAsync(JsonSerializer.Serialize(answer));
        }
    }

    /// <summary>A client process of a contender.</summary>
    public static async Task<int> Client(IContender contender, string endpoints)
    {
        await using var store = await contender.Connect(endpoints);
        await Serve(store);
        return 0;
    }
}

/// <summary>What a worker is asked.</summary>
internal sealed record WorkerRequest
{
    /// <summary>To put load on its store.</summary>
    public LoadRequest? Load { get; init; }

    /// <summary>To say what it has used so far.</summary>
    public bool Cost { get; init; }
}

/// <summary>What a worker answers.</summary>
internal sealed record WorkerAnswer
{
    /// <summary>What came of the load.</summary>
    public LoadReport? Load { get; init; }

    /// <summary>What it has used so far.</summary>
    public ProcessCost? Cost { get; init; }
}

/// <summary>What a .NET process has used since its start.</summary>
/// <param name="CpuSeconds">Of all its threads, user and system.</param>
/// <param name="AllocatedBytes">On the managed heap.</param>
/// <param name="GcPauseSeconds">In which all its threads stood still.</param>
/// <param name="Collections">Of each generation.</param>
/// <param name="JitSeconds">Spent compiling, on all threads: near nothing once a process is warm.</param>
internal sealed record ProcessCost(double CpuSeconds, long AllocatedBytes, double GcPauseSeconds, int[] Collections, double JitSeconds)
{
    /// <summary>This process's.</summary>
    public static ProcessCost Now() => new(
        Environment.CpuUsage.TotalTime.TotalSeconds, GC.GetTotalAllocatedBytes(precise: true), GC.GetTotalPauseDuration().TotalSeconds, [.. Enumerable.Range(0, 3).Select(GC.CollectionCount)], JitInfo.GetCompilationTime().TotalSeconds);

    /// <summary>What was used since then.</summary>
    public ProcessCost Since(ProcessCost before) => new(
        CpuSeconds - before.CpuSeconds, AllocatedBytes - before.AllocatedBytes, GcPauseSeconds - before.GcPauseSeconds, [.. Collections.Zip(before.Collections, (now, then) => now - then)],
        JitSeconds - before.JitSeconds);
}
