using AkkaRaft.Consensus;
using AkkaRaft.Protocol;
using Google.Protobuf;

namespace AkkaRaft.Serialization;

/// <summary>What is said about handing leadership over, as raft.proto has it.</summary>
internal static class TransferFormat
{
    public static IMessage Write(TransferRequest m)
    {
        var written = new Proto.TransferRequest
        {
            Version = Checked.FormatVersion,
            Cluster = Checked.Cluster(m.Cluster.Value).Value,
            Group = Checked.Group(m.Group.Value).Value,
            RequestId = m.RequestId,
        };
        if (m.To is { } to) written.To = Checked.Node(to.Value).Value;
        return written;
    }

    public static IMessage Write(TransferReply m) => new Proto.TransferReply
    {
        Version = Checked.FormatVersion,
        From = Checked.Node(m.From.Value).Value,
        Leader = ClientFormat.Write(m.Leader),
        RequestId = m.RequestId,
        Outcome = Write(m.Outcome),
        Why = m.Why,
    };

    public static TransferRequest Read(Proto.TransferRequest m)
    {
        Checked.Version(m.Version);
        return new TransferRequest(Checked.Cluster(m.Cluster), Checked.Group(m.Group), m.RequestId, m.HasTo ? Checked.Node(m.To) : null);
    }

    public static TransferReply Read(Proto.TransferReply m)
    {
        Checked.Version(m.Version);
        return new TransferReply(Checked.Node(m.From), ClientFormat.Read(m.Leader), m.RequestId, Read(m.Outcome), m.Why);
    }

    static Proto.TransferOutcome Write(TransferOutcome outcome) => outcome switch
    {
        TransferOutcome.HandedOver => Proto.TransferOutcome.HandedOver,
        TransferOutcome.LeadsAlready => Proto.TransferOutcome.LeadsAlready,
        TransferOutcome.NotLeader => Proto.TransferOutcome.NotLeader,
        TransferOutcome.NotAVoter => Proto.TransferOutcome.NotAVoter,
        TransferOutcome.NoTarget => Proto.TransferOutcome.NoTarget,
        TransferOutcome.Busy => Proto.TransferOutcome.Busy,
        TransferOutcome.TimedOut => Proto.TransferOutcome.TimedOut,
        _ => throw Checked.Bad($"there is no transfer outcome {outcome}"),
    };

    static TransferOutcome Read(Proto.TransferOutcome outcome) => outcome switch
    {
        Proto.TransferOutcome.HandedOver => TransferOutcome.HandedOver,
        Proto.TransferOutcome.LeadsAlready => TransferOutcome.LeadsAlready,
        Proto.TransferOutcome.NotLeader => TransferOutcome.NotLeader,
        Proto.TransferOutcome.NotAVoter => TransferOutcome.NotAVoter,
        Proto.TransferOutcome.NoTarget => TransferOutcome.NoTarget,
        Proto.TransferOutcome.Busy => TransferOutcome.Busy,
        Proto.TransferOutcome.TimedOut => TransferOutcome.TimedOut,
        _ => throw Checked.Bad($"there is no transfer outcome {(int)outcome}"),
    };
}
