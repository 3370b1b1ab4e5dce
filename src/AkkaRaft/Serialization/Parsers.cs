using Google.Protobuf;

namespace AkkaRaft.Serialization;

/// <summary>
/// The parsers of raft.proto's top-level messages, and of the elements that are read one by one. They drop fields that they do not know: keeping them would cost many times the size of a stranger's bytes.
/// </summary>
internal static class Parsers
{
    public static readonly MessageParser<Proto.VoteRequest> VoteRequest = Proto.VoteRequest.Parser.WithDiscardUnknownFields(true);
    public static readonly MessageParser<Proto.VoteReply> VoteReply = Proto.VoteReply.Parser.WithDiscardUnknownFields(true);
    public static readonly MessageParser<Proto.AppendEntries> AppendEntries = Proto.AppendEntries.Parser.WithDiscardUnknownFields(true);
    public static readonly MessageParser<Proto.AppendEntriesReply> AppendEntriesReply = Proto.AppendEntriesReply.Parser.WithDiscardUnknownFields(true);
    public static readonly MessageParser<Proto.InstallSnapshot> InstallSnapshot = Proto.InstallSnapshot.Parser.WithDiscardUnknownFields(true);
    public static readonly MessageParser<Proto.InstallSnapshotReply> InstallSnapshotReply = Proto.InstallSnapshotReply.Parser.WithDiscardUnknownFields(true);
    public static readonly MessageParser<Proto.ReadIndexRequest> ReadIndexRequest = Proto.ReadIndexRequest.Parser.WithDiscardUnknownFields(true);
    public static readonly MessageParser<Proto.ReadIndexReply> ReadIndexReply = Proto.ReadIndexReply.Parser.WithDiscardUnknownFields(true);
    public static readonly MessageParser<Proto.Greeting> Greeting = Proto.Greeting.Parser.WithDiscardUnknownFields(true);
    public static readonly MessageParser<Proto.IdentityRefused> IdentityRefused = Proto.IdentityRefused.Parser.WithDiscardUnknownFields(true);
    public static readonly MessageParser<Proto.Unreadable> Unreadable = Proto.Unreadable.Parser.WithDiscardUnknownFields(true);
    public static readonly MessageParser<Proto.Entry> Entry = Proto.Entry.Parser.WithDiscardUnknownFields(true);
    public static readonly MessageParser<Proto.ClientRequest> ClientRequest = Proto.ClientRequest.Parser.WithDiscardUnknownFields(true);
    public static readonly MessageParser<Proto.ClientReply> ClientReply = Proto.ClientReply.Parser.WithDiscardUnknownFields(true);
    public static readonly MessageParser<Proto.ClientRequestBatch> ClientRequestBatch = Proto.ClientRequestBatch.Parser.WithDiscardUnknownFields(true);
    public static readonly MessageParser<Proto.ClientReplyBatch> ClientReplyBatch = Proto.ClientReplyBatch.Parser.WithDiscardUnknownFields(true);
    public static readonly MessageParser<Proto.NodeQuestion> NodeQuestion = Proto.NodeQuestion.Parser.WithDiscardUnknownFields(true);
    public static readonly MessageParser<Proto.LeaderReply> LeaderReply = Proto.LeaderReply.Parser.WithDiscardUnknownFields(true);
    public static readonly MessageParser<Proto.StatusReply> StatusReply = Proto.StatusReply.Parser.WithDiscardUnknownFields(true);
    public static readonly MessageParser<Proto.ExplainReply> ExplainReply = Proto.ExplainReply.Parser.WithDiscardUnknownFields(true);
    public static readonly MessageParser<Proto.TimeoutNow> TimeoutNow = Proto.TimeoutNow.Parser.WithDiscardUnknownFields(true);
    public static readonly MessageParser<Proto.TransferRequest> TransferRequest = Proto.TransferRequest.Parser.WithDiscardUnknownFields(true);
    public static readonly MessageParser<Proto.TransferReply> TransferReply = Proto.TransferReply.Parser.WithDiscardUnknownFields(true);
    public static readonly MessageParser<Proto.MembershipRequest> MembershipRequest = Proto.MembershipRequest.Parser.WithDiscardUnknownFields(true);
    public static readonly MessageParser<Proto.MembershipReply> MembershipReply = Proto.MembershipReply.Parser.WithDiscardUnknownFields(true);
    public static readonly MessageParser<Proto.BackupRequest> BackupRequest = Proto.BackupRequest.Parser.WithDiscardUnknownFields(true);
    public static readonly MessageParser<Proto.BackupReply> BackupReply = Proto.BackupReply.Parser.WithDiscardUnknownFields(true);
    public static readonly MessageParser<Proto.BackupPieceRequest> BackupPieceRequest = Proto.BackupPieceRequest.Parser.WithDiscardUnknownFields(true);
    public static readonly MessageParser<Proto.BackupPiece> BackupPiece = Proto.BackupPiece.Parser.WithDiscardUnknownFields(true);
    public static readonly MessageParser<Proto.IdentityRecorded> IdentityRecorded = Proto.IdentityRecorded.Parser.WithDiscardUnknownFields(true);
    public static readonly MessageParser<Proto.TermChanged> TermChanged = Proto.TermChanged.Parser.WithDiscardUnknownFields(true);
    public static readonly MessageParser<Proto.LogStarted> LogStarted = Proto.LogStarted.Parser.WithDiscardUnknownFields(true);
    public static readonly MessageParser<Proto.LogCompacted> LogCompacted = Proto.LogCompacted.Parser.WithDiscardUnknownFields(true);
    public static readonly MessageParser<Proto.LogRestarted> LogRestarted = Proto.LogRestarted.Parser.WithDiscardUnknownFields(true);
    public static readonly MessageParser<Proto.EntriesAppended> EntriesAppended = Proto.EntriesAppended.Parser.WithDiscardUnknownFields(true);
    public static readonly MessageParser<Proto.SnapshotDirectory> SnapshotDirectory = Proto.SnapshotDirectory.Parser.WithDiscardUnknownFields(true);
    public static readonly MessageParser<Proto.SnapshotChunk> SnapshotChunk = Proto.SnapshotChunk.Parser.WithDiscardUnknownFields(true);
    public static readonly MessageParser<Proto.SnapshotHeader> SnapshotHeader = Proto.SnapshotHeader.Parser.WithDiscardUnknownFields(true);
    public static readonly MessageParser<Proto.BackupHeader> BackupHeader = Proto.BackupHeader.Parser.WithDiscardUnknownFields(true);
}
