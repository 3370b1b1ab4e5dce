using System.Globalization;
using Microsoft.Data.Sqlite;

namespace AkkaRaft.Journals;

/// <summary>
/// The SQLite file of a node's journals: in WAL mode, with every commit synced, and marked with the node that it belongs to. Akka.Persistence.Sql makes
/// its own tables in it.
/// </summary>
internal sealed class SqliteJournalFile
{
    /// <summary>PRAGMA synchronous = FULL: a commit returns when the disk has it. NORMAL would lose acknowledged entries with the power.</summary>
    const long SynchronousFull = 2;

    /// <summary>SQLITE_CORRUPT and SQLITE_NOTADB.</summary>
    const int Corrupt = 11;
    const int NoDatabase = 26;

    /// <summary>SQLite's own default.</summary>
    public const int SmallPages = 4096;

    /// <summary>For rows of a megabyte: SQLite writes them with half of the CPU that small pages take.</summary>
    public const int LargePages = 32 * 1024;

    readonly string _path;
    readonly int _pageBytes;

    /// <param name="path">Where.</param>
    /// <param name="pageBytes">Of a file that is made anew, as SQLite has them: a power of two from 512 to 65536. Small pages for small rows, of which each commit syncs a few; large ones for large rows.</param>
    public SqliteJournalFile(string path, int pageBytes = SmallPages)
    {
        _path = path;
        _pageBytes = pageBytes;
        ConnectionString = new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadWriteCreate }.ToString();
    }

    public string ConnectionString { get; }

    /// <summary>Creates the file or checks the one that is there, writes to it, and leaves nothing open.</summary>
    /// <exception cref="RaftStorageException">The file cannot keep what is written, or belongs to another node.</exception>
    public void Prepare(ClusterId cluster, GroupId group, NodeId node)
    {
        try
        {
            using (var connection = Fresh())
            {
                RequireWal(connection);
                RequireOwner(connection, cluster, group, node);
            }

            // Another one: SQLite gives a file that already is in WAL mode a default of its own, and that is what the journal will get.
            using (var connection = Fresh()) RequireFullSync(connection);
        }
        catch (SqliteException damaged) when (damaged.SqliteErrorCode is Corrupt or NoDatabase)
        {
            throw new RaftStorageException(
                $"The file {_path} of node \"{node}\" is damaged, or is no SQLite database: {damaged.Message} The node does not start. {SnapshotErrors.WaysOut}", damaged);
        }
        catch (SqliteException broken)
        {
            throw new RaftStorageException(
                $"The journal file {_path} of node \"{node}\" cannot be opened and written: {broken.Message} The node does not start. Check that the folder is "
                + "writable and that its disk is not full.", broken);
        }
    }

    /// <summary>Closes the handles that pooled connections keep, so that the folder can be moved or removed.</summary>
    public void CloseIdleConnections()
    {
        using var connection = new SqliteConnection(ConnectionString);
        SqliteConnection.ClearPool(connection);
    }

    // Outside the pool: it has the settings that every fresh connection gets, and leaves no handle behind.
    SqliteConnection Fresh()
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder(ConnectionString) { Pooling = false }.ToString());
        connection.Open();
        return connection;
    }

    void RequireWal(SqliteConnection connection)
    {
        // Of a file that has a table, or is in WAL mode, this changes nothing.
        Run(connection, null, string.Create(CultureInfo.InvariantCulture, $"PRAGMA page_size = {_pageBytes}"));
        // The mode is kept in the file: set once, it holds for all later connections.
        var mode = Scalar(connection, "PRAGMA journal_mode = WAL") as string;
        if (!string.Equals(mode, "wal", StringComparison.OrdinalIgnoreCase))
            throw new RaftStorageException(
                $"The journal file {_path} cannot be used in WAL mode: SQLite stays in mode \"{mode}\". Network file systems cannot do it. "
                + "Put akka.raft.data-dir on a local disk.");
    }

    void RequireFullSync(SqliteConnection connection)
    {
        // That default comes with the first reading of the file.
        Scalar(connection, "SELECT owner FROM raft_owner");
        var synchronous = Scalar(connection, "PRAGMA synchronous");
        if (synchronous is not SynchronousFull)
            throw new RaftStorageException(
                $"The SQLite library of this process opens {_path} with synchronous = {synchronous}, the journal needs {SynchronousFull} (FULL): a lower "
                + "value loses acknowledged entries when the power fails. Use SQLitePCLRaw.bundle_e_sqlite3 as Microsoft.Data.Sqlite brings it.");
    }

    // The count is written at each start: that the file is writable is known before the node greets anyone.
    void RequireOwner(SqliteConnection connection, ClusterId cluster, GroupId group, NodeId node)
    {
        using var transaction = connection.BeginTransaction();
        Run(connection, transaction,
            "CREATE TABLE IF NOT EXISTS raft_owner (one INTEGER PRIMARY KEY CHECK (one = 1), owner TEXT NOT NULL, starts INTEGER NOT NULL)");
        var ours = $"{cluster}/{group}/{node}";
        Run(connection, transaction, "INSERT INTO raft_owner VALUES (1, $owner, 0) ON CONFLICT DO NOTHING", ours);
        var owner = Scalar(connection, "SELECT owner FROM raft_owner", transaction) as string;
        if (owner != ours)
            throw new RaftStorageException(
                $"Node \"{node}\" refuses to start: the journal file {_path} was made for {owner} (cluster/group/node), the configuration says {ours}. "
                + "Nothing was changed. Point akka.raft.data-dir to this node's own folder, or remove the node and add it again with an empty one. If the folder is this node's own, the "
                + "file is damaged: put back a copy of the whole folder that was made after the node last ran.");
        Run(connection, transaction, "UPDATE raft_owner SET starts = starts + 1");
        transaction.Commit();
    }

    static object? Scalar(SqliteConnection connection, string sql, SqliteTransaction? transaction = null)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.Transaction = transaction;
        return command.ExecuteScalar();
    }

    static void Run(SqliteConnection connection, SqliteTransaction? transaction, string sql, string? owner = null)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.Transaction = transaction;
        if (owner is not null) command.Parameters.AddWithValue("$owner", owner);
        command.ExecuteNonQuery();
    }
}
