using System.Buffers.Binary;
using System.IO.Hashing;
using System.Security.Cryptography;
using AkkaRaft.Backups;
using AkkaRaft.Tests.Journals;
using AkkaRaft.Tests.Serialization;
using CsCheck;
using Google.Protobuf;
using Shouldly;
using Xunit;
using Proto = AkkaRaft.Serialization.Proto;

namespace AkkaRaft.Tests.Backups;

/// <summary>The file of a backup: stable, and read only if every byte of it is as it was written.</summary>
public sealed class BackupFileTests : IDisposable
{
    readonly TempFolder _folder = new();

    string FilePath => Path.Combine(_folder.Path, "orders.backup");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task File_keeps_its_bytes()
    {
        var (written, _) = await SomeBackup.Written();

        var (_, golden) = GoldenFile.Check("backup-file", "AkkaRaft backup", written);

        Open(golden).ShouldBe((SomeBackup.Header, Convert.ToHexString(SomeBackup.Content)));
    }

    [Fact]
    public async Task What_was_written_is_told_and_read_again()
    {
        var (bytes, told) = await SomeBackup.Written();
        File.WriteAllBytes(FilePath, bytes);

        var verified = RaftBackup.Verify(FilePath);

        verified.ShouldBe(told);
        verified.Sha256.ShouldBe(Convert.ToHexStringLower(SHA256.HashData(bytes)));
        verified.FileBytes.ShouldBe(bytes.Length);
        verified.LastEntry.ShouldBe(SomeBackup.Header.Snapshot.Last);
        verified.Configuration.ToString().ShouldContain("voters 1=127.0.0.1:4051, 4=127.0.0.1:4054");
        verified.LibraryVersion.ShouldBe("1.2.3");
    }

    [Fact]
    public void Any_content_and_header_comes_back() => Gen.Select(Gen.Byte.Array[1, 2_000], MessageGen.Configuration, Gen.Int[1, 5]).Sample((content, voters, pieces) =>
    {
        var header = SomeBackup.HeaderOf(content, voters);
        var (bytes, told) = SomeBackup.Written(header, content, pieces).GetAwaiter().GetResult();

        Open(bytes).ShouldBe((header, Convert.ToHexString(content)));
        told.ShouldNotBeNull();
    }, iter: 200, threads: 1);

    [Fact]
    public async Task Every_flipped_byte_is_noticed()
    {
        var (bytes, _) = await SomeBackup.Written();
        for (var at = 0; at < bytes.Length; at++)
        {
            foreach (var bit in (byte[])[0x01, 0x80, 0xff])
            {
                var flipped = bytes.ToArray();
                flipped[at] ^= bit;

                var failure = Refused(flipped).Failure;

                failure.ShouldBeOneOf(at < BackupFormat.Magic.Length ? [RaftBackupFailure.NotABackup] : [RaftBackupFailure.Damaged, RaftBackupFailure.Truncated]);
            }
        }
    }

    [Fact]
    public async Task Every_cut_is_noticed()
    {
        var (bytes, _) = await SomeBackup.Written();

        Refused([]).Failure.ShouldBe(RaftBackupFailure.NotABackup);
        for (var length = 1; length < bytes.Length; length++) Refused(bytes[..length]).Failure.ShouldBe(RaftBackupFailure.Truncated);
    }

    [Fact]
    public async Task Bytes_behind_the_end_are_noticed()
    {
        var (bytes, _) = await SomeBackup.Written();

        Refused([.. bytes, 0]).Message.ShouldContain("1 bytes more");
    }

    [Fact]
    public void Arbitrary_bytes_are_refused_and_never_throw_anything_else() => Gen.Select(Gen.Bool, Gen.Byte.Array[0, 400]).Sample(
        (isNamed, bytes) => Refused(isNamed ? [.. BackupFormat.Magic, .. bytes] : bytes).Message.ShouldContain(FilePath), iter: 3_000, threads: 1);

    [Fact]
    public async Task Newer_version_is_refused_by_name()
    {
        var (bytes, _) = await SomeBackup.Written();

        var error = Refused(WithHeader(bytes, header => header.Version = 2));

        error.Failure.ShouldBe(RaftBackupFailure.NewerVersion);
        error.Message.ShouldContain("format version 2");
    }

