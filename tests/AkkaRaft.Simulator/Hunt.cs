using System.Diagnostics;
using System.Globalization;
using AkkaRaft.TestKit;
using AkkaRaft.TestKit.Reports;
using AkkaRaft.TestKit.Scenarios;
using AkkaRaft.TestKit.Shrinking;

namespace AkkaRaft.Simulator;

/// <summary>Runs one scenario with one seed or with many, and tells how it went.</summary>
public sealed class Hunt
{
    /// <summary>Nobody looks at more.</summary>
    const int MaxPages = 10;

    static readonly TimeSpan Progress = TimeSpan.FromSeconds(30);

    readonly string _machine;
    readonly string _faults;
    readonly int? _nodes;
    readonly Scenario _scenario;

    /// <param name="machine">One of <see cref="Hunts.Machines"/>.</param>
    /// <param name="faults">One of <see cref="Hunts.Profiles"/>.</param>
    /// <param name="nodes">How many nodes; null lets each seed draw.</param>
    public Hunt(string machine, string faults, int? nodes = null)
    {
        _machine = machine;
        _faults = faults;
        _nodes = nodes;
        _scenario = Simulate.Defined(cluster =>
        {
            Hunts.Of(machine, Hunts.Profiles[faults])(cluster);
            if (nodes is { } count) cluster.Nodes(count);
        });
    }

    /// <summary>The beginning of a range of seeds that nobody had before: by the clock, readable, and a million wide.</summary>
    public static ulong FreshSeed() => (ulong)(DateTime.UtcNow - new DateTime(2026, 1, 1)).TotalSeconds * 1_000_000;

    /// <summary>The one command that repeats a seed.</summary>
    /// <param name="machine">One of <see cref="Hunts.Machines"/>.</param>
    /// <param name="faults">One of <see cref="Hunts.Profiles"/>.</param>
    /// <param name="seed">The seed.</param>
    /// <param name="nodes">How many nodes; null lets each seed draw.</param>
    public static string ReplayCommand(string machine, string faults, ulong seed, int? nodes = null) =>
        $"./build.sh simulate --machine {machine} --faults {faults}{(nodes is { } count ? $" --nodes {count}" : "")} --seed {seed}";

    /// <summary>Runs one seed; prints what happened, and the hash of all its steps.</summary>
    /// <param name="seed">The seed.</param>
    /// <param name="html">Where to write a page that shows the run; null for nowhere.</param>
    /// <param name="trace">Where to write its protocol events; null for nowhere.</param>
    /// <returns>0 if it went well, else 1.</returns>
    public int RunOne(ulong seed, string? html, string? trace)
    {
        RunResult result;
        try
        {
            using var files = new RunFiles(Title, html, trace);
            result = new SeedRunner(_scenario, "hunt") { ReplayCommand = Replay, WatchThreads = true, Files = files }.RunOne(seed);
        }
        catch (IOException refused)
        {
            Console.Error.WriteLine(refused.Message);
            return 1;
        }

        Console.WriteLine(result.Counters);
        if (html is not null) Console.WriteLine($"the run as a page: {html}");
        if (trace is not null) Console.WriteLine($"the protocol events: {trace}");
        Console.WriteLine($"seed {seed}: trace hash {result.TraceHash:x16}");
        if (result.Failure is null) return 0;
        Console.WriteLine(FailureReport.Of(_scenario, result, _machine).Message);
        return 1;
    }

    /// <summary>Runs many seeds, goes on after failures, and keeps each failure as a file, the first ones as a page too.</summary>
    /// <param name="first">The first seed.</param>
    /// <param name="count">How many.</param>
    /// <param name="time">For how long at most; null for no limit.</param>
    /// <param name="threads">How many at once.</param>
    /// <param name="failures">The folder of the failures.</param>
    /// <returns>0 if all went well, else 1.</returns>
    public int RunMany(ulong first, long count, TimeSpan? time, int threads, string failures)
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"machine {_machine}, faults {_faults}, {(_nodes is { } nodes ? $"{nodes} nodes, " : "")}seeds from {first}, {(time is { } limit ? $"for {limit.TotalMinutes:0.#} minutes" : $"{count} of them")}, {threads} at once"));
        var watch = Stopwatch.StartNew();
        var failed = 0;
        var sum = new RunCounters();
        var told = TimeSpan.Zero;
        new SeedRunner(_scenario, "hunt")
        {
            Threads = threads,
            KeepGoing = true,
            ReplayCommand = Replay,
            MustStop = () => watch.Elapsed > time,
            Ended = result =>
            {
                sum.Add(result.Counters);
                if (result.Failure is not null)
                {
                    failed++;
                    Keep(result, failures, withPage: failed <= MaxPages);
                }

                if (watch.Elapsed - told < Progress) return;
                told = watch.Elapsed;
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{watch.Elapsed:hh\\:mm\\:ss} {failed} failed; {sum}"));
            },
        }.Run(first, count);

        var cpu = Process.GetCurrentProcess().TotalProcessorTime;
        Console.WriteLine(sum);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{sum.Messages / cpu.TotalSeconds:0} messages and {sum.VirtualTime / cpu:0.0} virtual s per CPU s; {cpu.TotalSeconds:0} CPU s"));
        Console.WriteLine($"{sum.Runs - failed} seeds passed, {failed} failed");
        return failed == 0 && sum.Runs > 0 ? 0 : 1;
    }

    string Title => $"{_machine}, faults {_faults}";

    string Replay(ulong seed) => ReplayCommand(_machine, _faults, seed, _nodes);

    void Keep(RunResult result, string folder, bool withPage)
    {
        var report = FailureReport.Of(_scenario, result, _machine, folder, Shrinking);
        Console.WriteLine($"seed {result.Plan.Seed} FAILED: {result.Failure!.Problem}; repeat it: {Replay(result.Plan.Seed)}; see {folder}");
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, $"{_machine}-{result.Plan.Seed}-report.txt"), report.Message);
        if (!withPage) return;
        // The same run once more, with somebody looking on.
        using var files = new RunFiles(Title, Path.Combine(folder, $"{_machine}-{result.Plan.Seed}.html"), null);
        new SeedRunner(_scenario, "hunt") { ReplayCommand = Replay, Files = files }.RunOne(result.Plan.Seed);
    }

    static ShrinkBudget? Shrinking => Environment.GetEnvironmentVariable("AKKARAFT_SHRINK") == "0" ? null : new ShrinkBudget();
}
