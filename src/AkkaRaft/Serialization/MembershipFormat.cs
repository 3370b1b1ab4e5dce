using AkkaRaft.Consensus;
using AkkaRaft.Protocol;
using Google.Protobuf;

namespace AkkaRaft.Serialization;

/// <summary>What is said about who belongs to a group, as raft.proto has it.</summary>
internal static class MembershipFormat
{
    public static IMessage Write(MembershipRequest m) => new Proto.MembershipRequest
    {
        Version = Checked.FormatVersion,
        Cluster = Checked.Cluster(m.Cluster.Value).Value,
        Group = Checked.Group(m.Group.Value).Value,
        RequestId = m.RequestId,
        Voters = { m.Voters.Select(EntryFormat.Write) },
        Learners = { m.Learners.Select(EntryFormat.Write) },
        Expected = Checked.Index(m.Expected.Value, "expected index").Value,
        Joint = m.Joint switch
        {
            JointUse.WhenNeeded => Proto.JointUse.WhenNeeded,
            JointUse.Always => Proto.JointUse.Always,
            JointUse.AlwaysAndStay => Proto.JointUse.AlwaysAndStay,
            _ => throw Checked.Bad($"there is no use of joint configurations {m.Joint}"),
        },
        Force = m.Force,
    };

    public static IMessage Write(MembershipReply m) => new Proto.MembershipReply
    {
        Version = Checked.FormatVersion,
        From = Checked.Node(m.From.Value).Value,
        Leader = ClientFormat.Write(m.Leader),
        RequestId = m.RequestId,
        Outcome = Write(m.Outcome),
        Index = Checked.Index(m.Index.Value, "configuration's index").Value,
        Why = m.Why,
    };

    public static MembershipRequest Read(Proto.MembershipRequest m)
    {
        Checked.Version(m.Version);
        return new MembershipRequest(
            Checked.Cluster(m.Cluster), Checked.Group(m.Group), m.RequestId, [.. m.Voters.Select(EntryFormat.Read)], [.. m.Learners.Select(EntryFormat.Read)],
            Checked.Index(m.Expected, "expected index"))
        {
            Joint = m.Joint switch
            {
                Proto.JointUse.WhenNeeded => JointUse.WhenNeeded,
                Proto.JointUse.Always => JointUse.Always,
                Proto.JointUse.AlwaysAndStay => JointUse.AlwaysAndStay,
                _ => throw Checked.Bad($"there is no use of joint configurations {(int)m.Joint}"),
            },
            Force = m.Force,
        };
    }

    public static MembershipReply Read(Proto.MembershipReply m)
    {
        Checked.Version(m.Version);
        return new MembershipReply(
            Checked.Node(m.From), ClientFormat.Read(m.Leader), m.RequestId, Read(m.Outcome), Checked.Index(m.Index, "configuration's index"), m.Why);
    }

    public static Proto.ConfigurationStatus Write(RaftConfiguration configuration) => new()
    {
        Index = Checked.Index(configuration.Index.Value, "configuration's index").Value,
        Committed = configuration.IsCommitted,
        RecoveryMark = configuration.RecoveryMark,
        Members = { configuration.Members.Select(Write) },
    };

    public static RaftConfiguration Read(Proto.ConfigurationStatus configuration) =>
        new(Checked.Index(configuration.Index, "configuration's index"), configuration.Committed, [.. configuration.Members.Select(Read)])
        {
            RecoveryMark = configuration.RecoveryMark,
        };

    static Proto.MemberStatus Write(RaftConfigurationMember member) => new()
    {
        Member = EntryFormat.Write(new Member(member.Id, member.Address) { Storage = member.Storage, PromoteWhenCaughtUp = member.PromoteWhenCaughtUp }),
        Role = member.Role switch
        {
            RaftMemberRole.Voter => Proto.MemberRole.Voter,
            RaftMemberRole.Learner => Proto.MemberRole.Learner,
            RaftMemberRole.Leaving => Proto.MemberRole.Leaving,
            _ => throw Checked.Bad($"there is no role {member.Role} of a member"),
        },
        VotedBefore = member.VotedBefore,
    };

    static RaftConfigurationMember Read(Proto.MemberStatus status)
    {
        var member = EntryFormat.Read(Checked.Present(status.Member, "member"));
        var role = status.Role switch
        {
            Proto.MemberRole.Voter => RaftMemberRole.Voter,
            Proto.MemberRole.Learner => RaftMemberRole.Learner,
            Proto.MemberRole.Leaving => RaftMemberRole.Leaving,
            _ => throw Checked.Bad($"there is no role {(int)status.Role} of a member"),
        };
        return new RaftConfigurationMember(member.Id, member.Address, role)
        {
            Storage = member.Storage, PromoteWhenCaughtUp = member.PromoteWhenCaughtUp, VotedBefore = status.VotedBefore,
        };
    }

    static Proto.MembershipOutcome Write(MembershipOutcome outcome) => outcome switch
    {
        MembershipOutcome.Changed => Proto.MembershipOutcome.Changed,
        MembershipOutcome.Unchanged => Proto.MembershipOutcome.Unchanged,
        MembershipOutcome.NotLeader => Proto.MembershipOutcome.NotLeader,
        MembershipOutcome.Busy => Proto.MembershipOutcome.Busy,
        MembershipOutcome.Conflict => Proto.MembershipOutcome.Conflict,
        MembershipOutcome.Refused => Proto.MembershipOutcome.Refused,
        MembershipOutcome.Interrupted => Proto.MembershipOutcome.Interrupted,
        _ => throw Checked.Bad($"there is no membership outcome {outcome}"),
    };

    static MembershipOutcome Read(Proto.MembershipOutcome outcome) => outcome switch
    {
        Proto.MembershipOutcome.Changed => MembershipOutcome.Changed,
        Proto.MembershipOutcome.Unchanged => MembershipOutcome.Unchanged,
        Proto.MembershipOutcome.NotLeader => MembershipOutcome.NotLeader,
        Proto.MembershipOutcome.Busy => MembershipOutcome.Busy,
        Proto.MembershipOutcome.Conflict => MembershipOutcome.Conflict,
        Proto.MembershipOutcome.Refused => MembershipOutcome.Refused,
        Proto.MembershipOutcome.Interrupted => MembershipOutcome.Interrupted,
        _ => throw Checked.Bad($"there is no membership outcome {(int)outcome}"),
    };
}
