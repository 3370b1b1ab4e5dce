using System.Globalization;
using System.Text;
using System.Text.Json;
using AkkaRaft.Benchmarks.Comparing;

namespace AkkaRaft.Benchmarks.Bars;

/// <summary>What came of a bar, as rows of a table and as data.</summary>
/// <param name="Command">What made it.</param>
/// <param name="Begun">When.</param>
/// <param name="Results">The rows.</param>
/// <param name="Notes">What was measured on the way, round by round.</param>
internal sealed record BarReport(string Command, DateTimeOffset Begun, IReadOnlyList<BarResult> Results, IReadOnlyList<string> Notes)
{
    static readonly JsonSerializerOptions s_json = new() { WriteIndented = true };

    /// <summary>For people.</summary>
    public string ToMarkdown()
    {
        var text = new StringBuilder();
        text.AppendLine("| work | bar | seen | |");
        text.AppendLine("|---|---|---|---|");
        foreach (var result in Results) text.AppendLine(CultureInfo.InvariantCulture, $"| {result.Work} | {result.Bar} | {result.Seen} | {(result.Met ? "met" : "**missed**")} |");
        return text.ToString();
    }

    /// <summary>For programs.</summary>
    public string ToJson() => JsonSerializer.Serialize(new { Command, Begun, Machine = ComparisonResult.Machine(), Results, Notes }, s_json);
}
