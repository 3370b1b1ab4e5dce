namespace AkkaRaft;

/// <summary>What a member of a group is.</summary>
public enum RaftMemberRole
{
    /// <summary>It votes (Raft 5.2).</summary>
    Voter,

    /// <summary>It gets everything and does not vote (thesis 4.2.1).</summary>
    Learner,

    /// <summary>It votes until the joint configuration is left, and is no member afterwards (Raft 6).</summary>
    Leaving,
}

/// <summary>A member of a group.</summary>
/// <param name="Id">Its stable name.</param>
/// <param name="Address">Its canonical address, <c>host:port</c>.</param>
/// <param name="Role">What it is, in a joint configuration what it will be afterwards.</param>
public sealed record RaftConfigurationMember(NodeId Id, string Address, RaftMemberRole Role)
{
    /// <summary>Its storage; null until a leader has met it. A node with this name and another storage is refused.</summary>
    public StorageId? Storage { get; init; }

    /// <summary>Of a learner: whether it becomes a voter when it has caught up.</summary>
    public bool PromoteWhenCaughtUp { get; init; }

    /// <summary>Of a joint configuration: whether it voted before, and does until that is left.</summary>
    public bool VotedBefore { get; init; }
}

/// <summary>Who belongs to a group (Raft 6, thesis 4), as a node's log says.</summary>
/// <param name="Index">The index of its entry; of the first configuration, which is no entry, 0. A change names it, so that two at the same time cannot undo each other.</param>
/// <param name="IsCommitted">Whether it is agreed on. It counts from the moment it is in the log, committed or not.</param>
/// <param name="Members">All of them, ordered by id.</param>
public sealed record RaftConfiguration(LogIndex Index, bool IsCommitted, IReadOnlyList<RaftConfigurationMember> Members)
{
    /// <summary>
    /// 0 since the cluster was founded; another number since it was recovered on a survivor (<see cref="RaftOfflineNode.Recover"/>) or restored from a backup. Nodes with another one
    /// have another history, and are refused.
    /// </summary>
    public ulong RecoveryMark { get; init; }

    /// <summary>Whether it stands between two others: what it decides needs a majority of the voters before and one of those after.</summary>
    public bool IsJoint => Members.Any(member => member.VotedBefore);

    /// <summary>Who votes, in a joint configuration who votes after it.</summary>
    public IEnumerable<RaftConfigurationMember> Voters => Members.Where(member => member.Role == RaftMemberRole.Voter);

    /// <summary>Who learns.</summary>
    public IEnumerable<RaftConfigurationMember> Learners => Members.Where(member => member.Role == RaftMemberRole.Learner);

    /// <summary>A member by its name; null if there is none of that name.</summary>
    public RaftConfigurationMember? Find(NodeId node) => Members.FirstOrDefault(member => member.Id == node);

    /// <summary>Equal if all its members are.</summary>
    public bool Equals(RaftConfiguration? other) =>
        other is not null && Index == other.Index && IsCommitted == other.IsCommitted && RecoveryMark == other.RecoveryMark && Members.SequenceEqual(other.Members);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Index, IsCommitted, Members.Count);

    /// <summary>As in <c>voters 1=a:1, 2=b:1; learner 3=c:1</c>.</summary>
    public override string ToString()
    {
        var text = string.Join("; ", Members.GroupBy(member => member.Role).OrderBy(role => role.Key).Select(role =>
            $"{role.Key.ToString().ToLowerInvariant()}{(role.Key != RaftMemberRole.Leaving && role.Count() > 1 ? "s" : "")} {string.Join(", ", role.Select(member => $"{member.Id}={member.Address}"))}"));
        return text.Length == 0 ? "no members" : IsJoint ? $"{text} (joint with voters {string.Join(", ", Members.Where(member => member.VotedBefore).Select(member => member.Id))})" : text;
    }

    internal static RaftConfiguration Of(LogIndex index, Consensus.Configuration configuration, LogIndex commitIndex) => new(index, index <= commitIndex,
    [
        .. configuration.Members.Select(member => new RaftConfigurationMember(member.Id, member.Address,
            configuration.VotesAfter(member.Id) ? RaftMemberRole.Voter : configuration.Leaving.Contains(member) ? RaftMemberRole.Leaving : RaftMemberRole.Learner)
        {
            Storage = member.Storage,
            PromoteWhenCaughtUp = member.PromoteWhenCaughtUp,
            VotedBefore = configuration.Outgoing.Contains(member.Id),
        }),
    ])
    {
        RecoveryMark = configuration.RecoveryMark,
    };
}
