using System.IO.Hashing;
using AkkaRaft.Protocol;
using Google.Protobuf;

namespace AkkaRaft.Serialization;

/// <summary>What is said about backups, as raft.proto has it.</summary>
internal static class BackupMessageFormat
{
    public static IMessage Write(BackupRequest m) => new Proto.BackupRequest
    {
        Version = Checked.FormatVersion, Cluster = Checked.Cluster(m.Cluster.Value).Value, Group = Checked.Group(m.Group.Value).Value, RequestId = m.RequestId,
    };

    public static IMessage Write(BackupReply m)
    {
        var written = new Proto.BackupReply
        {
            Version = Checked.FormatVersion, From = Checked.Node(m.From.Value).Value, RequestId = m.RequestId, Outcome = Write(m.Outcome), Why = m.Why,
        };
        if (m.Outcome != BackupOutcome.Ready) return written;
        written.Snapshot = SnapshotFormat.Write(Checked.Present(m.Snapshot, "snapshot"));
        written.PieceBytes = Bytes(m.PieceBytes);
        if (m.LastTime is { } time) written.LastMs = time.ToUnixTimeMilliseconds();
        return written;
    }

    public static IMessage Write(BackupPieceRequest m)
    {
        CheckPlace(m.Snapshot.Length, m.Offset, Bytes(m.Bytes));
        return new Proto.BackupPieceRequest
        {
            Version = Checked.FormatVersion,
            Cluster = Checked.Cluster(m.Cluster.Value).Value,
            Group = Checked.Group(m.Group.Value).Value,
            RequestId = m.RequestId,
            Last = EntryFormat.Write(m.Snapshot.Last),
            Length = m.Snapshot.Length,
            Checksum = m.Snapshot.Checksum,
            Offset = m.Offset,
            Bytes = m.Bytes,
        };
    }

    public static IMessage Write(BackupPiece m) => new Proto.BackupPiece
    {
        Version = Checked.FormatVersion,
        From = Checked.Node(m.From.Value).Value,
        RequestId = m.RequestId,
        IsGone = m.IsGone,
        Offset = Offset(m.Offset),
        // The bytes are the store's, and nobody changes them.
        Data = UnsafeByteOperations.UnsafeWrap(m.Bytes),
        Crc32 = Crc32.HashToUInt32(m.Bytes.Span),
    };

    public static BackupRequest Read(Proto.BackupRequest m)
    {
        Checked.Version(m.Version);
        return new BackupRequest(Checked.Cluster(m.Cluster), Checked.Group(m.Group), m.RequestId);
    }

    public static BackupReply Read(Proto.BackupReply m)
    {
        Checked.Version(m.Version);
        var read = new BackupReply(Checked.Node(m.From), m.RequestId, Read(m.Outcome), m.Why);
        return read.Outcome != BackupOutcome.Ready
            ? read
            : read with { Snapshot = SnapshotFormat.Read(m.Snapshot), PieceBytes = Bytes(m.PieceBytes), LastTime = m.HasLastMs ? EntryFormat.Time(m.LastMs) : null };
    }

    public static BackupPieceRequest Read(Proto.BackupPieceRequest m)
    {
        Checked.Version(m.Version);
        CheckPlace(m.Length, m.Offset, Bytes(m.Bytes));
        return new BackupPieceRequest(
            Checked.Cluster(m.Cluster), Checked.Group(m.Group), m.RequestId, new SnapshotName(EntryFormat.Read(m.Last, "last entry"), m.Length, m.Checksum), m.Offset, m.Bytes);
    }

    public static BackupPiece Read(Proto.BackupPiece m)
    {
        Checked.Version(m.Version);
        if (Crc32.HashToUInt32(m.Data.Span) != m.Crc32) throw Checked.Bad($"its {m.Data.Length} bytes have another checksum than they had when they were sent");
        return new BackupPiece(Checked.Node(m.From), m.RequestId, m.IsGone, Offset(m.Offset), m.Data.Memory);
    }

    static int Bytes(int bytes) => bytes > 0 ? bytes : throw Checked.Bad($"its piece has {bytes} bytes");

    static long Offset(long offset) => offset >= 0 ? offset : throw Checked.Bad($"its offset {offset} is negative");

    static void CheckPlace(long length, long offset, int bytes)
    {
        if (Offset(offset) > length - bytes) throw Checked.Bad($"its {bytes} bytes from {offset} do not lie in a snapshot of {length}");
    }

    static Proto.BackupOutcome Write(BackupOutcome outcome) => outcome switch
    {
        BackupOutcome.Ready => Proto.BackupOutcome.Ready,
        BackupOutcome.Working => Proto.BackupOutcome.Working,
        BackupOutcome.NotNow => Proto.BackupOutcome.NotNow,
        BackupOutcome.NoSnapshots => Proto.BackupOutcome.NoSnapshots,
        _ => throw Checked.Bad($"there is no backup outcome {outcome}"),
    };

    static BackupOutcome Read(Proto.BackupOutcome outcome) => outcome switch
    {
        Proto.BackupOutcome.Ready => BackupOutcome.Ready,
        Proto.BackupOutcome.Working => BackupOutcome.Working,
        Proto.BackupOutcome.NotNow => BackupOutcome.NotNow,
        Proto.BackupOutcome.NoSnapshots => BackupOutcome.NoSnapshots,
        _ => throw Checked.Bad($"there is no backup outcome {(int)outcome}"),
    };
}
