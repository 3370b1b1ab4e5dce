using AkkaRaft.Consensus;
using AkkaRaft.Protocol;

namespace AkkaRaft.Client;

/// <summary>Waits until leadership has been handed over, and then until the new leader itself has answered.</summary>
internal sealed class TransferOperation(NodeId? to, TimeSpan timeout, TimeSpan deadline) : LeaderRequest<LeaderInfo>(timeout, deadline)
{
    public NodeId? To { get; } = to;

    /// <summary>Which leader was asked last and may have obeyed; null if none.</summary>
    public Flight? Asked { get; set; }

    /// <summary>The one that was asked leads no more: it remains to find out who does.</summary>
    public bool AwaitsLeader { get; set; }
}

/// <summary>
/// The requests of a client to hand leadership over. One that names no target and may have been obeyed is never sent again: the next leader would hand over once more.
/// </summary>
internal sealed class TransferTable(RaftClientSettings settings) : LeaderRequestTable<TransferOperation, LeaderInfo>
{
    /// <summary>Whether one of them waits for the next leader's own word.</summary>
    public bool AwaitsLeader => Requests.Exists(operation => operation.AwaitsLeader);

    public override bool HasInFlight => Requests.Exists(operation => operation is { Flight: not null, AwaitsLeader: false });

    public override bool HasUnsent => Requests.Exists(IsUnsent);

    /// <summary>Whose turn it is to be told who leads.</summary>
    public IReadOnlyList<TransferOperation> TakesLeader => [.. Requests.Where(operation => operation.AwaitsLeader)];

    /// <summary>What is to be sent to this leader.</summary>
    public IReadOnlyList<TransferRequest> TakeOff(NodeId leader, NodeAddress address, Term term)
    {
        var requests = new List<TransferRequest>();
        foreach (var operation in Requests.Where(IsUnsent))
        {
            operation.RequestId = NextRequestId();
            var request = new TransferRequest(settings.ClusterId, settings.GroupId, operation.RequestId, operation.To);
            operation.Flight = operation.Asked = new Flight(leader, address, term, request);
            requests.Add(request);
        }

        return requests;
    }

    /// <summary>
    /// Another leads than was asked, or the connection is gone: what was asked is done, or never will be. Who is wanted by name is asked for again, for it may be neither; it
    /// says so if it leads already.
    /// </summary>
    public void Ground(Func<Flight, bool> which)
    {
        foreach (var operation in To(which).Where(operation => !operation.AwaitsLeader))
        {
            if (operation.To is null) operation.AwaitsLeader = true;
            else operation.Flight = null;
        }
    }

    /// <summary>It surely did nothing: not delivered, or refused by a node that does not lead.</summary>
    public static void DidNothing(TransferOperation operation) => operation.Flight = operation.Asked = null;

    /// <summary>Akka has surely not delivered it.</summary>
    public void Undelivered(object message)
    {
        foreach (var operation in CarriedBy(message)) DidNothing(operation);
    }

    /// <summary>The error that an outcome stands for; null for those that are none.</summary>
    public static LeadershipTransferException? ErrorOf(TransferReply reply)
    {
        var failure = reply.Outcome switch
        {
            TransferOutcome.NotAVoter => LeadershipTransferFailure.NotAVoter,
            TransferOutcome.NoTarget => LeadershipTransferFailure.NoTarget,
            TransferOutcome.Busy => LeadershipTransferFailure.Busy,
            TransferOutcome.TimedOut => LeadershipTransferFailure.TimedOut,
            _ => (LeadershipTransferFailure?)null,
        };
        return failure is { } reason ? new LeadershipTransferException(ClientErrors.NotHandedOver(reply.From, reason, reply.Why), reason) : null;
    }

    static bool IsUnsent(TransferOperation operation) => operation.Flight is null && !operation.AwaitsLeader;
}
