using System.IO.Hashing;
using AkkaRaft.Backups;
using AkkaRaft.Consensus;
using AkkaRaft.Tests.Serialization;

namespace AkkaRaft.Tests.Backups;

/// <summary>A small backup with a value in every field.</summary>
internal static class SomeBackup
{
    public static readonly byte[] Content = [.. Enumerable.Range(0, 300).Select(i => (byte)(i * 7))];

    public static BackupHeader Header { get; } = HeaderOf(Content);

    public static BackupHeader HeaderOf(ReadOnlySpan<byte> content, Configuration? members = null) => new(
        ClusterId.Parse("orders"), GroupId.Parse("default"), NodeId.Parse("2"),
        new StoredSnapshot(new SnapshotMark(Messages.Id(9, 6), members ?? Messages.Joint), content.Length, XxHash64.HashToUInt64(content)), Messages.Time, "1.2.3")
    {
        LastTime = Messages.Time.AddMilliseconds(-1_500),
    };

    public static async Task<(byte[] Bytes, RaftBackup? Told)> Written(BackupHeader? header = null, byte[]? content = null, int pieces = 3)
    {
        var stream = new MemoryStream();
        using var writer = new BackupWriter(stream, header ?? Header);
        await writer.Begin(default);
        content ??= Content;
        foreach (var piece in content.Chunk((content.Length / pieces) + 1)) await writer.Add(piece, default);
        var told = await writer.End(default);
        return (stream.ToArray(), told);
    }
}
