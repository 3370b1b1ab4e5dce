using System.Globalization;

namespace AkkaRaft.Client;

/// <summary>Why there is no backup: what happened, what is known, what to do.</summary>
internal static class BackupErrors
{
    const string Nothing = "Nothing of it is left, and the group is as it was.";

    public static RaftBackupException NoSnapshots(NodeId node) => new(
        $"No backup was made: the state machine of this group takes no snapshots, says node \"{node}\", and a backup is one. {Nothing} Register them in the state machine with " +
        "Snapshot(take, restore), or copy the data folder of a stopped node.", RaftBackupFailure.NoSnapshots);

    public static RaftBackupException NotSent(int tries, string last, Exception? cause = null) => new(string.Create(CultureInfo.InvariantCulture,
        $"No backup was made: no node gave a whole snapshot in {tries} {(tries == 1 ? "try" : "tries")}. The last one: {last.TrimEnd('.')}. {Nothing} See that the nodes run, and try again, or name another node."),
        RaftBackupFailure.NotSent, cause);

    public static RaftBackupException OneWay(string last) => new(
        $"No backup was made: {last.TrimEnd('.')}, and what was written to the stream by then cannot be taken back to start over. The group is as it was. Throw away what the stream got, and try again, " +
        "or write to a stream that can seek.", RaftBackupFailure.NotSent);

    public static NodeUnreachableException NoWord(BackupOperation asked, NodeAddress address) => new(asked.LastRefusal is { } why
        ? $"Node \"{asked.Node}\" could not give a snapshot within {In(asked.Timeout)}: {why}"
        : $"Node \"{asked.Node}\" did not answer within {In(asked.Timeout)}: it was asked for a snapshot at {address}", asked.Node);

    public static NodeUnreachableException NoPiece(BackupPieceOperation asked, NodeAddress address) => new(
        $"Node \"{asked.Node}\" at {address} began to send its snapshot, and was silent for {In(asked.Timeout)}", asked.Node);

    static string In(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0.###} ms");
}
