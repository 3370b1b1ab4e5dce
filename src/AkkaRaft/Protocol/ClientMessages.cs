using AkkaRaft.Consensus;

namespace AkkaRaft.Protocol;

/// <summary>Client to node: propose these commands, in this order.</summary>
internal sealed record ProposeBatch(ClusterId Cluster, GroupId Group, IReadOnlyList<ClientRequest> Requests) : IRaftWireMessage;

/// <summary>Client to node: answer these queries, linearizably (thesis 6.4).</summary>
internal sealed record QueryBatch(ClusterId Cluster, GroupId Group, IReadOnlyList<ClientRequest> Requests) : IRaftWireMessage;

/// <param name="RequestId">The client actor's number for it, unique for that actor; the reply repeats it.</param>
/// <param name="Body">The command or query.</param>
internal readonly record struct ClientRequest(long RequestId, Payload Body);

/// <summary>Node to client: how requests ended. Requests of one batch may end in different replies.</summary>
/// <param name="From">The node that answers.</param>
/// <param name="Leader">Whom that node takes for the leader.</param>
/// <param name="Replies">One for each request that has ended.</param>
internal sealed record ClientReplyBatch(NodeId From, LeaderHint Leader, IReadOnlyList<ClientReply> Replies) : IRaftWireMessage;

/// <param name="Term">The term in which this is so.</param>
/// <param name="Leader">The leader, if one is known.</param>
/// <param name="Address">Its <c>host:port</c>, if one is known.</param>
internal sealed record LeaderHint(Term Term, NodeId? Leader, string? Address)
{
    /// <summary>No leader is known.</summary>
    public static LeaderHint Nobody(Term term = default) => new(term, null, null);
}

/// <param name="RequestId">Which request.</param>
/// <param name="Outcome">How it ended.</param>
/// <param name="Index">Ok: of a command its log index, of a query the index that the answer reflects.</param>
/// <param name="Value">Ok: the result; null stands for no result.</param>
/// <param name="Error">Not ok: what happened, what is known, what to do; of a batch that is refused as a whole only the first reply says it.</param>
internal sealed record ClientReply(long RequestId, ClientOutcome Outcome, LogIndex Index, Payload? Value, string? Error)
{
    /// <summary>Overloaded: when another try may be worth while; null if the node has no idea. At least 1 ms.</summary>
    public TimeSpan? RetryAfter { get; init; }
}

/// <summary>How a request ended, as a node can tell.</summary>
internal enum ClientOutcome
{
    /// <summary>The command was committed and applied, or the query answered.</summary>
    Ok,

    /// <summary>This node does not lead: surely not appended.</summary>
    NotLeader,

    /// <summary>Too much is waiting here: surely not appended.</summary>
    Overloaded,

    /// <summary>It was appended, and this node cannot say whether it will be committed.</summary>
    Unknown,

    /// <summary>The command or query cannot be accepted as it is (too large, damaged, unknown type, no handler): surely not appended, and another try would end alike.</summary>
    Rejected,

    /// <summary>The command was applied or the query answered, but the result cannot be sent (too large for a frame, or not serializable).</summary>
    ResultUnavailable,

    /// <summary>The query's handler threw; nothing was changed.</summary>
    QueryFailed,
}

/// <summary>Client to node: who leads? Answered by <see cref="LeaderReply"/>.</summary>
internal sealed record LeaderRequest(ClusterId Cluster, GroupId Group) : IRaftWireMessage;

/// <summary>Node to client.</summary>
/// <param name="From">Who answers.</param>
/// <param name="Leader">Whom it takes for the leader.</param>
/// <param name="WhyNone">Set by a node that is gone: why it knows no leader, and will know none.</param>
internal sealed record LeaderReply(NodeId From, LeaderHint Leader, string? WhyNone = null) : IRaftWireMessage;

/// <summary>Client to node: how are you? Answered by <see cref="StatusReply"/>.</summary>
internal sealed record StatusRequest(ClusterId Cluster, GroupId Group) : IRaftWireMessage;

/// <summary>Node to client.</summary>
internal sealed record StatusReply(RaftStatus Status) : IRaftWireMessage;
