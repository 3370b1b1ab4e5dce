using System.Collections.Immutable;
using System.IO.Hashing;
using System.Text;

namespace AkkaRaft.Consensus;

/// <summary>
/// Who votes, and who only learns (Raft 6, thesis 4). A value: it is stored, sent and compared whole. A joint one stands between two others: what it decides needs a
/// majority of the voters before and one of the voters after (Raft 6).
/// </summary>
internal sealed class Configuration : IEquatable<Configuration>
{
    /// <summary>The most members, so that a configuration always fits into one message.</summary>
    public const int MaxMembers = 64;

    public static readonly Configuration Empty = new([]);

    /// <param name="voters">Who votes; of a joint configuration, who votes after it. All lists in any order; kept sorted by id, so that equal configurations are equal bytes.</param>
    /// <param name="learners">Who gets everything and does not vote, or, of a joint configuration, will not vote after it.</param>
    /// <param name="leaving">Of a joint configuration: who is no member after it.</param>
    /// <param name="outgoing">Of a joint configuration: who voted before it, and does until it is left. Members, all of them.</param>
    public Configuration(
        IEnumerable<Member> voters, IEnumerable<Member>? learners = null, IEnumerable<Member>? leaving = null, IEnumerable<NodeId>? outgoing = null)
    {
        Voters = Sorted(voters);
        Learners = Sorted(learners ?? []);
        Leaving = Sorted(leaving ?? []);
        Outgoing = [.. (outgoing ?? []).Order()];
        Members = Sorted([.. Voters, .. Learners, .. Leaving]);
        for (var i = 1; i < Members.Length; i++)
        {
            if (Members[i].Id == Members[i - 1].Id)
                throw new ArgumentException($"Node \"{Members[i].Id}\" is in the configuration twice. Each member has an id of its own.", nameof(voters));
        }

        if (Outgoing.Distinct().Count() != Outgoing.Length || Outgoing.Any(id => Find(id) is null) || Leaving.Any(member => !Outgoing.Contains(member.Id)))
            throw new ArgumentException("Who leaves voted before, and who voted before is still a member of a joint configuration.", nameof(outgoing));
        var incoming = new MajorityQuorum([.. Voters.Select(voter => voter.Id)]);
        Quorum = new Quorum(IsJoint ? [incoming, new MajorityQuorum(Outgoing)] : [incoming]);
    }

    public ImmutableArray<Member> Voters { get; }

    public ImmutableArray<Member> Learners { get; }

    public ImmutableArray<Member> Leaving { get; }

    public ImmutableArray<NodeId> Outgoing { get; }

    /// <summary>Everybody who is sent entries.</summary>
    public ImmutableArray<Member> Members { get; }

    /// <summary>Whether it stands between two others.</summary>
    public bool IsJoint => !Outgoing.IsEmpty;

    /// <summary>Of a joint configuration: it is left only when somebody asks for that, not by itself.</summary>
    public bool StaysJoint { get; init; }

    /// <summary>
    /// The fence between histories: 0 since the cluster was founded, another number since a survivor was recovered without its majority, or since all of it was restored from a
    /// backup. What follows keeps it; who has another one has another history, and is not listened to.
    /// </summary>
    public ulong RecoveryMark { get; init; }

    /// <summary>What its decisions need: votes, commits, reads and leases.</summary>
    public Quorum Quorum { get; }

    public int Size => Members.Sum(member => member.Size) + Outgoing.Sum(id => id.Value.Length + 2) + 13;

    /// <summary>Whether its vote counts.</summary>
    public bool IsVoter(NodeId node) => Quorum.Contains(node);

    public Member? Find(NodeId node) => Members.FirstOrDefault(member => member.Id == node);

    /// <summary>The joint configuration on the way from this one to <paramref name="target"/>. Who is to be no voter any more votes until that is left.</summary>
    public Configuration Enter(Configuration target, bool stay = false)
    {
        Invariant.Holds(!IsJoint && !target.IsJoint);
        return new Configuration(target.Voters, target.Learners, Voters.Where(voter => target.Find(voter.Id) is null), Voters.Select(voter => voter.Id))
        {
            StaysJoint = stay, RecoveryMark = RecoveryMark,
        };
    }

    /// <summary>What comes after this joint configuration.</summary>
    public Configuration Leave()
    {
        Invariant.Holds(IsJoint);
        return new Configuration(Voters, Learners) { RecoveryMark = RecoveryMark };
    }

    /// <summary>The same, with each member as <paramref name="changed"/> has it.</summary>
    public Configuration With(Func<Member, Member> changed) =>
        new(Voters.Select(changed), Learners.Select(changed), Leaving.Select(changed), Outgoing) { StaysJoint = StaysJoint, RecoveryMark = RecoveryMark };

    /// <summary>How many voters one of the two has and the other has not.</summary>
    public int VotersUnlike(Configuration other) => Voters.Count(voter => !other.VotesAfter(voter.Id)) + other.Voters.Count(voter => !VotesAfter(voter.Id));

    /// <summary>Whether it votes, once this is no joint configuration any more.</summary>
    public bool VotesAfter(NodeId node) => Voters.Any(voter => voter.Id == node);

    public bool Equals(Configuration? other) => other is not null && Voters.SequenceEqual(other.Voters) && Learners.SequenceEqual(other.Learners)
        && Leaving.SequenceEqual(other.Leaving) && Outgoing.SequenceEqual(other.Outgoing) && StaysJoint == other.StaysJoint && RecoveryMark == other.RecoveryMark;

    public override bool Equals(object? obj) => Equals(obj as Configuration);

    public override int GetHashCode() => Members.Aggregate(HashCode.Combine(Voters.Length, Outgoing.Length), (hash, member) => HashCode.Combine(hash, member));

    /// <summary>A number that tells different first configurations apart: CRC-32 of their text, never 0.</summary>
    public uint Mark => Math.Max(1, Crc32.HashToUInt32(Encoding.UTF8.GetBytes(ToString())));

    public override string ToString() => string.Join(",", Voters) + (Learners.IsEmpty ? "" : $" learners {string.Join(",", Learners)}")
        + (IsJoint ? $" joint with voters {string.Join(",", Outgoing.Select(Find))}" : "")
        + (RecoveryMark == 0 ? "" : $" recovery {RecoveryMark:x16}");

    static ImmutableArray<Member> Sorted(IEnumerable<Member> members) => [.. members.OrderBy(member => member.Id)];
}
