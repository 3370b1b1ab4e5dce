namespace AkkaRaft.Consensus;

/// <summary>
/// Who is who: a voter is its name and its storage. A leader writes into the configuration which storage each member has, as soon as it has met the member; from then
/// on a node with that name and another storage is a stranger: its disk was wiped, or its name is used twice, and what it acknowledged is not there (B71).
/// </summary>
internal static class Identities
{
    /// <summary>
    /// A message of a founder has come, and with it the name of its storage. Only while the first configuration is in force, in which nobody's is named yet: of whoever was
    /// added later, an old message of another storage might come first (B93).
    /// </summary>
    public static void OnMet(NodeState node, Met met)
    {
        if (IsFounding(node) && node.Configuration.Find(met.Node) is { Storage: null }) node.MetFounders.TryAdd(met.Node, met.Storage);
    }

    /// <summary>
    /// Whether a founder speaks with another storage than it was met with: what that one may have acknowledged, a leader that this node has not heard yet may have committed. It neither votes
    /// nor is elected by this node (B71).
    /// </summary>
    public static bool IsOfAnother(NodeState node, RaftMessage message) =>
        message.FromStorage is { } storage && IsFounding(node) && node.MetFounders.TryGetValue(message.From, out var met) && met != storage;

    /// <summary>Whether the configuration that the cluster was founded or restored with is in force: the first leader names its own storage at least.</summary>
    public static bool IsFounding(NodeState node) => !node.Configuration.Members.IsEmpty && node.Configuration.Members.All(member => member.Storage is null);

    /// <summary>A member has answered a round that began when it was one already: whoever had its name before never saw that round (B93).</summary>
    public static void OnAnswer(LeaderState leader, AppendEntriesReply reply)
    {
        if (reply.FromStorage is { } storage) leader.MetStorages[reply.From] = storage;
    }

    /// <summary>Whether another storage of that name was met already, which the log is about to name: what this one stores, that one does not (B71).</summary>
    public static bool IsOfAnother(LeaderState leader, RaftMessage reply) =>
        reply.FromStorage is { } storage && leader.MetStorages.TryGetValue(reply.From, out var met) && met != storage;

    /// <summary>Whether a member's storage is known here and not yet in the configuration.</summary>
    public static bool HasNews(NodeState node) =>
        node.Configuration.Members.Any(member => member.Storage is null && StorageOf(node, member.Id) is not null);

    /// <summary>Whether the log names the member's storage, where nodes have any.</summary>
    public static bool IsKnown(NodeState node, Member member) => node.Storage is null || member.Storage is not null;

    /// <summary>The configuration with all storages that are known here.</summary>
    public static Configuration Bind(NodeState node, Configuration configuration) =>
        configuration.With(member => member.Storage is null ? member with { Storage = StorageOf(node, member.Id) } : member);

    /// <summary>
    /// The first entries of a leadership: the no-op, and in the same write the storages of all members that it has met, if the log does not name them. No quorum
    /// changes by that, so it need not wait for the no-op; the founders of a cluster are so bound before anything is committed.
    /// </summary>
    public static IReadOnlyList<LogEntry> FirstEntries(NodeState node, NoOpEntry noOp)
    {
        if (node.Configurations.EffectiveIndex > node.CommitIndex || !HasNews(node)) return [noOp];
        return [noOp, new ConfigurationEntry(new EntryId(noOp.Index.Next, noOp.Term), noOp.Time, Bind(node, node.Configuration))];
    }

    /// <summary>
    /// A voter without any log may be one that lost it. A founder votes for another that has none either, as when a cluster begins, and everybody for one whose log names
    /// this very storage; whoever has a log and does not know it may lack what the lost one acknowledged (B71). Who waits to be added founds nothing.
    /// </summary>
    public static bool MayVote(NodeState node, VoteRequest request) =>
        node.Storage is null || node.Log.Last != EntryId.Zero || request.VoterStorage == node.Storage
        || (request.LastEntry == EntryId.Zero && !node.Configuration.Members.IsEmpty);

    static StorageId? StorageOf(NodeState node, NodeId member)
    {
        if (member == node.Self) return node.Storage;
        if (node.Leadership is { } leader && leader.MetStorages.TryGetValue(member, out var storage)) return storage;
        return IsFounding(node) && node.MetFounders.TryGetValue(member, out var founder) ? founder : null;
    }
}
