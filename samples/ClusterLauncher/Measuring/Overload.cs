using System.Diagnostics;
using System.Globalization;
using AkkaRaft.Samples.ClusterLauncher.Processes;
using AkkaRaft.Samples.ClusterLauncher.Traffic;

namespace AkkaRaft.Samples.ClusterLauncher.Measuring;

/// <summary>
/// What a cluster does when it is offered several times what it can take. Its journals are slowed to a fixed rate, so that they are the limit and not this machine;
/// the generator offers writes at a fixed pace whatever becomes of them.
/// </summary>
internal sealed class Overload(int seconds, double factor)
{
    /// <summary>
    /// 512 KiB a second are about 120 writes. As much may wait as the journal takes in two seconds: what waits longer than a client does is work for nobody. An event is
    /// confirmed well within an election timeout.
    /// </summary>
    public const string Settings = """
        akka.raft {
          max-pending-proposals = 256
          journal.max-event-bytes = 128KiB
          testing.journal-bytes-per-second = 512KiB
        }
        """;

    const int ValueBytes = 4000;
    const int PeakWriters = 128;
    static readonly TimeSpan s_warmUp = TimeSpan.FromSeconds(3);
    static readonly TimeSpan s_peakTime = TimeSpan.FromSeconds(15);
    static readonly TimeSpan s_step = TimeSpan.FromMilliseconds(10);

    readonly string _value = $"\"{new string('x', ValueBytes)}\"";
    readonly List<double> _memory = [];
    WriteTally _tally = new();
    long _retryHints;
    long _number;

    /// <summary>Runs it.</summary>
    public async Task Run(HashmapCluster cluster, ClusterClient client, CancellationToken cancellationToken)
    {
        await Saturate(client, s_warmUp, cancellationToken);
        Forget();
        var peak = await Saturate(client, s_peakTime, cancellationToken);
        Say($"sustainable: {peak:0} writes of {ValueBytes} bytes per second ({PeakWriters} writers, each waits for its answer)");
        var before = MemoryOf(cluster);

        Forget();
        var cpu = Process.GetCurrentProcess().TotalProcessorTime;
        var clock = Stopwatch.StartNew();
        var writes = await Offer(cluster, client, peak * factor, cancellationToken);
        var elapsed = clock.Elapsed;
        var generator = (Process.GetCurrentProcess().TotalProcessorTime - cpu) / elapsed;

        var acknowledged = _tally.Acknowledged / elapsed.TotalSeconds;
        Say($"offered {factor:0.#} times that, {peak * factor:0} per second, for {elapsed.TotalSeconds:0} s: {acknowledged:0} acknowledged per second, {acknowledged / peak:P0} of the sustainable rate");
        await Task.WhenAll(writes);   // each of them is accounted for
        Say($"{_tally.NotApplied} refused at once ({_retryHints} with a hint when to try again), {_tally.Unknown} unknown");
        Say($"memory of all nodes: {before:0} MB before, {_memory.DefaultIfEmpty(before).Max():0} MB at most, {MemoryOf(cluster):0} MB at the end");
        Say($"the generator took {generator:P0} of a core");
    }

    // Closed loop: as many writes as are answered.
    async Task<double> Saturate(ClusterClient client, TimeSpan time, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        var before = _tally.Acknowledged;
        await Task.WhenAll(Enumerable.Range(0, PeakWriters).Select(async _ =>
        {
            while (clock.Elapsed < time && !cancellationToken.IsCancellationRequested) await Write(client);
        }));
        return (_tally.Acknowledged - before) / clock.Elapsed.TotalSeconds;
    }

    // Open loop: at its pace, whatever becomes of them.
    async Task<IReadOnlyList<Task>> Offer(HashmapCluster cluster, ClusterClient client, double rate, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(s_step);
        var clock = Stopwatch.StartNew();
        var shown = TimeSpan.Zero;
        var sent = new List<Task>();
        while (clock.Elapsed < TimeSpan.FromSeconds(seconds) && await timer.WaitForNextTickAsync(cancellationToken))
        {
            for (var due = (long)(clock.Elapsed.TotalSeconds * rate); sent.Count < due;) sent.Add(Write(client));
            if (clock.Elapsed - shown < TimeSpan.FromSeconds(5)) continue;
            shown = clock.Elapsed;
            _memory.Add(MemoryOf(cluster));
            var each = string.Join(" + ", cluster.Nodes.Select(node => $"{MemoryOf(node):0}"));
            Say($"  {shown.TotalSeconds,4:0} s: {_tally.Acknowledged} acknowledged, {_tally.NotApplied} refused, {_tally.Unknown} unknown, nodes {each} MB");
        }

        return sent;
    }

    void Forget()
    {
        _tally = new WriteTally();
        _retryHints = 0;
    }

    async Task Write(ClusterClient client)
    {
        try
        {
            await client.Put($"overload-{Interlocked.Increment(ref _number) % 1000}", _value);
            _tally.Count(RaftOutcome.Applied);
        }
        catch (RaftException ended)
        {
            if (ended is OverloadedException { RetryAfter: not null }) Interlocked.Increment(ref _retryHints);
            _tally.Count(ended.Outcome);
        }
        catch (ObjectDisposedException)
        {
            // The measurement is over.
        }
    }

    static double MemoryOf(HashmapCluster cluster) => cluster.Nodes.Sum(MemoryOf);

    // Resident memory, in megabytes.
    static double MemoryOf(HashmapNode node)
    {
        if (node.Process is not { HasExited: false } process) return 0;
        using var running = Process.GetProcessById(process.Id);
        return running.WorkingSet64 / 1e6;
    }

    static void Say(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
