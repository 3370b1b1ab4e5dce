using AkkaRaft.Samples.ClusterLauncher.Processes;
using AkkaRaft.Samples.ClusterLauncher.Traffic;

namespace AkkaRaft.Process.Tests.Support;

/// <summary>The nodes' own accounts, asked for by a client in this process.</summary>
internal static class Statuses
{
    static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    public static ClusterClient Client(HashmapCluster cluster) => ClusterClient.Connect(cluster);

    /// <summary>Completes when all logs end alike and everything is committed and applied everywhere.</summary>
    public static async Task<RaftStatus> WhenAllAgree(ClusterClient client, HashmapCluster cluster) =>
        (await Until.Holds("all nodes to have the same log, committed and applied", () => All(client, cluster), all => all.Agree)).All[0]!;

    /// <summary>Completes when a node's account is as wanted.</summary>
    public static async Task<RaftStatus> When(ClusterClient client, string node, string what, Func<RaftStatus, bool> wanted) =>
        (await Until.Holds($"node {node} {what}", () => Ask(client, node), status => status is not null && wanted(status)))!;

    static async Task<Accounts> All(ClusterClient client, HashmapCluster cluster) =>
        new(await Task.WhenAll(cluster.Nodes.Select(n => Ask(client, n.Id))));

    // Nodes come and move: the leader tells where they are, in time for one of the next questions.
    static Task<RaftStatus?> Ask(ClusterClient client, string node)
    {
        _ = client.TryFindLeader(s_patience, default);
        return client.TryStatus(node, s_patience, default);
    }

    sealed record Accounts(RaftStatus?[] All)
    {
        public bool Agree => All[0] is { } first
            && All.All(s => s is not null && s.LastEntry == first.LastEntry && s.CommitIndex == s.LastEntry.Index && s.AppliedIndex == s.CommitIndex);

        public override string ToString() => string.Join("; ", All.Select(s => s?.ToString() ?? "no answer"));
    }
}
