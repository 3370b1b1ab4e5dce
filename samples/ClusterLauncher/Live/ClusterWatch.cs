using AkkaRaft.Samples.ClusterLauncher.Processes;
using AkkaRaft.Samples.ClusterLauncher.Traffic;

namespace AkkaRaft.Samples.ClusterLauncher.Live;

/// <summary>Asks each running node again and again how it is.</summary>
internal sealed class ClusterWatch : IAsyncDisposable
{
    static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(250);
    static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(1000);

    readonly ClusterClient _client;
    readonly CancellationTokenSource _end = new();
    readonly List<NodeWatch> _nodes;
    readonly Task _running;

    public ClusterWatch(HashmapCluster cluster, ClusterClient client)
    {
        _client = client;
        _nodes = [.. cluster.Nodes.Select(n => new NodeWatch(n))];
        _running = Task.WhenAll(_nodes.Select(n => Watch(n, _end.Token)));
    }

    /// <summary>What is known of each node now.</summary>
    public IReadOnlyList<NodeView> Views => [.. _nodes.Select(n => n.View)];

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _running;
        _end.Dispose();
    }

    async Task Watch(NodeWatch watch, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(s_interval);
        var started = TimeProvider.System.GetTimestamp();
        try
        {
            do
            {
                var status = watch.Node.State is NodeProcessState.Running or NodeProcessState.Starting
                    ? await _client.TryStatus(watch.Node.Id, s_patience, cancellationToken)
                    : null;
                watch.Learn(status, TimeProvider.System.GetElapsedTime(started));
            }
            while (await timer.WaitForNextTickAsync(cancellationToken));
        }
        catch (OperationCanceledException)
        {
            // The end of the watch.
        }
    }

    sealed class NodeWatch(HashmapNode node)
    {
        readonly WriteRate _rate = new();
        RaftStatus? _status;

        public HashmapNode Node => node;

        public NodeView View => new(node.Id, node.Process?.Id, node.State, node.IsAlive ? _status : null, _rate.PerSecond, node.LastEvent);

        public void Learn(RaftStatus? status, TimeSpan now)
        {
            _status = status;
            _rate.Learn(status, now);
        }
    }
}
