using System.Diagnostics;
using System.Globalization;
using AkkaRaft.Benchmarks.Comparing;
using AkkaRaft.Benchmarks.Load;

namespace AkkaRaft.Benchmarks.Bars;

/// <summary>
/// How long a node whose log was never compacted takes from its start until it answers a linearizable read: it reads its journal, is elected by itself (the group has no other member), and applies
/// every entry. The log is that of a client with a session, written by the product's own journal.
/// </summary>
internal static class RecoveryBar
{
    const double WantedPerSecond = 200_000;
    static readonly TimeSpan s_patience = TimeSpan.FromMinutes(10);

    /// <param name="run">How.</param>
    /// <param name="entries">In the log.</param>
    /// <param name="perEvent">In each event of the journal.</param>
    public static async Task<IReadOnlyList<BarResult>> Measure(BarRun run, int entries, int perEvent)
    {
        var data = Path.Combine(run.Folder, "node");
        var written = await BarProgram.Answer<WrittenLog>(run.Folder, s_patience, LongLog.Kind, data, Number(entries), Number(perEvent));
        run.Say($"{entries} entries of {LoadRequest.ValueBytes} bytes in events of {perEvent}: {written.FileBytes / 1e6:0} MB, written in {written.Seconds:0.0} s");

        var starts = new List<StartedNode>();
        for (var round = 1; round <= run.Rounds; round++)
        {
            starts.Add(await One(run, data));
            var (system, read, served) = (starts[^1].SystemSeconds, starts[^1].ReadSeconds, starts[^1].ServesSeconds);
            run.Say($"round {round} of {run.Rounds}: serves {served:0.00} s after the start of its process: ActorSystem at {system:0.00} s, journal read at {read:0.00} s; {starts[^1].CpuSeconds:0.0} s of CPU, {starts[^1].AllocatedBytes / 1e9:0.0} GB allocated, {starts[^1].PauseSeconds:0.00} s of GC pauses");
        }

        var fromProcess = Spread.MedianOf(starts.Select(start => entries / start.ServesSeconds));
        var fromSystem = Spread.MedianOf(starts.Select(start => entries / (start.ServesSeconds - start.SystemSeconds)));
        var reading = Spread.MedianOf(starts.Select(start => entries / (start.ReadSeconds - start.SystemSeconds)));
        return
        [
            new BarResult($"recovery of {entries.ToString("#,0", CultureInfo.InvariantCulture)} entries of {LoadRequest.ValueBytes} B, events of {perEvent}, from the start of the process until a linearizable read is answered",
                BarRun.Text($"at least {WantedPerSecond:#,0} entries/s"),
                BarRun.Text($"{fromProcess:#,0} entries/s ({Spread.MedianOf(starts.Select(start => start.ServesSeconds)):0.00} s); from when its ActorSystem is there {fromSystem:#,0}/s, reading the journal alone {reading:#,0}/s"),
                fromProcess >= WantedPerSecond),
        ];
    }

    static async Task<StartedNode> One(BarRun run, string data)
    {
        var begun = Stopwatch.GetTimestamp();
        return await BarProgram.Answer<StartedNode>(run.Folder, s_patience, RecoveringNode.Kind, data, Number(begun));
    }

    static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
