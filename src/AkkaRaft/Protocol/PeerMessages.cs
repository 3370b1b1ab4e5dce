using AkkaRaft.Consensus;

namespace AkkaRaft.Protocol;

/// <summary>Marks what RaftWireSerializer writes.</summary>
internal interface IRaftWireMessage;

/// <summary>What every message between nodes carries besides itself.</summary>
/// <param name="Cluster">The sender's cluster; another cluster's messages are dropped and counted.</param>
/// <param name="Group">The sender's group.</param>
/// <param name="To">Whom it is for: an address may have passed to another node.</param>
/// <param name="From">Who sent it.</param>
/// <param name="FromStorage">The sender's storage: tells a wiped node from the one that had its name.</param>
/// <param name="FromAddress">Where replies go, <c>host:port</c>.</param>
/// <param name="Incarnation">Drawn at each start of the sender.</param>
/// <param name="Founders">
/// <see cref="Configuration.Mark"/> of the configuration that the sender's cluster was founded with; 0 if it does not know that. Nodes that were started
/// with different lists are different clusters, whatever they call themselves: together they could undo what one of them acknowledged.
/// </param>
internal sealed record PeerHeader(
    ClusterId Cluster, GroupId Group, NodeId To, NodeId From, StorageId FromStorage, string FromAddress, ulong Incarnation, uint Founders)
{
    /// <summary>The storage that the sender means: the one that its configuration names, or of an answer the asker's. Null for any.</summary>
    public StorageId? ToStorage { get; init; }

    /// <summary>The index of the sender's configuration, if that names the sender with this storage; else 0. Who knows of a newer one that does not, need not listen.</summary>
    public LogIndex Configuration { get; init; }

    /// <summary>Of the sender's configuration (<see cref="Configuration.RecoveryMark"/>).</summary>
    public ulong RecoveryMark { get; init; }

    /// <summary>Whether the sender belongs to no history yet: it founded none, and no configuration in its log names it.</summary>
    public bool IsNewcomer => Founders == 0 && Configuration == LogIndex.Zero;
}

/// <summary>A message of the protocol on its way to a peer.</summary>
internal sealed record PeerMessage(PeerHeader Header, RaftMessage Message) : IRaftWireMessage;

/// <summary>A starting node says that it is there: Akka.Remote keeps a restarted peer's side closed for seconds until that peer speaks first.</summary>
/// <param name="Header">Who greets.</param>
/// <param name="IsReply">The answer to a greeting; it is not answered again.</param>
internal sealed record Greeting(PeerHeader Header, bool IsReply) : IRaftWireMessage;

/// <summary>
/// Told to a node whose name the configuration gives to another storage: its disk was wiped, its name is used twice, or it was removed and its name given away (B71).
/// </summary>
/// <param name="Header">Who tells it.</param>
/// <param name="Storage">The storage that the node's name stands for.</param>
/// <param name="Index">The index of the committed configuration that says so.</param>
internal sealed record IdentityRefused(PeerHeader Header, StorageId Storage, LogIndex Index) : IRaftWireMessage;

/// <summary>What came off the wire and could not be read; it is counted and logged once per kind, and the connection lives on.</summary>
/// <param name="Manifest">What it claimed to be.</param>
/// <param name="Reason">Why it could not be read.</param>
internal sealed record UnreadableMessage(string Manifest, string Reason) : IRaftWireMessage;
