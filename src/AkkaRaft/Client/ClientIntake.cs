namespace AkkaRaft.Client;

/// <summary>
/// What is under way in a client, bounded where it comes in, so that the actor's mailbox is bounded too. Shared by the callers and the actor; it knows every
/// operation that has not ended, so that none is left hanging when the client closes.
/// </summary>
internal sealed class ClientIntake(RaftClientSettings settings, TimeProvider time)
{
    readonly Lock _gate = new();
    readonly SortedDictionary<long, Operation> _open = [];
    readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly long _origin = time.GetTimestamp();
    long _sequence;
    long _bytes;
    bool _isClosed;

    /// <summary>The client's clock: time since the client was made.</summary>
    public TimeSpan Now => time.GetElapsedTime(_origin);

    /// <summary>Ends when the client has ended all its operations and takes no more.</summary>
    public Task WhenClosed => _closed.Task;

    /// <summary>Lets an operation in, or says why not.</summary>
    public void Admit(Operation operation)
    {
        lock (_gate)
        {
            if (_isClosed) throw ClientErrors.Closed();
            if (_open.Count >= settings.MaxPendingRequests)
                throw ClientErrors.TooMany("max-pending-requests", settings.MaxPendingRequests, _open.Count);
            if (_bytes + operation.Size > settings.MaxPendingBytes)
                throw ClientErrors.TooMany("max-pending-bytes", settings.MaxPendingBytes, _bytes);

            operation.Sequence = ++_sequence;
            _open.Add(operation.Sequence, operation);
            _bytes += operation.Size;
        }
    }

    /// <summary>An operation has ended.</summary>
    public void Release(Operation operation)
    {
        lock (_gate)
        {
            if (_open.Remove(operation.Sequence)) _bytes -= operation.Size;
        }
    }

    /// <summary>Takes no more, and hands out what has not ended, oldest first.</summary>
    public IReadOnlyList<Operation> Close()
    {
        lock (_gate)
        {
            _isClosed = true;
            Operation[] left = [.. _open.Values];
            _open.Clear();
            _bytes = 0;
            return left;
        }
    }

    public void Closed() => _closed.TrySetResult();
}
