using AkkaRaft.Consensus;

namespace AkkaRaft;

/// <summary>When a membership change goes through a joint configuration (Raft 6).</summary>
public enum RaftJointUse
{
    /// <summary>When more than one voter changes.</summary>
    WhenNeeded,

    /// <summary>Always.</summary>
    Always,

    /// <summary>Always; and the joint configuration is left only when a further change asks for just what comes after it.</summary>
    AlwaysAndStay,
}

/// <summary>A member as it is wanted.</summary>
/// <param name="Member">Its name and its canonical address.</param>
/// <param name="Role">What it shall be: a voter or a learner.</param>
public sealed record RaftWantedMember(RaftMember Member, RaftMemberRole Role)
{
    /// <summary>Of a learner: whether the leader makes it a voter as soon as it has caught up (thesis 4.2.1). Default false.</summary>
    public bool PromoteWhenCaughtUp { get; init; }
}

/// <summary>All members that a group shall have, in one change.</summary>
/// <param name="Members">All of them, 1 to 64, each name and each address once; at least one voter.</param>
/// <param name="ExpectedIndex">
/// The <see cref="RaftConfiguration.Index"/> of the configuration that is meant: if another one is in force by then nothing is changed, so that two operators cannot undo each other.
/// </param>
public sealed record RaftMembershipChange(IReadOnlyList<RaftWantedMember> Members, LogIndex ExpectedIndex)
{
    /// <summary>When it goes through a joint configuration. Default <see cref="RaftJointUse.WhenNeeded"/>.</summary>
    public RaftJointUse Joint { get; init; }

    /// <summary>
    /// Whether a majority of the voters may be nodes that are not there, or lack the log, or a voter one that no leader has heard: start them first, for until they have the log nothing is committed, and if
    /// the leader falls before that nobody can be elected any more. Default false: such a change is refused.
    /// </summary>
    public bool Force { get; init; }

    internal IReadOnlyList<Member> Voters => [.. OfRole(RaftMemberRole.Voter)];

    internal IReadOnlyList<Member> Learners => [.. OfRole(RaftMemberRole.Learner)];

    /// <exception cref="ArgumentException">It could never be carried out.</exception>
    internal void Check()
    {
        foreach (var wanted in Members)
        {
            ArgumentNullException.ThrowIfNull(wanted.Member);
            _ = NodeId.Parse(wanted.Member.Id.Value);
            if (!RaftMember.IsAddress(wanted.Member.Address)) throw Wrong($"\"{wanted.Member.Address}\" is no address of a member; an address is host:port");
            if (wanted.Role is not (RaftMemberRole.Voter or RaftMemberRole.Learner)) throw Wrong($"node {wanted.Member.Id} can be wanted as a voter or as a learner");
        }

        if (Members.All(wanted => wanted.Role != RaftMemberRole.Voter)) throw Wrong("without voters nothing would ever be committed again");
        if (Members.Count > Configuration.MaxMembers) throw Wrong($"{Members.Count} members are more than the {Configuration.MaxMembers} that a group can have");
        if (Members.GroupBy(wanted => wanted.Member.Id).FirstOrDefault(same => same.Count() > 1) is { } twice) throw Wrong($"node {twice.Key} is named twice");
        if (Members.GroupBy(wanted => wanted.Member.Address, StringComparer.Ordinal).FirstOrDefault(same => same.Count() > 1) is { } shared)
            throw Wrong($"nodes {string.Join(" and ", shared.Select(wanted => wanted.Member.Id))} cannot both be at {shared.Key}");
    }

    IEnumerable<Member> OfRole(RaftMemberRole role) => Members.Where(wanted => wanted.Role == role)
        .Select(wanted => new Member(wanted.Member.Id, wanted.Member.Address) { PromoteWhenCaughtUp = role == RaftMemberRole.Learner && wanted.PromoteWhenCaughtUp });

    static ArgumentException Wrong(string why) => new($"The members cannot be changed so: {why}. Nothing was changed.");
}

/// <summary>Why the members were not changed.</summary>
public enum MembershipChangeFailure
{
    /// <summary>Until the time-out another change, or a handing-over of leadership, was under way.</summary>
    Busy,

    /// <summary>Another configuration is in force than was expected.</summary>
    ConfigurationChanged,

    /// <summary>It would be no good, in the leader's words: most often it would leave the majority to nodes that are not there.</summary>
    Refused,
}

/// <summary>The members of a group were not changed. Nothing is lost.</summary>
public sealed class MembershipChangeException : RaftException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="message">What happened, what is known, what to do.</param>
    /// <param name="failure">Why.</param>
    public MembershipChangeException(string message, MembershipChangeFailure failure) : base(RaftOutcome.NotApplied, message) => Failure = failure;

    /// <summary>Why.</summary>
    public MembershipChangeFailure Failure { get; }
}

/// <summary>How far a node has come on its way to be a voter.</summary>
/// <param name="Node">Which one.</param>
/// <param name="Role">What it is now; null if it is no member.</param>
/// <param name="Lag">How many entries of the leader's log it is not known to store.</param>
/// <param name="Transfer">The snapshot that it is being sent; null if none is.</param>
public sealed record RaftMemberProgress(NodeId Node, RaftMemberRole? Role, long Lag, RaftSnapshotTransfer? Transfer);
