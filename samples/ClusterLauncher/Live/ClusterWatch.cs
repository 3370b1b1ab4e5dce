using System.Collections.Immutable;
using AkkaRaft.Samples.ClusterLauncher.Processes;
using AkkaRaft.Samples.ClusterLauncher.Traffic;

namespace AkkaRaft.Samples.ClusterLauncher.Live;

/// <summary>
/// Asks each running node again and again how it is: those that run here, and the other members of the cluster, which somebody has started elsewhere and added.
/// </summary>
internal sealed class ClusterWatch : IAsyncDisposable
{
    static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(250);
    static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(1000);

    readonly HashmapCluster _cluster;
    readonly ClusterClient _client;
    readonly CancellationTokenSource _end = new();
    readonly Task _running;
    Task _learning = Task.CompletedTask;
    volatile ImmutableList<NodeWatch> _nodes = [];

    public ClusterWatch(HashmapCluster cluster, ClusterClient client)
    {
        (_cluster, _client) = (cluster, client);
        FollowThoseThatComeAndGo();
        _running = Run(_end.Token);
    }

    /// <summary>What is known of each node now.</summary>
    public IReadOnlyList<NodeView> Views
    {
        get
        {
            var members = Members;
            return [.. _nodes.Select(node => node.View(members))];
        }
    }

    // In the words of the leader of the highest term: an older one may not know yet what was decided since.
    RaftConfiguration? Members => _nodes.Select(node => node.Status).OfType<RaftStatus>().Where(status => status.Role == RaftRole.Leader).MaxBy(status => status.Term)?.Configuration;

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _running;
        _end.Dispose();
    }

    async Task Run(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(s_interval);
        try
        {
            do
            {
                if (_learning.IsCompleted) _learning = LearnWhereTheyAre(cancellationToken);
                FollowThoseThatComeAndGo();
                foreach (var node in _nodes) node.Ask(_client, cancellationToken);
            }
            while (await timer.WaitForNextTickAsync(cancellationToken));
        }
        catch (OperationCanceledException)
        {
            // The end of the watch.
        }

        await Task.WhenAll([_learning, .. _nodes.Select(node => node.Asking)]);
    }

    async Task LearnWhereTheyAre(CancellationToken cancellationToken)
    {
        try
        {
            await _client.TryFindLeader(s_patience, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // The end of the watch.
        }
    }

    // Without a leader nobody knows; then those that were members are still shown.
    void FollowThoseThatComeAndGo()
    {
        var known = _nodes;
        var here = _cluster.Nodes;
        var elsewhere = Members is { } members
            ? members.Members.Select(member => member.Id.Value).Where(id => here.All(node => node.Id != id))
            : known.Where(watch => watch.Process is null && here.All(node => node.Id != watch.Id)).Select(watch => watch.Id);
        IEnumerable<(string Id, HashmapNode? Process)> wanted = [.. here.Select(node => (node.Id, (HashmapNode?)node)), .. elsewhere.Select(id => (id, (HashmapNode?)null))];
        _nodes = [.. wanted.Select(node => known.Find(watch => watch.Id == node.Id && watch.Process == node.Process) ?? new NodeWatch(node.Id, node.Process))
            .OrderBy(watch => watch.Id.Length).ThenBy(watch => watch.Id, StringComparer.Ordinal)];
    }

    sealed class NodeWatch(string id, HashmapNode? process)
    {
        static readonly TimeProvider s_time = TimeProvider.System;

        readonly WriteRate _rate = new();
        readonly long _started = s_time.GetTimestamp();
        RaftStatus? _status;

        public string Id => id;

        /// <summary>Null if it runs elsewhere.</summary>
        public HashmapNode? Process => process;

        public Task Asking { get; private set; } = Task.CompletedTask;

        public RaftStatus? Status => process is null or { IsAlive: true } ? _status : null;

        public NodeView View(RaftConfiguration? members) => process is null
            ? new(id, null, NodeProcessState.Elsewhere, Status, _rate.PerSecond, "") { Membership = MembershipIn(members) }
            : new(id, process.Process?.Id, process.State, Status, _rate.PerSecond, process.LastEvent) { Membership = MembershipIn(members) };

        /// <summary>Asks it, unless it still owes an answer.</summary>
        public void Ask(ClusterClient client, CancellationToken cancellationToken)
        {
            if (Asking.IsCompleted) Asking = Learn(client, cancellationToken);
        }

        async Task Learn(ClusterClient client, CancellationToken cancellationToken)
        {
            try
            {
                _status = process is null or { State: NodeProcessState.Running or NodeProcessState.Starting } ? await client.TryStatus(id, s_patience, cancellationToken) : null;
                _rate.Learn(_status, s_time.GetElapsedTime(_started));
            }
            catch (OperationCanceledException)
            {
                // The end of the watch.
            }
        }

        NodeMembership MembershipIn(RaftConfiguration? members) => members is null ? NodeMembership.Unknown : members.Find(NodeId.Parse(id)) switch
        {
            null => NodeMembership.None,
            { Role: RaftMemberRole.Learner } => NodeMembership.Learner,
            _ => NodeMembership.Voter,
        };
    }
}
