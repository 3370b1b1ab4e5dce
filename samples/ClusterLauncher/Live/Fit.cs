using Spectre.Console.Rendering;

namespace AkkaRaft.Samples.ClusterLauncher.Live;

/// <summary>Makes texts fit a terminal. Widths are in columns of it: a wide character has two.</summary>
internal static class Fit
{
    const string Ellipsis = "…";

    /// <summary>How wide it is.</summary>
    public static int Width(string text) => new Segment(text).CellCount();

    /// <summary>One line of at most that width; what is too long ends with an ellipsis.</summary>
    public static string Cut(string text, int width)
    {
        var line = OneLine(text);
        if (Width(line) <= width) return line;
        return width < 1 ? "" : line[..Taken(line, width - 1)] + Ellipsis;
    }

    /// <summary>The end of a text that is too long: what is being typed.</summary>
    public static string CutStart(string text, int width)
    {
        var line = OneLine(text);
        if (Width(line) <= width) return line;
        var from = 0;
        while (from < line.Length && Width(line[from..]) > width - 1) from++;
        return Ellipsis + line[from..];
    }

    /// <summary>As many lines as it needs, broken between words where that can be.</summary>
    public static IEnumerable<string> Wrap(string text, int width)
    {
        foreach (var paragraph in text.Split('\n'))
        {
            var rest = OneLine(paragraph.TrimEnd());
            while (width > 0 && Width(rest) > width)
            {
                var taken = Math.Max(1, Taken(rest, width));
                var blank = rest.LastIndexOf(' ', Math.Min(taken, rest.Length - 1));
                var end = blank > 0 ? blank : taken;
                yield return rest[..end].TrimEnd();
                rest = rest[end..].TrimStart();
            }

            yield return rest;
        }
    }

    static int Taken(string line, int width)
    {
        var taken = Math.Min(line.Length, width);
        while (taken > 0 && Width(line[..taken]) > width) taken--;
        return taken;
    }

    // A tab, a colour or a line's end of somebody's log would move the cursor where nobody expects it.
    static string OneLine(string text) => string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c));
}
