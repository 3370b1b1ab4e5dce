using System.Net;
using System.Text;

namespace AkkaRaft.TestKit.Reports;

/// <summary>
/// One page to see a run with: a single file for any browser, which needs no server and loads nothing. Its parts are in Page/: page.html is the frame,
/// into which page.css, the scripts and the run as JSON are put.
/// </summary>
internal static class HtmlPage
{
    // In the order in which they are put into the page: the first ones know nothing of the later ones.
    static readonly string[] Scripts = ["record.js", "view.js", "paint.js", "messages.js", "lanes.js", "panel.js", "trace.js", "input.js", "main.js"];

    /// <summary>Writes the page of a run.</summary>
    /// <param name="record">The run.</param>
    /// <param name="file">The file, which is made or replaced.</param>
    public static void Write(RunRecord record, string file)
    {
        using var stream = File.Create(file);
        Write(record, stream);
    }

    /// <summary>Writes the page of a run.</summary>
    public static void Write(RunRecord record, Stream stream)
    {
        ArgumentNullException.ThrowIfNull(record);
        ArgumentNullException.ThrowIfNull(stream);
        var frame = Part("page.html");
        foreach (var piece in frame.Split("<!--", StringSplitOptions.None))
        {
            var mark = piece.IndexOf("-->", StringComparison.Ordinal);
            if (mark >= 0) WritePart(piece[..mark].Trim(), record, stream);
            WriteText(piece[(mark < 0 ? 0 : mark + "-->".Length)..], stream);
        }
    }

    static void WritePart(string name, RunRecord record, Stream stream)
    {
        switch (name)
        {
            case "title":
                WriteText(WebUtility.HtmlEncode($"{record.Title}, seed {record.Seed}"), stream);
                break;
            case "style":
                WriteText($"<style>\n{Part("page.css")}</style>", stream);
                break;
            case "script":
                WriteText("<script>\n\"use strict\";\n", stream);
                foreach (var script in Scripts) WriteText(Part(script), stream);
                WriteText("</script>", stream);
                break;
            case "data":
                WriteText("<script type=\"application/json\" id=\"data\">", stream);
                RunJson.Write(record, stream);
                WriteText("</script>", stream);
                break;
            default:
                throw new InvalidOperationException($"page.html has a place for \"{name}\", which HtmlPage does not know.");
        }
    }

    static void WriteText(string text, Stream stream) => stream.Write(Encoding.UTF8.GetBytes(text));

    static string Part(string name)
    {
        using var stream = typeof(HtmlPage).Assembly.GetManifestResourceStream($"AkkaRaft.TestKit.Reports.{name}")
            ?? throw new InvalidOperationException($"{name} is missing among the embedded resources of {typeof(HtmlPage).Assembly.GetName().Name}.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
