using System.Diagnostics.CodeAnalysis;
using System.Runtime.ExceptionServices;
using AkkaRaft.TestKit.Planning;
using AkkaRaft.TestKit.Reports;

namespace AkkaRaft.TestKit.Scenarios;

/// <summary>Runs one scenario with many seeds, several at once on threads of their own, until one fails.</summary>
internal sealed class SeedRunner(Scenario scenario, string test)
{
    /// <summary>Of the threads that runs have: Akka nests deeply when nothing hands over to another thread.</summary>
    public const int StackSize = 16 * 1024 * 1024;

    readonly Lock _gate = new();
    readonly RunCounters _counters = new();

    RunResult? _failed;
    ExceptionDispatchInfo? _broken;

    /// <summary>Told of each run that ended; one at a time.</summary>
    public Action<RunResult>? Ended { get; init; }

    /// <summary>Whether to stop before the range ends; asked before each run.</summary>
    public Func<bool> MustStop { get; init; } = () => false;

    /// <summary>Goes on after a failure, and throws nothing.</summary>
    public bool KeepGoing { get; init; }

    public int Threads { get; init; } = (int)Math.Min(Simulate.Number("AKKARAFT_THREADS") ?? (ulong)Environment.ProcessorCount, 256);

    /// <summary>What a run leaves for those who want to look into it; for one run only.</summary>
    public RunFiles? Files { get; init; }

    /// <summary>See <see cref="ClusterOptions.WatchThreads"/>.</summary>
    public bool WatchThreads { get; init; }

    /// <summary>How a seed is repeated, as a command.</summary>
    public Func<ulong, string>? ReplayCommand { get; init; }

    public RunCounters Run(ulong first, long count)
    {
        var next = -1L;
        var threads = Enumerable.Range(0, (int)Math.Min(Math.Max(1, Threads), count)).Select(_ => new Thread(() =>
        {
            while (Interlocked.Increment(ref next) is var at && at < count && !IsOver()) Work(first + (ulong)at);
        }, StackSize) { IsBackground = true, Name = "AkkaRaft simulation" }).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        _broken?.Throw();
        if (_failed is { } failed && !KeepGoing) throw FailureReport.Of(scenario, failed, test);
        return _counters;
    }

    [SuppressMessage("Design", "CA1031", Justification = "What a scenario's own code throws is thrown to its caller; on this thread it would end the process.")]
    void Work(ulong seed)
    {
        try
        {
            Note(RunOne(seed));
        }
        catch (Exception broken)
        {
            lock (_gate) _broken ??= ExceptionDispatchInfo.Capture(broken);
        }
    }

    public RunResult RunOne(ulong seed)
    {
        var run = new ScenarioRun(scenario, RunPlanner.Plan(scenario, seed))
        {
            ReplayCommand = ReplayOf(seed), WatchThreads = WatchThreads, Made = Files is null ? null : Files.Attach,
        };
        var result = run.Go();
        Files?.Write(result);
        return result;
    }

    string ReplayOf(ulong seed) => ReplayCommand?.Invoke(seed) ?? $"AKKARAFT_SEED={seed} dotnet test --filter \"FullyQualifiedName~{test}\"";

    bool IsOver()
    {
        lock (_gate) return MustStop() || _broken is not null || (_failed is not null && !KeepGoing);
    }

    void Note(RunResult result)
    {
        lock (_gate)
        {
            _counters.Add(result.Counters);
            // Of several that fail at the same time the lowest seed is told, so that the report does not depend on threads.
            if (result.Failure is not null && (_failed is null || result.Plan.Seed < _failed.Plan.Seed)) _failed = result;
            Ended?.Invoke(result);
        }
    }
}
