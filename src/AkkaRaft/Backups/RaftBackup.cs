using AkkaRaft.Backups;

namespace AkkaRaft;

/// <summary>A backup: what it holds, where it came from, and by what its file is recognized.</summary>
public sealed record RaftBackup
{
    /// <summary>The version of the file's format.</summary>
    public required int FormatVersion { get; init; }

    /// <summary>The cluster that it was made of.</summary>
    public required ClusterId Cluster { get; init; }

    /// <summary>The group that it was made of.</summary>
    public required GroupId Group { get; init; }

    /// <summary>The node that gave it.</summary>
    public required NodeId Node { get; init; }

    /// <summary>The last entry that is in it: every entry up to it, and none behind it.</summary>
    public required EntryId LastEntry { get; init; }

    /// <summary>The leader's clock when it made that entry; null if the node did not have the entry itself any more.</summary>
    public DateTimeOffset? LastEntryTime { get; init; }

    /// <summary>Who belonged to the group at that entry. For people: whoever restores it says who belongs to the new group.</summary>
    public required RaftConfiguration Configuration { get; init; }

    /// <summary>Bytes of the state: the state machine's and the clients' sessions.</summary>
    public required long StateBytes { get; init; }

    /// <summary>When it was made, by the clock of whoever made it.</summary>
    public required DateTimeOffset MadeAt { get; init; }

    /// <summary>The version of AkkaRaft that made it.</summary>
    public required string LibraryVersion { get; init; }

    /// <summary>Bytes of the whole file.</summary>
    public required long FileBytes { get; init; }

    /// <summary>SHA-256 of the whole file, as <c>sha256sum</c> prints it.</summary>
    public required string Sha256 { get; init; }

    /// <summary>Reads a file to its end, and compares all checksums.</summary>
    /// <param name="path">The file.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>What it holds.</returns>
    /// <exception cref="RaftBackupException">It is no backup, of a newer version, cut, damaged, or cannot be read.</exception>
    public static RaftBackup Verify(string path, CancellationToken cancellationToken = default)
    {
        using var file = BackupFile.Open(path, cancellationToken);
        return file.Header.Told(file.FileBytes, file.Sha256);
    }
}
