using System.Globalization;
using System.IO.Hashing;
using System.Text;
using Akka.Actor;
using Akka.Configuration;

namespace AkkaRaft.Journals;

/// <summary>
/// The data folder of one node and group: locked, checked, and described as an Akka.Persistence.Sql journal plug-in. Each group has a folder and file
/// of its own below the node's data folder, so several groups share a process and a data folder. Disposing gives the folder free; the journals that
/// use the plug-in must have stopped before.
/// </summary>
internal sealed class NodeStorage : IDisposable
{
    const string JournalFileName = "journal.db";
    const string SnapshotFileName = "snapshots.db";
    const string UnfinishedName = "restore.unfinished";

    readonly FolderLock _lock;
    readonly SqliteJournalFile _file;
    readonly SqliteJournalFile _snapshots;

    NodeStorage(FolderLock folderLock, SqliteJournalFile file, SqliteJournalFile snapshots, string folder, string pluginName)
    {
        _snapshots = snapshots;
        _lock = folderLock;
        _file = file;
        Folder = folder;
        JournalPluginId = $"akka.persistence.journal.{pluginName}";
        SnapshotPluginId = $"akka.persistence.snapshot-store.{pluginName}";
        Config = JournalPluginConfig(JournalPluginId, file.ConnectionString).WithFallback(SnapshotPluginConfig(SnapshotPluginId, snapshots.ConnectionString));
    }

    /// <summary>This group's folder, below the data folder.</summary>
    public string Folder { get; }

    /// <summary>The plug-in that <see cref="Config"/> defines.</summary>
    public string JournalPluginId { get; }

    /// <summary>The snapshot store that <see cref="Config"/> defines.</summary>
    public string SnapshotPluginId { get; }

    /// <summary>The file of the snapshot store: one of its own, since a snapshot's writes would hold up the log's in the same file.</summary>
    public string SnapshotFile => Path.Combine(Folder, SnapshotFileName);

    /// <summary>The plug-ins and their dispatchers; <see cref="AddTo"/> makes a system know them.</summary>
    public Config Config { get; }

    /// <summary>Whether a node of that group has ever used the data folder.</summary>
    public static bool Exists(string dataFolder, GroupId group) => File.Exists(Path.Combine(FolderOf(dataFolder, group), JournalFileName));

    /// <summary>Creates or opens the folder and its journal file.</summary>
    /// <exception cref="RaftStorageException">The folder is in use, belongs to another node, or cannot keep what is written.</exception>
    /// <param name="dataFolder">The data folder.</param>
    /// <param name="cluster">The node's cluster.</param>
    /// <param name="group">The node's group.</param>
    /// <param name="node">The node.</param>
    /// <param name="isRestoring">Whether a node is being made there from a backup: nobody else opens the folder until <see cref="Restored"/>.</param>
    public static NodeStorage Open(string dataFolder, ClusterId cluster, GroupId group, NodeId node, bool isRestoring = false)
    {
        // Rooted: SQLite then takes nothing in it for a keyword such as ":memory:", "file:" or "|DataDirectory|".
        var folder = FolderOf(dataFolder, group);
        try
        {
            DurableFolder.Create(folder);
        }
        catch (Exception broken) when (broken is IOException or UnauthorizedAccessException)
        {
            throw new RaftStorageException(
                $"The data folder {folder} of node \"{node}\" cannot be created: {broken.Message} Check akka.raft.data-dir and who may write there.", broken);
        }

        var folderLock = FolderLock.Take(folder);
        try
        {
            if (isRestoring) DurableFolder.Mark(Path.Combine(folder, UnfinishedName));
            else RefuseUnfinished(folder, node);
            var file = new SqliteJournalFile(Path.Combine(folder, JournalFileName));
            file.Prepare(cluster, group, node);
            var snapshots = new SqliteJournalFile(Path.Combine(folder, SnapshotFileName), SqliteJournalFile.LargePages);
            snapshots.Prepare(cluster, group, node);
            return new NodeStorage(folderLock, file, snapshots, folder, PluginName(group, node, folder));
        }
        catch
        {
            folderLock.Dispose();
            throw;
        }
    }

