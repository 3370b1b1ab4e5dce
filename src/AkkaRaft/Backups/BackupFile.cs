using System.Buffers.Binary;
using System.IO.Hashing;
using System.Runtime.Serialization;
using System.Security.Cryptography;
using AkkaRaft.Serialization;
using Google.Protobuf;

namespace AkkaRaft.Backups;

/// <summary>A backup that was read to its end, and is as it was written. Nothing of it is used before that.</summary>
internal sealed class BackupFile : IDisposable
{
    const int PieceBytes = 256 * 1024;

    readonly FileStream _file;
    readonly long _contentAt;

    BackupFile(FileStream file, BackupHeader header, long contentAt, string sha256) => (_file, Header, _contentAt, Sha256) = (file, header, contentAt, sha256);

    public BackupHeader Header { get; }

    public long FileBytes => _file.Length;

    /// <summary>Of the whole file, as sha256sum prints it.</summary>
    public string Sha256 { get; }

    /// <summary>Opens a file and reads it once to compare all lengths and checksums.</summary>
    /// <exception cref="RaftBackupException">It is no backup, of a newer version, cut, damaged, or cannot be read.</exception>
    public static BackupFile Open(string path, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        FileStream? file = null;
        try
        {
            file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
            var opened = Verified(file, cancellation);
            file = null;
            return opened;
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw Unreadable(path, cause);
        }
        finally
        {
            file?.Dispose();
        }
    }

    /// <summary>The content from its beginning; each piece is good until the next one is asked for.</summary>
    /// <exception cref="RaftBackupException">It can no longer be read, or was changed since it was opened; told at the latest behind the last piece.</exception>
    public IEnumerable<ReadOnlyMemory<byte>> Content(int pieceBytes = PieceBytes)
    {
        var piece = new byte[pieceBytes];
        var checksum = new XxHash64();
        for (var read = 0L; read < Header.Snapshot.Length;)
        {
            var length = (int)Math.Min(pieceBytes, Header.Snapshot.Length - read);
            ReadAt(_contentAt + read, piece.AsSpan(0, length));
            checksum.Append(piece.AsSpan(0, length));
            read += length;
            yield return piece.AsMemory(0, length);
        }

        if (checksum.GetCurrentHashAsUInt64() != Header.Snapshot.Checksum) throw Damaged(_file.Name, "its content was changed while it was read");
    }

    public void Dispose() => _file.Dispose();

    static BackupFile Verified(FileStream file, CancellationToken cancellation)
    {
        using var all = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var header = ReadHeader(file, all);
        var contentAt = file.Position;
        // Subtracted, not added up: a header may claim any length.
        var rest = file.Length - contentAt - BackupFormat.DigestBytes;
        if (rest < header.Snapshot.Length) throw Truncated(file.Name, $"it has {file.Length} bytes, and its header promises {header.Snapshot.Length - rest} more");
        if (rest > header.Snapshot.Length) throw Damaged(file.Name, $"it has {rest - header.Snapshot.Length} bytes more than its header says");

        var checksum = new XxHash64();
        var piece = new byte[PieceBytes];
        for (var left = rest; left > 0;)
        {
            cancellation.ThrowIfCancellationRequested();
            var read = piece.AsSpan(0, (int)Math.Min(piece.Length, left));
            file.ReadExactly(read);
            all.AppendData(read);
            checksum.Append(read);
            left -= read.Length;
        }

        var digest = new byte[BackupFormat.DigestBytes];
        file.ReadExactly(digest);
        if (!all.GetCurrentHash().AsSpan().SequenceEqual(digest)) throw Damaged(file.Name, "its SHA-256 is not the one that was written at its end");
        if (checksum.GetCurrentHashAsUInt64() != header.Snapshot.Checksum) throw Damaged(file.Name, "its content does not have the checksum that the snapshot had");
        all.AppendData(digest);
        return new BackupFile(file, header, contentAt, Convert.ToHexStringLower(all.GetCurrentHash()));
    }

    static BackupHeader ReadHeader(FileStream file, IncrementalHash all)
    {
        var start = new byte[BackupFormat.Magic.Length + BackupFormat.LengthBytes];
        var got = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        var named = Math.Min(got, BackupFormat.Magic.Length);
        if (got == 0 || !start.AsSpan(0, named).SequenceEqual(BackupFormat.Magic[..named])) throw NotABackup(file.Name, got == 0);
        if (got < start.Length) throw Truncated(file.Name, $"it has {got} bytes");
        var length = BinaryPrimitives.ReadInt32LittleEndian(start.AsSpan(BackupFormat.Magic.Length));
        if (length is < 1 or > BackupFormat.MaxHeaderBytes) throw Damaged(file.Name, $"its header would have {length} bytes");

        var bytes = new byte[start.Length + length + BackupFormat.HeaderHashBytes];
        start.CopyTo(bytes, 0);
        if (file.ReadAtLeast(bytes.AsSpan(start.Length), bytes.Length - start.Length, throwOnEndOfStream: false) < bytes.Length - start.Length)
            throw Truncated(file.Name, $"it has {file.Length} bytes, and not even its header is whole");
        all.AppendData(bytes);
        var hashAt = bytes.Length - BackupFormat.HeaderHashBytes;
        if (XxHash64.HashToUInt64(bytes.AsSpan(0, hashAt)) != BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(hashAt)))
            throw Damaged(file.Name, "its header does not have the checksum that was written with it");
        return Parse(file.Name, bytes.AsSpan(start.Length, length));
    }

    static BackupHeader Parse(string path, ReadOnlySpan<byte> bytes)
    {
        try
        {
            var header = Parsers.BackupHeader.ParseFrom(bytes);
            if (header.Version > Checked.FormatVersion) throw Newer(path, header.Version);
            Checked.Version(header.Version);
            return BackupHeader.Read(header);
        }
        catch (Exception cause) when (cause is SerializationException or FormatException or ArgumentException or InvalidProtocolBufferException)
        {
            throw Damaged(path, $"its header says what no backup says: {cause.Message}", cause);
        }
    }

    void ReadAt(long at, Span<byte> bytes)
    {
        try
        {
            _file.Position = at;
            _file.ReadExactly(bytes);
        }
        catch (IOException cause)
        {
            throw Unreadable(_file.Name, cause);
        }
    }

    const string Nothing = "Nothing was taken from it, and nothing was changed.";

    static RaftBackupException NotABackup(string path, bool isEmpty) => new(
        $"The file {path} is no backup of AkkaRaft: {(isEmpty ? "it is empty" : "it does not begin like one")}. {Nothing} Name a file that a backup wrote.",
        RaftBackupFailure.NotABackup);

    static RaftBackupException Newer(string path, uint version) => new(
        $"The backup {path} is of format version {version}, and this version of AkkaRaft reads up to {Checked.FormatVersion}. {Nothing} Use the version of AkkaRaft that wrote it, or a newer one.",
        RaftBackupFailure.NewerVersion);

    static RaftBackupException Truncated(string path, string what) => new(
        $"The backup {path} is cut off: {what}. {Nothing} Copy it again from where it came, or use another backup.", RaftBackupFailure.Truncated);

    static RaftBackupException Damaged(string path, string what, Exception? cause = null) => new(
        $"The backup {path} is damaged: {what.TrimEnd('.')}. {Nothing} Copy it again from where it came, or use another backup.", RaftBackupFailure.Damaged, cause);

    static RaftBackupException Unreadable(string path, Exception cause) => new(
        $"The backup {path} cannot be read: {cause.Message.TrimEnd('.')}. {Nothing} Look whether the file is there, and who may read it.", RaftBackupFailure.Unreadable, cause);
}
