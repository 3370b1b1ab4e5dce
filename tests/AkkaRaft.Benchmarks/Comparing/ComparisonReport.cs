using System.Globalization;
using System.Text;

namespace AkkaRaft.Benchmarks.Comparing;

/// <summary>What a comparison has found, for people, as Markdown.</summary>
internal sealed class ComparisonReport
{
    const string Nothing = "–";

    readonly ComparisonResult _result;
    readonly StringBuilder _text = new();

    ComparisonReport(ComparisonResult result) => _result = result;

    /// <summary>The whole text.</summary>
    /// <param name="result">What was found.</param>
    /// <param name="command">What made it.</param>
    public static string Of(ComparisonResult result, string command)
    {
        var report = new ComparisonReport(result);
        report.Head(command);
        report.Bars();
        report.Promises();
        report.Picture("Acknowledged writes per second over operations in flight", Plots.ThroughputFile);
        report.Works("Operations per second", measured => measured.PerSecond, "0");
        report.Works("Latency, p50 in ms", measured => measured.P50, "0.00");
        report.Works("Latency, p99 in ms", measured => measured.P99, "0.00");
        report.Ratios();
        report.Floors();
        report.Costs();
        report.Sweep();
        report.FailOvers();
        report.Failures();
        return report._text.ToString().TrimEnd() + Environment.NewLine;
    }

    void Head(string command)
    {
        Line($"# Side by side, {_result.Begun:yyyy-MM-dd}").AppendLine();
        Line($"    {command}").AppendLine();
        Line($"{ComparisonResult.Machine()}. Three nodes each, three processes on 127.0.0.1, values of 256 bytes under 1000 keys, clients in a process of their own (*inside*: in the leader's).");
        Line($"All clusters live from the first round to the last; one at a time runs, the others are stopped (SIGSTOP). Each has written for {_result.Plan.WarmUp.TotalSeconds:0.#} s before the first round, and does for another second before each measurement; medians of");
        Line($"{_result.Plan.Rounds} rounds whose order turns, {_result.Plan.Measured.TotalSeconds:0.#} s for each work in each. The machine is shared: a figure alone says little, the ratios of a round say more.").AppendLine();
    }

    void Bars()
    {
        Title("The bars");
        Line($"What is wanted, and what this run has shown: ratios of {_result.Ours.Title} to the other, the median of the rounds' ratios (lowest to highest). `dotnext` is judged as it comes: in 6.12.0 FlushInterval and");
        Line($"FlushOnCommit change nothing, and a follower acknowledges before it flushes; `dotnext-sync`, whose followers flush first, promises what we do.{(_result.Plan.Full ? "" : " Fail-over, recovery, snapshots, sizes, allocations and idle clusters are judged by `--full` only.")}").AppendLine();
        Header("work", "bar", "seen", "met?");
        foreach (var bar in _result.Bars) Row(bar.Work, bar.Bar, bar.Seen, bar.Met ? "yes" : "**no**");
        _text.AppendLine();
    }

    void Promises()
    {
        Title("What an acknowledgement promises");
        foreach (var contender in _result.Plan.Contenders.Where(contender => _result.Results.Any(measured => measured.Contender == contender.Name))) Line($"- **{contender.Title}** (`{contender.Name}`): {contender.Durability}.");
        foreach (var (name, why) in _result.Missing) Line($"- `{name}` is **missing**: {why}.");
        _text.AppendLine();
    }

    void Works(string title, Func<Measured, double> figure, string format)
    {
        Title(title);
        NumbersHeader("work", _result.Columns);
        foreach (var work in Work.All) Row([work.Name, .. _result.Columns.Select(column => Figure(column, work, figure, format))]);
        _text.AppendLine();
    }

    string Figure(string column, Work work, Func<Measured, double> figure, string format)
    {
        var median = _result.MedianOf(column, work, figure);
        if (!double.IsNaN(median)) return median.ToString(format, CultureInfo.InvariantCulture);
        var isMissing = _result.Missing.ContainsKey(column == ComparisonResult.Inside ? _result.Ours.Name : column);
        return isMissing ? "missing" : Nothing;
    }

    void Ratios()
    {
        string[] others = [.. _result.Columns.Skip(2).Where(other => _result.RatioTo(other, Work.Writes1000, measured => measured.PerSecond) is not null)];
        if (others.Length == 0) return;
        Title($"{_result.Ours.Title} : the other, the median of the rounds' ratios (lowest to highest)");
        NumbersHeader("", others);
        foreach (var work in Work.All)
        {
            if (work.Peak is null) Ratios(others, work, "per second", measured => measured.PerSecond);
            if (work == Work.Writes1) Ratios(others, work, "p50", measured => measured.P50);
            if (work.Peak is not null) Ratios(others, work, "p99", measured => measured.P99);
        }

        _text.AppendLine();
    }

    void Ratios(string[] others, Work work, string what, Func<Measured, double> figure) =>
        Row([$"{work.Name}: {what}", .. others.Select(other => _result.RatioTo(other, work, figure)?.ToString() ?? Nothing)]);

    void Floors()
    {
        if (_result.Floors.Count == 0) return;
        Title("Floors of the same rounds (medians)");
        NumbersHeader("floor", ["p50, ms", "p99, ms", "in a second"]);
        foreach (var floor in _result.Floors.GroupBy(floor => floor.Floor))
        {
            Row(floor.Key, Text($"{Spread.MedianOf(floor.Select(one => one.P50)):0.000}"), Text($"{Spread.MedianOf(floor.Select(one => one.P99)):0.000}"),
                Text($"{Spread.MedianOf(floor.Select(one => one.UnitsPerSecond)):0} {floor.First().Unit}"));
        }

        _text.AppendLine();
    }

