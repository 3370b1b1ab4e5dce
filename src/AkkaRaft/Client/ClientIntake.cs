namespace AkkaRaft.Client;

/// <summary>
/// What is under way in a client, bounded where it comes in, so that the actor's mailbox is bounded too. Shared by the callers and the actor; it knows every
/// operation that has not ended, so that none is left hanging when the client closes.
/// </summary>
internal sealed class ClientIntake(RaftClientSettings settings, TimeProvider time)
{
    readonly Lock _gate = new();
    readonly Dictionary<long, Operation> _open = [];
    readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly long _origin = time.GetTimestamp();
    List<Operation> _arrived = [];
    long _sequence;
    long _bytes;
    bool _isClosed;

    /// <summary>The client's clock: time since the client was made.</summary>
    public TimeSpan Now => time.GetElapsedTime(_origin);

    /// <summary>Ends when the client has ended all its operations and takes no more.</summary>
    public Task WhenClosed => _closed.Task;

    /// <summary>Lets an operation in, or says why not.</summary>
    /// <returns>Whether the actor must be told, by an <see cref="OperationsArrived"/>: it is on its way already for what came before and was not taken yet.</returns>
    public bool Admit(Operation operation)
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
            _arrived.Add(operation);
            return _arrived.Count == 1;
        }
    }

    /// <summary>What the actor has not taken yet, in the order in which it was let in.</summary>
    public IReadOnlyList<Operation> TakeArrived()
    {
        lock (_gate)
        {
            if (_arrived.Count == 0) return [];
            var arrived = _arrived;
            _arrived = new List<Operation>(arrived.Count);
            return arrived;
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
            Operation[] left = [.. _open.Values.OrderBy(operation => operation.Sequence)];
            _open.Clear();
            _arrived.Clear();
            _bytes = 0;
            return left;
        }
    }

    public void Closed() => _closed.TrySetResult();
}
