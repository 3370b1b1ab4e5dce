using System.Diagnostics;
using System.Globalization;
using AkkaRaft.Benchmarks.Contenders;
using AkkaRaft.Benchmarks.Contenders.DotNext;
using AkkaRaft.Benchmarks.Contenders.Etcd;
using AkkaRaft.Benchmarks.Contenders.Raft;
using AkkaRaft.Benchmarks.Load;

namespace AkkaRaft.Benchmarks.Comparing;

/// <summary>
/// From the kill -9 of the leader to the next write that a client has acknowledged, again and again; the killed node comes back before the next time. Contenders take turns, so that what else
/// this machine does meets all of them.
/// </summary>
/// <param name="contenders">Whose leaders are killed.</param>
/// <param name="folder">On the disk that is measured; it and what is in it are deleted.</param>
/// <param name="lowerTimeout">The lower election timeout of all of them, in milliseconds.</param>
/// <param name="say">Told each time.</param>
internal sealed class FailOver(IReadOnlyList<IContender> contenders, string folder, int lowerTimeout, Action<string> say)
{
    /// <summary>Our own default.</summary>
    public const int DefaultTimeout = 600;

    const int Heartbeat = 100;

    static readonly TimeSpan s_before = TimeSpan.FromSeconds(2);
    static readonly TimeSpan s_after = TimeSpan.FromSeconds(4);
    static readonly TimeSpan s_latest = TimeSpan.FromMilliseconds(2 * Heartbeat);
    static readonly TimeSpan s_slice = TimeSpan.FromMilliseconds(100);

    /// <summary>A contender with so long an election timeout, and twice that for the upper one; as it comes if it has no such thing.</summary>
    public static IContender WithTimeout(IContender contender, int lower) => contender switch
    {
        RaftContender => new RaftContender(contender.Name, string.Create(CultureInfo.InvariantCulture,
            $"akka.raft {{ heartbeat-interval = {Heartbeat}ms, election-timeout-min = {lower}ms, election-timeout-max = {2 * lower}ms }}")),
        EtcdContender => new EtcdContender(Heartbeat, lower),
        DotNextContender { FollowersFlush: var flush } => new DotNextContender(flush, lower, 2 * lower),
        _ => contender,
    };

    /// <summary>Kills each leader so often, and once more for the time-line.</summary>
    public async Task<IReadOnlyList<FailOverResult>> Run(int kills, TimeSpan warmUp)
    {
        List<Victim> victims = [.. contenders.Select(contender => new Victim(contender))];
        try
        {
            foreach (var victim in victims)
            {
                say($"starts and warms up {victim.Contender.Title}, to kill its leader");
                await Try(victim, async () =>
                {
                    victim.Running = await RunningContender.Start(victim.Contender, Path.Combine(folder, victim.Contender.Name));
                    await victim.Running.WarmUp(warmUp, inFlight: 100);
                });
            }

            for (var kill = 1; kill <= kills; kill++)
            {
                foreach (var victim in victims) await Try(victim, () => Kill(victim, $"{kill} of {kills}"));
            }

            foreach (var victim in victims) await Try(victim, async () => victim.Timeline = await Timeline(victim.Running!));
            return [.. victims.Select(victim => new FailOverResult(victim.Contender.Name, lowerTimeout, victim.Times, victim.Timeline) { Failure = victim.Failure })];
        }
        finally
        {
            foreach (var victim in victims) await (victim.Running?.DisposeAsync() ?? ValueTask.CompletedTask);
            if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        }
    }

    // One that fails keeps what it has shown, and the others go on.
    async Task Try(Victim victim, Func<Task> what)
    {
        if (victim.Failure is not null) return;
        try
        {
            await what();
        }
        catch (Exception problem)
        {
            victim.Failure = problem.Message.Split('\n')[0];
            say($"{victim.Contender.Title}: {problem.Message}");
        }
    }

    async Task Kill(Victim victim, string number)
    {
        victim.Times.Add(await Gap(victim.Running!));
        say(string.Create(CultureInfo.InvariantCulture, $"{victim.Contender.Title}, kill {number}: {victim.Times[^1]:0} ms"));
    }

    static async Task<double> Gap(RunningContender contender)
    {
        var (killed, report) = await KillUnderLoad(contender, inFlight: 1);
        var next = Array.FindIndex(report.AcknowledgedAt, acknowledged => acknowledged > killed);
        // The client has given up a write, and began none after it.
        if (next < 0) return double.PositiveInfinity;
        // A write that the leader had acknowledged before the kill may arrive just after it.
        if (next + 1 < report.AcknowledgedAt.Length && report.AcknowledgedAt[next] - killed < 1000) next++;
        return (report.AcknowledgedAt[next] - killed) / 1000d;
    }

    static async Task<IReadOnlyList<TimelinePoint>> Timeline(RunningContender contender)
    {
        var (killed, report) = await KillUnderLoad(contender, inFlight: 100);
        var slice = (long)s_slice.TotalMicroseconds;
        var first = -(long)(s_before / s_slice);
        var counts = new int[(int)((s_before + s_after - s_latest) / s_slice)];
        foreach (var at in report.AcknowledgedAt)
        {
            var place = (long)Math.Floor((double)(at - killed) / slice) - first;
            if (place >= 0 && place < counts.Length) counts[place]++;
        }

        return [.. counts.Select((count, place) => new TimelinePoint((first + place) * s_slice.TotalSeconds, count / s_slice.TotalSeconds))];
    }

    // The clock is the machine's: the client's process reads the same one. In microseconds.
    static async Task<(long Killed, LoadReport Report)> KillUnderLoad(RunningContender contender, int inFlight)
    {
        var leader = await contender.Cluster.Leader();
        var writes = contender.Client.Run(new LoadRequest(LoadKind.Write, inFlight, 0, TimeSpan.Zero, s_before + s_after) { KeepTimes = true });
        // At any moment of a heartbeat interval.
        await Task.Delay(s_before + Random.Shared.NextDouble() * s_latest);
        var killed = Stopwatch.GetTimestamp() * 1_000_000 / Stopwatch.Frequency;
        contender.Cluster.Kill(leader);
        var report = await writes;
        await contender.Cluster.Restart(leader);
        await contender.Client.Run(new LoadRequest(LoadKind.Write, 1, 0, s_before, TimeSpan.Zero));
        return (killed, report);
    }

    sealed class Victim(IContender contender)
    {
        public IContender Contender => contender;

        public RunningContender? Running { get; set; }

        public List<double> Times { get; } = [];

        public IReadOnlyList<TimelinePoint> Timeline { get; set; } = [];

        public string? Failure { get; set; }
    }
}
