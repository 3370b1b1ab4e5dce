using AkkaRaft.Consensus;
using AkkaRaft.Journals;
using AkkaRaft.Protocol;
using Shouldly;

namespace AkkaRaft.Tests.Serialization;

/// <summary>One message of each kind with a value in every field, and how to compare two.</summary>
internal static class Messages
{
    public static readonly StorageId Storage = new("00112233445566778899aabbccddeeff");

    public static readonly PeerHeader Header = new(
        ClusterId.Parse("orders"), GroupId.Parse("default"), NodeId.Parse("2"), NodeId.Parse("1"), Storage, "127.0.0.1:4051", 0x0123456789abcdef, 0x89abcdef);

    public static readonly DateTimeOffset Time = new(2026, 11, 23, 8, 30, 0, 125, TimeSpan.Zero);

    public static readonly Configuration Voters = new([
        new Member(NodeId.Parse("1"), "127.0.0.1:4051"), new Member(NodeId.Parse("2"), "127.0.0.1:4052"), new Member(NodeId.Parse("3"), "[::1]:4053")]);

    /// <summary>A configuration with everything in it: joint, with members that come, go, learn and are to be promoted.</summary>
    public static readonly Configuration Joint = new(
        [new Member(NodeId.Parse("1"), "127.0.0.1:4051") { Storage = Storage }, new Member(NodeId.Parse("4"), "127.0.0.1:4054")],
        [new Member(NodeId.Parse("2"), "127.0.0.1:4052"), new Member(NodeId.Parse("5"), "127.0.0.1:4055") { PromoteWhenCaughtUp = true }],
        [new Member(NodeId.Parse("3"), "[::1]:4053") { Storage = new StorageId("ffeeddccbbaa99887766554433221100") }],
        [NodeId.Parse("1"), NodeId.Parse("2"), NodeId.Parse("3")]) { StaysJoint = true };

    /// <summary>What a recovery leaves.</summary>
    public static readonly Configuration Recovered = new(Joint.Voters, Joint.Learners) { RecoveryMark = 0xfedcba9876543210 };

    public static readonly PeerHeader KnownHeader = Header with { ToStorage = Storage, Configuration = new LogIndex(57) };

    public static readonly Payload Command = new(7462, "Shop.Order, Shop", new byte[] { 1, 2, 3, 4, 5 });

    public static readonly StoredSnapshot Snapshot = new(new SnapshotMark(Id(9, 6), Voters), 1000, 0x0123456789abcdef);

    public static readonly RaftStatus FullStatus = new(
        Header.From, RaftRole.InstallingSnapshot, new Term(7), NodeId.Parse("3"), Id(9, 6), new LogIndex(8), new LogIndex(7), new LogIndex(5))
    {
        Cluster = Header.Cluster,
        Group = Header.Group,
        Address = "127.0.0.1:4051",
        StartedAt = Time,
        Uptime = Micros(3_600_000_001),
        BaseIndex = new LogIndex(3),
        LeaderHeardAgo = Micros(51),
        Peers =
        [
            new RaftPeerStatus(NodeId.Parse("2"), "127.0.0.1:4052")
            {
                HeardAgo = Micros(12_345), State = RaftPeerState.Replicate, Match = new LogIndex(7), Next = new LogIndex(9), Lag = 2, InflightAppends = 1, InflightBytes = 300,
            },
            new RaftPeerStatus(NodeId.Parse("3"), "[::1]:4053")
            {
                State = RaftPeerState.Snapshot, Next = new LogIndex(1), Lag = 9, Transfer = new RaftSnapshotTransfer(NodeId.Parse("3"), Id(3, 2), 600, 400, 1000),
            },
        ],
        Snapshot = new RaftSnapshotStatus
        {
            Last = Id(3, 2), Bytes = 1000, Taking = Id(6, 6), Receiving = new RaftSnapshotTransfer(NodeId.Parse("2"), Id(20, 7), 64, 32, 128), IsRestoring = true,
        },
        Pending = new RaftPendingStatus { Proposals = 2, ProposalBytes = 300, Reads = 5, Unapplied = 4 },
        Journal = new RaftJournalStatus { Writes = 77, Mean = Micros(1_200), Max = Micros(30_500), WritingFor = Micros(900), Failures = 1 },
        Dropped = [new RaftDroppedMessages("of another cluster", 3), new RaftDroppedMessages("unreadable \"AE\"", 1)],
    };

    public static readonly LeaderHint Hint = new(new Term(7), NodeId.Parse("1"), "127.0.0.1:4051");

