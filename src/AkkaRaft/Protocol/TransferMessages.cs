using AkkaRaft.Consensus;

namespace AkkaRaft.Protocol;

/// <summary>Client to leader: hand your leadership over (thesis 3.10). Answered by <see cref="TransferReply"/>.</summary>
/// <param name="Cluster">The cluster that is meant.</param>
/// <param name="Group">The group that is meant.</param>
/// <param name="RequestId">The client actor's number for it; the reply repeats it.</param>
/// <param name="To">Who is to lead; null for the most up-to-date voter.</param>
internal sealed record TransferRequest(ClusterId Cluster, GroupId Group, long RequestId, NodeId? To) : IRaftWireMessage;

/// <summary>Node to client: how it ended.</summary>
/// <param name="From">The node that was asked.</param>
/// <param name="Leader">Whom it takes for the leader now.</param>
/// <param name="RequestId">Which request.</param>
/// <param name="Outcome">How.</param>
/// <param name="Why">Why it did not work, for people.</param>
internal sealed record TransferReply(NodeId From, LeaderHint Leader, long RequestId, TransferOutcome Outcome, string Why) : IRaftWireMessage;
