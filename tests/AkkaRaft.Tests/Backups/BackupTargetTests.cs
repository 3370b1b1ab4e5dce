using AkkaRaft.Backups;
using AkkaRaft.Tests.Journals;
using Shouldly;
using Xunit;

namespace AkkaRaft.Tests.Backups;

/// <summary>Where a backup goes: there is all of it, or nothing.</summary>
public sealed class BackupTargetTests : IDisposable
{
    readonly TempFolder _folder = new();

    string FilePath => Path.Combine(_folder.Path, "orders.backup");

    IEnumerable<string> Files => Directory.GetFiles(_folder.Path).Select(path => Path.GetFileName(path)).Order();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void File_is_there_when_it_is_whole()
    {
        using (var target = BackupFileTarget.Open(FilePath, overwrite: false))
        {
            target.Begin().Write("all"u8);
            Files.ShouldBe(["orders.backup.partial"]);
            target.Commit();
        }

        Files.ShouldBe(["orders.backup"]);
        File.ReadAllText(FilePath).ShouldBe("all");
    }

    [Fact]
    public void Interrupted_backup_leaves_nothing()
    {
        using (var target = BackupFileTarget.Open(FilePath, overwrite: false)) target.Begin().Write("half"u8);

        Files.ShouldBeEmpty();
    }

    [Fact]
    public void What_a_crash_left_is_written_over()
    {
        File.WriteAllText(FilePath + ".partial", "much that an earlier backup wrote before its process was killed");
        using (var target = BackupFileTarget.Open(FilePath, overwrite: false))
        {
            target.Begin().Write("new"u8);
            target.Commit();
        }

        Files.ShouldBe(["orders.backup"]);
        File.ReadAllText(FilePath).ShouldBe("new");
    }

    [Fact]
    public void Backup_that_starts_over_has_nothing_of_the_first_try()
    {
        using (var target = BackupFileTarget.Open(FilePath, overwrite: false))
        {
            target.Begin().Write("first try"u8);
            target.Begin().Write("second"u8);
            target.Commit();
        }

        File.ReadAllText(FilePath).ShouldBe("second");
    }

    [Fact]
    public void Existing_file_stays_unless_it_may_be_overwritten()
    {
        File.WriteAllText(FilePath, "old");

        Should.Throw<RaftBackupException>(() => BackupFileTarget.Open(FilePath, overwrite: false)).Failure.ShouldBe(RaftBackupFailure.FileExists);
        using (var interrupted = BackupFileTarget.Open(FilePath, overwrite: true)) interrupted.Begin().Write("half"u8);
        File.ReadAllText(FilePath).ShouldBe("old");

        using (var target = BackupFileTarget.Open(FilePath, overwrite: true))
        {
            target.Begin().Write("new"u8);
            target.Commit();
        }

        File.ReadAllText(FilePath).ShouldBe("new");
        Files.ShouldBe(["orders.backup"]);
    }

    [Fact]
    public void Name_that_is_taken_meanwhile_is_not_overwritten()
    {
        using (var target = BackupFileTarget.Open(FilePath, overwrite: false))
        {
            target.Begin().Write("mine"u8);
            File.WriteAllText(FilePath, "another's");

            Should.Throw<RaftBackupException>(target.Commit).Failure.ShouldBe(RaftBackupFailure.FileExists);
        }

        Files.ShouldBe(["orders.backup"]);
        File.ReadAllText(FilePath).ShouldBe("another's");
    }

    [Fact]
    public void Place_that_cannot_be_written_to_is_told_at_once()
    {
        Should.Throw<RaftBackupException>(() => BackupFileTarget.Open(Path.Combine(_folder.Path, "none", "x"), overwrite: false)).Failure.ShouldBe(RaftBackupFailure.NotWritten);
        Should.Throw<RaftBackupException>(() => BackupFileTarget.Open(_folder.Path, overwrite: true)).Failure.ShouldBe(RaftBackupFailure.FileExists);

        using var first = BackupFileTarget.Open(FilePath, overwrite: false);
        Should.Throw<RaftBackupException>(() => BackupFileTarget.Open(FilePath, overwrite: false)).Failure.ShouldBe(RaftBackupFailure.NotWritten);
    }

    [Fact]
    public void Stream_starts_over_only_if_it_can_go_back()
    {
        var memory = new MemoryStream();
        memory.Write("before "u8);
        var target = new BackupStreamTarget(memory);
        target.Begin()!.Write("first try"u8);
        target.Begin()!.Write("second"u8);
        System.Text.Encoding.UTF8.GetString(memory.ToArray()).ShouldBe("before second");

        var oneWay = new BackupStreamTarget(new OneWay());
        oneWay.Begin().ShouldNotBeNull();
        oneWay.Begin().ShouldBeNull();
    }

    sealed class OneWay : MemoryStream
    {
        public override bool CanSeek => false;
    }
}
