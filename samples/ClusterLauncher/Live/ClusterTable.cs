using System.Globalization;
using AkkaRaft.Samples.ClusterLauncher.Traffic;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace AkkaRaft.Samples.ClusterLauncher.Live;

/// <summary>
/// What the screen shows: the table of the nodes, the load, the last messages, and the line that is being typed. A line that is too long for the
/// terminal is cut, and of the messages the newest lines are shown for which there is room: a screen that is too high would lose the table.
/// </summary>
internal static class ClusterTable
{
    // The load, and the line that is being typed.
    const int LinesBesides = 2;
    const int LeastMessageLines = 3;
    const string Prompt = "> ";

    public static IRenderable Render(
        IReadOnlyList<NodeView> nodes, int rate, WriteTally tally, IReadOnlyList<string> messages, string typed, int width, int height)
    {
        var layout = TableLayout.For(nodes, width, height - LinesBesides - LeastMessageLines);
        var room = Math.Max(0, height - LinesBesides - layout.Height(nodes));
        var lines = new List<IRenderable> { Nodes(nodes, layout, width), new Text(Fit.Cut(Load(rate, tally), width)) };
        lines.AddRange(messages.SelectMany(m => Fit.Wrap(m, width)).TakeLast(room).Select(l => new Text(l, new Style(Color.Grey))));
        lines.Add(new Markup($"[bold]{Prompt}[/]{Markup.Escape(Fit.CutStart(typed, width - Prompt.Length - 1))}[invert] [/]"));
        return new Rows(lines);
    }

    static Table Nodes(IReadOnlyList<NodeView> nodes, TableLayout layout, int width)
    {
        var table = new Table { Border = layout.HasBorder ? TableBorder.Rounded : TableBorder.None };
        foreach (var column in layout.Columns) table.AddColumn(Column(column.Name, column.Width(nodes), column.IsNumber, layout));
        var room = layout.EventWidth(nodes, width);
        if (room > 0) table.AddColumn(Column(Fit.Cut("last event", room), room, isNumber: false, layout, isLast: true));
        foreach (var node in nodes)
        {
            var cells = layout.Columns.Select(c => new Text(c.Text(node), c.Style?.Invoke(node) ?? Style.Plain));
            table.AddRow(room > 0 ? cells.Append(new Text(Fit.Cut(Event(node), room))) : cells);
        }

        return table;
    }

    static TableColumn Column(string name, int width, bool isNumber, TableLayout layout, bool isLast = false)
    {
        var column = new TableColumn(new Text(name)).Width(width).NoWrap().Alignment(isNumber ? Justify.Right : Justify.Left);
        return layout.HasBorder ? column : column.Padding(0, 0, isLast ? 0 : 1, 0);
    }

    // It stands in the node's own line.
    static string Event(NodeView node)
    {
        var itself = $"node {node.Node}: ";
        return node.LastEvent.StartsWith(itself, StringComparison.Ordinal) ? node.LastEvent[itself.Length..] : node.LastEvent;
    }

    static string Load(int rate, WriteTally tally) => string.Create(CultureInfo.InvariantCulture,
        $"load {rate}/s: {tally.Acknowledged} acknowledged, {tally.NotApplied} surely not applied, {tally.Unknown} unknown");
}
