namespace AkkaRaft.Samples.ClusterLauncher.Live;

/// <summary>How many writes a second a leader applies, over about the last second.</summary>
internal sealed class WriteRate
{
    static readonly TimeSpan s_window = TimeSpan.FromSeconds(1.1);

    readonly Queue<(TimeSpan At, long Applied)> _window = new();
    Term? _leads;
    long _inherited;

    /// <summary>Null while the node does not lead: what a follower catches up with is no writing.</summary>
    public double? PerSecond { get; private set; }

    /// <summary>Takes a node's account in.</summary>
    /// <param name="status">Null if it gave none.</param>
    /// <param name="now">The time since some fixed moment.</param>
    public void Learn(RaftStatus? status, TimeSpan now)
    {
        if (status is not { Role: RaftRole.Leader })
        {
            _leads = null;
            PerSecond = null;
            return;
        }

        if (_leads != status.Term)
        {
            _leads = status.Term;
            // A new leader may still have to apply, or to apply anew, what its log had before: only what comes after that is written now.
            _inherited = status.LastEntry.Index.Value;
            _window.Clear();
        }

        var applied = Math.Max(status.AppliedIndex.Value, _inherited);
        _window.Enqueue((now, applied));
        while (now - _window.Peek().At > s_window) _window.Dequeue();
        var (at, before) = _window.Peek();
        PerSecond = now > at ? (applied - before) / (now - at).TotalSeconds : 0;
    }
}
