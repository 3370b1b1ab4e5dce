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
        var operations = new List<(StateOperation, long)>();
        var requests = new List<ClientRequest>();
        var bytes = 0;
        var terms = QueryTerms.AtLeader;
        foreach (var operation in waiting)
        {
            if (requests.Count == 0) terms = operation.Terms;
            else if (operation.Terms != terms) break;
            if (requests.Count > 0 && (requests.Count == settings.MaxBatchRequests || bytes + operation.Size > settings.MaxBatchBytes)) break;

            var id = numbers.NextRequestId();
            operations.Add((operation, id));
            requests.Add(new ClientRequest(id, operation.Body));
            bytes += operation.Size;
        }

        object message = commands
            ? new ProposeBatch(settings.ClusterId, settings.GroupId, requests)
            : new QueryBatch(settings.ClusterId, settings.GroupId, requests) { Terms = terms };
        return new ClientBatch(message, operations);
    }
}
