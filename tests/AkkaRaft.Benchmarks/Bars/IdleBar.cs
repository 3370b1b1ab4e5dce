using System.Diagnostics;
using AkkaRaft.Benchmarks.Comparing;
using AkkaRaft.Benchmarks.Contenders.Raft;
using AkkaRaft.Benchmarks.Floors;
using AkkaRaft.Benchmarks.Workers;

namespace AkkaRaft.Benchmarks.Bars;

/// <summary>Three nodes that nobody speaks to, and at the same time two processes with Akka.Remote alone: what each uses, in points of a core.</summary>
internal static class IdleBar
{
    const double WantedOfLeader = 2.5;
    const double WantedOfFollower = 1.5;

    // Connections are there, the start's garbage is gone, and the JIT is done with what runs often.
    static readonly TimeSpan s_settling = TimeSpan.FromSeconds(30);

    public static async Task<IReadOnlyList<BarResult>> Measure(BarRun run)
    {
        await using var cluster = await RaftCluster.Start(new RaftContender(), run.Folder, 3, "");
        var address = RemotePeer.FreeAddress();
        await using var first = await FloorProcesses.Start(run.Folder, RemoteFloor.Peer, address);
        await using var second = await FloorProcesses.Start(run.Folder, RemoteFloor.Peer, RemotePeer.FreeAddress(), address);
        WorkerProcess[] all = [.. cluster.Nodes, first, second];
        await Points(all, s_settling);

        var leader = await cluster.Leader();
        var rounds = new List<IdleRound>();
        for (var round = 1; round <= run.Rounds; round++)
        {
            var points = await Points(all, run.Measured);
            var followers = points.Take(3).Where((_, node) => node != leader);
            rounds.Add(new IdleRound(points[leader], followers.Average(), points.Skip(3).Average()));
            run.Say($"round {round} of {run.Rounds}: leader {rounds[^1].Leader:0.00} % of a core, followers {string.Join(" and ", followers.Select(follower => BarRun.Text($"{follower:0.00}")))} %, Akka.Remote alone {points[3]:0.00} and {points[4]:0.00} %");
        }

        if (await cluster.Leader() != leader) throw new InvalidOperationException("The leader has changed while nothing was to do: what it used is not known.");
        return [Compared("leader", WantedOfLeader, rounds, round => round.Leader), Compared("follower", WantedOfFollower, rounds, round => round.Follower)];
    }

    static BarResult Compared(string who, double wanted, List<IdleRound> rounds, Func<IdleRound, double> points)
    {
        var above = Spread.MedianOf(rounds.Select(round => points(round) - round.Remote));
        return new BarResult($"idle cluster of three, {who}", BarRun.Text($"at most {wanted:0.0} points of a core above idle Akka.Remote"),
            BarRun.Text($"{above:0.00} above ({Spread.MedianOf(rounds.Select(points)):0.00} % and {Spread.MedianOf(rounds.Select(round => round.Remote)):0.00} %)"), above <= wanted);
    }

    // Asked all at once, before and after: the question itself costs each of them the same.
    static async Task<double[]> Points(WorkerProcess[] all, TimeSpan time)
    {
        var begun = Stopwatch.GetTimestamp();
        var before = await Task.WhenAll(all.Select(process => process.Cost()));
        await Task.Delay(time);
        var after = await Task.WhenAll(all.Select(process => process.Cost()));
        var seconds = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        return [.. after.Zip(before, (now, then) => now.Since(then).CpuSeconds / seconds * 100)];
    }

    sealed record IdleRound(double Leader, double Follower, double Remote);
}
