using System.Globalization;

namespace AkkaRaft.Benchmarks.Comparing;

/// <summary>What the rounds have shown of one thing.</summary>
/// <param name="Median">The middle one.</param>
/// <param name="Lowest">The lowest.</param>
/// <param name="Highest">The highest.</param>
internal sealed record Spread(double Median, double Lowest, double Highest)
{
    /// <summary>Of so many figures; null of none.</summary>
    public static Spread? Of(IReadOnlyCollection<double> figures) => figures.Count == 0 ? null : new Spread(MedianOf(figures), figures.Min(), figures.Max());

    /// <summary>The middle one, or what is between the two in the middle; NaN of none.</summary>
    public static double MedianOf(IEnumerable<double> figures)
    {
        double[] sorted = [.. figures.Order()];
        return sorted.Length == 0 ? double.NaN : (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    /// <summary>As a ratio.</summary>
    public string Times => string.Create(CultureInfo.InvariantCulture, $"{Median:0.00} x ({Lowest:0.00} to {Highest:0.00})");

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Median:0.00} ({Lowest:0.00} to {Highest:0.00})");
}
