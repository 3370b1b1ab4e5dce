using System.Globalization;
using ScottPlot;
using ScottPlot.TickGenerators;

namespace AkkaRaft.Benchmarks.Comparing;

/// <summary>Pictures of what was measured, as SVG.</summary>
internal static class Plots
{
    public const string ThroughputFile = "throughput.svg";
    public const string LatencyFile = "latency.svg";
    public const string FailOverFile = "failover.svg";
    public const string TimelineFile = "failover-timeline.svg";

    const int Width = 900;
    const int Height = 520;

    static readonly double[] s_steps = [1, 2, 5];

    /// <summary>All that there is something to draw of.</summary>
    public static void Draw(ComparisonResult result, string folder)
    {
        Throughput(result, Path.Combine(folder, ThroughputFile));
        if (result.Plan.Full) Latency(result, Path.Combine(folder, LatencyFile));
        if (result.FailOvers.Count == 0) return;
        FailOver(result, Path.Combine(folder, FailOverFile));
        Timeline(result, Path.Combine(folder, TimelineFile));
    }

    /// <summary>Writes per second over operations in flight, of each contender; both axes logarithmic.</summary>
    static void Throughput(ComparisonResult result, string file)
    {
        var plot = new Plot();
        Work[] works = [.. Work.ClosedWrites.OrderBy(work => work.InFlight)];
        foreach (var column in result.Columns)
            Line(plot, result, column, [.. works.Select(work => ((double)work.InFlight, result.MedianOf(column, work, measured => measured.PerSecond)))])?.LegendText = column;
        plot.Title("Acknowledged writes of 256 bytes, three nodes");
        plot.XLabel("in flight");
        plot.YLabel("per second");
        plot.Axes.Bottom.TickGenerator = Ticks(works.Select(work => (double)work.InFlight));
        plot.Axes.Left.TickGenerator = Ticks(Decades(10, 1_000_000));
        plot.ShowLegend(Alignment.UpperLeft);
        plot.SaveSvg(file, Width, Height);
    }

    /// <summary>p50 and p99 over what was offered in a second, of each contender; both axes logarithmic.</summary>
    static void Latency(ComparisonResult result, string file)
    {
        var plot = new Plot();
        foreach (var column in result.Columns)
        {
            if (Line(plot, result, column, Over(column, measured => measured.P99)) is not { } high || Line(plot, result, column, Over(column, measured => measured.P50)) is not { } median) continue;
            high.LegendText = $"{column}, p99";
            high.LineWidth = 2;
            median.LegendText = $"{column}, p50";
            // Not dashed: that cannot be written as SVG.
            median.MarkerShape = MarkerShape.OpenCircle;
        }

        plot.Title("Latency of writes over offered load, 10 to 90 % of each one's peak");
        plot.XLabel("offered in a second");
        plot.YLabel("ms");
        plot.Axes.Bottom.TickGenerator = Ticks(Decades(10, 1_000_000));
        plot.Axes.Left.TickGenerator = Ticks(Decades(0.01, 100_000));
        plot.ShowLegend(Edge.Right);
        plot.SaveSvg(file, Width, Height);

        (double, double)[] Over(string column, Func<Measured, double> figure) =>
            [.. Work.Sweep.Select(work => (result.MedianOf(column, work, measured => measured.Offered), result.MedianOf(column, work, figure)))];
    }

    /// <summary>The share of the runs that took no longer, over lower election timeouts.</summary>
    static void FailOver(ComparisonResult result, string file)
    {
        var plot = new Plot();
        foreach (var one in result.FailOvers)
        {
            // Where a client gave up before, the line does not reach 100 %.
            double[] sorted = [.. one.Milliseconds.Where(double.IsFinite).Order().Select(time => time / one.LowerTimeout)];
            if (sorted.Length == 0) continue;
            var line = plot.Add.Scatter(sorted, [.. sorted.Select((_, place) => (place + 1) * 100.0 / one.Milliseconds.Count)], ColorOf(result, one.Contender));
            line.ConnectStyle = ConnectStyle.StepHorizontal;
            line.LegendText = one.Contender;
        }

        foreach (var bar in new[] { 1.5, 3 }) plot.Add.VerticalLine(bar, width: 1, color: Colors.Gray);

        plot.Title("kill -9 of the leader to the next acknowledged write");
        plot.XLabel("lower election timeouts");
        plot.YLabel("% of the runs took no longer");
        var longest = result.FailOvers.SelectMany(one => one.Milliseconds.Select(time => time / one.LowerTimeout)).Where(double.IsFinite).DefaultIfEmpty().Max();
        plot.Axes.SetLimits(0, Math.Max(3.2, longest * 1.05), 0, 105);
        plot.ShowLegend(Alignment.LowerRight);
        plot.SaveSvg(file, Width, Height);
    }

    /// <summary>Writes acknowledged in each tenth of a second around a kill.</summary>
    static void Timeline(ComparisonResult result, string file)
    {
        var plot = new Plot();
        foreach (var one in result.FailOvers.Where(one => one.Timeline.Count > 0))
        {
            var line = plot.Add.ScatterLine(one.Timeline.Select(point => point.Seconds).ToArray(), one.Timeline.Select(point => point.PerSecond).ToArray(), ColorOf(result, one.Contender));
            line.LegendText = one.Contender;
            line.ConnectStyle = ConnectStyle.StepHorizontal;
        }

        plot.Add.VerticalLine(0, width: 1, color: Colors.Gray);
        plot.Title("Acknowledged writes around kill -9 of the leader, 100 in flight");
        plot.XLabel("seconds from the kill");
        plot.YLabel("per second");
        plot.ShowLegend(Alignment.UpperRight);
        plot.SaveSvg(file, Width, Height);
    }

    // Null where there is nothing to draw.
    static ScottPlot.Plottables.Scatter? Line(Plot plot, ComparisonResult result, string column, IEnumerable<(double X, double Y)> points)
    {
        // Zero and nothing have no logarithm.
        (double X, double Y)[] there = [.. points.Where(point => point is { X: > 0, Y: > 0 })];
        return there.Length == 0 ? null : plot.Add.Scatter(there.Select(point => Math.Log10(point.X)).ToArray(), there.Select(point => Math.Log10(point.Y)).ToArray(), ColorOf(result, column));
    }

    // The same one in all pictures.
    static Color ColorOf(ComparisonResult result, string column) => new ScottPlot.Palettes.Category10().GetColor(result.Columns.ToList().IndexOf(column));

    static IEnumerable<double> Decades(double from, double to)
    {
        for (var decade = from; decade < to; decade *= 10)
        {
            foreach (var step in s_steps) yield return step * decade;
        }
    }

    static NumericManual Ticks(IEnumerable<double> at)
    {
        double[] values = [.. at];
        return new NumericManual([.. values.Select(Math.Log10)], [.. values.Select(value => value.ToString("#,0.##", CultureInfo.InvariantCulture))]);
    }
}
