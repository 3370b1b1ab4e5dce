using AkkaRaft.Protocol;
using CsCheck;

namespace AkkaRaft.Tests.Serialization;

/// <summary>Any account of itself, and any evidence, that a node could write.</summary>
internal static class AccountGen
{
    static readonly Gen<NodeId> Node = Gen.Char["ab1-"].Array[1, 8].Select(c => new NodeId(new string(c)));
    static readonly Gen<long> Number = Gen.OneOf(Gen.Const(0L), Gen.Long[0, 300], Gen.Long[0, 1L << 50]);
    static readonly Gen<Term> Term = Number.Select(n => new Term(n));
    static readonly Gen<LogIndex> Index = Number.Select(n => new LogIndex(n));
    static readonly Gen<EntryId> Id = Gen.Select(Index, Term, (i, t) => new EntryId(i, t));
    static readonly Gen<TimeSpan> Duration = Gen.OneOf(Gen.Const(TimeSpan.Zero), Gen.Long[0, 1L << 50].Select(us => new TimeSpan(us * TimeSpan.TicksPerMicrosecond)));
    static readonly Gen<string> Address = Gen.Select(Node, Gen.Int[0, 65535], (h, p) => $"{h}:{p}");

    static readonly Gen<RaftSnapshotTransfer> Transfer =
        Gen.Select(Node, Id, Number, Number, Number, (n, i, moved, stored, total) => new RaftSnapshotTransfer(n, i, moved, stored, total));

    static readonly Gen<RaftPeerStatus> Peer = Gen.Select(Gen.Select(Node, Address), Maybe(Duration), Maybe(Gen.Enum<RaftPeerState>()), Gen.Select(Index, Index), Number,
        Gen.Select(Gen.Int[0, 100], Number), MaybeOne(Transfer), (who, heard, state, indexes, lag, inflight, transfer) => new RaftPeerStatus(who.Item1, who.Item2)
        {
            HeardAgo = heard, State = state, Match = indexes.Item1, Next = indexes.Item2, Lag = lag, InflightAppends = inflight.Item1, InflightBytes = inflight.Item2, Transfer = transfer,
        });

    static readonly Gen<RaftSnapshotStatus> Snapshot = Gen.Select(Maybe(Id), Number, Maybe(Id), MaybeOne(Transfer), Gen.Bool, (last, bytes, taking, receiving, restoring) =>
        new RaftSnapshotStatus { Last = last, Bytes = bytes, Taking = taking, Receiving = receiving, IsRestoring = restoring });

    static readonly Gen<RaftPendingStatus> Pending = Gen.Select(Number, Number, Number, Number, (p, b, r, u) =>
        new RaftPendingStatus { Proposals = p, ProposalBytes = b, Reads = r, Unapplied = u });

    static readonly Gen<RaftJournalStatus> Journal = Gen.Select(Number, Duration, Duration, Maybe(Duration), Gen.Int[0, 9], (w, mean, max, writing, failures) =>
        new RaftJournalStatus { Writes = w, Mean = mean, Max = max, WritingFor = writing, Failures = failures });

    static readonly Gen<RaftDroppedMessages> Dropped = Gen.Select(Gen.Char["abc \"ü"].Array[0, 20], Number, (r, n) => new RaftDroppedMessages(new string(r), n));

    static readonly Gen<RaftStatus> Basic = Gen.Select(Node, Gen.Enum<RaftRole>(), Term, Maybe(Node), Id, Index, Index, Index, (n, r, t, l, e, d, c, a) =>
        new RaftStatus(n, r, t, l, e, d, c, a));

    static readonly Gen<RaftStatus> More = Gen.Select(Basic, Maybe(Node), Gen.Select(Maybe(Duration), Maybe(Duration)), Index, Peer.Array[0, 3], Gen.Select(Snapshot, Pending, Journal),
        Dropped.Array[0, 3], (status, name, times, index, peers, parts, dropped) => status with
        {
            Cluster = name is { } c ? new ClusterId(c.Value) : null,
            Group = name is { } g ? new GroupId(g.Value) : null,
            Address = name is { } a ? $"{a}:1" : null,
            StartedAt = name is null ? null : DateTimeOffset.FromUnixTimeMilliseconds(index.Value % 100_000_000_000),
            Uptime = times.Item1,
            LeaderHeardAgo = times.Item2,
            BaseIndex = index,
            Peers = peers,
            Snapshot = parts.Item1,
            Pending = parts.Item2,
            Journal = parts.Item3,
            Dropped = dropped,
        });

    static readonly Gen<RaftStatus> Status = Gen.OneOf(Basic, More);

    static readonly Gen<RaftVoterAnswer> Answer = Gen.Select(Node, Gen.Enum<RaftVoteAnswer>(), Term, Maybe(Duration), (v, a, t, ago) => new RaftVoterAnswer(v, a, t, ago));

    static readonly Gen<RaftCampaign> Campaign = Gen.Select(Gen.Bool, Term, Duration, Answer.Array[0, 4], (r, t, ago, answers) => new RaftCampaign(r, t, ago, answers));

    static readonly Gen<RaftCommitEvidence> Commit = Gen.Select(Index, Gen.Select(Node, Index, (v, i) => new RaftVoterLog(v, i)).Array[0, 4], Id, Duration, Maybe(Id), Maybe(Duration),
        (noOp, stored, majority, heard, first, waiting) => new RaftCommitEvidence(noOp, stored, majority, heard) { FirstUncommitted = first, WaitingFor = waiting, CommitRoseAgo = waiting });

    static readonly Gen<RaftExplanation> Explanation = Gen.Select(Status, Node.Array[0, 3], Gen.Enum<RaftElectionObstacle>(), MaybeOne(Campaign), MaybeOne(Commit), Duration, Gen.Bool,
        (status, voters, obstacle, campaign, commit, timeout, stopped) => new RaftExplanation(status)
        {
            Voters = voters, Outgoing = [.. voters.Take(1)], Obstacle = obstacle, LastCampaign = campaign, Commit = commit, ElectionTimeoutMin = timeout, ElectionTimeoutMax = timeout,
            WhyStopped = stopped ? "it stopped" : null,
        });

    public static readonly Gen<IRaftWireMessage> Wire = Gen.OneOf(
        Status.Select(status => (IRaftWireMessage)new StatusReply(status)),
        Gen.Select(Node, Node, (c, g) => (IRaftWireMessage)new ExplainRequest(new ClusterId(c.Value), new GroupId(g.Value))),
        Explanation.Select(told => (IRaftWireMessage)new ExplainReply(told)));

    static Gen<T?> Maybe<T>(Gen<T> gen) where T : struct => Gen.Bool.SelectMany(has => has ? gen.Select(value => (T?)value) : Gen.Const((T?)null));

    static Gen<T?> MaybeOne<T>(Gen<T> gen) where T : class => Gen.Bool.SelectMany(has => has ? gen.Select(value => (T?)value) : Gen.Const((T?)null));
}
