using System.Diagnostics;
using System.Globalization;
using AkkaRaft.Process.Tests.Support;
using AkkaRaft.Samples.ClusterLauncher.Processes;
using Xunit.Abstractions;

namespace AkkaRaft.Process.Tests.Chaos;

/// <summary>How a run goes: told in the test's report, in the file that was asked for, and in the folder that is kept when it fails.</summary>
internal sealed class ChaosLog(ITestOutputHelper report, HashmapCluster cluster)
{
    readonly Lock _gate = new();
    readonly Stopwatch _clock = Stopwatch.StartNew();
    readonly string _kept = Path.Combine(cluster.DataFolder, "chaos.txt");

    /// <summary>A line, with the time of day that the nodes' logs have, and the seconds since the beginning.</summary>
    public void Say(string text)
    {
        var line = string.Create(CultureInfo.InvariantCulture, $"{DateTime.UtcNow:HH:mm:ss.fff}Z {_clock.Elapsed.TotalSeconds,6:0.0} s: {text}");
        lock (_gate)
        {
            report.WriteLine(line);
            File.AppendAllText(_kept, line + Environment.NewLine);
            if (Soak.ChaosLog is { } file) File.AppendAllText(file, line + Environment.NewLine);
        }
    }

    /// <summary>Snapshots that the nodes took, and that they installed from a leader, by their own logs.</summary>
    public static (int Taken, int Installed) Snapshots(HashmapCluster cluster)
    {
        var lines = cluster.Nodes.SelectMany(n => File.ReadLines(n.LogFile)).Where(l => l.Contains(": snapshot at ", StringComparison.Ordinal)).ToList();
        var installed = lines.Count(l => l.Contains(" installed, ", StringComparison.Ordinal));
        return (lines.Count - installed, installed);
    }

    /// <summary>Writes down what the clients saw, a line for each operation in the order of its start.</summary>
    public void Keep(IReadOnlyList<DriveSession> sessions)
    {
        var lines = sessions.SelectMany((session, driver) => session.History.Select(o => (driver, o)))
            .OrderBy(seen => seen.o.Answer.Start)
            .Select(seen => $"{seen.driver + 1}/{seen.o.Client} {seen.o.Answer.Start}..{seen.o.Answer.End} {seen.o.Request.ToJson(seen.o.Id)} -> {seen.o.Answer.Outcome} "
                + $"{seen.o.Answer.Value ?? "null"} at {seen.o.Answer.Index} by {seen.o.Answer.Leader} {seen.o.Answer.Error}");
        File.WriteAllLines(Path.Combine(cluster.DataFolder, "history.txt"), lines);
    }
}
