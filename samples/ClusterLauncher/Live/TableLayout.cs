using System.Globalization;
using AkkaRaft.Samples.ClusterLauncher.Processes;
using Spectre.Console;

namespace AkkaRaft.Samples.ClusterLauncher.Live;

/// <summary>A column of the table.</summary>
/// <param name="Name">Its head.</param>
/// <param name="Text">What it shows of a node.</param>
/// <param name="Least">Its width at least, so that the table does not jump with each change of state.</param>
/// <param name="IsNumber">Whether it is right-aligned.</param>
/// <param name="Style">How it shows it.</param>
internal sealed record TableColumnLayout(
    string Name, Func<NodeView, string> Text, int Least = 0, bool IsNumber = false, Func<NodeView, Style>? Style = null)
{
    /// <summary>How wide it is if nothing in it is cut.</summary>
    public int Width(IEnumerable<NodeView> nodes) => nodes.Select(n => Fit.Width(Text(n))).Append(Name.Length).Append(Least).Max();
}

/// <summary>Which columns a terminal of some width has room for; the last event has what is left beside them.</summary>
/// <param name="Columns">All but the last event.</param>
/// <param name="HasBorder">Whether there are lines around and between them.</param>
/// <param name="LeastEvent">The last event must have that much room.</param>
internal sealed record TableLayout(TableColumnLayout[] Columns, bool HasBorder, int LeastEvent)
{
    static readonly TableColumnLayout s_node = new("node", n => n.Node, Style: _ => new Style(decoration: Decoration.Bold));
    static readonly TableColumnLayout s_pid = new("pid", n => Text(n.ProcessId), IsNumber: true);
    static readonly TableColumnLayout s_process = new("process", n => n.State.ToString().ToLowerInvariant(), 8, Style: n => StyleOf(n.State));
    static readonly TableColumnLayout s_role = new("role", n => n.Role, 9, Style: StyleOfRole);
    static readonly TableColumnLayout s_term = new("term", n => Text(n.Status?.Term.Value), IsNumber: true);
    static readonly TableColumnLayout s_last = new("last", n => Text(n.Status?.LastEntry.Index.Value), IsNumber: true);
    static readonly TableColumnLayout s_commit = new("commit", n => Text(n.Status?.CommitIndex.Value), IsNumber: true);
    static readonly TableColumnLayout s_applied = new("applied", n => Text(n.Status?.AppliedIndex.Value), IsNumber: true);
    static readonly TableColumnLayout s_log = new("last/comm/appl", LogOf, IsNumber: true);
    static readonly TableColumnLayout s_leader = new("leader", n => $"{n.Status?.Leader}", IsNumber: true);
    static readonly TableColumnLayout s_writes = new("writes/s", Writes, IsNumber: true);
    static readonly TableColumnLayout s_writesShort = s_writes with { Name = "w/s", Least = 4 };

    static readonly TableColumnLayout s_snapshot = new("snapshot", n => Text(n.Status?.Snapshot.Last?.Index.Value), IsNumber: true);
    static readonly TableColumnLayout s_base = new("base", n => Text(n.Status?.BaseIndex.Value), IsNumber: true);
    static readonly TableColumnLayout s_disk = new("disk ms", Disk, Least: 11, IsNumber: true);

    // From the widest to the narrowest.
    static readonly TableLayout[] s_all =
    [
        new([s_node, s_pid, s_process, s_role, s_term, s_base, s_last, s_commit, s_applied, s_snapshot, s_disk, s_leader, s_writes], HasBorder: true, LeastEvent: 30),
        new([s_node, s_pid, s_process, s_role, s_term, s_last, s_commit, s_applied, s_leader, s_writes], HasBorder: true, LeastEvent: 26),
        new([s_node, s_pid, s_process, s_role, s_term, s_last, s_commit, s_applied, s_leader, s_writes], HasBorder: false, LeastEvent: 26),
        new([s_node, s_process, s_role, s_term, s_log, s_leader, s_writesShort], HasBorder: false, LeastEvent: 12),
        new([s_node, s_process, s_role, s_term, s_log, s_writesShort], HasBorder: false, LeastEvent: 8),
        new([s_node, s_process, s_role, s_term], HasBorder: false, LeastEvent: 0),
    ];

    /// <summary>The richest that fits.</summary>
    public static TableLayout For(IReadOnlyList<NodeView> nodes, int width, int height) =>
        s_all.FirstOrDefault(l => l.EventWidth(nodes, width) >= l.LeastEvent && l.Height(nodes) <= height) ?? s_all[^1];

    /// <summary>The room for the last event.</summary>
    public int EventWidth(IReadOnlyList<NodeView> nodes, int width)
    {
        // With a border: a blank on each side of a cell, and a line before each and after the last. Without: a blank after each cell but the last.
        var between = HasBorder ? (3 * (Columns.Length + 1)) + 1 : Columns.Length;
        return width - between - Columns.Sum(c => c.Width(nodes));
    }

    /// <summary>How many lines the table has.</summary>
    public int Height(IReadOnlyList<NodeView> nodes) => nodes.Count + (HasBorder ? 4 : 1);

    static string Text(long? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "";

    static string LogOf(NodeView node) => node.Status is { } s ? $"{s.LastEntry.Index.Value}/{s.CommitIndex.Value}/{s.AppliedIndex.Value}" : "";

    static string Writes(NodeView node) =>
        node.Status is { Role: RaftRole.Leader } && node.WritesPerSecond is { } rate ? rate.ToString("0", CultureInfo.InvariantCulture) : "";

    // Mean of the recent writes, and the longest of the last minute.
    static string Disk(NodeView node) => node.Status is { Journal: { Writes: > 0 } disk }
        ? string.Create(CultureInfo.InvariantCulture, $"{disk.Mean.TotalMilliseconds:0.0}/{disk.Max.TotalMilliseconds:0.0}")
        : "";

    static Style StyleOfRole(NodeView node) => node.Status is { Role: RaftRole.Leader } ? new Style(Color.Green) : Style.Plain;

    static Style StyleOf(NodeProcessState state) => state switch
    {
        NodeProcessState.Running => new Style(Color.Green),
        NodeProcessState.Starting or NodeProcessState.Paused or NodeProcessState.Stopping => new Style(Color.Yellow),
        NodeProcessState.Ended => new Style(Color.Red),
        _ => Style.Plain,
    };
}
