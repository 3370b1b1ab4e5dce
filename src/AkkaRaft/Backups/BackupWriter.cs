using System.IO.Hashing;
using System.Security.Cryptography;
using AkkaRaft.Consensus;

namespace AkkaRaft.Backups;

/// <summary>Writes one backup to a stream, from its first byte to its last. What becomes of the stream is its owner's business: <see cref="BackupTarget"/>.</summary>
internal sealed class BackupWriter(Stream stream, BackupHeader header) : IDisposable
{
    readonly XxHash64 _content = new();
    readonly IncrementalHash _all = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    long _fileBytes;

    /// <summary>Bytes of the content that were written.</summary>
    public long Written { get; private set; }

    /// <summary>What comes before the content.</summary>
    public Task Begin(CancellationToken cancellation) => Write(BackupFormat.Prefix(header), cancellation);

    /// <summary>The next piece of the content.</summary>
    public async Task Add(ReadOnlyMemory<byte> piece, CancellationToken cancellation)
    {
        Invariant.Holds(Written + piece.Length <= header.Snapshot.Length);
        _content.Append(piece.Span);
        await Write(piece, cancellation);
        Written += piece.Length;
    }

    /// <summary>What comes behind the content.</summary>
    /// <returns>What was written; null if the content is not the one that the header tells of, and the whole is void.</returns>
    public async Task<RaftBackup?> End(CancellationToken cancellation)
    {
        if (Written != header.Snapshot.Length || _content.GetCurrentHashAsUInt64() != header.Snapshot.Checksum) return null;
        await Write(_all.GetCurrentHash(), cancellation);
        await stream.FlushAsync(cancellation);
        return header.Told(_fileBytes, Convert.ToHexStringLower(_all.GetCurrentHash()));
    }

    public void Dispose() => _all.Dispose();

    async Task Write(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        _all.AppendData(bytes.Span);
        _fileBytes += bytes.Length;
        await stream.WriteAsync(bytes, cancellation);
    }
}
