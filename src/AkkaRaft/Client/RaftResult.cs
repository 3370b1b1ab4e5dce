namespace AkkaRaft;

/// <summary>How current a query's answer must be.</summary>
public enum ReadConsistency
{
    /// <summary>
    /// The answer reflects every command that was acknowledged, to anyone, before the query was sent: the leader first makes sure, by a heartbeat round
    /// that began after the query arrived, that it still leads (thesis 6.4).
    /// </summary>
    Linearizable,
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
