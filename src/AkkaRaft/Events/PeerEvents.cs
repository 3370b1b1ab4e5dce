namespace AkkaRaft.Events;

/// <summary>
/// A peer that should be heard is not: told once for each silence. A leader notices after <c>akka.raft.election-timeout-max</c>; of a peer that was never heard since
/// this node joined it is told after <c>akka.raft.peer-unreachable-warning-after</c>. Followers expect nothing of each other, and tell nothing.
/// </summary>
/// <param name="Peer">Which one.</param>
/// <param name="Address">Where it was sought, <c>host:port</c>.</param>
/// <param name="Silence">How long nothing has come of it.</param>
public sealed record PeerUnreachable(NodeId Peer, string Address, TimeSpan Silence) : RaftEvent;

/// <summary>A peer was heard: for the first time since this node joined, or again after <see cref="PeerUnreachable"/>.</summary>
/// <param name="Peer">Which one.</param>
/// <param name="Address">Where it is, <c>host:port</c>.</param>
public sealed record PeerReachable(NodeId Peer, string Address) : RaftEvent;
