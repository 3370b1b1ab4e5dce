using System.Globalization;
using AkkaRaft.Benchmarks.Load;

namespace AkkaRaft.Benchmarks.Comparing;

/// <summary>One of the things that all contenders are asked to do.</summary>
/// <param name="Name">For the table and the files.</param>
/// <param name="Kind">Writes or reads.</param>
/// <param name="InFlight">Operations that are always under way; of an open loop the most that may be.</param>
internal sealed record Work(string Name, LoadKind Kind, int InFlight)
{
    // An open loop that is not borne sheds; what it sheds has no latency, so that this is much more than any load that is borne has under way.
    const int MostOffered = 5000;

    public static Work Writes1000 { get; } = new("writes, 1000 in flight", LoadKind.Write, 1000);

    public static Work Writes100 { get; } = new("writes, 100 in flight", LoadKind.Write, 100);

    public static Work HalfOfThat { get; } = new("writes, half of that offered", LoadKind.Write, 1000) { Peak = Writes100, ShareOfPeak = 0.5 };

    public static Work Writes16 { get; } = new("writes, 16 in flight", LoadKind.Write, 16);

    public static Work Writes1 { get; } = new("writes, 1 in flight", LoadKind.Write, 1);

    public static Work Reads100 { get; } = new("linearizable reads, 100 in flight", LoadKind.Read, 100);

    /// <summary>All, in the order in which each round does them.</summary>
    public static IReadOnlyList<Work> All { get; } = [Writes1000, Writes100, HalfOfThat, Writes16, Writes1, Reads100];

    /// <summary>Writes in closed loops: what is done from inside the leader's process, too.</summary>
    public static IReadOnlyList<Work> ClosedWrites { get; } = [.. All.Where(work => work is { Kind: LoadKind.Write, Peak: null })];

    /// <summary>Open loops from little load to nearly all that is borne, after the others.</summary>
    public static IReadOnlyList<Work> Sweep { get; } = [.. new[] { 0.1, 0.25, 0.5, 0.75, 0.9 }.Select(share =>
        new Work(string.Create(CultureInfo.InvariantCulture, $"writes, {share * 100:0} % of the peak offered"), LoadKind.Write, MostOffered) { Peak = Writes1000, ShareOfPeak = share })];

    /// <summary>Those of which it is said what they cost a node.</summary>
    public static IReadOnlyList<Work> Costed { get; } = [Writes1000, Writes1];

    /// <summary>Of an open loop: the closed loop whose throughput it takes a share of; null for a closed loop.</summary>
    public Work? Peak { get; init; }

    /// <summary>Of an open loop: offered is this share of what the same contender did in the same round in the closed loop.</summary>
    public double ShareOfPeak { get; init; }
}

/// <summary>What came of one work in one round; latencies in milliseconds.</summary>
/// <param name="Contender">Whose name.</param>
/// <param name="Work">Which work's name.</param>
/// <param name="Round">From 1.</param>
/// <param name="Offered">Operations that began in a second; 0 in a closed loop.</param>
/// <param name="PerSecond">Operations acknowledged in a second.</param>
/// <param name="P50">Their latency's median.</param>
/// <param name="P99">One in a hundred took longer.</param>
/// <param name="P999">One in a thousand took longer.</param>
/// <param name="Longest">The longest.</param>
/// <param name="Failed">Operations that ended otherwise.</param>
/// <param name="Shed">Operations of an open loop that never began.</param>
internal sealed record Measured(string Contender, string Work, int Round, double Offered, double PerSecond, double P50, double P99, double P999, double Longest, long Failed, long Shed)
{
    /// <summary>Of a report.</summary>
    public static Measured Of(string contender, Work work, int round, LoadRequest load, LoadReport report)
    {
        var latencies = Histograms.Decode(report.Histogram);
        return new Measured(contender, work.Name, round, load.Rate, report.PerSecond, latencies.Percentile(50), latencies.Percentile(99), latencies.Percentile(99.9), latencies.Percentile(100), report.Failed, report.Shed);
    }
}
