using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace AkkaRaft.Benchmarks.Comparing;

/// <summary>How many bytes processes have sent over TCP: what ss of iproute2 says of the connections that they have open.</summary>
internal static partial class SentBytes
{
    /// <summary>For the table, where it cannot be said.</summary>
    public const string Missing = "missing (no ss; Debian's package iproute2 has it)";

    /// <summary>Of each process, by its number; null where there is no ss.</summary>
    public static async Task<IReadOnlyDictionary<int, long>?> OfProcesses()
    {
        try
        {
            // TCP, with its figures, as numbers, with processes, a line for each, without a header.
            using var ss = Process.Start(new ProcessStartInfo("ss", "-tinpOH") { RedirectStandardOutput = true, RedirectStandardError = true })!;
            _ = ss.StandardError.ReadToEndAsync();
            var text = await ss.StandardOutput.ReadToEndAsync();
            await ss.WaitForExitAsync();
            return ss.ExitCode == 0 ? Read(text) : null;
        }
        catch (Win32Exception)
        {
            return null;
        }
    }

    static Dictionary<int, long> Read(string text)
    {
        var sent = new Dictionary<int, long>();
        foreach (var line in text.Split('\n'))
        {
            // A connection on which nothing was sent has no such figure.
            if (ProcessNumber().Match(line) is not { Success: true } process || BytesSent().Match(line) is not { Success: true } bytes) continue;
            var id = int.Parse(process.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
            sent[id] = sent.GetValueOrDefault(id) + long.Parse(bytes.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
        }

        return sent;
    }

    [GeneratedRegex(@"\bpid=(\d+)")]
    private static partial Regex ProcessNumber();

    [GeneratedRegex(@"\bbytes_sent:(\d+)")]
    private static partial Regex BytesSent();
}
