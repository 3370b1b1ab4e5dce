using System.Globalization;

namespace AkkaRaft.Process.Tests.Support;

/// <summary>A system call as strace -f -ttt -T -y has seen it; one that strace tells in two halves is put together.</summary>
/// <param name="Thread">Of which thread.</param>
/// <param name="Name">Which call.</param>
/// <param name="Arguments">As strace writes them: files by their paths, other bytes escaped.</param>
/// <param name="Start">Seconds since 1970 when strace let it begin.</param>
/// <param name="End">When strace saw that it had ended: its thread goes on only after that.</param>
internal sealed record TracedCall(int Thread, string Name, string Arguments, double Start, double End)
{
    const string Unfinished = " <unfinished ...>";
    const string Resumed = " resumed>";

    /// <summary>The calls of a trace that have not failed, in the order of their ends.</summary>
    public static IReadOnlyList<TracedCall> Read(IEnumerable<string> lines)
    {
        var begun = new Dictionary<int, (double Start, string Text)>();
        var calls = new List<TracedCall>();
        foreach (var line in lines)
        {
            // 4711 1700000000.123456 fdatasync(42</data/journal.db-wal>) = 0 <0.000123>
            if (line.Split((char[]?)null, 3, StringSplitOptions.RemoveEmptyEntries) is not [var id, var stamp, var text] || !int.TryParse(id, CultureInfo.InvariantCulture, out var thread)) continue;
            var start = double.Parse(stamp, CultureInfo.InvariantCulture);
            if (text.EndsWith(Unfinished, StringComparison.Ordinal))
            {
                begun[thread] = (start, text[..^Unfinished.Length]);
                continue;
            }

            if (text.StartsWith("<... ", StringComparison.Ordinal) && begun.Remove(thread, out var first))
                (start, text) = (first.Start, first.Text + text[(text.IndexOf(Resumed, StringComparison.Ordinal) + Resumed.Length)..]);
            if (Of(thread, start, text) is { } call) calls.Add(call);
        }

        return [.. calls.OrderBy(call => call.End)];
    }

    static TracedCall? Of(int thread, double start, string text)
    {
        var (open, close) = (text.IndexOf('('), text.LastIndexOf(") = ", StringComparison.Ordinal));
        if (open < 0 || close < open || text[close + ") = ".Length] == '-' || !text.EndsWith('>')) return null;
        var lasted = double.Parse(text[(text.LastIndexOf('<') + 1)..^1], CultureInfo.InvariantCulture);
        return new TracedCall(thread, text[..open], text[(open + 1)..close], start, start + lasted);
    }
}