    public static IReadOnlyList<LogEntry> Entries =>
    [
        new NoOpEntry(Id(6, 3), Time),
        new CommandEntry(Id(7, 3), Time, Command),
        new ConfigurationEntry(Id(8, 4), Time.AddMilliseconds(1), Voters),
    ];

    public static readonly SessionLimits Limits = new(TimeSpan.FromMinutes(10), 10_000, 4096, 256 * 1024);

    public static IReadOnlyList<LogEntry> SessionEntries =>
    [
        new OpenSessionEntry(Id(6, 3), Time, Limits),
        new CommandEntry(Id(7, 3), Time, Command) { Stamp = new SessionStamp(new LogIndex(6), 300, 250) },
        new KeepSessionEntry(Id(8, 4), Time, new LogIndex(6), 301, Closes: false),
        new KeepSessionEntry(Id(9, 4), Time, new LogIndex(6), 1, Closes: true),
    ];

    public static IReadOnlyDictionary<string, IRaftWireMessage> Wire { get; } = new SortedDictionary<string, IRaftWireMessage>(StringComparer.Ordinal)
    {
        ["vote-request"] = Peer(new VoteRequest(Header.From, new Term(7), ElectionKind.PreVote, 3, Id(5, 2))),
        ["vote-request-transfer"] = Peer(new VoteRequest(Header.From, new Term(7), ElectionKind.Vote, 3, Id(5, 2)) { IsTransfer = true }),
        ["append-entries-reply-priority"] =
            Peer(AppendEntriesReply.Accepted(Header.From, new Term(7), 41, new LogIndex(6), new LogIndex(8)) with { Priority = 10 }),
        ["timeout-now"] = Peer(new TimeoutNow(Header.From, new Term(7), Id(9, 7))),
        ["transfer-request"] = new TransferRequest(Header.Cluster, Header.Group, 5, NodeId.Parse("3")),
        ["transfer-request-any"] = new TransferRequest(Header.Cluster, Header.Group, 6, null),
        ["transfer-reply"] = new TransferReply(Header.From, Hint, 5, TransferOutcome.TimedOut, "node 3 lacks 7 entries"),
        ["client-reply-batch-overloaded"] = new ClientReplyBatch(Header.From, Hint, [
            new ClientReply(4, ClientOutcome.Overloaded, LogIndex.Zero, null, "Too many wait.") { RetryAfter = TimeSpan.FromMilliseconds(250) },
        ]),
        ["vote-reply"] = Peer(new VoteReply(Header.From, new Term(7), ElectionKind.Vote, 3, VoteRefusal.LogBehind)),
        ["vote-request-known"] = new PeerMessage(KnownHeader, new VoteRequest(Header.From, new Term(7), ElectionKind.Vote, 3, Id(5, 2)) { VoterStorage = Storage }),
        ["vote-reply-removed"] = Peer(new VoteReply(Header.From, new Term(7), ElectionKind.PreVote, 3, VoteRefusal.NotAdmitted) { CandidateIsRemoved = true }),
        ["append-entries-joint"] = Peer(new AppendEntries(Header.From, new Term(7), 41, Id(5, 2), [new ConfigurationEntry(Id(6, 3), Time, Joint)], new LogIndex(4))),
        ["append-entries-recovered"] = new PeerMessage(KnownHeader with { RecoveryMark = Recovered.RecoveryMark },
            new AppendEntries(Header.From, new Term(7), 41, Id(5, 2), [new ConfigurationEntry(Id(6, 3), Time, Recovered)], new LogIndex(4))),
        ["identity-refused"] = new IdentityRefused(KnownHeader, new StorageId("ffeeddccbbaa99887766554433221100"), new LogIndex(57)),
        ["membership-request"] = new MembershipRequest(Header.Cluster, Header.Group, 5, Joint.Voters, Joint.Learners, new LogIndex(57)) { Joint = JointUse.AlwaysAndStay, Force = true },
        ["membership-reply"] = new MembershipReply(Header.From, Hint, 5, MembershipOutcome.Conflict, new LogIndex(58), "the configuration in force is that of index 58"),
        ["status-reply-joint"] = new StatusReply(FullStatus with { Configuration = RaftConfiguration.Of(new LogIndex(57), Joint, new LogIndex(60)), IsRemoved = true }),
        ["status-reply-recovered"] = new StatusReply(FullStatus with { Configuration = RaftConfiguration.Of(new LogIndex(57), Recovered, new LogIndex(60)) }),
        ["backup-request"] = new BackupRequest(Header.Cluster, Header.Group, 5),
        ["backup-reply-ready"] = new BackupReply(Header.From, 5, BackupOutcome.Ready, "") { Snapshot = Snapshot, LastTime = Time, PieceBytes = 65_536 },
        ["backup-reply-not-now"] = new BackupReply(Header.From, 5, BackupOutcome.NotNow, "node 1 is recovering"),
        ["backup-piece-request"] = new BackupPieceRequest(Header.Cluster, Header.Group, 6, SnapshotName.Of(Snapshot), 600, 300),
        ["backup-piece"] = new BackupPiece(Header.From, 6, false, 600, new byte[] { 1, 2, 3, 4, 5 }),
        ["backup-piece-gone"] = new BackupPiece(Header.From, 7, true, 600, default),
        ["vote-reply-granted"] = Peer(new VoteReply(Header.From, new Term(7), ElectionKind.Vote, 3, VoteRefusal.None)),
        ["append-entries"] = Peer(new AppendEntries(Header.From, new Term(7), 41, Id(5, 2), Entries, new LogIndex(4))),
        ["append-entries-session"] = Peer(new AppendEntries(Header.From, new Term(7), 41, Id(5, 2), SessionEntries, new LogIndex(4))),
        ["append-entries-heartbeat"] = Peer(new AppendEntries(Header.From, new Term(1), 0, EntryId.Zero, [], LogIndex.Zero)),
        ["append-entries-reply-accepted"] = Peer(AppendEntriesReply.Accepted(Header.From, new Term(7), 41, new LogIndex(6), new LogIndex(8))),
        ["append-entries-reply-conflict"] = Peer(AppendEntriesReply.Conflict(Header.From, new Term(7), 41, Id(5, 3), Id(4, 2))),
        ["append-entries-reply-stale-term"] = Peer(AppendEntriesReply.StaleTerm(Header.From, new Term(8))),
        ["install-snapshot"] = Peer(new InstallSnapshot(Header.From, new Term(7), new TransferId(new Term(7), 3), Snapshot, 4, new byte[] { 1, 2, 3 })),
        ["install-snapshot-question"] = Peer(new InstallSnapshot(Header.From, new Term(7), new TransferId(new Term(7), 3), Snapshot, 1000, default)),
        ["install-snapshot-reply-receiving"] =
            Peer(new InstallSnapshotReply(Header.From, new Term(7), new TransferId(new Term(7), 3), InstallOutcome.Receiving, 7, LogIndex.Zero)),
        ["install-snapshot-reply-installed"] =
            Peer(new InstallSnapshotReply(Header.From, new Term(7), new TransferId(new Term(7), 3), InstallOutcome.Installed, 0, new LogIndex(9))),
        ["install-snapshot-reply-stale-term"] =
            Peer(new InstallSnapshotReply(Header.From, new Term(8), new TransferId(new Term(7), 3), InstallOutcome.StaleTerm, 0, LogIndex.Zero)),
        ["greeting"] = new Greeting(Header, IsReply: true),
        ["propose-batch"] = new ProposeBatch(Header.Cluster, Header.Group, [new ClientRequest(1, Command), new ClientRequest(2, Command)]),
        ["propose-batch-in-session"] = new ProposeBatch(Header.Cluster, Header.Group, [new ClientRequest(1, Command) { Sequence = 300 }])
        {
            Session = new BatchSession(new LogIndex(6), 250), Call = new SessionCall(2, SessionAct.Keep),
        },
        ["propose-batch-open-session"] = new ProposeBatch(Header.Cluster, Header.Group, []) { Call = new SessionCall(1, SessionAct.Open) },
        ["propose-batch-close-session"] = new ProposeBatch(Header.Cluster, Header.Group, [])
        {
            Session = new BatchSession(new LogIndex(6), 1), Call = new SessionCall(0, SessionAct.Close),
        },
        ["query-batch"] = new QueryBatch(Header.Cluster, Header.Group, [new ClientRequest(3, Command)]),
        ["client-reply-batch"] = new ClientReplyBatch(Header.From, Hint, [
            new ClientReply(1, ClientOutcome.Ok, new LogIndex(7), Command, null),
            new ClientReply(2, ClientOutcome.Ok, new LogIndex(8), null, null),
            new ClientReply(3, ClientOutcome.ResultUnavailable, new LogIndex(9), null, "The result has 2 MB."),
        ]),
        ["client-reply-batch-session"] = new ClientReplyBatch(Header.From, Hint, [
            new ClientReply(1, ClientOutcome.Ok, new LogIndex(6), null, null) { Session = new SessionGrant(TimeSpan.FromMinutes(10), 4096) },
            new ClientReply(2, ClientOutcome.SessionExpired, new LogIndex(9), null, "The session is not known."),
        ]),
        ["client-reply-batch-no-leader"] = new ClientReplyBatch(Header.From, new LeaderHint(new Term(7), null, null), []),
        ["leader-request"] = new LeaderRequest(Header.Cluster, Header.Group),
        ["leader-reply"] = new LeaderReply(Header.From, Hint),
        ["leader-reply-members"] = new LeaderReply(Header.From, new LeaderHint(new Term(7), null, null)) { Members = [new RaftMember(NodeId.Parse("2"), "127.0.0.1:4052")] },
        ["leader-reply-gone"] = new LeaderReply(Header.From, new LeaderHint(Term.Zero, null, null), "Node 1 has stopped."),
        ["status-request"] = new StatusRequest(Header.Cluster, Header.Group),
        ["status-reply"] = new StatusReply(new RaftStatus(
            Header.From, RaftRole.PreCandidate, new Term(7), NodeId.Parse("3"), Id(9, 6), new LogIndex(8), new LogIndex(7), new LogIndex(5))),
        ["status-reply-full"] = new StatusReply(FullStatus),
        ["explain-request"] = new ExplainRequest(Header.Cluster, Header.Group),
        ["explain-reply-leader"] = new ExplainReply(new RaftExplanation(FullStatus)
        {
            Voters = [NodeId.Parse("1"), NodeId.Parse("2"), NodeId.Parse("3")],
            Outgoing = [NodeId.Parse("2")],
            Obstacle = RaftElectionObstacle.Leads,
            LastCampaign = new RaftCampaign(false, new Term(7), Micros(9_000_000), [
                new RaftVoterAnswer(NodeId.Parse("2"), RaftVoteAnswer.Granted, new Term(7), Micros(8_990_000)),
                new RaftVoterAnswer(NodeId.Parse("3"), RaftVoteAnswer.NoAnswer, Term.Zero, null)]),
            Commit = new RaftCommitEvidence(new LogIndex(6), [
                new RaftVoterLog(NodeId.Parse("1"), new LogIndex(8)), new RaftVoterLog(NodeId.Parse("2"), new LogIndex(7))], Id(7, 6), Micros(12_000))
            {
                FirstUncommitted = Id(8, 6), WaitingFor = Micros(700_000), CommitRoseAgo = Micros(701_000),
            },
            ElectionTimeoutMin = Micros(600_000),
            ElectionTimeoutMax = Micros(1_200_000),
        }),
        ["explain-reply-gone"] = new ExplainReply(new RaftExplanation(
            new RaftStatus(Header.From, RaftRole.Stopping, Term.Zero, null, EntryId.Zero, LogIndex.Zero, LogIndex.Zero, LogIndex.Zero)) { WhyStopped = "Node 1 has stopped." }),
        ["query-batch-lease"] = new QueryBatch(Header.Cluster, Header.Group, [new ClientRequest(3, Command)])
        {
            Terms = new QueryTerms(ReadConsistency.Lease) { AnyNode = true },
        },
        ["query-batch-local"] = new QueryBatch(Header.Cluster, Header.Group, [new ClientRequest(3, Command)])
        {
            Terms = new QueryTerms(ReadConsistency.Local)
            {
                AnyNode = true, MinIndex = new LogIndex(9), MaxStaleness = TimeSpan.FromMilliseconds(250), MaxWait = TimeSpan.FromSeconds(3),
            },
        },
        ["client-reply-batch-too-stale"] = new ClientReplyBatch(Header.From, Hint, [new ClientReply(3, ClientOutcome.TooStale, new LogIndex(5), null, "It is too old.")]),
        ["read-index-request"] = Peer(new ReadIndexRequest(Header.From, new Term(7), 12, ByLease: true)),
        ["read-index-reply"] = Peer(new ReadIndexReply(Header.From, new Term(7), 12, new LogIndex(9))),
        ["unreadable"] = new UnreadableMessage("AE", "it has no header"),
    };

