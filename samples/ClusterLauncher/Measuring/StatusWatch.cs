using System.Diagnostics;
using AkkaRaft.Samples.ClusterLauncher.Traffic;

namespace AkkaRaft.Samples.ClusterLauncher.Measuring;

/// <summary>Waits for what nodes say of themselves.</summary>
internal static class StatusWatch
{
    static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(50);
    static readonly TimeSpan s_answerTime = TimeSpan.FromSeconds(2);

    /// <summary>Asks a node until its account is as wanted.</summary>
    /// <exception cref="TimeoutException">It was not, in time.</exception>
    public static Task<RaftStatus> WaitFor(
        this ClusterClient client, string node, string what, Func<RaftStatus, bool> wanted, TimeSpan limit, CancellationToken cancellationToken) =>
        client.WaitFor(node, what, status => Task.FromResult(wanted(status)), limit, cancellationToken);

    /// <summary>Waits until a node has applied what was committed, by the leader's account, a moment ago, while writes go on.</summary>
    /// <param name="client">Asks.</param>
    /// <param name="node">Which node.</param>
    /// <param name="seen">Called with each of its accounts.</param>
    /// <param name="limit">How long it may take.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>Its account then.</returns>
    /// <exception cref="TimeoutException">It has not, in time.</exception>
    public static Task<RaftStatus> WhenCaughtUp(
        this ClusterClient client, string node, Action<RaftStatus> seen, TimeSpan limit, CancellationToken cancellationToken)
    {
        var goal = LogIndex.Zero;
        return client.WaitFor(node, "to catch up", async status =>
        {
            seen(status);
            if (goal > LogIndex.Zero && status.AppliedIndex >= goal) return true;
            var leader = (status.Leader ?? (await client.FindLeader(limit, cancellationToken)).Node).Value;
            goal = (await client.TryStatus(leader, s_answerTime, cancellationToken))?.CommitIndex ?? goal;
            return false;
        }, limit, cancellationToken);
    }

    static async Task<RaftStatus> WaitFor(
        this ClusterClient client, string node, string what, Func<RaftStatus, Task<bool>> wanted, TimeSpan limit, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        using var timer = new PeriodicTimer(s_interval);
        RaftStatus? last = null;
        while (clock.Elapsed < limit)
        {
            if (await client.TryStatus(node, s_answerTime, cancellationToken) is { } status)
            {
                if (await wanted(status)) return status;
                last = status;
            }

            await timer.WaitForNextTickAsync(cancellationToken);
        }

        throw new TimeoutException($"Waited {limit.TotalSeconds:0} s in vain for node {node} {what}. It said last: {last?.ToString() ?? "nothing"}.");
    }
}
