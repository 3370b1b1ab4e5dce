using System.Buffers.Binary;
using System.IO.Hashing;
using Akka.Actor;
using AkkaRaft.Backups;
using AkkaRaft.Consensus;
using AkkaRaft.Journals;
using AkkaRaft.Offline;
using AkkaRaft.Settings;

namespace AkkaRaft;

/// <content>A node of a new cluster, made from a backup.</content>
public sealed partial class RaftOfflineNode
{
    /// <summary>
    /// Makes the data of a node of a new cluster from a backup. Each of the nodes that are to found the new cluster is made so, from the same backup and with the same
    /// <see cref="RaftSettings.Members"/>; or one is, and the others are added to it.
    /// </summary>
    /// <param name="system">Runs the journals meanwhile.</param>
    /// <param name="settings">The node's settings, with the id of the new cluster and with the members that found it; its data folder is empty or not there.</param>
    /// <param name="backup">The file, as <see cref="RaftClient.Backup(string, RaftBackupOptions?, IProgress{RaftBackupProgress}?, TimeSpan?, CancellationToken)"/> wrote it; all of it is checked first.</param>
    /// <returns>What is stored afterwards. The node can be started when this is disposed.</returns>
    /// <exception cref="RaftSettingsException">The settings cannot be used, or name the cluster that the backup is of.</exception>
    /// <exception cref="RaftBackupException">The file is no backup, damaged, or cannot be read. Nothing was changed.</exception>
    /// <exception cref="RaftStorageException">A node's data is there already (nothing was changed), or the journals failed: empty the folder and try again.</exception>
    public static async Task<RaftOfflineNode> Restore(ActorSystem system, RaftSettings settings, string backup)
    {
        ArgumentNullException.ThrowIfNull(system);
        ArgumentNullException.ThrowIfNull(settings);
        settings.Validate();
        using var file = BackupFile.Open(backup);
        Refuse(settings, file.Header);
        RefuseUsed(settings);
        await using (var stores = await OfflineStores.Open(system, settings.WithSnapshotWriteRate(int.MaxValue), isRestoring: true))
        {
            await Fill(settings, stores, file, RaftSetup.Of(system).Entropy);
            stores.Restored();
        }

        return await Open(system, settings);
    }

    static async Task Fill(RaftSettings settings, OfflineStores stores, BackupFile file, Func<ulong> entropy)
    {
        if (stores.Contents is not { Term.Identity: null, Log: { Entries.Count: 0, Storage: null }, Snapshots.Newest: null }) throw NotEmpty(stores.Place);

        if (!stores.HasSnapshots)
            throw new RaftStorageException($"There is no place for the snapshot: {settings.PathOf(SettingKeys.SnapshotPluginId)} is empty. Nothing was changed. Name a durable snapshot-store plug-in there.");
        var last = file.Header.Snapshot.Last;
        // Nodes that were restored from different backups must not meet: what one of them has applied, the other may have otherwise.
        var founders = settings.ToFirstConfiguration(MarkOf(file.Header.Snapshot));
        var storage = new StorageId($"{entropy():x16}{entropy():x16}");
        // First who it is, though nothing of it is there yet, and the term last: where no folder can be marked as unfinished, a start in between finds the identity without its log, or the log without its
        // term, and is refused.
        await stores.Persist(new NodeIdentity(settings.ClusterId, settings.GroupId, settings.NodeId, storage, founders));
        var written = await stores.Write(new SnapshotMark(last, founders), Pieces(file));
        if (written.Length != file.Header.Snapshot.Length || written.Checksum != file.Header.Snapshot.Checksum)
            throw new RaftStorageException($"What was written to {stores.Place} is not what the backup holds. Empty that place and try again.");
        await stores.Begin(storage);
        await stores.Append(new RestartLog(0, last));
        await stores.Persist(new PersistTerm(last.Term, null));
    }

    // Before anything is opened: a folder in use is not to be marked as unfinished.
    static void RefuseUsed(RaftSettings settings)
    {
        if (settings.JournalPluginId.Length == 0 && NodeStorage.Exists(settings.DataDir, settings.GroupId)) throw NotEmpty($"data folder {Path.GetFullPath(settings.DataDir)}");
    }

    static RaftStorageException NotEmpty(string place) => new(
        $"{place} is not empty: a node's data, or what is left of another try to restore, is there. Nothing was changed. Name an empty place for the restored node, or empty this one if it holds nothing that you need.");

    static async IAsyncEnumerable<ReadOnlyMemory<byte>> Pieces(BackupFile file)
    {
        foreach (var piece in file.Content()) yield return piece;
        await Task.CompletedTask;
    }

    static void Refuse(RaftSettings settings, BackupHeader header)
    {
        var errors = new List<string>();
        if (settings.Join)
            errors.Add($"{settings.PathOf(SettingKeys.Join)} = on: a restored node founds a cluster. Set it off, and {settings.PathOf(SettingKeys.Members)} to the nodes that are restored from this backup.");
        if (settings.ClusterId == header.Cluster)
        {
            errors.Add($"{settings.PathOf(SettingKeys.ClusterId)} = \"{settings.ClusterId}\" is the cluster that the backup is of. Give the restored one an id of its own: nodes and clients of the two must " +
                "never be taken for each other.");
        }

        if (errors.Count > 0) throw new RaftSettingsException($"The backup of cluster \"{header.Cluster}\" is not restored. Nothing was changed.", errors);
    }

    static ulong MarkOf(StoredSnapshot snapshot)
    {
        Span<byte> what = stackalloc byte[3 * sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(what, snapshot.Checksum);
        BinaryPrimitives.WriteInt64LittleEndian(what[sizeof(ulong)..], snapshot.Last.Index.Value);
        BinaryPrimitives.WriteInt64LittleEndian(what[(2 * sizeof(ulong))..], snapshot.Last.Term.Value);
        return Math.Max(1, XxHash64.HashToUInt64(what));
    }
}
