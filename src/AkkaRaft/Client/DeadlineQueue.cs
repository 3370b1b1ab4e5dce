namespace AkkaRaft.Client;

/// <summary>Operations by deadline. Those that end in time are forgotten lazily, but never so many that they outnumber the others for long.</summary>
internal sealed class DeadlineQueue
{
    const int Slack = 1024;

    PriorityQueue<Operation, (TimeSpan Deadline, long Sequence)> _queue = new();
    int _over;

    public void Add(Operation operation)
    {
        if (operation.Deadline != TimeSpan.MaxValue) _queue.Enqueue(operation, (operation.Deadline, operation.Sequence));
    }

    /// <summary>An operation that was added has ended.</summary>
    public void Ended()
    {
        if (++_over < Slack || _over < _queue.Count / 2) return;

        var live = new PriorityQueue<Operation, (TimeSpan, long)>();
        foreach (var (operation, deadline) in _queue.UnorderedItems)
        {
            if (!operation.IsOver) live.Enqueue(operation, deadline);
        }

        _queue = live;
        _over = 0;
    }

    /// <summary>When the next deadline is; null if there is none.</summary>
    public TimeSpan? Next()
    {
        while (_queue.TryPeek(out var operation, out var at))
        {
            if (!operation.IsOver) return at.Deadline;
            _queue.Dequeue();
            _over--;
        }

        return null;
    }

    /// <summary>Takes out one operation whose time is up.</summary>
    public Operation? TakeDue(TimeSpan now)
    {
        if (Next() is not { } at || at > now) return null;
        _over--;    // Ended will count it, and it is not here any more
        return _queue.Dequeue();
    }
}
