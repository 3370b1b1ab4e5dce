using Akka.Actor;
using AkkaRaft.Consensus;
using AkkaRaft.Protocol;

namespace AkkaRaft.Journals;

/// <summary>Where and how a node's snapshots are stored.</summary>
internal sealed record SnapshotOptions
{
    /// <summary>The path of the snapshot-store plug-in; never empty.</summary>
    public required string PluginId { get; init; }

    /// <summary>In words for people: a file, or a plug-in.</summary>
    public required string Place { get; init; }

    /// <summary>Bytes of a snapshot in one row.</summary>
    public int RowBytes { get; init; } = 1024 * 1024;

    /// <summary>Most bytes in a second that are written of a snapshot that this node takes.</summary>
    public long WriteRate { get; init; } = 16 * 1024 * 1024;

    public TimeProvider Time { get; init; } = TimeProvider.System;
}

/// <summary>SnapshotStore to node: it has looked what there is.</summary>
/// <param name="Newest">The newest snapshot; null if there is none.</param>
internal sealed record SnapshotsRecovered(StoredSnapshot? Newest) : INoSerializationVerificationNeeded;

/// <summary>Node to SnapshotStore: make this durable; answered by a <see cref="Written"/> of <see cref="SnapshotTaken"/> or <see cref="SnapshotFailed"/>.</summary>
/// <param name="At">What it stands for.</param>
/// <param name="Content">Its bytes, made while they are read.</param>
internal sealed record WriteSnapshot(SnapshotMark At, IAsyncEnumerable<ReadOnlyMemory<byte>> Content) : INoSerializationVerificationNeeded;

/// <summary>SnapshotStore to node: a piece that <see cref="SendSnapshotChunk"/> asked for.</summary>
internal sealed record SnapshotChunkRead(NodeId To, InstallSnapshot Message) : INoSerializationVerificationNeeded;

/// <summary>Node to SnapshotStore: somebody is going to read this one piece by piece, so that it must stay for a while.</summary>
internal sealed record LendSnapshot(SnapshotName Snapshot) : INoSerializationVerificationNeeded;

/// <summary>Node to SnapshotStore: a piece for a client; answered by <see cref="SnapshotPieceRead"/>, or not at all if it could not be read this time.</summary>
internal sealed record ReadSnapshotPiece(IActorRef Client, BackupPieceRequest Request, int Length) : INoSerializationVerificationNeeded;

/// <summary>SnapshotStore to node.</summary>
/// <param name="Client">Who asked.</param>
/// <param name="Request">For what.</param>
/// <param name="Bytes">The bytes; null if the snapshot is not there any more.</param>
internal sealed record SnapshotPieceRead(IActorRef Client, BackupPieceRequest Request, ReadOnlyMemory<byte>? Bytes) : INoSerializationVerificationNeeded;

/// <summary>SnapshotStore to itself: nobody has read it for a while.</summary>
internal sealed record LoanOver(SnapshotName Snapshot) : INoSerializationVerificationNeeded;

/// <summary>SnapshotStore to node: something was not stored. It tells people why; the rules are told by <see cref="Written"/>.</summary>
/// <param name="What">What.</param>
/// <param name="Cause">Why.</param>
/// <param name="Snapshot">The last entry of the snapshot that comes to nothing by it; null if none does.</param>
internal sealed record SnapshotTrouble(string What, Exception? Cause, EntryId? Snapshot = null) : INoSerializationVerificationNeeded;

/// <summary>SnapshotStore to node: a stored snapshot cannot be read, and never will be.</summary>
internal sealed record SnapshotUnreadable(string What, Exception? Cause) : INoSerializationVerificationNeeded;

/// <summary>Machine to SnapshotStore: the next row of a snapshot that is being restored; answered by <see cref="RowRead"/>. When there is no answer, the node is told why, and starts over or stops.</summary>
/// <param name="Last">The last entry of the snapshot.</param>
/// <param name="Number">The row's number, from 1.</param>
internal sealed record ReadRow(EntryId Last, int Number) : INoSerializationVerificationNeeded;

/// <summary>SnapshotStore to machine.</summary>
/// <param name="Bytes">The row; empty behind the last one, when the whole was as it was written.</param>
internal sealed record RowRead(ReadOnlyMemory<byte> Bytes) : INoSerializationVerificationNeeded;

/// <summary>Node to SnapshotStore: the machine is going to read this one, so that its rows must stay.</summary>
internal sealed record BeginReading(StoredSnapshot Snapshot) : INoSerializationVerificationNeeded;

/// <summary>Machine to SnapshotStore: it has read it.</summary>
internal sealed record EndReading(EntryId Last) : INoSerializationVerificationNeeded;
