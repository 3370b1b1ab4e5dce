using System.Globalization;

namespace AkkaRaft.Samples.Common.Backups;

/// <summary>Backups as people read them.</summary>
public static class BackupText
{
    /// <summary>One line: what was written.</summary>
    public static string Line(string file, RaftBackup backup)
    {
        ArgumentNullException.ThrowIfNull(backup);
        return string.Create(CultureInfo.InvariantCulture, $"{file}: {backup.FileBytes} bytes, last entry {backup.LastEntry}, from node {backup.Node}, sha256 {backup.Sha256}");
    }

    /// <summary>All that the file says of itself, a line for each.</summary>
    public static string Of(string file, RaftBackup backup)
    {
        ArgumentNullException.ThrowIfNull(backup);
        (string Name, string Value)[] lines =
        [
            ("file", file),
            ("format version", backup.FormatVersion.ToString(CultureInfo.InvariantCulture)),
            ("cluster", backup.Cluster.Value),
            ("group", backup.Group.Value),
            ("from node", backup.Node.Value),
            ("last entry", $"{backup.LastEntry}{(backup.LastEntryTime is { } time ? $", of {Time(time)}" : "")}"),
            ("members", backup.Configuration.ToString()),
            ("made at", $"{Time(backup.MadeAt)}, by AkkaRaft {backup.LibraryVersion}"),
            ("state", string.Create(CultureInfo.InvariantCulture, $"{backup.StateBytes} bytes")),
            ("whole file", string.Create(CultureInfo.InvariantCulture, $"{backup.FileBytes} bytes")),
            ("sha256", backup.Sha256),
        ];
        return string.Join(Environment.NewLine, lines.Select(line => $"{line.Name,-16}{line.Value}"));
    }

    /// <summary>How far a backup is.</summary>
    public static string Progress(RaftBackupProgress progress) => progress.TotalBytes == 0
        ? $"node {progress.Node} takes a snapshot"
        : string.Create(CultureInfo.InvariantCulture, $"node {progress.Node}: {progress.Bytes} of {progress.TotalBytes} bytes, {100 * progress.Bytes / progress.TotalBytes} %");

    static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