    public static IReadOnlyDictionary<string, JournalEvent> Journal { get; } = new SortedDictionary<string, JournalEvent>(StringComparer.Ordinal)
    {
        ["identity-recorded"] = new IdentityRecorded(new NodeIdentity(Header.Cluster, Header.Group, Header.From, Storage, Voters)),
        ["term-changed"] = new TermChanged(new Term(7), null),
        ["term-changed-vote"] = new TermChanged(new Term(7), NodeId.Parse("3")),
        ["log-started"] = new LogStarted(Storage),
        ["log-compacted"] = new LogCompacted(Storage, Id(9, 6)),
        ["log-restarted"] = new LogRestarted(Id(9, 6)),
        ["snapshot-directory"] = new SnapshotDirectory(1048577, [new SnapshotSlot(4, new StoredSnapshot(new SnapshotMark(Id(9, 6), Voters), 700, 0x0123456789abcdef), 3, 256)])
        {
            Open = [5, 7],
            LastSlot = 7,
        },
        ["snapshot-chunk"] = SnapshotChunk.Of(3, new byte[] { 1, 2, 3 }),
        ["entries-appended"] = new EntriesAppended(Id(5, 2), Entries),
        ["entries-appended-session"] = new EntriesAppended(Id(5, 2), SessionEntries),
    };

