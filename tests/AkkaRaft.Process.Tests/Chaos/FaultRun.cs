using System.Diagnostics;
using AkkaRaft.Process.Tests.Support;
using AkkaRaft.Samples.ClusterLauncher.Processes;
using AkkaRaft.Samples.ClusterLauncher.Traffic;

namespace AkkaRaft.Process.Tests.Chaos;

/// <summary>Does to a running cluster what a plan says, one fault after the other; after each all processes run again.</summary>
internal sealed class FaultRun(HashmapCluster cluster, ClusterClient client, FaultPlan plan, Action<string> say)
{
    static readonly TimeSpan s_patience = TimeSpan.FromSeconds(3);
    static readonly TimeSpan s_longestAbsence = TimeSpan.FromSeconds(20);

    readonly Dictionary<FaultKind, int> _done = [];

    /// <summary>How many of each kind were done.</summary>
    public IReadOnlyDictionary<FaultKind, int> Done => _done;

    /// <summary>How many in all.</summary>
    public int Count { get; private set; }

    /// <summary>Transfers that ended with the old leader leading on, or without anybody knowing.</summary>
    public int TransfersGivenUp { get; private set; }

    /// <summary>Goes on until cancelled, and never stops in the middle of a fault.</summary>
    public async Task Run(CancellationToken until)
    {
        while (true)
        {
            var fault = plan.Next();
            try
            {
                await Task.Delay(fault.Pause, until);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            await Do(fault);
            _done[fault.Kind] = _done.GetValueOrDefault(fault.Kind) + 1;
            Count++;
        }
    }

    async Task Do(Fault fault)
    {
        var leader = await Leader(fault);
        var others = cluster.Nodes.Where(n => n != leader).ToList();
        var follower = others[fault.Pick % others.Count];
        switch (fault.Kind)
        {
            case FaultKind.KillLeader or FaultKind.KillFollower:
                await Kill(fault, fault.Kind == FaultKind.KillLeader ? leader : follower);
                break;
            case FaultKind.FreezeLeader or FaultKind.FreezeFollower:
                await Freeze(fault, fault.Kind == FaultKind.FreezeLeader ? leader : follower);
                break;
            case FaultKind.StopLeader or FaultKind.StopFollower:
                await Stop(fault, fault.Kind == FaultKind.StopLeader ? leader : follower);
                break;
            case FaultKind.Transfer:
                await Transfer(fault, follower);
                break;
            case FaultKind.Absence:
                await StayAway(fault, follower);
                break;
            case FaultKind.LoseMajority:
                say($"kill {leader.Id} and freeze {follower.Id} for {fault.Lasts.TotalMilliseconds} ms");
                follower.Pause();
                await leader.Kill();
                await Task.Delay(fault.Lasts);
                follower.Resume();
                await Restart(leader);
                break;
            case FaultKind.KillAll:
                say("kill all");
                await Task.WhenAll(cluster.Nodes.Select(n => n.Kill()));
                await cluster.Start(ClusterTest.Patience);
                break;
            default:
                throw new UnreachableException($"{fault.Kind}");
        }
    }

    async Task Kill(Fault fault, HashmapNode node)
    {
        say($"kill {node.Id} ({fault.Kind}), away for {fault.Lasts.TotalMilliseconds} ms");
        await node.Kill();
        await Task.Delay(fault.Lasts);
        await Restart(node);
    }

    async Task Freeze(Fault fault, HashmapNode node)
    {
        say($"freeze {node.Id} ({fault.Kind}) for {fault.Lasts.TotalMilliseconds} ms");
        node.Pause();
        await Task.Delay(fault.Lasts);
        node.Resume();
    }

    async Task Stop(Fault fault, HashmapNode node)
    {
        say($"stop {node.Id} ({fault.Kind}), away for {fault.Lasts.TotalMilliseconds} ms");
        var exitCode = await node.Stop().WaitAsync(ClusterTest.Patience);
        if (exitCode != 0) throw new InvalidOperationException($"Node {node.Id} was asked to stop and ended with exit code {exitCode}: {string.Join(" | ", node.LastLines(5))}");
        await Task.Delay(fault.Lasts);
        await Restart(node);
    }

    async Task Transfer(Fault fault, HashmapNode follower)
    {
        var to = fault.ByFreezing ? follower.Id : null;
        try
        {
            var now = await client.Transfer(to);
            say($"transfer to {to ?? "the best"}: {now.Node} leads");
        }
        catch (RaftException problem)
        {
            TransfersGivenUp++;
            say($"transfer to {to ?? "the best"}: {problem.Message}");
        }
    }

    async Task StayAway(Fault fault, HashmapNode node)
    {
        var has = (await client.TryStatus(node.Id, s_patience, default))?.LastEntry.Index ?? LogIndex.Zero;
        say($"{(fault.ByFreezing ? "freeze" : "kill")} {node.Id}, away until {has} is compacted");
        if (fault.ByFreezing) node.Pause();
        else await node.Kill();

        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < s_longestAbsence && await HighestBase(except: node) <= has) await Task.Delay(100);
        if (fault.ByFreezing) node.Resume();
        else await Restart(node);
    }

    async Task<LogIndex> HighestBase(HashmapNode except) =>
        (await Task.WhenAll(cluster.Nodes.Where(n => n != except).Select(n => client.TryStatus(n.Id, s_patience, default)))).Max(s => s?.BaseIndex ?? LogIndex.Zero);

    static async Task Restart(HashmapNode node)
    {
        node.Start();
        await node.WhenReady(ClusterTest.Patience);
    }

    // While nobody leads any node will do.
    async Task<HashmapNode> Leader(Fault fault)
    {
        try
        {
            return cluster[(await client.FindLeader(s_patience, CancellationToken.None)).Node.Value];
        }
        catch (RaftException)
        {
            return cluster.Nodes[fault.Pick / 7 % cluster.Nodes.Count];
        }
    }
}
