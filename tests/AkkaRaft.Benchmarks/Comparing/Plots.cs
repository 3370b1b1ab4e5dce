using System.Globalization;
using AkkaRaft.Benchmarks.Contenders;
using AkkaRaft.Benchmarks.Load;
using ScottPlot;
using ScottPlot.TickGenerators;

namespace AkkaRaft.Benchmarks.Comparing;

/// <summary>Pictures of what was measured, as SVG.</summary>
internal static class Plots
{
    const int Width = 900;
    const int Height = 520;

    /// <summary>Writes per second over operations in flight, of each contender; both axes logarithmic.</summary>
    public static void Throughput(ComparisonResult result, string file)
    {
        var plot = new Plot();
        Work[] works = [.. Work.All.Where(work => work is { Kind: LoadKind.Write, ShareOfPeak: 0 }).OrderBy(work => work.InFlight)];
        foreach (var contender in result.Present)
        {
            var line = plot.Add.Scatter(works.Select(work => Math.Log10(work.InFlight)).ToArray(), works.Select(work => Math.Log10(result.MedianOf(contender, work, measured => measured.PerSecond))).ToArray());
            line.LegendText = contender.Name;
        }

        plot.Title("Acknowledged writes of 256 bytes, three nodes");
        plot.XLabel("in flight");
        plot.YLabel("per second");
        plot.Axes.Bottom.TickGenerator = Ticks([.. works.Select(work => (double)work.InFlight)]);
        plot.Axes.Left.TickGenerator = Ticks([100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000]);
        plot.ShowLegend(Alignment.UpperLeft);
        plot.SaveSvg(file, Width, Height);
    }

    static NumericManual Ticks(double[] at) => new([.. at.Select(Math.Log10)], [.. at.Select(value => value.ToString("#,0", CultureInfo.InvariantCulture))]);
}
