using System.Globalization;
using AkkaRaft.Benchmarks.Comparing;
using AkkaRaft.Benchmarks.Floors;

namespace AkkaRaft.Benchmarks.Bars;

/// <summary>The bars that stand beside peers and floors, judged by the medians of the rounds' ratios.</summary>
internal static class ComparisonBars
{
    const string Etcd = "etcd";
    const string DotNext = "dotnext";
    const string DotNextSync = "dotnext-sync";

    const double MedianFailOver = 1.5;
    const double LateFailOver = 3;
    const double LateShare = 2.0 / 50;

    /// <summary>All that a comparison can judge; those of fail-over only if it was measured.</summary>
    public static IReadOnlyList<BarResult> Of(ComparisonResult result) => [.. Peers(result), .. FailOver(result)];

    static IEnumerable<BarResult> Peers(ComparisonResult result) =>
    [
        Faster(result, Work.Writes1000, 10, Etcd),
        Faster(result, Work.Writes1000, 8, DotNext, DotNextSync),
        Faster(result, Work.Writes100, 5, Etcd),
        Faster(result, Work.Writes100, 2, DotNext, DotNextSync),
        AboveFloor(result),
        Below(result, "write p50, 1 in flight", Work.Writes1, measured => measured.P50, "below etcd's", ratio => ratio < 1),
        Below(result, "write p99, 100 in flight at half of peak load", Work.HalfOfThat, measured => measured.P99, "at most etcd's", ratio => ratio <= 1),
        Faster(result, Work.Reads100, 5, Etcd),
    ];

    static BarResult Faster(ComparisonResult result, Work work, double times, string peer, string? shownToo = null)
    {
        var ratio = result.RatioTo(peer, work, measured => measured.PerSecond);
        var seen = Text(result, ratio, peer);
        if (shownToo is not null) seen += $"; {shownToo}: {result.RatioTo(shownToo, work, measured => measured.PerSecond)?.Times ?? "not measured"}";
        return new BarResult($"{work.Name}, per second", string.Create(CultureInfo.InvariantCulture, $"at least {times:0} x {peer}"), seen, ratio?.Median >= times);
    }

    static BarResult Below(ComparisonResult result, string what, Work work, Func<Measured, double> figure, string bar, Func<double, bool> isMet)
    {
        var ratio = result.RatioTo(Etcd, work, figure);
        return new BarResult(what, bar, Text(result, ratio, Etcd), ratio is not null && isMet(ratio.Median));
    }

    // A write needs the disks of two nodes and the network between them and to the client: one journal write, as it is while three write, and two round trips.
    static BarResult AboveFloor(ComparisonResult result)
    {
        var trips = result.OfFloor(RoundFloors.RoundTrip);
        var floor = result.OfFloor(RoundFloors.JournalOneOfThree).ToDictionary(journal => journal.Key, journal => journal.Value + 2 * trips[journal.Key]);
        var ours = result.Of(result.Ours.Name, Work.Writes1, measured => measured.P50);
        var ratio = ComparisonResult.Ratio(ours, floor);
        var seen = ratio is null ? Text(result, ratio, "floors") : string.Create(CultureInfo.InvariantCulture, $"{ratio.Times}; {Spread.MedianOf(ours.Values):0.00} ms to {Spread.MedianOf(floor.Values):0.00} ms");
        return new BarResult("write p50, 1 in flight", "at most 1.5 x (LogJournal write of 1 while two others write one + 2 Akka.Remote round trips)", seen, ratio?.Median <= 1.5);
    }

    static IEnumerable<BarResult> FailOver(ComparisonResult result)
    {
        if (result.FailOvers.FirstOrDefault(one => one.Contender == result.Ours.Name) is not { Milliseconds.Count: > 0 } ours) return [];
        var etcds = result.FailOvers.FirstOrDefault(one => one.Contender == Etcd);
        var work = string.Create(CultureInfo.InvariantCulture, $"kill -9 of the leader to the next acknowledged write, {ours.Milliseconds.Count} runs");
        var median = ours.Median / ours.LowerTimeout;
        return
        [
            new BarResult(work, string.Create(CultureInfo.InvariantCulture, $"median at most {MedianFailOver:0.0} x the lower election timeout"),
                Beside(median, etcds?.Median / etcds?.LowerTimeout, "0.00", " x"), median <= MedianFailOver),
            new BarResult(work, string.Create(CultureInfo.InvariantCulture, $"at most 2 of 50 above {LateFailOver:0} x"),
                Beside(ours.Above(LateFailOver), etcds?.Above(LateFailOver), "0", ""), ours.Above(LateFailOver) <= LateShare * ours.Milliseconds.Count),
        ];
    }

    static string Beside(double ours, double? etcds, string format, string unit) =>
        ours.ToString(format, CultureInfo.InvariantCulture) + unit + (etcds is { } theirs ? $"; etcd: {theirs.ToString(format, CultureInfo.InvariantCulture)}{unit}" : "");

    // Why something is missing stands in the list below.
    static string Text(ComparisonResult result, Spread? ratio, string other)
    {
        if (ratio is not null) return ratio.Times;
        return result.Missing.ContainsKey(other) ? $"{other} is missing" : result.Missing.ContainsKey(result.Ours.Name) ? $"{result.Ours.Name} is missing" : $"{other}: not asked for";
    }
}
