using Akka.Actor;
using AkkaRaft.Settings;

namespace AkkaRaft.Journals;

/// <summary>Where a node keeps what must not be lost: its own data folder, or the plug-ins that its settings name. The same for a running node and for work on one that is stopped.</summary>
internal sealed class NodeStores : IDisposable
{
    readonly NodeStorage? _folder;

    NodeStores(RaftSettings settings, NodeStorage? folder, JournalOptions journals, SnapshotOptions? snapshots)
    {
        _folder = folder;
        TermJournal = Journals.TermJournal.Props(settings.ClusterId, settings.GroupId, settings.NodeId, journals);
        LogJournal = Journals.LogJournal.Props(settings.ClusterId, settings.GroupId, settings.NodeId, journals);
        SnapshotStore = snapshots is null ? null : Journals.SnapshotStore.Props(settings.ClusterId, settings.GroupId, settings.NodeId, snapshots);
        SnapshotPlace = snapshots?.Place ?? "";
        Place = folder is null ? $"journal plug-in {settings.JournalPluginId}" : $"data folder {folder.Folder}";
    }

    /// <summary>Keeps identity, term and vote.</summary>
    public Props TermJournal { get; }

    /// <summary>Keeps the log.</summary>
    public Props LogJournal { get; }

    /// <summary>Keeps the snapshots; null when there is no place for any.</summary>
    public Props? SnapshotStore { get; }

    /// <summary>Where the snapshots lie, in words for people.</summary>
    public string SnapshotPlace { get; }

    /// <summary>Where the node's data is, in words for people.</summary>
    public string Place { get; }

    /// <summary>Opens them: the folder is locked, and the plug-ins are known to the system.</summary>
    /// <param name="system">The system that will run them.</param>
    /// <param name="settings">The node's settings.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="RaftStorageException">The folder is in use, belongs to another node, or cannot keep what is written.</exception>
    /// <exception cref="Akka.Configuration.ConfigurationException">A plug-in is missing or would lose data.</exception>
    /// <param name="isRestoring">Whether a node is being made there from a backup.</param>
    public static NodeStores Open(ActorSystem system, RaftSettings settings, TimeProvider time, bool isRestoring = false)
    {
        var folder = settings.JournalPluginId.Length > 0 ? null : NodeStorage.Open(settings.DataDir, settings.ClusterId, settings.GroupId, settings.NodeId, isRestoring);
        try
        {
            folder?.AddTo(system);
            var snapshots = SnapshotsOf(system, settings, folder, time);
            return new NodeStores(settings, folder, new JournalOptions
            {
                JournalPluginId = JournalPolicy.Check(system, folder?.JournalPluginId ?? settings.JournalPluginId, settings.AllowInMemoryJournal),
                MaxEventBytes = settings.JournalMaxEventBytes,
                BytesPerSecond = settings.TestingJournalBytesPerSecond,
                Time = time,
            }, snapshots);
        }
        catch
        {
            folder?.Dispose();
            throw;
        }
    }

    /// <summary>A node was made there from a backup: it may be started.</summary>
    public void Restored() => _folder?.Restored();

    /// <summary>Gives the folder free; the journals must have stopped before.</summary>
    public void Dispose() => _folder?.Dispose();

    // Null: there is no place for them, which a state machine without snapshots does not need.
    static SnapshotOptions? SnapshotsOf(ActorSystem system, RaftSettings settings, NodeStorage? folder, TimeProvider time)
    {
        var plugin = JournalPolicy.SnapshotPlugin(system, settings, folder?.SnapshotPluginId);
        return plugin is null ? null : new SnapshotOptions
        {
            PluginId = plugin,
            Place = folder is not null && plugin == folder.SnapshotPluginId ? folder.SnapshotFile : $"snapshot-store plug-in {plugin}",
            RowBytes = settings.SnapshotStoreChunkBytes,
            WriteRate = settings.SnapshotWriteRate,
            Time = time,
        };
    }
}
