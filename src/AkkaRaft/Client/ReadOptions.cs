using AkkaRaft.Consensus;
using AkkaRaft.Protocol;

namespace AkkaRaft;

/// <summary>What a query wants to be true of its answer, and which node is to give it. Every answer says which index it reflects.</summary>
public sealed record ReadOptions
{
    /// <summary>Linearizable, at the leader.</summary>
    public static readonly ReadOptions Default = new();

    /// <summary>How current the answer must be. Default <see cref="ReadConsistency.Linearizable"/>.</summary>
    public ReadConsistency Consistency { get; init; }

    /// <summary>
    /// Which node answers. Default (null): the leader; for <see cref="ReadConsistency.Local"/> this process's own node when a <see cref="RaftGroup"/> is asked, and
    /// any node when a <see cref="RaftClient"/> is.
    /// </summary>
    public ReadFrom? From { get; init; }

    /// <summary>
    /// With <see cref="ReadConsistency.Local"/>: the node answers only when it has applied the log up to here. The index of one's last write makes one's own writes
    /// visible, the index of the last answer makes reads never go back, also from one node to another. Default 0: whatever the node has.
    /// </summary>
    public LogIndex MinIndex { get; init; }

    /// <summary>
    /// With <see cref="ReadConsistency.Local"/>: the node answers only if it heard, not longer ago than this, a leader whose commit index it has applied. More than 0,
    /// up to 1 day; shorter than <c>heartbeat-interval</c> and the network's delay is seldom met. Null, the default: any age. It is no bound by true time: the time that the
    /// leader's message was under way is not in it, nor that a leader which was cut off goes on for up to <c>election-timeout-max</c> before it notices.
    /// </summary>
    public TimeSpan? MaxStaleness { get; init; }

    /// <summary>
    /// With <see cref="ReadConsistency.Local"/>: how long the node may wait until <see cref="MinIndex"/> and <see cref="MaxStaleness"/> are met; then the query fails
    /// with <see cref="TooStaleException"/>. 0 up to 1 day. Null, the default: what the operation's time-out leaves when the answer has a quarter of it to come back, half a
    /// second at least, but never more than half of it. It is never longer than that.
    /// </summary>
    public TimeSpan? MaxWait { get; init; }

    static readonly TimeSpan s_timeToConnect = TimeSpan.FromMilliseconds(500);

    internal ReadFrom FromOrDefault => From ?? (Consistency == ReadConsistency.Local ? ReadFrom.AnyNode : ReadFrom.Leader);

    /// <summary>Refuses what makes no sense.</summary>
    /// <exception cref="ArgumentException">What, and why.</exception>
    internal void Check()
    {
        const string Nothing = "Nothing was asked.";
        if (!Enum.IsDefined(Consistency)) throw new ArgumentOutOfRangeException(nameof(Consistency), Consistency, $"There is no such consistency. {Nothing}");
        if (Consistency != ReadConsistency.Local && (MinIndex != LogIndex.Zero || MaxStaleness is not null || MaxWait is not null))
            throw new ArgumentException($"MinIndex, MaxStaleness and MaxWait are for {nameof(ReadConsistency.Local)} reads; a {Consistency} one is current by itself. {Nothing}");
        if (MinIndex < LogIndex.Zero) throw new ArgumentOutOfRangeException(nameof(MinIndex), MinIndex, $"An index is 0 or higher. {Nothing}");
        if (MaxStaleness is { } most && (most <= TimeSpan.Zero || most > QueryTerms.LongestTime))
            throw new ArgumentOutOfRangeException(nameof(MaxStaleness), most, $"It lies above 0, up to 1 day. {Nothing}");
        if (MaxWait is { } wait && (wait < TimeSpan.Zero || wait > QueryTerms.LongestTime))
            throw new ArgumentOutOfRangeException(nameof(MaxWait), wait, $"It is 0 up to 1 day. {Nothing}");
        if (FromOrDefault == ReadFrom.LocalNode)
            throw new ArgumentException($"A RaftClient has no node of its own: ask the RaftGroup, or name a node. {Nothing}");
    }

    internal QueryTerms ToTerms(TimeSpan timeout) => new(Consistency)
    {
        AnyNode = FromOrDefault != ReadFrom.Leader,
        MinIndex = MinIndex,
        MaxStaleness = MaxStaleness,
        MaxWait = Consistency == ReadConsistency.Local ? WaitWithin(timeout, MaxWait) : TimeSpan.Zero,
    };

    /// <summary>How long a node may wait: its own answer, that it is too stale, should come before the client gives up.</summary>
    internal static TimeSpan WaitWithin(TimeSpan timeout, TimeSpan? wish = null)
    {
        var most = timeout == Timeout.InfiniteTimeSpan || timeout > QueryTerms.LongestTime ? QueryTerms.LongestTime : timeout - TimeForTheAnswer(timeout);
        var wait = wish < most ? wish.Value : most;
        return wait <= TimeSpan.Zero ? TimeSpan.Zero : TimeSpan.FromTicks(wait.Ticks / TimeSpan.TicksPerMicrosecond * TimeSpan.TicksPerMicrosecond);
    }

    /// <summary>A quarter of it; of a short time-out more, because a process that has just started connects first.</summary>
    internal static TimeSpan TimeForTheAnswer(TimeSpan timeout)
    {
        var atLeast = s_timeToConnect < timeout / 2 ? s_timeToConnect : timeout / 2;
        return timeout / 4 > atLeast ? timeout / 4 : atLeast;
    }
}

/// <summary>Which node answers a query.</summary>
public sealed record ReadFrom
{
    /// <summary>Whoever leads.</summary>
    public static readonly ReadFrom Leader = new("leader", null);

    /// <summary>The node in this process: for <see cref="RaftGroup"/> only.</summary>
    public static readonly ReadFrom LocalNode = new("local node", null);

    /// <summary>The contact points in turn, until one answers.</summary>
    public static readonly ReadFrom AnyNode = new("any node", null);

    readonly string _kind;

    ReadFrom(string kind, NodeId? id) => (_kind, Id) = (kind, id);

    /// <summary>The node that was named; null if none was.</summary>
    public NodeId? Id { get; }

    /// <summary>This node and no other; a contact point, or the leader that the client has found.</summary>
    public static ReadFrom Node(NodeId id) => new("node", id);

    /// <summary>For people.</summary>
    public override string ToString() => Id is { } id ? $"{_kind} {id}" : _kind;
}
