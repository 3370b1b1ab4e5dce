using System.Diagnostics;
using AkkaRaft.Benchmarks.Comparing;
using AkkaRaft.Benchmarks.Contenders.Raft;
using AkkaRaft.Benchmarks.Floors;
using AkkaRaft.Benchmarks.Load;
using AkkaRaft.Benchmarks.Workers;
using AkkaRaft.Samples.ClusterLauncher.Processes;

namespace AkkaRaft.Benchmarks.Bars;

/// <summary>
/// Three nodes with a big state, a steady load of writes, and an empty learner that is added: it gets the leader's snapshot. Measured from when it is added until its snapshot is durable, and until
/// its state machine is what the snapshot says; beside it the stream of Akka.Remote alone, and what the writes took before and meanwhile.
/// </summary>
internal static class SnapshotBar
{
    const double WantedShare = 0.4;
    const double WantedSlowdown = 3;
    const int BlockBytes = 1_000_000;
    const int InFlight = 1000;

    const string Settings = "bench.machine = bulk\n";
    static readonly TimeSpan s_window = TimeSpan.FromSeconds(1);
    static readonly TimeSpan s_patience = TimeSpan.FromMinutes(3);

    /// <param name="run">How.</param>
    /// <param name="megabytes">Of the state.</param>
    /// <param name="rate">Writes that begin in a second.</param>
    /// <param name="more">HOCON over the defaults, for all nodes.</param>
    public static async Task<IReadOnlyList<BarResult>> Measure(BarRun run, int megabytes, double rate, string more)
    {
        var settings = Settings + more;
        var contender = new RaftContender(settings: settings);
        await using var cluster = await RaftCluster.Start(contender, run.Folder, 3, settings);
        await using var client = await WorkerProcess.Start(Path.Combine(run.Folder, "client.log"), ["client", contender.Name, cluster.Endpoints]);
        run.Say($"fills the state with {megabytes} MB, and waits for the snapshots of it");
        await Prepare(cluster, client, megabytes);

        var installs = new List<Install>();
        for (var round = 1; round <= run.Rounds; round++)
        {
            var before = await Writes(client, rate, Task.Delay(run.Measured));
            var stream = (await RemoteFloor.Measure(run.Folder, new FloorTime(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(3)))).MegabytesPerSecond;
            installs.Add(await Installed(run, cluster, client, round, rate, settings) with { WritesBefore = before, StreamMegabytesPerSecond = stream });
            var one = installs[^1];
            run.Say($"round {round} of {run.Rounds}: {one.Bytes / 1e6:0} MB durable after {one.DurableSeconds:0.00} s, restored after {one.RestoredSeconds:0.00} s, {one.MegabytesPerSecond:0.0} MB/s, {one.LeaderCpuSeconds:0.0} s of CPU at the leader and {one.LearnerCpuSeconds:0.0} s at the learner; Akka.Remote's stream {stream:0} MB/s; writes {one.WritesBefore}, meanwhile {one.WritesMeanwhile}{(one.TookSnapshot ? "; the leader took a snapshot meanwhile" : "")}");
        }

        var share = Spread.MedianOf(installs.Select(one => one.MegabytesPerSecond / one.StreamMegabytesPerSecond));
        var slowdown = Spread.MedianOf(installs.Select(one => one.WritesMeanwhile.P99 / one.WritesBefore.P99));
        return
        [
            new BarResult($"snapshot install of {megabytes} MB to a new learner", BarRun.Text($"at least {WantedShare:0%} of Akka.Remote's stream"),
                BarRun.Text($"{share:0%}: {Spread.MedianOf(installs.Select(one => one.MegabytesPerSecond)):0.0} MB/s ({Spread.MedianOf(installs.Select(one => one.RestoredSeconds)):0.0} s) of {Spread.MedianOf(installs.Select(one => one.StreamMegabytesPerSecond)):0} MB/s"),
                share >= WantedShare),
            new BarResult(BarRun.Text($"writes meanwhile, {rate:0}/s offered"), BarRun.Text($"p99 at most {WantedSlowdown:0} x what it was before"),
                BarRun.Text($"{slowdown:0.0} x ({Spread.MedianOf(installs.Select(one => one.WritesBefore.P99)):0.0} ms before, {Spread.MedianOf(installs.Select(one => one.WritesMeanwhile.P99)):0.0} ms meanwhile)"), slowdown <= WantedSlowdown),
        ];
    }

    static async Task Prepare(RaftCluster cluster, WorkerProcess client, int megabytes)
    {
        for (var block = 0; block < megabytes; block++) await cluster.Client.Propose(new AddBulk(block, BlockBytes), s_patience);
        // No more writes than it needs: a snapshot that is written beside what is measured would be measured with it, so the next ones are to be far away.
        var begun = Stopwatch.GetTimestamp();
        while (!await OfAll(cluster, snapshot => snapshot.Last is not null || snapshot.Taking is not null))
        {
            if (Stopwatch.GetElapsedTime(begun) > s_patience) throw new TimeoutException($"The nodes have not begun to take snapshots within {s_patience}.");
            await client.Run(new LoadRequest(LoadKind.Write, InFlight, 0, TimeSpan.Zero, s_window));
        }

        await Until(() => OfAll(cluster, snapshot => snapshot is { Taking: null, Last: not null } && snapshot.Bytes >= (long)megabytes * BlockBytes), TimeSpan.FromMilliseconds(500));
    }

