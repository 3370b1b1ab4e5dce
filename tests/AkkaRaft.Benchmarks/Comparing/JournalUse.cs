using Microsoft.Data.Sqlite;

namespace AkkaRaft.Benchmarks.Comparing;

/// <summary>How much a node of ours has in its journal, read from its SQLite file while it runs.</summary>
/// <param name="Rows">Rows written since the file was made; those that were deleted since then are among them.</param>
/// <param name="FileBytes">The file and its write-ahead log.</param>
internal sealed record JournalUse(long Rows, long FileBytes)
{
    /// <summary>Now.</summary>
    /// <param name="dataFolder">The node's data.</param>
    public static JournalUse Of(string dataFolder)
    {
        var file = FileIn(dataFolder);
        return new JournalUse(Number(file, "SELECT seq FROM sqlite_sequence WHERE name = 'journal'", 0) is { } rows ? (long)rows : 0, Length(file) + Length($"{file}-wal"));
    }

    /// <summary>The mean bytes of the payloads of those rows that were written since then and are still there; NaN if none are.</summary>
    /// <param name="dataFolder">The node's data.</param>
    /// <param name="before">Since then.</param>
    public static double BytesPerRow(string dataFolder, JournalUse before) =>
        Number(FileIn(dataFolder), "SELECT AVG(LENGTH(message)) FROM journal WHERE ordering > $after", before.Rows) ?? double.NaN;

    static string FileIn(string dataFolder) => Directory.EnumerateFiles(dataFolder, "journal.db", SearchOption.AllDirectories).Single();

    static long Length(string file) => new FileInfo(file) is { Exists: true } there ? there.Length : 0;

    static double? Number(string file, string sql, long after)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ToString());
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.Parameters.AddWithValue("$after", after);
        return command.ExecuteScalar() switch { long whole => whole, double number => number, _ => null };
    }
}
