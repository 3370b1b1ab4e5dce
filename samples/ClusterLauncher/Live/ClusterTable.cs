using System.Globalization;
using AkkaRaft.Samples.ClusterLauncher.Processes;
using AkkaRaft.Samples.ClusterLauncher.Traffic;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace AkkaRaft.Samples.ClusterLauncher.Live;

/// <summary>What the screen shows: the table of the nodes, the load, the last messages, and the line that is being typed.</summary>
internal static class ClusterTable
{
    public static IRenderable Render(IReadOnlyList<NodeView> nodes, LoadGenerator load, IReadOnlyList<string> messages, string typed)
    {
        var lines = new List<IRenderable> { Nodes(nodes), LoadLine(load) };
        lines.AddRange(messages.Select(m => new Text(m, new Style(Color.Grey)).Ellipsis()));
        lines.Add(new Markup($"[bold]>[/] {Markup.Escape(typed)}[invert] [/]"));
        return new Rows(lines);
    }

    public static Table Nodes(IReadOnlyList<NodeView> nodes)
    {
        var table = new Table { Border = TableBorder.Rounded };
        foreach (var name in new[] { "node", "process", "role", "term" }) table.AddColumn(new TableColumn(name).NoWrap());
        foreach (var name in new[] { "last", "commit", "applied", "leader", "writes/s" }) table.AddColumn(new TableColumn(name).NoWrap().RightAligned());
        table.AddColumn("last event");
        foreach (var node in nodes) table.AddRow(Cells(node));
        return table;
    }

    static IEnumerable<IRenderable> Cells(NodeView node)
    {
        var status = node.Status;
        yield return new Text(node.Node, new Style(decoration: Decoration.Bold));
        yield return new Markup($"{(node.ProcessId is { } id ? Number(id) : "-")} {State(node.State)}");
        yield return status is null ? new Text("?") : new Text(status.Role.ToString(), status.Role == RaftRole.Leader ? new Style(Color.Green) : Style.Plain);
        yield return new Text(status?.Term.ToString() ?? "");
        yield return new Text(status?.LastEntry.Index.ToString() ?? "");
        yield return new Text(status?.CommitIndex.ToString() ?? "");
        yield return new Text(status?.AppliedIndex.ToString() ?? "");
        yield return new Text(status?.Leader?.ToString() ?? "");
        yield return new Text(status is null ? "" : node.WritesPerSecond.ToString("0", CultureInfo.InvariantCulture));
        yield return new Text(node.LastEvent).Ellipsis();
    }

    static string State(NodeProcessState state) => state switch
    {
        NodeProcessState.Running => "[green]running[/]",
        NodeProcessState.Starting => "[yellow]starting[/]",
        NodeProcessState.Paused => "[yellow]paused[/]",
        NodeProcessState.Stopping => "[yellow]stopping[/]",
        NodeProcessState.Ended => "[red]ended[/]",
        _ => "new",
    };

    static Text LoadLine(LoadGenerator load) => new(string.Create(CultureInfo.InvariantCulture,
        $"load {load.Rate}/s: {load.Tally.Acknowledged} acknowledged, {load.Tally.NotApplied} surely not applied, {load.Tally.Unknown} unknown"));

    static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
