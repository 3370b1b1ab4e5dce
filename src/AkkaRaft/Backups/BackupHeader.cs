using System.Reflection;
using AkkaRaft.Consensus;
using AkkaRaft.Serialization;
using Proto = AkkaRaft.Serialization.Proto;

namespace AkkaRaft.Backups;

/// <summary>What a backup says of itself before its content.</summary>
/// <param name="Cluster">Whose it is. A restored cluster gets another id.</param>
/// <param name="Group">Whose it is.</param>
/// <param name="Node">Who gave the snapshot.</param>
/// <param name="Snapshot">What it stands for; the content is its bytes, as the snapshot store had them.</param>
/// <param name="MadeAt">When, in whole milliseconds.</param>
/// <param name="Library">The version of AkkaRaft that wrote it.</param>
internal sealed record BackupHeader(ClusterId Cluster, GroupId Group, NodeId Node, StoredSnapshot Snapshot, DateTimeOffset MadeAt, string Library)
{
    const int MaxLibraryLength = 100;

    /// <summary>The leader's clock at the last entry; null if that entry was gone.</summary>
    public DateTimeOffset? LastTime { get; init; }

    /// <summary>This library's version, as its assembly says.</summary>
    public static string ThisLibrary { get; } =
        typeof(BackupHeader).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion is { Length: > 0 and <= MaxLibraryLength } version
            ? version
            : typeof(BackupHeader).Assembly.GetName().Version!.ToString();

    public Proto.BackupHeader Write()
    {
        var written = new Proto.BackupHeader
        {
            Version = Checked.FormatVersion,
            Cluster = Checked.Cluster(Cluster.Value).Value,
            Group = Checked.Group(Group.Value).Value,
            Node = Checked.Node(Node.Value).Value,
            Snapshot = SnapshotFormat.Write(Snapshot),
            MadeMs = MadeAt.ToUnixTimeMilliseconds(),
            Library = CheckLibrary(Library),
        };
        if (LastTime is { } time) written.LastMs = time.ToUnixTimeMilliseconds();
        return written;
    }

    /// <summary>Its version was looked at.</summary>
    public static BackupHeader Read(Proto.BackupHeader header) =>
        new(Checked.Cluster(header.Cluster), Checked.Group(header.Group), Checked.Node(header.Node), SnapshotFormat.Read(header.Snapshot),
            EntryFormat.Time(header.MadeMs), CheckLibrary(header.Library))
        {
            LastTime = header.HasLastMs ? EntryFormat.Time(header.LastMs) : null,
        };

    /// <summary>For people.</summary>
    public RaftBackup Told(long fileBytes, string sha256) => new()
    {
        FormatVersion = (int)Checked.FormatVersion,
        Cluster = Cluster,
        Group = Group,
        Node = Node,
        LastEntry = Snapshot.Last,
        LastEntryTime = LastTime,
        Configuration = RaftConfiguration.Of(Snapshot.Last.Index, Snapshot.Mark.Configuration, Snapshot.Last.Index),
        StateBytes = Snapshot.Length,
        MadeAt = MadeAt,
        LibraryVersion = Library,
        FileBytes = fileBytes,
        Sha256 = sha256,
    };

    static string CheckLibrary(string? version) =>
        version is { Length: > 0 and <= MaxLibraryLength } && !version.Any(char.IsControl) ? version : throw Checked.Bad("the version of its AkkaRaft is no version");
}
