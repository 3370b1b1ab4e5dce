using System.Runtime.Serialization;
using AkkaRaft.Consensus;
using AkkaRaft.Protocol;
using Akka.Actor;
using Akka.Serialization;
using Google.Protobuf;

namespace AkkaRaft.Serialization;

/// <summary>
/// Writes and reads what goes between nodes and clients (raft.proto). Reading never throws: Akka.Remote would tear the connection down, and with it
/// every message under way. Whatever cannot be read becomes an <see cref="UnreadableMessage"/>, which the node counts and logs.
/// </summary>
internal sealed class RaftWireSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    public const int Id = 7460;

    const int MaxReasonLength = 300;
    const int MaxManifestLength = 32;

    public override int Identifier => Id;

    public override string Manifest(object o) => o switch
    {
        PeerMessage { Message: VoteRequest } => "VQ",
        PeerMessage { Message: VoteReply } => "VR",
        PeerMessage { Message: AppendEntries } => "AE",
        PeerMessage { Message: AppendEntriesReply } => "AR",
        PeerMessage { Message: InstallSnapshot } => "IS",
        PeerMessage { Message: InstallSnapshotReply } => "IR",
        Greeting => "GR",
        IdentityRefused => "NX",
        ProposeBatch => "PB",
        QueryBatch => "QB",
        ClientReplyBatch => "CR",
        LeaderRequest => "LQ",
        LeaderReply => "LR",
        StatusRequest => "SQ",
        StatusReply => "SR",
        ExplainRequest => "XQ",
        ExplainReply => "XR",
        PeerMessage { Message: TimeoutNow } => "TN",
        TransferRequest => "TQ",
        TransferReply => "TR",
        MembershipRequest => "MQ",
        MembershipReply => "MR",
        BackupRequest => "KQ",
        BackupReply => "KR",
        BackupPieceRequest => "KP",
        BackupPiece => "KC",
        UnreadableMessage => "XX",
        PeerMessage { Message: ReadIndexRequest } => "RQ",
        PeerMessage { Message: ReadIndexReply } => "RY",
        _ => throw NoMessageFor(o),
    };

    public override byte[] ToBinary(object obj) => obj is PeerMessage { Message: AppendEntries append }
        ? EntriesWriter.Write(Write(obj), Proto.AppendEntries.EntriesFieldNumber, append.Previous, append.Entries)
        : Write(obj).ToByteArray();

    public override object FromBinary(byte[] bytes, string manifest)
    {
        try
        {
            return Read(bytes, manifest);
        }
        catch (Exception e)
        {
            // Everything: an exception here costs the connection, whatever its kind.
            var reason = e is SerializationException or FormatException or ArgumentException or InvalidProtocolBufferException
                ? e.Message
                : $"{e.GetType().Name}: {e.Message}";
            return new UnreadableMessage(Printable(manifest, MaxManifestLength), Printable(reason, MaxReasonLength));
        }
    }

    static IMessage Write(object message) => message switch
    {
        PeerMessage m => PeerFormat.Write(m),
        Greeting m => PeerFormat.Write(m),
        IdentityRefused m => PeerFormat.Write(m),
        ProposeBatch m => ClientFormat.Write(m),
        QueryBatch m => ClientFormat.Write(m),
        ClientReplyBatch m => ClientFormat.Write(m),
        LeaderRequest m => ClientFormat.Write(m),
        LeaderReply m => ClientFormat.Write(m),
        StatusRequest m => ClientFormat.Write(m),
        StatusReply m => StatusFormat.Write(m),
        ExplainRequest m => ExplanationFormat.Write(m),
        ExplainReply m => ExplanationFormat.Write(m),
        TransferRequest m => TransferFormat.Write(m),
        TransferReply m => TransferFormat.Write(m),
        MembershipRequest m => MembershipFormat.Write(m),
        MembershipReply m => MembershipFormat.Write(m),
        BackupRequest m => BackupMessageFormat.Write(m),
        BackupReply m => BackupMessageFormat.Write(m),
        BackupPieceRequest m => BackupMessageFormat.Write(m),
        BackupPiece m => BackupMessageFormat.Write(m),
        UnreadableMessage m => new Proto.Unreadable { Version = Checked.FormatVersion, Manifest = m.Manifest, Reason = m.Reason },
        _ => throw NoMessageFor(message),
    };

    static IRaftWireMessage Read(byte[] bytes, string manifest) => manifest switch
    {
        "VQ" => PeerFormat.Read(Parsers.VoteRequest.ParseFrom(bytes)),
        "VR" => PeerFormat.Read(Parsers.VoteReply.ParseFrom(bytes)),
        "AE" => PeerFormat.ReadAppendEntries(bytes),
        "AR" => PeerFormat.Read(Parsers.AppendEntriesReply.ParseFrom(bytes)),
        "IS" => PeerFormat.Read(Parsers.InstallSnapshot.ParseFrom(bytes)),
        "IR" => PeerFormat.Read(Parsers.InstallSnapshotReply.ParseFrom(bytes)),
        "NX" => PeerFormat.Read(Parsers.IdentityRefused.ParseFrom(bytes)),
        "GR" => PeerFormat.Read(Parsers.Greeting.ParseFrom(bytes)),
        "PB" => ClientFormat.ReadProposals(bytes),
        "QB" => ClientFormat.ReadQueries(bytes),
        "CR" => ClientFormat.ReadReplies(bytes),
        "LQ" => ClientFormat.ReadLeaderRequest(Parsers.NodeQuestion.ParseFrom(bytes)),
        "LR" => ClientFormat.Read(Parsers.LeaderReply.ParseFrom(bytes)),
        "SQ" => ClientFormat.ReadStatusRequest(Parsers.NodeQuestion.ParseFrom(bytes)),
        "SR" => StatusFormat.Read(Parsers.StatusReply.ParseFrom(bytes)),
        "XQ" => ExplanationFormat.ReadRequest(Parsers.NodeQuestion.ParseFrom(bytes)),
        "XR" => ExplanationFormat.Read(Parsers.ExplainReply.ParseFrom(bytes)),
        "TN" => PeerFormat.Read(Parsers.TimeoutNow.ParseFrom(bytes)),
        "TQ" => TransferFormat.Read(Parsers.TransferRequest.ParseFrom(bytes)),
        "TR" => TransferFormat.Read(Parsers.TransferReply.ParseFrom(bytes)),
        "MQ" => MembershipFormat.Read(Parsers.MembershipRequest.ParseFrom(bytes)),
        "MR" => MembershipFormat.Read(Parsers.MembershipReply.ParseFrom(bytes)),
        "KQ" => BackupMessageFormat.Read(Parsers.BackupRequest.ParseFrom(bytes)),
        "KR" => BackupMessageFormat.Read(Parsers.BackupReply.ParseFrom(bytes)),
        "KP" => BackupMessageFormat.Read(Parsers.BackupPieceRequest.ParseFrom(bytes)),
        "KC" => BackupMessageFormat.Read(Parsers.BackupPiece.ParseFrom(bytes)),
        "XX" => Read(Parsers.Unreadable.ParseFrom(bytes)),
        "RQ" => PeerFormat.Read(Parsers.ReadIndexRequest.ParseFrom(bytes)),
        "RY" => PeerFormat.Read(Parsers.ReadIndexReply.ParseFrom(bytes)),
        _ => throw Checked.Bad("this version of AkkaRaft knows no message of that manifest"),
    };

    // With akka.actor.serialize-messages on, what has been read is written and read once more on its way to the node's mailbox.
    static UnreadableMessage Read(Proto.Unreadable m)
    {
        Checked.Version(m.Version);
        return new UnreadableMessage(Printable(m.Manifest, MaxManifestLength), Printable(m.Reason, MaxReasonLength));
    }

    // It goes to a log: short, and nothing in it that moves a cursor.
    static string Printable(string? text, int maxLength)
    {
        if (text is null) return "(none)";
        return string.Create(Math.Min(text.Length, maxLength), text, static (shown, source) =>
        {
            for (var i = 0; i < shown.Length; i++) shown[i] = char.IsControl(source[i]) || char.IsSurrogate(source[i]) ? '?' : source[i];
        });
    }

    static SerializationException NoMessageFor(object o) => new($"raft.proto has no message for a {o.GetType().FullName}. This is a bug in AkkaRaft.");
}
