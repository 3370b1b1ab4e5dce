using AkkaRaft.Benchmarks.Load;

namespace AkkaRaft.Benchmarks.Comparing;

/// <summary>One of the things that all contenders are asked to do.</summary>
/// <param name="Name">For the table and the files.</param>
/// <param name="Kind">Writes or reads.</param>
/// <param name="InFlight">Operations that are always under way; of an open loop the most that may be.</param>
internal sealed record Work(string Name, LoadKind Kind, int InFlight)
{
    /// <summary>In an open loop: offered is this share of what the same contender did in the same round in a closed loop of as many operations; 0 for a closed loop.</summary>
    public double ShareOfPeak { get; init; }

    /// <summary>All, in the order in which each round does them.</summary>
    public static IReadOnlyList<Work> All { get; } =
    [
        new("writes, 1000 in flight", LoadKind.Write, 1000),
        new("writes, 100 in flight", LoadKind.Write, 100),
        new("writes, half of that offered", LoadKind.Write, 1000) { ShareOfPeak = 0.5 },
        new("writes, 16 in flight", LoadKind.Write, 16),
        new("writes, 1 in flight", LoadKind.Write, 1),
        new("linearizable reads, 100 in flight", LoadKind.Read, 100),
    ];

    /// <summary>Whose throughput the open loop takes its share of.</summary>
    public static Work Peak => All[1];
}

/// <summary>What came of one work in one round; latencies in milliseconds.</summary>
internal sealed record Measured(string Contender, string Work, int Round, double PerSecond, double P50, double P99, double P999, double Longest, long Failed, long Shed)
{
    /// <summary>Of a report.</summary>
    public static Measured Of(string contender, Work work, int round, LoadReport report)
    {
        var latencies = Histograms.Decode(report.Histogram);
        return new Measured(contender, work.Name, round, report.PerSecond, latencies.Percentile(50), latencies.Percentile(99), latencies.Percentile(99.9), latencies.Percentile(100), report.Failed, report.Shed);
    }
}
