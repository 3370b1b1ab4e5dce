namespace AkkaRaft.Process.Tests.Support;

/// <summary>Who acknowledges writes, and how many.</summary>
internal sealed class LeaderPulse
{
    readonly Lock _gate = new();
    string? _leader;
    string? _forgotten;
    int _count;
    (int Wanted, TaskCompletionSource<string> Reached)? _waiter;

    /// <summary>An operation has ended.</summary>
    public void Note(DriveOperation operation)
    {
        if (operation.Answer is not { IsOk: true, Leader: { } leader }) return;
        lock (_gate)
        {
            // Answers of a killed node may still be on their way.
            if (leader == _forgotten) return;
            _forgotten = null;
            if (leader != _leader) _count = 0;
            _leader = leader;
            if (++_count >= _waiter?.Wanted) _waiter.Value.Reached.TrySetResult(leader);
        }
    }

    /// <summary>That node is dead: its answers do not count until another has answered.</summary>
    public void Forget(string leader)
    {
        lock (_gate) (_forgotten, _leader) = (leader, null);
    }

    /// <summary>Completes when one leader has acknowledged so many more.</summary>
    public Task<string> WhenAcknowledged(int count, TimeSpan patience)
    {
        lock (_gate)
        {
            _count = 0;
            _waiter = (count, new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously));
            return _waiter.Value.Reached.Task.WaitAsync(patience);
        }
    }
}
