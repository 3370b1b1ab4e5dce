using System.Globalization;

namespace AkkaRaft.Benchmarks.Comparing;

/// <summary>How long writes stood still when a contender's leader was killed.</summary>
/// <param name="Contender">Its name.</param>
/// <param name="LowerTimeout">Its lower election timeout, milliseconds.</param>
/// <param name="Milliseconds">From the kill to the next acknowledged write, in the order of the runs; infinity where a client gave up before.</param>
/// <param name="Timeline">Acknowledged writes around one more kill, with 100 in flight.</param>
internal sealed record FailOverResult(string Contender, double LowerTimeout, IReadOnlyList<double> Milliseconds, IReadOnlyList<TimelinePoint> Timeline)
{
    /// <summary>Why there are fewer runs than were asked for; null if there are not.</summary>
    public string? Failure { get; init; }

    /// <summary>The median; NaN if there is no run.</summary>
    public double Median => Spread.MedianOf(Milliseconds);

    /// <summary>How many runs took longer than so many lower timeouts.</summary>
    public int Above(double timeouts) => Milliseconds.Count(time => time > timeouts * LowerTimeout);

    /// <summary>So many in a hundred took no longer than this; NaN if there is no run.</summary>
    public double Percentile(double percent)
    {
        double[] sorted = [.. Milliseconds.Order()];
        return sorted.Length == 0 ? double.NaN : sorted[Math.Max(0, (int)Math.Ceiling(percent / 100 * sorted.Length) - 1)];
    }

    /// <summary>For people, in a line.</summary>
    public string Describe()
    {
        return string.Create(CultureInfo.InvariantCulture,
            $"{Milliseconds.Count} runs: median {Median:0} ms ({Median / LowerTimeout:0.00} x {LowerTimeout:0} ms), shortest {Percentile(0):0} ms, p90 {Percentile(90):0} ms, longest {Percentile(100):0} ms, {Above(3)} above 3 x; " +
            $"all: {string.Join(' ', Milliseconds.Order().Select(time => time.ToString("0", CultureInfo.InvariantCulture)))}");
    }
}

/// <summary>A slice of time around a kill.</summary>
/// <param name="Seconds">Its beginning, from the kill.</param>
/// <param name="PerSecond">Writes acknowledged in it, in a second.</param>
internal sealed record TimelinePoint(double Seconds, double PerSecond);
