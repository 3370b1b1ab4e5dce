using System.IO.Hashing;
using AkkaRaft.Consensus;
using AkkaRaft.Journals;
using AkkaRaft.Protocol;
using Google.Protobuf;

namespace AkkaRaft.Serialization;

/// <summary>What nodes say to each other of snapshots, and the rows that they keep them in, as raft.proto has it.</summary>
internal static class SnapshotFormat
{
    public static Proto.InstallSnapshot Write(InstallSnapshot m, Proto.PeerHeader header)
    {
        if (m.Transfer.Term != m.Term) throw Checked.Bad($"its transfer {m.Transfer} is not of its term {m.Term}");
        CheckPlace(m.Snapshot, m.Offset, m.Bytes.Length);
        return new Proto.InstallSnapshot
        {
            Version = Checked.FormatVersion,
            Header = header,
            Term = Checked.Term(m.Term.Value).Value,
            Transfer = Transfer(m.Transfer.Number),
            Snapshot = Write(m.Snapshot),
            Offset = m.Offset,
            // The bytes are the store's, and nobody changes them.
            Data = UnsafeByteOperations.UnsafeWrap(m.Bytes),
            Crc32 = Crc32.HashToUInt32(m.Bytes.Span),
        };
    }

    public static InstallSnapshot Read(Proto.InstallSnapshot m, NodeId from)
    {
        var snapshot = Read(m.Snapshot);
        CheckPlace(snapshot, m.Offset, m.Data.Length);
        if (Crc32.HashToUInt32(m.Data.Span) != m.Crc32) throw Checked.Bad($"its {m.Data.Length} bytes have another checksum than they had when they were sent");
        var term = Checked.Term(m.Term);
        return new InstallSnapshot(from, term, new TransferId(term, Transfer(m.Transfer)), snapshot, m.Offset, m.Data.Memory);
    }

    public static Proto.InstallSnapshotReply Write(InstallSnapshotReply m, Proto.PeerHeader header) => new()
    {
        Version = Checked.FormatVersion,
        Header = header,
        Term = Checked.Term(m.Term.Value).Value,
        TransferTerm = Checked.Term(m.Transfer.Term.Value, "transfer's term").Value,
        Transfer = Transfer(m.Transfer.Number),
        Outcome = Write(m.Outcome),
        Next = Place(m.Next),
        Match = Checked.Index(m.Match.Value, "match index").Value,
    };

    public static InstallSnapshotReply Read(Proto.InstallSnapshotReply m, NodeId from) => new(
        from, Checked.Term(m.Term), new TransferId(Checked.Term(m.TransferTerm, "transfer's term"), Transfer(m.Transfer)), Read(m.Outcome), Place(m.Next),
        Checked.Index(m.Match, "match index"));

    public static Proto.StoredSnapshot Write(StoredSnapshot snapshot) => new()
    {
        Last = EntryFormat.Write(snapshot.Last),
        Configuration = EntryFormat.Write(snapshot.Mark.Configuration),
        Length = Length(snapshot.Length),
        Checksum = snapshot.Checksum,
    };

    public static StoredSnapshot Read(Proto.StoredSnapshot? snapshot)
    {
        Checked.Present(snapshot, "snapshot");
        var mark = new SnapshotMark(EntryFormat.Read(snapshot.Last, "snapshot's last entry"), EntryFormat.Read(snapshot.Configuration, "snapshot's configuration"));
        return new StoredSnapshot(mark, Length(snapshot.Length), snapshot.Checksum);
    }

    public static Proto.SnapshotDirectory Write(SnapshotDirectory directory)
    {
        var written = new Proto.SnapshotDirectory { Version = Checked.FormatVersion, Number = Checked.Index(directory.Version, "number").Value, LastSlot = directory.LastSlot };
        written.Open.AddRange(directory.Open);
        foreach (var slot in directory.Slots)
        {
            CheckRows(slot);
            written.Slots.Add(new Proto.SnapshotSlot { Number = slot.Number, Snapshot = Write(slot.Snapshot), Rows = slot.Chunks, RowBytes = slot.ChunkBytes });
        }

        return written;
    }

    public static SnapshotDirectory Read(Proto.SnapshotDirectory directory)
    {
        Checked.Version(directory.Version);
        var slots = new List<SnapshotSlot>();
        foreach (var stored in directory.Slots)
        {
            var slot = new SnapshotSlot(stored.Number, Read(stored.Snapshot), stored.Rows, stored.RowBytes);
            CheckRows(slot);
            slots.Add(slot);
        }

        return new SnapshotDirectory(Checked.Index(directory.Number, "number").Value, slots) { Open = [.. directory.Open], LastSlot = directory.LastSlot };
    }

    public static Proto.SnapshotChunk Write(SnapshotChunk chunk) => new()
    {
        Version = Checked.FormatVersion,
        Number = Row(chunk.Number),
        Data = UnsafeByteOperations.UnsafeWrap(chunk.Bytes),
        Crc32 = chunk.Crc32,
    };

    public static SnapshotChunk Read(Proto.SnapshotChunk chunk)
    {
        Checked.Version(chunk.Version);
        var read = new SnapshotChunk(Row(chunk.Number), chunk.Data.Memory, chunk.Crc32);
        return read.IsIntact ? read : throw Checked.Bad($"the {read.Bytes.Length} bytes of row {read.Number} do not have the checksum that was written with them");
    }

    static void CheckRows(SnapshotSlot slot)
    {
        if (slot.Number < 0) throw Checked.Bad($"it has a slot {slot.Number}");
        if (slot.ChunkBytes < 1 || slot.Chunks != ((slot.Snapshot.Length - 1) / slot.ChunkBytes) + 1)
            throw Checked.Bad($"its snapshot of {slot.Snapshot.Length} bytes cannot lie in {slot.Chunks} rows of {slot.ChunkBytes}");
    }

    static int Row(int number) => number > 0 ? number : throw Checked.Bad($"there is no row {number}");

    static void CheckPlace(StoredSnapshot snapshot, long offset, int bytes)
    {
        if (offset < 0 || offset > snapshot.Length - bytes) throw Checked.Bad($"its {bytes} bytes from {offset} do not lie in a snapshot of {snapshot.Length}");
    }

    static long Transfer(long number) => number >= 0 ? number : throw Checked.Bad($"its transfer {number} is negative");

    static long Place(long value) => value >= 0 ? value : throw Checked.Bad($"its place {value} in a snapshot is negative");

    static long Length(long value) => value > 0 ? value : throw Checked.Bad($"its snapshot has {value} bytes");

    static Proto.InstallOutcome Write(InstallOutcome outcome) => outcome switch
    {
        InstallOutcome.Receiving => Proto.InstallOutcome.Receiving,
        InstallOutcome.Gap => Proto.InstallOutcome.Gap,
        InstallOutcome.Installed => Proto.InstallOutcome.Installed,
        InstallOutcome.StaleTerm => Proto.InstallOutcome.StaleTerm,
        _ => throw Checked.Bad($"there is no install outcome {outcome}"),
    };

    static InstallOutcome Read(Proto.InstallOutcome outcome) => outcome switch
    {
        Proto.InstallOutcome.Receiving => InstallOutcome.Receiving,
        Proto.InstallOutcome.Gap => InstallOutcome.Gap,
        Proto.InstallOutcome.Installed => InstallOutcome.Installed,
        Proto.InstallOutcome.StaleTerm => InstallOutcome.StaleTerm,
        _ => throw Checked.Bad($"there is no install outcome {(int)outcome}"),
    };
}
