using AkkaRaft.Consensus;

namespace AkkaRaft.Protocol;

/// <summary>Client to node: propose these commands, in this order.</summary>
internal sealed record ProposeBatch(ClusterId Cluster, GroupId Group, IReadOnlyList<ClientRequest> Requests) : IRaftWireMessage
{
    /// <summary>The session that all of it belongs to; null outside of any, and while one is asked for.</summary>
    public BatchSession? Session { get; init; }

    /// <summary>What is asked for the session itself, if anything.</summary>
    public SessionCall? Call { get; init; }
}

/// <param name="Id">The session: the log index of the entry that opened it.</param>
/// <param name="LowestUnanswered">The client wants no results of lower sequences any more.</param>
internal readonly record struct BatchSession(LogIndex Id, long LowestUnanswered);

/// <param name="RequestId">As of a <see cref="ClientRequest"/>; 0 if no answer is wanted.</param>
/// <param name="Act">What is asked for.</param>
internal readonly record struct SessionCall(long RequestId, SessionAct Act);

/// <summary>What a client asks for its session itself.</summary>
internal enum SessionAct
{
    /// <summary>A new one.</summary>
    Open,

    /// <summary>That it lasts, though no command is sent.</summary>
    Keep,

    /// <summary>Its end.</summary>
    Close,
}

/// <summary>Client to node: answer these queries, all on the same terms.</summary>
internal sealed record QueryBatch(ClusterId Cluster, GroupId Group, IReadOnlyList<ClientRequest> Requests) : IRaftWireMessage
{
    public QueryTerms Terms { get; init; } = QueryTerms.AtLeader;
}

/// <summary>What a query wants to be true of its answer.</summary>
/// <param name="Consistency">How current it must be.</param>
internal sealed record QueryTerms(ReadConsistency Consistency)
{
    /// <summary>What no time in it is longer than.</summary>
    public static readonly TimeSpan LongestTime = TimeSpan.FromDays(1);

    /// <summary>Linearizable, answered by who leads.</summary>
    public static readonly QueryTerms AtLeader = new(ReadConsistency.Linearizable);

    /// <summary>Whether the node may answer though it does not lead.</summary>
    public bool AnyNode { get; init; }

    /// <summary>Local: the state must have reached this; 0 for none.</summary>
    public LogIndex MinIndex { get; init; }

    /// <summary>Local: how old the state may be; null for any age. Whole microseconds, one at least.</summary>
    public TimeSpan? MaxStaleness { get; init; }

    /// <summary>Local: how long the node may wait for these two. Whole microseconds.</summary>
    public TimeSpan MaxWait { get; init; }
}

/// <param name="RequestId">The client actor's number for it, unique for that actor; the reply repeats it.</param>
/// <param name="Body">The command or query.</param>
internal readonly record struct ClientRequest(long RequestId, Payload Body)
{
    /// <summary>Its number in the session of its batch, from 1; 0 outside of any.</summary>
    public long Sequence { get; init; }
}

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
    /// <summary>Set if a session was opened, whose name is <see cref="Index"/>.</summary>
    public SessionGrant? Session { get; init; }

    /// <summary>Overloaded: when another try may be worth while; null if the node has no idea. At least 1 ms.</summary>
    public TimeSpan? RetryAfter { get; init; }
}

/// <param name="Timeout">The session ends when the time in the log has moved this far since its last entry.</param>
/// <param name="MaxResults">How many commands may be unanswered at a time: sequences below the lowest of them and this.</param>
internal readonly record struct SessionGrant(TimeSpan Timeout, int MaxResults);

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

    /// <summary>The group does not know the session, or no longer: this copy of the command was not applied, and what became of others is forgotten.</summary>
    SessionExpired,

    /// <summary>The node's own state is not as new as the query wants, and did not become so in time. The reply's index: up to where the node had applied the log.</summary>
    TooStale,
}

/// <summary>Client to node: who leads? Answered by <see cref="LeaderReply"/>.</summary>
internal sealed record LeaderRequest(ClusterId Cluster, GroupId Group) : IRaftWireMessage;

/// <summary>Node to client.</summary>
/// <param name="From">Who answers.</param>
/// <param name="Leader">Whom it takes for the leader.</param>
/// <param name="WhyNone">Set by a node that is gone: why it knows no leader, and will know none.</param>
internal sealed record LeaderReply(NodeId From, LeaderHint Leader, string? WhyNone = null) : IRaftWireMessage
{
    /// <summary>The members that it knows, and where they are: one that was removed knows no leader, but somebody who may.</summary>
    public IReadOnlyList<RaftMember> Members { get; init; } = [];
}

/// <summary>Client to node: how are you? Answered by <see cref="StatusReply"/>.</summary>
internal sealed record StatusRequest(ClusterId Cluster, GroupId Group) : IRaftWireMessage;

/// <summary>Node to client.</summary>
internal sealed record StatusReply(RaftStatus Status) : IRaftWireMessage;

/// <summary>Client to node: what do you know of why there is no leader, or no commit? Answered by <see cref="ExplainReply"/>.</summary>
internal sealed record ExplainRequest(ClusterId Cluster, GroupId Group) : IRaftWireMessage;

/// <summary>Node to client.</summary>
internal sealed record ExplainReply(RaftExplanation Explanation) : IRaftWireMessage;
