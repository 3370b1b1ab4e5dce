using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using AkkaRaft.Benchmarks.Contenders;

namespace AkkaRaft.Benchmarks.Comparing;

/// <summary>What a comparison has found, as a table and as data.</summary>
internal sealed record ComparisonResult(
    DateTimeOffset Begun, int Rounds, TimeSpan Measured, IReadOnlyList<IContender> Contenders, IReadOnlyDictionary<string, string> Missing, IReadOnlyList<Measured> Results, IReadOnlyList<NodeCost> Costs)
{
    static readonly JsonSerializerOptions s_json = new() { WriteIndented = true, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    /// <summary>Who could be measured.</summary>
    public IEnumerable<IContender> Present => Contenders.Where(contender => !Missing.ContainsKey(contender.Name));

    IContender Ours => Contenders[0];

    /// <summary>Everything that was measured, round by round.</summary>
    public string ToJson(string command) => JsonSerializer.Serialize(new
    {
        Command = command,
        Begun,
        Rounds,
        MeasuredSeconds = Measured.TotalSeconds,
        Machine = Machine(),
        Missing,
        Results,
        Costs,
    }, s_json);

    /// <summary>The medians, and ours to theirs round by round.</summary>
    public string ToMarkdown(string command)
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"# Side by side, {Begun:yyyy-MM-dd}").AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture, $"    {command}").AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture, $"{Machine()}. Three nodes each, three processes on 127.0.0.1, values of 256 bytes under 1000 keys, clients in a process of their own. All clusters run all the time,");
        text.AppendLine(CultureInfo.InvariantCulture, $"one has work at a time; medians of {Rounds} rounds whose order turns, {Measured.TotalSeconds:0.#} s for each work in each. The machine is shared: a figure alone says little, the ratios of a round say more.").AppendLine();
        text.AppendLine("What an acknowledgement promises:").AppendLine();
        foreach (var contender in Present) text.AppendLine(CultureInfo.InvariantCulture, $"- **{contender.Title}** (`{contender.Name}`): {contender.Durability}.");
        foreach (var (name, why) in Missing) text.AppendLine(CultureInfo.InvariantCulture, $"- `{name}` is **missing**: {why}.");
        text.AppendLine();
        text.AppendLine("![Acknowledged writes per second over operations in flight](throughput.svg)").AppendLine();
        Table(text, "Operations per second", result => result.PerSecond, "0");
        Table(text, "Latency, p50 in ms", result => result.P50, "0.00");
        Table(text, "Latency, p99 in ms", result => result.P99, "0.00");
        Ratios(text);
        CostTable(text);
        return text.ToString();
    }

    /// <summary>The median of the rounds.</summary>
    public double MedianOf(IContender contender, Work work, Func<Measured, double> figure) => Median(Of(contender, work).Select(figure));

    void Table(StringBuilder text, string title, Func<Measured, double> figure, string format)
    {
        text.AppendLine(CultureInfo.InvariantCulture, $"## {title}").AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture, $"| work | {string.Join(" | ", Present.Select(contender => contender.Name))} |");
        text.AppendLine(CultureInfo.InvariantCulture, $"|---|{string.Concat(Present.Select(_ => "---:|"))}");
        foreach (var work in Work.All)
        {
            var figures = Present.Select(contender => MedianOf(contender, work, figure).ToString(format, CultureInfo.InvariantCulture));
            text.AppendLine(CultureInfo.InvariantCulture, $"| {work.Name} | {string.Join(" | ", figures)} |");
        }

        text.AppendLine();
    }

    void Ratios(StringBuilder text)
    {
        var others = Present.Where(contender => contender != Ours).ToList();
        if (others.Count == 0 || Missing.ContainsKey(Ours.Name)) return;
        text.AppendLine(CultureInfo.InvariantCulture, $"## {Ours.Title} : the other, the median of the rounds' ratios (lowest to highest)").AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture, $"| | {string.Join(" | ", others.Select(contender => contender.Name))} |");
        text.AppendLine(CultureInfo.InvariantCulture, $"|---|{string.Concat(others.Select(_ => "---:|"))}");
        foreach (var work in Work.All)
        {
            if (work.ShareOfPeak == 0) Row(work, "per second", result => result.PerSecond);
            if (work.InFlight == 1) Row(work, "p50", result => result.P50);
            if (work.ShareOfPeak > 0) Row(work, "p99", result => result.P99);
        }

        text.AppendLine();

        void Row(Work work, string what, Func<Measured, double> figure) =>
            text.AppendLine(CultureInfo.InvariantCulture, $"| {work.Name}: {what} | {string.Join(" | ", others.Select(other => Ratio(other, work, figure)))} |");
    }

    string Ratio(IContender other, Work work, Func<Measured, double> figure)
    {
        var theirs = Of(other, work).ToDictionary(result => result.Round, figure);
        double[] ratios = [.. Of(Ours, work).Where(result => theirs.ContainsKey(result.Round)).Select(result => figure(result) / theirs[result.Round])];
        return string.Create(CultureInfo.InvariantCulture, $"{Median(ratios):0.00} ({ratios.Min():0.00} to {ratios.Max():0.00})");
    }

    void CostTable(StringBuilder text)
    {
        if (Costs.Count == 0) return;
        text.AppendLine(CultureInfo.InvariantCulture, $"## What 1,000 writes cost a node of {Ours.Title}, with 1000 in flight (medians)").AppendLine();
        text.AppendLine("| | CPU, ms | allocated, kB | GC pauses, ms |");
        text.AppendLine("|---|---:|---:|---:|");
        foreach (var group in Costs.GroupBy(cost => cost.IsLeader).OrderByDescending(group => group.Key))
        {
            text.AppendLine(CultureInfo.InvariantCulture,
                $"| {(group.Key ? "leader" : "follower")} | {Median(group.Select(cost => cost.Used.CpuSeconds / cost.Writes * 1e6)):0.0} | {Median(group.Select(cost => cost.Used.AllocatedBytes / cost.Writes)):0} | {Median(group.Select(cost => cost.Used.GcPauseSeconds / cost.Writes * 1e6)):0.0} |");
        }

        text.AppendLine();
    }

    IEnumerable<Measured> Of(IContender contender, Work work) => Results.Where(result => result.Contender == contender.Name && result.Work == work.Name);

    static double Median(IEnumerable<double> figures)
    {
        double[] sorted = [.. figures.Order()];
        return sorted.Length == 0 ? double.NaN : sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[(sorted.Length / 2) - 1] + sorted[sorted.Length / 2]) / 2;
    }

    static string Machine() => string.Create(CultureInfo.InvariantCulture,
        $"{Environment.ProcessorCount} cores, {GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 1e9:0} GB, {RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}");
}
