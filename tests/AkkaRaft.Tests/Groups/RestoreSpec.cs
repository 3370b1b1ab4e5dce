using Shouldly;
using Xunit;

namespace AkkaRaft.Tests.Groups;

/// <summary>A new cluster is made from a backup of another one, of which it must never be taken for a part.</summary>
public sealed class RestoreSpec : IAsyncLifetime
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    readonly LocalCluster _old = new(3);
    readonly LocalCluster _new = new(3, cluster: "restored");

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _old.DisposeAsync();
        await _new.DisposeAsync();
    }

    [Fact]
    public async Task A_new_cluster_has_all_that_the_backup_holds_and_goes_on()
    {
        var backup = await Backup(3);

        foreach (var node in new[] { 1, 2, 3 })
        {
            var restored = await Restore(node, backup);
            restored.SnapshotLast.ShouldBe(restored.LastEntry);
            restored.Cluster.ShouldBe(new ClusterId("restored"));
            restored.Configuration.Voters.Count().ShouldBe(3);
        }

        foreach (var node in new[] { 1, 2, 3 }) _new.Start(node);
        (await _new.Groups[1].Query<long>(new HowMany(), timeout: Patience)).ShouldBe(3);
        (await _new.Groups[2].Propose<long>(new Increase(1), Patience)).ShouldBe(4);
        await Eventually.Holds("the log names the storages of all", async () =>
            (await _new.Groups[1].Client.GetConfiguration(Patience)).Members.All(member => member.Storage is not null), Patience);

        // Both clusters live, and neither hears the other.
        (await _old.Groups[1].Query<long>(new HowMany(), timeout: Patience)).ShouldBe(3);
    }

    [Fact]
    public async Task One_restored_node_is_enough_and_others_are_added_to_it()
    {
        var backup = await Backup(2);
        await Restore(1, backup, settings => settings.WithMembers(Member(1)));

        var first = _new.Start(1, settings => settings.WithMembers(Member(1)));
        (await first.Query<long>(new HowMany(), timeout: Patience)).ShouldBe(2);
        var second = _new.Start(2, settings => settings.WithMembers().WithJoin(true));
        await first.Client.AddMember(Member(2), timeout: Patience);
        await first.Client.WaitUntilVoter(new NodeId("2"), timeout: Patience);
        (await second.Query<long>(new HowMany(), new ReadOptions { From = ReadFrom.LocalNode }, Patience)).ShouldBe(2);
    }

    /// <summary>What one has applied the other may have otherwise: an index stands for two different commands.</summary>
    [Fact, Trait("RaftBug", "B74")]
    public async Task Nodes_that_were_restored_from_different_backups_do_not_mix()
    {
        var earlier = await Backup(1);
        (await _old.Groups[1].Propose<long>(new Increase(1), Patience)).ShouldBe(2);
        var later = _old.FileNamed("later");
        await _old.Groups[1].Client.Backup(later, timeout: Patience);

        await Restore(1, later);
        await Restore(2, later);
        await Restore(3, earlier);
        foreach (var node in new[] { 1, 2, 3 }) _new.Start(node);

        (await _new.Groups[1].Propose<long>(new Increase(1), Patience)).ShouldBe(3);
        await Eventually.Holds("node 3 refuses the others", async () =>
            (await _new.Groups[3].GetStatus()).Dropped.Any(dropped => dropped.Reason.Contains("founders", StringComparison.Ordinal)), Patience);
        (await _new.Groups[3].Query<long>(new HowMany(), new ReadOptions { Consistency = ReadConsistency.Local, From = ReadFrom.LocalNode }, Patience)).ShouldBe(1);
    }

    [Fact]
    public async Task What_cannot_be_restored_is_refused_and_leaves_nothing()
    {
        var backup = await Backup(1);

        (await Should.ThrowAsync<RaftSettingsException>(Restore(1, backup, settings => settings.WithClusterId(new ClusterId("test"))))).Message.ShouldContain("an id of its own");
        (await Should.ThrowAsync<RaftSettingsException>(Restore(1, backup, settings => settings.WithMembers().WithJoin(true)))).Message.ShouldContain("a restored node founds a cluster");
        (await Should.ThrowAsync<RaftBackupException>(Restore(1, backup + ".not"))).Failure.ShouldBe(RaftBackupFailure.Unreadable);
        var bytes = await File.ReadAllBytesAsync(backup);
        bytes[^50] ^= 1;
        await File.WriteAllBytesAsync(_old.FileNamed("damaged"), bytes);
        (await Should.ThrowAsync<RaftBackupException>(Restore(1, _old.FileNamed("damaged")))).Failure.ShouldBe(RaftBackupFailure.Damaged);
        Directory.Exists(_new.FolderOf(1)).ShouldBeFalse();

        await Restore(1, backup);
        (await Should.ThrowAsync<RaftStorageException>(Restore(1, backup))).Message.ShouldContain("is not empty");
    }

    /// <summary>It restored the snapshot, and the process died: nothing starts on what is there, and nothing founds a cluster without the data.</summary>
    [Fact]
    public async Task Half_a_restored_node_does_not_start()
    {
        var backup = await Backup(1);
        await Restore(1, backup);
        Directory.GetFiles(_new.FolderOf(1), "journal.db*").ToList().ForEach(File.Delete);

        (await _new.Start(1).WhenStopped.WaitAsync(Patience)).Cause.ShouldNotBeNull().Message.ShouldContain("identity, term and vote are gone");
    }

    /// <summary>The folder is marked until all of it is there: an empty node that starts on it would found the new cluster without its data.</summary>
    [Fact]
    public async Task A_restore_that_was_cut_off_before_it_wrote_anything_is_not_started_either()
    {
        var backup = await Backup(1);
        Directory.CreateDirectory(_new.FolderOf(1));
        await File.WriteAllTextAsync(Path.Combine(_new.FolderOf(1), "restore.unfinished"), "");

        Should.Throw<RaftStorageException>(() => _new.Start(1)).Message.ShouldContain("was cut off");

        await Restore(1, backup);   // nothing of it was there yet
        Directory.GetFiles(_new.FolderOf(1), "*unfinished").ShouldBeEmpty();
    }

    async Task<string> Backup(int increases)
    {
        foreach (var node in new[] { 1, 2, 3 }) _old.Start(node);
        for (var i = 1; i <= increases; i++) (await _old.Groups[1].Propose<long>(new Increase(1), Patience)).ShouldBe(i);
        var file = _old.FileNamed("backup");
        await _old.Groups[1].Client.Backup(file, timeout: Patience);
        return file;
    }

    Task<RaftOfflineReport> Restore(int node, string backup, Func<RaftSettings, RaftSettings>? change = null) => _new.Offline(node, async (system, settings) =>
    {
        await using var restored = await RaftOfflineNode.Restore(system, change?.Invoke(settings) ?? settings, backup);
        return restored.Report;
    });

    RaftMember Member(int node) => new(new NodeId($"{node}"), _new.AddressOf(node));
}
