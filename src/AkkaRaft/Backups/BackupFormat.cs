using System.Buffers.Binary;
using System.IO.Hashing;
using System.Security.Cryptography;
using AkkaRaft.Serialization;
using Google.Protobuf;

namespace AkkaRaft.Backups;

/// <summary>
/// The frame of a backup: 16 bytes that name it, the header's length in four bytes, the header, the xxHash 64 of all that in eight bytes, the content, and the SHA-256 of
/// everything before it. Numbers are little-endian. It never changes: the header carries the version.
/// </summary>
internal static class BackupFormat
{
    public const int LengthBytes = sizeof(int);
    public const int HeaderHashBytes = sizeof(ulong);
    public const int DigestBytes = SHA256.HashSizeInBytes;

    /// <summary>A header is never larger: a configuration of 64 members takes less than half of it.</summary>
    public const int MaxHeaderBytes = 64 * 1024;

    public static ReadOnlySpan<byte> Magic => "AkkaRaft backup\n"u8;

    /// <summary>Everything before the content.</summary>
    public static byte[] Prefix(BackupHeader header)
    {
        var message = header.Write();
        var length = message.CalculateSize();
        if (length > MaxHeaderBytes) throw Checked.Bad($"its header has {length} bytes");
        var bytes = new byte[Magic.Length + LengthBytes + length + HeaderHashBytes];
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(Magic.Length), length);
        message.WriteTo(bytes.AsSpan(Magic.Length + LengthBytes, length));
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(bytes.Length - HeaderHashBytes), XxHash64.HashToUInt64(bytes.AsSpan(0, bytes.Length - HeaderHashBytes)));
        return bytes;
    }
}