    /// <summary>What is there is whole from now on.</summary>
    public void Restored() => DurableFolder.Unmark(Path.Combine(Folder, UnfinishedName));

    static void RefuseUnfinished(string folder, NodeId node)
    {
        if (!File.Exists(Path.Combine(folder, UnfinishedName))) return;
        throw new RaftStorageException($"Node \"{node}\" refuses to start: in the data folder {folder} a node was to be made from a backup, and that was cut off ({UnfinishedName} is there). Nothing was changed. " +
            "Empty the folder, and restore the backup again.");
    }

    /// <summary>Makes the plug-in known to a system, also one that has long been running; what the application set under the same path wins.</summary>
    public void AddTo(ActorSystem system) => system.Settings.InjectTopLevelFallback(Config);

    public void Dispose()
    {
        _file.CloseIdleConnections();
        _snapshots.CloseIdleConnections();
        _lock.Dispose();
    }

    static string FolderOf(string dataFolder, GroupId group)
    {
        // A group may be called "..", as its characters are free; its folder must not be.
        var name = group.Value.Trim('.').Length == 0 ? $"_{group.Value}_" : group.Value;
        return Path.Combine(Path.GetFullPath(dataFolder), name);
    }

    // Akka keeps a plug-in for the life of its system, under the name of its path: the name tells group, node and folder apart. '.' would split the path
    // and a quoted name is no actor name; ';' and '~' are legal in both and in no id.
    static string PluginName(GroupId group, NodeId node, string folder)
    {
        var folderMark = Crc32.HashToUInt32(Encoding.UTF8.GetBytes(folder)).ToString("x8", CultureInfo.InvariantCulture);
        return $"raft~{group}~{node}~{folderMark}".Replace('.', ';');
    }

    // One writer at a time (parallelism = 1): SQLite has one, and its driver waits 150 ms before it tries a busy file again. Replay buffers whole events of up to
    // max-event-bytes, hence small windows.
    static Config JournalPluginConfig(string pluginId, string connectionString) => PluginConfig(
        pluginId, "Akka.Persistence.Sql.Journal.SqlWriteJournal", connectionString, threads: 3, """
          tag-write-mode = Csv
          parallelism = 1
          replay-batch-size = 64
          recovery-event-timeout = 30s
          replay-filter {
            mode = fail
            window-size = 16
            max-old-writers = 1000
          }
        """);

    static Config SnapshotPluginConfig(string pluginId, string connectionString) => PluginConfig(
        pluginId, "Akka.Persistence.Sql.Snapshot.SqlSnapshotStore", connectionString, threads: 2, "snapshot-is-optional = false");

    // Each has threads of its own: its disk waits hold up no actor, and no busy actor holds up the disk. A clone of a connection would work its mapping out anew for each
    // write. The breaker only cuts a write that hangs; recreating a failed journal with back-off is the node's, so the breaker lets the next try through soon.
    static Config PluginConfig(string pluginId, string type, string connectionString, int threads, string more) => ConfigurationFactory.ParseString($$"""
        {{pluginId}} {
          class = "{{type}}, Akka.Persistence.Sql"
          plugin-id = {{Quoted(pluginId)}}
          connection-string = {{Quoted(connectionString)}}
          provider-name = "SQLite.MS"
          auto-initialize = true
          use-clone-connection = false
          plugin-dispatcher = {{Quoted(pluginId + ".io-dispatcher")}}
          materializer-dispatcher = {{Quoted(pluginId + ".io-dispatcher")}}
          replay-dispatcher = {{Quoted(pluginId + ".io-dispatcher")}}
          {{more}}
          circuit-breaker {
            max-failures = 10
            call-timeout = 10s
            reset-timeout = 1s
          }
          io-dispatcher {
            type = "AkkaRaft.Journals.DiskDispatcher, AkkaRaft"
            throughput = 5
            threads = {{threads}}
          }
        }
        """);

    static string Quoted(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (var character in text)
        {
            if (char.IsControl(character)) quoted.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}");
            else if (character is '"' or '\\') quoted.Append('\\').Append(character);
            else quoted.Append(character);
        }

        return quoted.Append('"').ToString();
    }
}
