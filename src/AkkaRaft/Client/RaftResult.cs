namespace AkkaRaft;

/// <summary>How current a query's answer must be.</summary>
public enum ReadConsistency
{
    /// <summary>
    /// The answer reflects every command that was acknowledged, to anyone, before the query was sent: the leader first makes sure, by a heartbeat round
    /// that began after the query arrived, that it still leads (thesis 6.4). A node that does not lead asks the leader, waits until its own state machine is as far, and
    /// answers from that.
    /// </summary>
    Linearizable,

    /// <summary>
    /// The same, but the leader does not ask a majority while it holds a lease (thesis 6.4.1): quicker, and true only as long as the nodes' clocks keep what
    /// <c>akka.raft.lease-reads</c> assumes of them. While that setting is off, which it is unless told, and while there is no lease, it is answered as
    /// <see cref="Linearizable"/>: never with less, only later.
    /// </summary>
    Lease,

    /// <summary>
    /// The answer is whatever the node that is asked has applied, and may miss commands that were acknowledged long ago. <see cref="ReadOptions.MinIndex"/> and
    /// <see cref="ReadOptions.MaxStaleness"/> say how new it must be. It costs one node's work and no message to another.
    /// </summary>
    Local,
}

/// <summary>A result with what is known about where it comes from.</summary>
/// <typeparam name="T">The type of the result.</typeparam>
/// <param name="Value">The state machine's result or answer.</param>
/// <param name="Index">Of a command its log index, of a query the index that the answer reflects.</param>
/// <param name="Answerer">The node that answered.</param>
public sealed record RaftResult<T>(T Value, LogIndex Index, NodeId Answerer);

/// <summary>A leader.</summary>
/// <param name="Term">The term that it leads.</param>
/// <param name="Node">Which node.</param>
/// <param name="Address">Its <c>host:port</c>.</param>
public sealed record LeaderInfo(Term Term, NodeId Node, string Address)
{
    /// <summary>As in <c>2=127.0.0.1:4052 (term 7)</c>.</summary>
    public override string ToString() => $"{Node}={Address} (term {Term})";
}
