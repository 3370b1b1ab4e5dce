namespace AkkaRaft.Consensus;

/// <summary>A member of a configuration: who it is, and where it is reached.</summary>
/// <param name="Id">Its stable name.</param>
/// <param name="Address">Its canonical <c>host:port</c>, letter for letter what Akka.Remote calls it (public-hostname, public-port).</param>
internal sealed record Member(NodeId Id, string Address)
{
    /// <summary>Its storage, once a leader has met it: from then on a node with this name and another storage is a stranger (B71). Null before.</summary>
    public StorageId? Storage { get; init; }

    /// <summary>Of a learner: whether the leader makes it a voter as soon as it has caught up (thesis 4.2.1).</summary>
    public bool PromoteWhenCaughtUp { get; init; }

    /// <summary>An upper bound of its bytes on the wire.</summary>
    public int Size => Id.Value.Length + Address.Length + (Storage is null ? 0 : 34) + 10;

    public override string ToString() => $"{Id}={Address}";
}
