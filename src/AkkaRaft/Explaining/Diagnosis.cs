using System.Globalization;
using AkkaRaft.Consensus;

namespace AkkaRaft;

/// <summary>Puts the evidence of all nodes together. Pure; each finding names what it follows from.</summary>
internal static class Diagnosis
{
    public static RaftDiagnosis Of(IEnumerable<RaftExplanation> answers, IEnumerable<RaftSilentNode> silent)
    {
        var evidence = new GroupEvidence([.. answers.OrderBy(answer => answer.Status.Node)], [.. silent.OrderBy(node => node.Node)]);
        var noLeader = LeaderDiagnosis.Of(evidence);
        return new RaftDiagnosis(noLeader, CommitDiagnosis.Of(evidence, noLeader), evidence.Answers, evidence.Silent);
    }

    public static string Names(IEnumerable<NodeId> nodes) => string.Join(", ", nodes.Order());

    /// <summary>As in "node 1" or "nodes 1, 3".</summary>
    public static string Nodes(IEnumerable<NodeId> nodes) => nodes.ToList() is var all && all.Count == 1 ? $"node {all[0]}" : $"nodes {Names(all)}";

    /// <summary>A duration for people: three digits and a unit.</summary>
    public static string In(TimeSpan time) => time switch
    {
        { TotalSeconds: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0} ms"),
        { TotalMinutes: < 2 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.0} s"),
        { TotalHours: < 2 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMinutes:0} min"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{time.TotalHours:0} h"),
    };
}

/// <summary>What all nodes said, and who said nothing.</summary>
internal sealed class GroupEvidence
{
    public GroupEvidence(IReadOnlyList<RaftExplanation> answers, IReadOnlyList<RaftSilentNode> silent)
    {
        Answers = answers;
        Silent = silent;
        // Who knows the latest log knows the configuration in force best; when nobody knows any, all who were asked count as voters.
        var best = answers.Where(answer => answer.Voters.Count > 0).OrderBy(answer => answer.Status.Term).ThenBy(answer => answer.Status.LastEntry.Index).LastOrDefault();
        Quorum = best?.Quorum ?? RaftExplanation.QuorumOf([.. answers.Select(answer => answer.Status.Node).Concat(silent.Select(node => node.Node)).Order()], []);
        Leader = answers.Where(answer => answer.Commit is not null).MaxBy(answer => answer.Status.Term);
    }

    public IReadOnlyList<RaftExplanation> Answers { get; }

    public IReadOnlyList<RaftSilentNode> Silent { get; }

    /// <summary>All of whom votes are needed, in a joint configuration those before and after it.</summary>
    public IReadOnlyList<NodeId> Voters => Quorum.Voters;

    public Quorum Quorum { get; }

    /// <summary>Who leads by its own word, in the latest term if there are several; null if nobody does.</summary>
    public RaftExplanation? Leader { get; }

    /// <summary>Voters that take part in the protocol.</summary>
    public IEnumerable<RaftExplanation> Active => Answers.Where(answer => Voters.Contains(answer.Status.Node) && TakesPart(answer));

    public bool IsSilent(NodeId node) => Silent.Any(silent => silent.Node == node);

    public RaftExplanation? Of(NodeId node) => Answers.FirstOrDefault(answer => answer.Status.Node == node);

    public static bool TakesPart(RaftExplanation answer) => answer.WhyStopped is null && answer.Status.Role is not (RaftRole.Recovering or RaftRole.Stopping);

    /// <summary>Who heard a node last, as evidence of its silence.</summary>
    public IEnumerable<RaftEvidence> SilenceOf(NodeId node)
    {
        var asked = Silent.FirstOrDefault(silent => silent.Node == node);
        var where = asked is null ? "" : $" at {asked.Address}";
        var heard = Answers.SelectMany(answer => answer.Status.Peers.Where(peer => peer.Node == node).Select(peer => (By: answer.Status.Node, peer.HeardAgo))).ToList();
        var last = heard.Where(other => other.HeardAgo is not null).OrderBy(other => other.HeardAgo).FirstOrDefault();
        yield return new RaftEvidence(node, last.HeardAgo is { } ago
            ? $"does not answer{where}; node {last.By} heard it last, {Diagnosis.In(ago)} ago"
            : $"does not answer{where}{(heard.Count > 0 ? $"; {Diagnosis.Nodes(heard.Select(other => other.By))} never heard it since starting" : "")}");
    }
}
