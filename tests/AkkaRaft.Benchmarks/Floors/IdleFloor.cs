using System.Diagnostics;
using AkkaRaft.Benchmarks.Workers;

namespace AkkaRaft.Benchmarks.Floors;

/// <summary>What a process with Akka.Remote uses while nothing is said: two of them, associated with each other, with the settings of our nodes.</summary>
/// <param name="First">Percent of a core, of the one that was greeted.</param>
/// <param name="Second">Percent of a core, of the one that greeted it.</param>
internal sealed record IdleFloor(double First, double Second)
{
    /// <summary>Of one of them.</summary>
    public double Points => (First + Second) / 2;

    /// <param name="folder">For logs.</param>
    /// <param name="time">For how long: the longer, the finer.</param>
    public static async Task<IdleFloor> Measure(string folder, FloorTime time)
    {
        var address = RemotePeer.FreeAddress();
        await using var first = await FloorProcesses.Start(folder, RemoteFloor.Peer, address);
        await using var second = await FloorProcesses.Start(folder, RemoteFloor.Peer, RemotePeer.FreeAddress(), address);

        // The first answer is the JIT's, too.
        await Cpu(first, second);
        await Task.Delay(time.WarmUp);
        var begun = Stopwatch.GetTimestamp();
        var before = await Cpu(first, second);
        await Task.Delay(time.Measured);
        var after = await Cpu(first, second);
        var seconds = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        return new IdleFloor((after.First - before.First) / seconds * 100, (after.Second - before.Second) / seconds * 100);
    }

    static async Task<(double First, double Second)> Cpu(WorkerProcess first, WorkerProcess second) => ((await first.Cost()).CpuSeconds, (await second.Cost()).CpuSeconds);
}
