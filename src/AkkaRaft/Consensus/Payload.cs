using System.IO.Hashing;
using System.Text;

namespace AkkaRaft.Consensus;

/// <summary>
/// A user's object as the protocol carries it: opaque bytes, and what is needed to read them. Serialized once, by whoever proposes it.
/// </summary>
internal sealed class Payload : IEquatable<Payload>
{
    /// <summary>Bytes besides manifest and content that a payload takes on the wire and in the journal, rounded up.</summary>
    public const int Overhead = 24;

    public Payload(int serializerId, string manifest, ReadOnlyMemory<byte> bytes)
        : this(serializerId, manifest, bytes, ChecksumOf(bytes.Span))
    {
    }

    public Payload(int serializerId, string manifest, ReadOnlyMemory<byte> bytes, uint checksum)
    {
        SerializerId = serializerId;
        Manifest = manifest;
        Bytes = bytes;
        Checksum = checksum;
        Size = bytes.Length + Encoding.UTF8.GetByteCount(manifest) + Overhead;
    }

    public int SerializerId { get; }

    public string Manifest { get; }

    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>CRC-32 of the bytes, made by the proposer: damage is found before any deserializer sees it.</summary>
    public uint Checksum { get; }

    /// <summary>The object itself where this process already has it, so that the node that decoded a command feeds its machine with that very object.</summary>
    public object? Decoded { get; set; }

    /// <summary>An upper bound of its bytes on the wire.</summary>
    public int Size { get; }

    public bool IsIntact => ChecksumOf(Bytes.Span) == Checksum;

    public bool Equals(Payload? other) =>
        other is not null && SerializerId == other.SerializerId && Manifest == other.Manifest && Bytes.Span.SequenceEqual(other.Bytes.Span);

    public override bool Equals(object? obj) => Equals(obj as Payload);

    public override int GetHashCode() => (int)Checksum;

    public override string ToString() => $"{Manifest} ({Bytes.Length} bytes)";

    static uint ChecksumOf(ReadOnlySpan<byte> bytes) => Crc32.HashToUInt32(bytes);
}
