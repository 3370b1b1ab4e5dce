using AkkaRaft.Protocol;

namespace AkkaRaft.Client;

/// <summary>Operations that travel to the leader in one message.</summary>
/// <param name="Message">A <see cref="ProposeBatch"/> or a <see cref="QueryBatch"/>.</param>
/// <param name="Operations">What is in it, with the number of each.</param>
internal sealed record ClientBatch(object Message, IReadOnlyList<(StateOperation Operation, long RequestId)> Operations)
{
    /// <summary>As many of the waiting operations as one message may carry, oldest first; at least one, which by the settings' rules always fits.</summary>
    public static ClientBatch Take(IEnumerable<StateOperation> waiting, bool commands, OperationTable numbers, RaftClientSettings settings)
    {
        var (operations, requests) = Take(waiting, settings, _ => true, operation => new ClientRequest(numbers.NextRequestId(), operation.Body));
        object message = commands
            ? new ProposeBatch(settings.ClusterId, settings.GroupId, requests)
            : new QueryBatch(settings.ClusterId, settings.GroupId, requests) { Terms = operations[0].Operation.Terms };
        return new ClientBatch(message, operations);
    }

    /// <summary>As many of the waiting commands as one message may carry and the session has room for; none if it has no room.</summary>
    public static ClientBatch TakeInSession(IEnumerable<StateOperation> waiting, OperationTable numbers, ClientSession session, RaftClientSettings settings) =>
        InSession(Take(waiting, settings, session.TryEnter,
            operation => new ClientRequest(numbers.NextRequestId(), operation.Body) { Sequence = operation.SessionSequence }), session, settings);

    /// <summary>As many of these commands as one message may carry, once more under the numbers that they have.</summary>
    public static ClientBatch Again(IEnumerable<StateOperation> underWay, ClientSession session, RaftClientSettings settings) =>
        InSession(Take(underWay, settings, _ => true,
            operation => new ClientRequest(operation.RequestId, operation.Body) { Sequence = operation.SessionSequence }), session, settings);

    // The lowest unanswered is told when the message leaves: those that are in it are unanswered.
    static ClientBatch InSession((List<(StateOperation, long)> Operations, List<ClientRequest> Requests) taken, ClientSession session, RaftClientSettings settings) =>
        new(new ProposeBatch(settings.ClusterId, settings.GroupId, taken.Requests) { Session = session.InBatch }, taken.Operations);

    static (List<(StateOperation Operation, long RequestId)> Operations, List<ClientRequest> Requests) Take(
        IEnumerable<StateOperation> waiting, RaftClientSettings settings, Func<StateOperation, bool> mayGo, Func<StateOperation, ClientRequest> request)
    {
        var operations = new List<(StateOperation, long)>();
        var requests = new List<ClientRequest>();
        var bytes = 0;
        foreach (var operation in waiting)
        {
            if (requests.Count > 0 && operation.Terms != operations[0].Item1.Terms) break;
            if (requests.Count > 0 && (requests.Count == settings.MaxBatchRequests || bytes + operation.Size > settings.MaxBatchBytes)) break;
            if (!mayGo(operation)) break;

            var made = request(operation);
            operations.Add((operation, made.RequestId));
            requests.Add(made);
            bytes += operation.Size;
        }

        return (operations, requests);
    }
}