    public static EntryId Id(long index, long term) => new(new LogIndex(index), new Term(term));

    public static TimeSpan Micros(long micros) => new(micros * TimeSpan.TicksPerMicrosecond);

    public static PeerMessage Peer(RaftMessage message) => new(Header, message);

    /// <summary>Records compare lists by reference; here the lists are compared by their elements, payloads with their checksums.</summary>
    public static void ShouldBeTheSameAs(this object read, object written)
    {
        switch (read, written)
        {
            case (PeerMessage { Message: AppendEntries a } x, PeerMessage { Message: AppendEntries b } y):
                x.Header.ShouldBe(y.Header);
                (a with { Entries = b.Entries }).ShouldBe(b);
                a.Entries.ShouldBe(b.Entries);
                ChecksumsOf(a.Entries).ShouldBe(ChecksumsOf(b.Entries));
                break;
            case (EntriesAppended a, EntriesAppended b):
                a.Previous.ShouldBe(b.Previous);
                a.Entries.ShouldBe(b.Entries);
                ChecksumsOf(a.Entries).ShouldBe(ChecksumsOf(b.Entries));
                break;
            case (SnapshotChunk a, SnapshotChunk b):
                (a with { Bytes = b.Bytes }).ShouldBe(b);
                a.Bytes.ToArray().ShouldBe(b.Bytes.ToArray());
                break;
            case (SnapshotDirectory a, SnapshotDirectory b):
                (a with { Slots = b.Slots, Open = b.Open }).ShouldBe(b);
                a.Slots.ShouldBe(b.Slots);
                a.Open.ShouldBe(b.Open);
                break;
            case (ProposeBatch a, ProposeBatch b):
                (a with { Requests = b.Requests }).ShouldBe(b);
                a.Requests.ShouldBe(b.Requests);
                break;
            case (QueryBatch a, QueryBatch b):
                (a with { Requests = b.Requests }).ShouldBe(b);
                a.Requests.ShouldBe(b.Requests);
                break;
            case (ClientReplyBatch a, ClientReplyBatch b):
                (a with { Replies = b.Replies }).ShouldBe(b);
                a.Replies.ShouldBe(b.Replies);
                break;
            case (LeaderReply a, LeaderReply b):
                a.Members.ShouldBe(b.Members);
                (a with { Members = b.Members }).ShouldBe(b);
                break;
            case (MembershipRequest a, MembershipRequest b):
                a.Voters.ShouldBe(b.Voters);
                a.Learners.ShouldBe(b.Learners);
                (a with { Voters = b.Voters, Learners = b.Learners }).ShouldBe(b);
                break;
            case (StatusReply a, StatusReply b):
                a.Status.ShouldBeTheSame(b.Status);
                break;
            case (ExplainReply { Explanation: var a }, ExplainReply { Explanation: var b }):
                a.Status.ShouldBeTheSame(b.Status);
                a.Voters.ShouldBe(b.Voters);
                a.Outgoing.ShouldBe(b.Outgoing);
                a.LastCampaign?.Answers.ShouldBe(b.LastCampaign?.Answers);
                a.Commit?.Stored.ShouldBe(b.Commit?.Stored);
                (a with
                {
                    Status = b.Status,
                    Voters = b.Voters,
                    Outgoing = b.Outgoing,
                    LastCampaign = a.LastCampaign is null ? null : a.LastCampaign with { Answers = b.LastCampaign!.Answers },
                    Commit = a.Commit is null ? null : a.Commit with { Stored = b.Commit!.Stored },
                }).ShouldBe(b);
                break;
            default:
                read.ShouldBe(written);
                break;
        }
    }

    static void ShouldBeTheSame(this RaftStatus read, RaftStatus written)
    {
        read.Peers.ShouldBe(written.Peers);
        read.Dropped.ShouldBe(written.Dropped);
        (read with { Peers = written.Peers, Dropped = written.Dropped }).ShouldBe(written);
    }

    static IEnumerable<uint> ChecksumsOf(IReadOnlyList<LogEntry> entries) => entries.OfType<CommandEntry>().Select(e => e.Command.Checksum);
}
