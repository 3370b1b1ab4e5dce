using System.Collections.Immutable;
using System.IO.Hashing;
using System.Text;

namespace AkkaRaft.Consensus;

/// <summary>A member of a configuration: who it is, and where it is reached.</summary>
/// <param name="Id">Its stable name.</param>
/// <param name="Address">Its canonical <c>host:port</c>, letter for letter what Akka.Remote calls it (public-hostname, public-port).</param>
internal sealed record Member(NodeId Id, string Address)
{
    public override string ToString() => $"{Id}={Address}";
}

/// <summary>Who votes (Raft 6). A value: it is stored, sent and compared whole.</summary>
internal sealed class Configuration : IEquatable<Configuration>
{
    public static readonly Configuration Empty = new([]);

    /// <param name="voters">In any order; kept sorted by id, so that equal configurations are equal bytes.</param>
    public Configuration(IEnumerable<Member> voters)
    {
        Voters = [.. voters.OrderBy(v => v.Id)];
        for (var i = 1; i < Voters.Length; i++)
        {
            if (Voters[i].Id == Voters[i - 1].Id)
                throw new ArgumentException($"Node \"{Voters[i].Id}\" is in the configuration twice. Each member has an id of its own.", nameof(voters));
        }

        Quorum = new MajorityQuorum([.. Voters.Select(v => v.Id)]);
    }

    public ImmutableArray<Member> Voters { get; }

    /// <summary>What a majority of this configuration is, for votes, commits and reads.</summary>
    public MajorityQuorum Quorum { get; }

    /// <summary>Everybody who is sent entries.</summary>
    public ImmutableArray<Member> Members => Voters;

    public int Size => Voters.Sum(v => v.Id.Value.Length + v.Address.Length + 8);

    public bool IsVoter(NodeId node) => Quorum.Contains(node);

    public Member? Find(NodeId node) => Voters.FirstOrDefault(v => v.Id == node);

    public bool Equals(Configuration? other) => other is not null && Voters.SequenceEqual(other.Voters);

    public override bool Equals(object? obj) => Equals(obj as Configuration);

    public override int GetHashCode() => Voters.Aggregate(Voters.Length, (hash, voter) => HashCode.Combine(hash, voter));

    /// <summary>A number that tells different configurations apart: CRC-32 of their text, never 0.</summary>
    public uint Mark => Math.Max(1, Crc32.HashToUInt32(Encoding.UTF8.GetBytes(ToString())));

    public override string ToString() => string.Join(",", Voters);
}
