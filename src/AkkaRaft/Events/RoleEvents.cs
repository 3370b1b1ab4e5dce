namespace AkkaRaft.Events;

/// <summary>The node's role is another one (Raft 5.1). A node that wins an election in one step passes through each role on the way.</summary>
/// <param name="From">The role before.</param>
/// <param name="To">The role now.</param>
/// <param name="Term">The term now; zero while the node recovers.</param>
/// <param name="Reason">Why, for people.</param>
public sealed record RoleChanged(RaftRole From, RaftRole To, Term Term, string Reason) : RaftEvent;

/// <summary>The node takes another node for the leader, or knows none any more (Raft 5.2).</summary>
/// <param name="Leader">The leader, which may be this node; null for none.</param>
/// <param name="Term">The term that it leads, or in which none is known.</param>
/// <param name="Address">Its <c>host:port</c>; null if none leads.</param>
public sealed record LeaderChanged(NodeId? Leader, Term Term, string? Address) : RaftEvent;
