using System.Diagnostics;
using AkkaRaft.Samples.ClusterLauncher.Processes;

namespace AkkaRaft.Samples.ClusterLauncher.Demo;

/// <summary>Watches acknowledgements before and after a kill. An answer of the killed node that was still on its way is no fail-over.</summary>
internal sealed class FailoverProgress
{
    readonly Lock _gate = new();
    readonly TaskCompletionSource _takenOver = new(TaskCreationOptions.RunContinuationsAsynchronously);
    string? _killed;
    long _killedAt;
    int _wanted;
    TaskCompletionSource? _enough;

    /// <summary>From the kill to the first write that another node acknowledged.</summary>
    public TimeSpan Failover { get; private set; }

    /// <summary>The node that acknowledged it.</summary>
    public NodeId Successor { get; private set; }

    /// <summary>A write was acknowledged just now by that node.</summary>
    public void Acknowledged(NodeId by)
    {
        lock (_gate)
        {
            if (_enough is not null && --_wanted <= 0) _enough.TrySetResult();
            if (_killed is null || by.Value == _killed || _takenOver.Task.IsCompleted) return;
            Failover = Stopwatch.GetElapsedTime(_killedAt);
            Successor = by;
            _takenOver.TrySetResult();
        }
    }

    /// <summary>Completes when so many more writes are acknowledged.</summary>
    public Task WhenWritten(int count, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            _wanted = count;
            _enough = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _enough.Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Completes when another node has acknowledged a write.</summary>
    public Task WhenTakenOver(CancellationToken cancellationToken) => _takenOver.Task.WaitAsync(cancellationToken);

    /// <summary>kill -9; completes when the process is gone.</summary>
    public Task Kill(HashmapNode node)
    {
        lock (_gate)
        {
            _killedAt = Stopwatch.GetTimestamp();
            _killed = node.Id;
        }

        return node.Kill();
    }
}