    void Costs()
    {
        if (_result.Costs.Count == 0) return;
        Title($"What 1,000 writes cost a node of {_result.Ours.Title} (medians)");
        NumbersHeader("", ["CPU, ms", "allocated, kB", "GC pauses, ms", "bytes sent per byte proposed", "journal rows", "journal payload, kB", "growth of the journal's file, kB"]);
        foreach (var costs in _result.Costs.GroupBy(cost => (cost.Work, cost.IsLeader)).OrderBy(group => Work.All.ToList().FindIndex(work => work.Name == group.Key.Work)).ThenByDescending(group => group.Key.IsLeader))
        {
            var sent = Spread.MedianOf(costs.Select(cost => cost.SentPerByte).Where(figure => !double.IsNaN(figure)));
            Row($"{(costs.Key.IsLeader ? "leader" : "follower")}, {costs.Key.Work}", Median(costs, cost => cost.CpuMilliseconds, "0.0"), Median(costs, cost => cost.AllocatedKilobytes, "0"),
                Median(costs, cost => cost.GcPauseMilliseconds, "0.0"), double.IsNaN(sent) ? SentBytes.Missing : Text($"{sent:0.00}"), Median(costs, cost => cost.JournalRows / cost.Writes * 1000, "0.0"),
                Median(costs, cost => cost.JournalBytes / cost.Writes, "0"), Median(costs, cost => cost.FileGrowth / cost.Writes, "0"));
        }

        _text.AppendLine();
        Line($"A journal row has what was gathered while the last one was written. Its file grows by pages, indexes and the write-ahead log, and not where rows that compaction deleted have made room.").AppendLine();
    }

    static string Median(IEnumerable<NodeCost> costs, Func<NodeCost, double> figure, string format) => Spread.MedianOf(costs.Select(figure)).ToString(format, CultureInfo.InvariantCulture);

    void Sweep()
    {
        if (!_result.Plan.Full) return;
        Title("Latency over offered load (open loops; p50 / p99 in ms)");
        Line($"A share of what the contender did in the same round with 1000 in flight is offered, whatever the answers do; an operation counts from when it was to begin.").AppendLine();
        Picture("p50 and p99 over offered load", Plots.LatencyFile);
        NumbersHeader("offered", _result.Columns.Where(column => column != ComparisonResult.Inside));
        foreach (var work in Work.Sweep) Row([Text($"{work.ShareOfPeak * 100:0} %"), .. _result.Columns.Where(column => column != ComparisonResult.Inside).Select(column => Offered(column, work))]);
        _text.AppendLine();
    }

    string Offered(string column, Work work)
    {
        var offered = _result.MedianOf(column, work, measured => measured.Offered);
        return double.IsNaN(offered)
            ? Figure(column, work, measured => measured.P50, "0.00")
            : Text($"{offered:0}/s: {Figure(column, work, measured => measured.P50, "0.00")} / {Figure(column, work, measured => measured.P99, "0.00")}");
    }

    void FailOvers()
    {
        if (_result.FailOvers.Count == 0) return;
        Title("kill -9 of the leader to the next acknowledged write");
        Line($"One write in flight from a client's own process; the contenders take turns, and the killed node comes back before the next time. The lower election timeout of all is {_result.FailOvers[0].LowerTimeout:0} ms, the upper one");
        Line($"twice that.").AppendLine();
        Picture("Share of the runs that took no longer, in lower election timeouts", Plots.FailOverFile);
        Picture("Acknowledged writes per second around a kill, 100 in flight", Plots.TimelineFile);
        NumbersHeader("", ["runs", "shortest, ms", "median, ms", "p90, ms", "longest, ms", "median, lower timeouts", "above 3 lower timeouts"]);
        foreach (var one in _result.FailOvers)
        {
            Row(one.Contender, Text($"{one.Milliseconds.Count}"), Text($"{one.Percentile(0):0}"), Text($"{one.Median:0}"), Text($"{one.Percentile(90):0}"), Text($"{one.Percentile(100):0}"),
                Text($"{one.Median / one.LowerTimeout:0.00}"), Text($"{one.Above(3)}"));
        }

        _text.AppendLine();
        foreach (var one in _result.FailOvers.Where(one => one.Failure is not null)) Line($"`{one.Contender}` came to no more runs: {one.Failure}").AppendLine();
    }

    void Failures()
    {
        Measured[] some = [.. _result.Results.Where(measured => measured.Failed + measured.Shed > 0)];
        if (some.Length == 0) return;
        Title("Operations that failed, or that an open loop could not begin");
        NumbersHeader("", ["round", "failed", "not begun"]);
        foreach (var measured in some) Row($"{measured.Contender}, {measured.Work}", Text($"{measured.Round}"), Text($"{measured.Failed}"), Text($"{measured.Shed}"));
        _text.AppendLine();
    }

    void Title(string title) => Line($"## {title}").AppendLine();

    void Picture(string what, string file) => Line($"![{what}]({file})").AppendLine();

    void Header(params IReadOnlyList<string> columns)
    {
        Row(columns);
        Row([.. columns.Select(_ => "---")]);
    }

    void NumbersHeader(string first, IEnumerable<string> columns)
    {
        string[] names = [.. columns];
        Row([first, .. names]);
        Row(["---", .. names.Select(_ => "---:")]);
    }

    void Row(params IReadOnlyList<string> cells) => _text.AppendLine($"| {string.Join(" | ", cells)} |");

    StringBuilder Line(FormattableString text) => _text.AppendLine(Text(text));

    static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