    static async Task<bool> OfAll(RaftCluster cluster, Predicate<RaftSnapshotStatus> isSo) =>
        (await Task.WhenAll(Enumerable.Range(1, 3).Select(node => Status(cluster, NodeId.Parse(BarRun.Text($"{node}")))))).All(status => isSo(status.Snapshot));

    static async Task<Install> Installed(BarRun run, RaftCluster cluster, WorkerProcess client, int round, double rate, string settings)
    {
        // A name and an empty disk that were never there.
        var member = RaftMember.Parse(BarRun.Text($"{round + 10}=127.0.0.1:{FreePorts.InARow(1)}"));
        var folder = Path.Combine(run.Folder, $"learner-{member.Id}");
        await using var learner = await WorkerProcess.Start(folder + ".log", ["node", member.Id.Value, $"{cluster.Endpoints},{member}", folder, $"{settings}\nakka.raft.join = on"]);
        var place = await cluster.Leader();
        var leader = NodeId.Parse(BarRun.Text($"{place + 1}"));
        var before = (Status: await Status(cluster, leader), Leader: await cluster.Nodes[place].Cost(), Learner: await learner.Cost());
        var install = Follow(cluster, member);
        var writes = await Writes(client, rate, install);
        var after = (await Status(cluster, leader)).Snapshot;
        var costs = (Leader: (await cluster.Nodes[place].Cost()).Since(before.Leader), Learner: (await learner.Cost()).Since(before.Learner));
        await cluster.Client.RemoveMember(member.Id, force: false, s_patience);
        return await install with
        {
            WritesMeanwhile = writes,
            TookSnapshot = before.Status.Snapshot.Last != after.Last || after.Taking is not null,
            LeaderCpuSeconds = costs.Leader.CpuSeconds,
            LearnerCpuSeconds = costs.Learner.CpuSeconds,
        };
    }

    static async Task<Install> Follow(RaftCluster cluster, RaftMember member)
    {
        var begun = Stopwatch.GetTimestamp();
        await cluster.Client.AddMember(member, learner: true, s_patience);
        var (durable, snapshot) = (0d, RaftSnapshotStatus.None);
        await Until(async () =>
        {
            snapshot = (await Status(cluster, member.Id)).Snapshot;
            if (snapshot.Last is not null && durable == 0) durable = Stopwatch.GetElapsedTime(begun).TotalSeconds;
            return snapshot is { Last: not null, IsRestoring: false };
        }, TimeSpan.FromMilliseconds(50));
        return new Install(snapshot.Bytes, durable, Stopwatch.GetElapsedTime(begun).TotalSeconds);
    }

    static Task<RaftStatus> Status(RaftCluster cluster, NodeId node) => cluster.Client.GetStatus(node, s_patience);

    static async Task Until(Func<Task<bool>> isSo, TimeSpan interval)
    {
        for (var begun = Stopwatch.GetTimestamp(); !await isSo(); await Task.Delay(interval))
            if (Stopwatch.GetElapsedTime(begun) > s_patience) throw new TimeoutException($"What was waited for has not come within {s_patience}.");
    }

    // In windows of a second, one behind the other, until something else has ended.
    static async Task<Latencies> Writes(WorkerProcess client, double rate, Task until)
    {
        var (all, missed) = (Histograms.New(), 0L);
        do
        {
            var report = await client.Run(new LoadRequest(LoadKind.Write, InFlight, rate, TimeSpan.Zero, s_window));
            all.Add(Histograms.Decode(report.Histogram));
            missed += report.Failed + report.Shed;
        }
        while (!until.IsCompleted);
        await until;
        return new Latencies(all.Percentile(50), all.Percentile(99), all.Percentile(100), missed);
    }

    sealed record Latencies(double P50, double P99, double Longest, long Missed)
    {
        public override string ToString() => BarRun.Text($"p50 {P50:0.0} ms, p99 {P99:0.0} ms, longest {Longest:0} ms{(Missed > 0 ? BarRun.Text($", {Missed} failed or shed") : "")}");
    }

    sealed record Install(long Bytes, double DurableSeconds, double RestoredSeconds)
    {
        public Latencies WritesBefore { get; init; } = new(0, 0, 0, 0);

        public Latencies WritesMeanwhile { get; init; } = new(0, 0, 0, 0);

        public double StreamMegabytesPerSecond { get; init; }

        public bool TookSnapshot { get; init; }

        public double LeaderCpuSeconds { get; init; }

        public double LearnerCpuSeconds { get; init; }

        public double MegabytesPerSecond => Bytes / 1e6 / RestoredSeconds;
    }
}
