using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Akka.Actor;
using AkkaRaft.Benchmarks.Contenders.Raft;
using AkkaRaft.Benchmarks.Workers;

namespace AkkaRaft.Benchmarks.Bars;

/// <summary>When a node had come how far; seconds since just before its process was started.</summary>
/// <param name="SystemSeconds">Its ActorSystem was there.</param>
/// <param name="ReadSeconds">Its journals were read.</param>
/// <param name="ServesSeconds">A linearizable read was answered.</param>
/// <param name="CpuSeconds">What all its threads had used by then.</param>
/// <param name="AllocatedBytes">And allocated.</param>
/// <param name="PauseSeconds">In which all its threads had stood still for the garbage collector.</param>
internal sealed record StartedNode(double SystemSeconds, double ReadSeconds, double ServesSeconds, double CpuSeconds, long AllocatedBytes, double PauseSeconds);

/// <summary>A node that starts, answers one read, and ends.</summary>
internal static class RecoveringNode
{
    public const string Kind = "recovering-node";

    static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5);

    /// <param name="data">Its folder.</param>
    /// <param name="begun">The machine's monotonic clock when its process was started.</param>
    public static async Task<int> Run(string data, string begun)
    {
        var start = long.Parse(begun, CultureInfo.InvariantCulture);
        using var system = ActorSystem.Create(RaftHocon.SystemName, RaftHocon.Node(LongLog.Address).WithFallback(AkkaRaft.Raft.DefaultConfig()));
        var there = Stopwatch.GetElapsedTime(start);
        var group = AkkaRaft.Raft.Get(system).Start(Props.Create(() => new ValueMachine()), LongLog.Settings(system, data));
        await group.WhenReady;
        var read = Stopwatch.GetElapsedTime(start);
        await group.Query<StoredBytes>(new GetValue(0), ReadConsistency.Linearizable, s_patience);
        var serves = Stopwatch.GetElapsedTime(start);
        var cost = ProcessCost.Now();
        await Console.Out.WriteLineAsync(JsonSerializer.Serialize(
            new StartedNode(there.TotalSeconds, read.TotalSeconds, serves.TotalSeconds, cost.CpuSeconds, cost.AllocatedBytes, cost.GcPauseSeconds)));
        await group.Stop();
        return 0;
    }
}