    [Fact]
    public async Task Header_with_its_checksum_that_breaks_a_rule_is_refused()
    {
        var (bytes, _) = await SomeBackup.Written();

        Refused(WithHeader(bytes, header => header.Version = 0)).Failure.ShouldBe(RaftBackupFailure.Damaged);
        Refused(WithHeader(bytes, header => header.Cluster = "")).Message.ShouldContain("cluster id");
        Refused(WithHeader(bytes, header => header.Snapshot = null)).Message.ShouldContain("no snapshot");
        Refused(WithHeader(bytes, header => header.Snapshot.Length = long.MaxValue)).Failure.ShouldBe(RaftBackupFailure.Truncated);
        Refused(WithHeader(bytes, header => header.MadeMs = long.MaxValue)).Message.ShouldContain("no date");
        Refused(WithHeader(bytes, header => header.Library = "1\u001b[2J")).Message.ShouldContain("no version");
    }

    [Fact]
    public async Task Content_that_is_not_the_snapshot_is_void()
    {
        var other = SomeBackup.Content.ToArray();
        other[17] ^= 1;

        (await SomeBackup.Written(content: other)).Told.ShouldBeNull();
        (await SomeBackup.Written(content: SomeBackup.Content[..^1])).Told.ShouldBeNull();
    }

    [Fact]
    public async Task Field_that_a_later_version_added_is_passed_over()
    {
        var (bytes, _) = await SomeBackup.Written();

        Open(WithHeader(bytes, _ => { }, [0xa2, 0x06, 0x03, 1, 2, 3])).ShouldBe((SomeBackup.Header, Convert.ToHexString(SomeBackup.Content)));
    }

    [Fact]
    public void File_that_is_missing_or_a_folder_is_refused()
    {
        Should.Throw<RaftBackupException>(() => BackupFile.Open(FilePath)).Failure.ShouldBe(RaftBackupFailure.Unreadable);
        Should.Throw<RaftBackupException>(() => BackupFile.Open(_folder.Path)).Failure.ShouldBe(RaftBackupFailure.Unreadable);
    }

    [Fact]
    public async Task Content_that_is_changed_after_it_was_opened_is_noticed()
    {
        var (bytes, _) = await SomeBackup.Written();
        File.WriteAllBytes(FilePath, bytes);
        using var file = BackupFile.Open(FilePath);
        using (var other = new FileStream(FilePath, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            other.Position = bytes.Length - 40;
            other.WriteByte((byte)(bytes[^40] ^ 1));
        }

        var error = Should.Throw<RaftBackupException>(() => file.Content(64).Sum(piece => piece.Length));

        error.Failure.ShouldBe(RaftBackupFailure.Damaged);
    }

    (BackupHeader Header, string Content) Open(byte[] bytes)
    {
        File.WriteAllBytes(FilePath, bytes);
        using var file = BackupFile.Open(FilePath);
        return (file.Header, string.Concat(file.Content(100).Select(piece => Convert.ToHexString(piece.Span))));
    }

    RaftBackupException Refused(byte[] bytes)
    {
        File.WriteAllBytes(FilePath, bytes);
        return Should.Throw<RaftBackupException>(() => BackupFile.Open(FilePath));
    }

    /// <summary>The same file with another header, and all checksums right for it.</summary>
    static byte[] WithHeader(byte[] bytes, Action<Proto.BackupHeader> change, byte[]? more = null)
    {
        var at = BackupFormat.Magic.Length + BackupFormat.LengthBytes;
        var length = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(BackupFormat.Magic.Length));
        var header = Proto.BackupHeader.Parser.ParseFrom(bytes.AsSpan(at, length));
        change(header);
        byte[] changed = [.. header.ToByteArray(), .. more ?? []];
        var size = new byte[BackupFormat.LengthBytes];
        BinaryPrimitives.WriteInt32LittleEndian(size, changed.Length);
        byte[] prefix = [.. BackupFormat.Magic, .. size, .. changed];
        var hash = new byte[BackupFormat.HeaderHashBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(hash, XxHash64.HashToUInt64(prefix));
        byte[] all = [.. prefix, .. hash, .. bytes[(at + length + BackupFormat.HeaderHashBytes)..^BackupFormat.DigestBytes]];
        return [.. all, .. SHA256.HashData(all)];
    }
}
