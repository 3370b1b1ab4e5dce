using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using AkkaRaft.Benchmarks.Bars;
using AkkaRaft.Benchmarks.Contenders;
using AkkaRaft.Benchmarks.Floors;

namespace AkkaRaft.Benchmarks.Comparing;

/// <summary>What a comparison has found, as data.</summary>
/// <param name="Begun">When.</param>
/// <param name="Plan">What was done.</param>
/// <param name="Missing">What could not be measured, or not to its end, and why.</param>
/// <param name="Results">Each work of each contender in each round.</param>
/// <param name="Floors">Each floor in each round.</param>
/// <param name="Costs">What nodes of ours used.</param>
/// <param name="FailOvers">How long fail-overs took; empty unless that was measured.</param>
/// <param name="OwnBars">The bars that need no peer; empty unless they were measured.</param>
internal sealed record ComparisonResult(
    DateTimeOffset Begun, ComparisonPlan Plan, IReadOnlyDictionary<string, string> Missing, IReadOnlyList<Measured> Results, IReadOnlyList<MeasuredFloor> Floors, IReadOnlyList<NodeCost> Costs,
    IReadOnlyList<FailOverResult> FailOvers, IReadOnlyList<BarResult> OwnBars)
{
    /// <summary>The name of ours, asked from inside the leader's process.</summary>
    public const string Inside = "akkaraft, inside";

    static readonly JsonSerializerOptions s_json = new() { WriteIndented = true, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    /// <summary>Ours.</summary>
    public IContender Ours => Plan.Contenders[0];

    /// <summary>The names of all that has figures, or should have: the columns of the tables. What ours does from inside stands behind ours.</summary>
    public IReadOnlyList<string> Columns => [Ours.Name, Inside, .. Plan.Contenders.Skip(1).Select(contender => contender.Name)];

    /// <summary>The bars that can be judged by this.</summary>
    public IReadOnlyList<BarResult> Bars => [.. ComparisonBars.Of(this), .. OwnBars];

    /// <summary>What this was measured on.</summary>
    public static string Machine() => string.Create(CultureInfo.InvariantCulture,
        $"{Environment.ProcessorCount} cores, {GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 1e9:0} GB, {RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}");

    /// <summary>Everything that was measured, round by round.</summary>
    public string ToJson(string command) => JsonSerializer.Serialize(new
    {
        Command = command,
        Begun,
        Plan.Rounds,
        WarmUpSeconds = Plan.WarmUp.TotalSeconds,
        MeasuredSeconds = Plan.Measured.TotalSeconds,
        Machine = Machine(),
        Bars,
        Missing,
        Results,
        Floors,
        Costs,
        FailOvers,
    }, s_json);

    /// <summary>What a contender has shown in a work, in each round that it was measured in.</summary>
    public IReadOnlyDictionary<int, double> Of(string contender, Work work, Func<Measured, double> figure) =>
        Results.Where(result => result.Contender == contender && result.Work == work.Name).ToDictionary(result => result.Round, figure);

    /// <summary>A floor's median latency in each round, milliseconds.</summary>
    public IReadOnlyDictionary<int, double> OfFloor(string floor) => Floors.Where(measured => measured.Floor == floor).ToDictionary(measured => measured.Round, measured => measured.P50);

    /// <summary>The median of the rounds; NaN if there is none.</summary>
    public double MedianOf(string contender, Work work, Func<Measured, double> figure) => Spread.MedianOf(Of(contender, work, figure).Values);

    /// <summary>Ours to another one's, round by round; null if there is no round that has both.</summary>
    public Spread? RatioTo(string other, Work work, Func<Measured, double> figure) => Ratio(Of(Ours.Name, work, figure), Of(other, work, figure));

    /// <summary>Figures to others of the same round; null if there is no round that has both.</summary>
    public static Spread? Ratio(IReadOnlyDictionary<int, double> ours, IReadOnlyDictionary<int, double> theirs) =>
        Spread.Of([.. ours.Where(mine => theirs.ContainsKey(mine.Key)).Select(mine => mine.Value / theirs[mine.Key])]);
}
