namespace AkkaRaft.Consensus;

/// <summary>What a snapshot stands for (Raft 7): everything up to an entry, and the configuration in force there (B57).</summary>
/// <param name="Last">The last entry that it covers.</param>
/// <param name="Configuration">The newest configuration at or before that entry.</param>
internal sealed record SnapshotMark(EntryId Last, Configuration Configuration);

/// <summary>A snapshot that is durable somewhere.</summary>
/// <param name="Mark">What it stands for.</param>
/// <param name="Length">Its bytes; at least one.</param>
/// <param name="Checksum">Of all of its bytes (xxHash 64).</param>
internal sealed record StoredSnapshot(SnapshotMark Mark, long Length, ulong Checksum)
{
    public EntryId Last => Mark.Last;
}

/// <summary>One sending of a snapshot to one peer. Its pieces are never mixed with another's, of whatever leader (B59): a term has one leader, who counts.</summary>
internal readonly record struct TransferId(Term Term, long Number)
{
    public override string ToString() => $"{Term}.{Number}";
}
