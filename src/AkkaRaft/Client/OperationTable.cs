namespace AkkaRaft.Client;

/// <summary>
/// The commands and queries of a client actor: those that wait here, in the order in which they were begun, and those under way, by number. An operation is
/// in one of the two until its end.
/// </summary>
internal sealed class OperationTable
{
    readonly SortedDictionary<long, StateOperation> _waitingCommands = [];
    readonly SortedDictionary<long, StateOperation> _waitingQueries = [];
    readonly Dictionary<long, StateOperation> _inFlight = [];

    // How many operations of each message are unanswered, and when it was sent.
    readonly Dictionary<object, (int Unanswered, TimeSpan SentAt)> _commandMessages = new(ReferenceEqualityComparer.Instance);
    readonly Dictionary<object, (int Unanswered, TimeSpan SentAt)> _queryMessages = new(ReferenceEqualityComparer.Instance);
    long _commandBytes;
    long _queryBytes;
    long _requestId;

    public bool HasWaiting => _waitingCommands.Count + _waitingQueries.Count > 0;

    public bool HasInFlight => _inFlight.Count > 0;

    public SortedDictionary<long, StateOperation> Waiting(bool commands) => commands ? _waitingCommands : _waitingQueries;

    /// <summary>Bytes of those that wait.</summary>
    public long WaitingBytes(bool commands) => commands ? _commandBytes : _queryBytes;

    /// <summary>Messages that were sent after <paramref name="since"/>, and of which not all is answered.</summary>
    public int MessagesUnderWay(bool commands, TimeSpan since) => Messages(commands).Values.Count(message => message.SentAt > since);

    /// <summary>It waits: it is new, or surely did nothing where it was.</summary>
    public void Wait(StateOperation operation)
    {
        Remove(operation);
        Waiting(operation.IsCommand).Add(operation.Sequence, operation);
        CountBytes(operation.IsCommand, operation.Size);
    }

    /// <summary>The number of the next flight.</summary>
    public long NextRequestId() => ++_requestId;

    /// <summary>It is under way.</summary>
    public void TakeOff(StateOperation operation, long requestId, Flight flight)
    {
        Remove(operation);
        operation.RequestId = requestId;
        operation.Flight = flight;
        _inFlight.Add(requestId, operation);
        Count(operation, 1);
    }

    /// <summary>It is sent once more under the number that it has.</summary>
    public void SendAgain(StateOperation operation, object message, TimeSpan now)
    {
        Count(operation, -1);
        operation.Flight = operation.Flight! with { Message = message, SentAt = now };
        Count(operation, 1);
    }

    /// <summary>Whose flight has this number; null if that flight is over.</summary>
    public StateOperation? InFlight(long requestId) => _inFlight.GetValueOrDefault(requestId);

    /// <summary>Those under way for which it holds, in the order in which they were sent.</summary>
    public IReadOnlyList<StateOperation> InFlight(Func<Flight, bool> which) => [.. InOrder.Where(operation => which(operation.Flight!))];

    /// <summary>Those in a session, waiting and under way.</summary>
    public IReadOnlyList<StateOperation> OfSession(LogIndex session) =>
        [.. _waitingCommands.Values.Concat(InOrder).Where(operation => operation.Session == session)];

    public void Remove(StateOperation operation)
    {
        if (operation.Flight is null)
        {
            if (Waiting(operation.IsCommand).Remove(operation.Sequence)) CountBytes(operation.IsCommand, -operation.Size);
            return;
        }

        _inFlight.Remove(operation.RequestId);
        Count(operation, -1);
        operation.Flight = null;
    }

    Dictionary<object, (int Unanswered, TimeSpan SentAt)> Messages(bool commands) => commands ? _commandMessages : _queryMessages;

    void Count(StateOperation operation, int change)
    {
        var messages = Messages(operation.IsCommand);
        var flight = operation.Flight!;
        var left = messages.GetValueOrDefault(flight.Message).Unanswered + change;
        if (left > 0) messages[flight.Message] = (left, flight.SentAt);
        else messages.Remove(flight.Message);
    }

    void CountBytes(bool commands, long change)
    {
        if (commands) _commandBytes += change;
        else _queryBytes += change;
    }

    // Sorted only when they are walked, which is seldom; the order of a walk is seen by others.
    IEnumerable<StateOperation> InOrder => _inFlight.Values.OrderBy(operation => operation.RequestId);
}
