using AkkaRaft.Consensus;
using AkkaRaft.Journals;
using AkkaRaft.Protocol;
using CsCheck;

namespace AkkaRaft.Tests.Serialization;

/// <summary>Any message and any journal event that a node could write.</summary>
internal static class MessageGen
{
    const long Max = (1L << 56) - 1_000;

    static readonly Gen<string> Name = Gen.Char["abcXYZ019-_."].Array[1, 64].Select(c => new string(c));
    static readonly Gen<NodeId> Node = Name.Select(NodeId.Parse);
    static readonly Gen<NodeId?> MaybeNode = Gen.Bool.SelectMany(has => has ? Node.Select(n => (NodeId?)n) : Gen.Const((NodeId?)null));
    static readonly Gen<long> Number = Gen.OneOf(Gen.Const(0L), Gen.Long[0, 300], Gen.Long[0, Max]);
    static readonly Gen<Term> Term = Number.Select(n => new Term(n));
    static readonly Gen<LogIndex> Index = Number.Select(n => new LogIndex(n));
    static readonly Gen<EntryId> Id = Gen.Select(Index, Term, (i, t) => new EntryId(i, t));
    static readonly Gen<long> Round = Gen.Long[0, long.MaxValue];
    static readonly Gen<StorageId> Storage = Gen.Char["0123456789abcdef"].Array[32].Select(c => new StorageId(new string(c)));
    static readonly Gen<string> Address = Gen.Select(Name, Gen.Int[0, 65535], (h, p) => $"{h}:{p}");
    static readonly Gen<string?> MaybeAddress = Gen.Bool.SelectMany(has => has ? Address.Select(a => (string?)a) : Gen.Const((string?)null));
    static readonly Gen<DateTimeOffset> Time = Gen.Long[-62135596800000, 253402300799999].Select(DateTimeOffset.FromUnixTimeMilliseconds);
    static readonly Gen<Payload> Payload =
        Gen.Select(Gen.Int, Gen.String[0, 40], Gen.Byte.Array[0, 200], (id, manifest, bytes) => new Payload(id, WellFormed(manifest), bytes));

    static readonly Gen<Payload?> MaybePayload = Gen.Bool.SelectMany(has => has ? Payload.Select(p => (Payload?)p) : Gen.Const((Payload?)null));

    static readonly Gen<Member> Member = Gen.Select(Name, Address, Storage, Gen.Int[0, 3], (n, a, s, k) =>
        new Member(NodeId.Parse(n), a) { Storage = k > 1 ? s : null, PromoteWhenCaughtUp = k % 2 == 1 });

    // Of each member by lot: whether it is a voter, learner or leaving, and whether it voted before.
    public static readonly Gen<Configuration> Configuration = Gen.Select(Gen.Select(Member, Gen.Int[0, 5]).Array[0, 7], Gen.Bool).Select((drawn, joint) =>
    {
        var members = drawn.DistinctBy(m => m.Item1.Id).ToList();
        var leaving = joint ? members.Where(m => m.Item2 == 4).ToList() : [];
        var learners = members.Where(m => m.Item2 is 2 or 3 && !leaving.Contains(m)).ToList();
        var voters = members.Except(leaving).Except(learners).Select(m => m.Item1);
        return new Configuration(voters, learners.Select(m => m.Item1), leaving.Select(m => m.Item1),
            joint ? members.Where(m => m.Item2 is 1 or 3 or 4).Select(m => m.Item1.Id) : []) { StaysJoint = joint, RecoveryMark = (ulong)voters.Count() % 3 };
    });

    static readonly Gen<LeaderHint> Hint = Gen.Select(Term, MaybeNode, MaybeAddress, (t, n, a) => new LeaderHint(t, n, a));

    static readonly Gen<PeerHeader> Header = Gen.Select(Name, Name, Node, Node, Storage, Address, Gen.ULong, (c, g, to, from, s, a, i) =>
        new PeerHeader(ClusterId.Parse(c), GroupId.Parse(g), to, from, s, a, i, (uint)(i >> 7))
        {
            ToStorage = i % 2 == 0 ? s : null, Configuration = new LogIndex((long)(i >> 9)), RecoveryMark = i % 3 == 0 ? i : 0,
        });

    static readonly Gen<(int k, long t, DateTimeOffset at, Payload p, Configuration c)> EntryParts =
        Gen.Select(Gen.Int[0, 5], Gen.Long[0, 3], Time, Payload, Configuration, (k, t, at, p, c) => (k, t, at, p, c));

    // Entries follow each other, and their terms never fall.
    static readonly Gen<(EntryId Previous, LogEntry[] Entries)> Entries =
        Gen.Select(Id, EntryParts.Array[0, 8], (previous, parts) =>
        {
            var at = previous;
            var entries = new LogEntry[parts.Length];
            for (var i = 0; i < parts.Length; i++)
            {
                var part = parts[i];
                at = new EntryId(at.Index.Next, new Term(Math.Max(1, at.Term.Value + part.t)));
                entries[i] = part.k switch
                {
                    0 => new NoOpEntry(at, part.at),
                    1 => new CommandEntry(at, part.at, part.p),
                    2 => new CommandEntry(at, part.at, part.p) { Stamp = new SessionStamp(new LogIndex(1 + part.t), 9 + part.t, 1 + part.p.Bytes.Length % 9) },
                    3 => new OpenSessionEntry(at, part.at, new SessionLimits(TimeSpan.FromMilliseconds(1 + part.t), 1 + part.p.Bytes.Length, 1 + (int)part.t, int.MaxValue)),
                    4 => new KeepSessionEntry(at, part.at, new LogIndex(1 + part.t), 1 + part.p.Bytes.Length, part.t == 0),
                    _ => new ConfigurationEntry(at, part.at, part.c),
                };
            }

            return (previous, entries);
        });

    static readonly Gen<ClientRequest[]> Requests = Gen.Select(Gen.Long, Payload, (id, p) => new ClientRequest(id, p)).Array[0, 5];

    static readonly Gen<ClientReply> Reply = Gen.Select(Gen.Long, Gen.Enum<ClientOutcome>(), Index, MaybePayload, Gen.String[0, 30], (id, o, i, v, e) =>
        new ClientReply(id, o, i, v, o == ClientOutcome.Ok ? null : WellFormed(e))
        {
            Session = o == ClientOutcome.Ok && v is null ? new SessionGrant(TimeSpan.FromMilliseconds(1 + (id & 0xffff)), 1 + (int)(id & 0xff)) : null,
            RetryAfter = o == ClientOutcome.Overloaded ? TimeSpan.FromMilliseconds(1 + (i.Value % 5000)) : null,
        });

    static readonly Gen<StoredSnapshot> Stored = Gen.Select(Id, Configuration, Gen.Long[1, 1L << 40], Gen.ULong, (last, c, length, checksum) =>
        new StoredSnapshot(new SnapshotMark(last, c), length, checksum));

    static readonly Gen<RaftMessage> Raft = Gen.OneOf(
        Gen.Select(Node, Term, Gen.Enum<ElectionKind>(), Round, Id, (n, t, k, r, i) => (RaftMessage)new VoteRequest(n, t, k, r, i)
        {
            IsTransfer = r % 2 == 1, VoterStorage = r % 3 == 0 ? Messages.Storage : null,
        }),
        Gen.Select(Node, Term, Id, (n, t, i) => (RaftMessage)new TimeoutNow(n, t, i)),
        Gen.Select(Node, Term, Gen.Enum<ElectionKind>(), Round, Gen.Enum<VoteRefusal>(), (n, t, k, r, v) => (RaftMessage)new VoteReply(n, t, k, r, v) { CandidateIsRemoved = r % 2 == 1 }),
        Gen.Select(Node, Gen.Long[0, 5], Round, Entries, Index, (n, above, r, e, c) =>
        {
            var last = e.Entries.Length > 0 ? e.Entries[^1].Id : e.Previous;
            return (RaftMessage)new AppendEntries(n, new Term(last.Term.Value + above), r, e.Previous, e.Entries, c);
        }),
        Gen.Select(Node, Term, Gen.Enum<AppendOutcome>(), Round, Index, Index, Id, Id, (n, t, o, r, m, v, x, h) =>
            (RaftMessage)new AppendEntriesReply(n, t, o, r, m, v, x, h) { Priority = (int)(r % 101) }),
        Gen.Select(Node, Term, Round, Stored, Gen.Byte.Array[0, 20], Gen.Double[0, 1], (n, t, number, s, bytes, where) => (RaftMessage)new InstallSnapshot(
            n, t, new TransferId(t, number), s with { Length = s.Length + bytes.Length }, (long)(where * s.Length), bytes)),
        Gen.Select(Node, Term, Term, Round, Gen.Enum<InstallOutcome>(), Round, Index, (n, t, of, number, o, next, m) =>
            (RaftMessage)new InstallSnapshotReply(n, t, new TransferId(of, number), o, next, m)),
        Gen.Select(Node, Term, Round, Gen.Bool, (n, t, r, lease) => (RaftMessage)new ReadIndexRequest(n, t, r, lease)),
        Gen.Select(Node, Term, Round, Index, (n, t, r, i) => (RaftMessage)new ReadIndexReply(n, t, r, i)));

    static readonly Gen<TimeSpan> Micros = Gen.Long[0, 86_400_000_000].Select(micros => TimeSpan.FromTicks(micros * TimeSpan.TicksPerMicrosecond));

    static readonly Gen<QueryTerms> Terms = Gen.Select(Gen.Enum<ReadConsistency>(), Gen.Bool, Index, Gen.Bool, Micros, Micros, (c, any, i, bound, age, wait) =>
        new QueryTerms(c) { AnyNode = any, MinIndex = i, MaxStaleness = bound && age > TimeSpan.Zero ? age : null, MaxWait = wait });

    public static readonly Gen<IRaftWireMessage> Wire = Gen.OneOf(
        Gen.Select(Header, Raft, (h, m) => (IRaftWireMessage)new PeerMessage(h with { From = m.From }, m)),
        Gen.Select(Header, Gen.Bool, (h, r) => (IRaftWireMessage)new Greeting(h, r)),
        Gen.Select(Name, Name, Requests, (c, g, r) => (IRaftWireMessage)new ProposeBatch(ClusterId.Parse(c), GroupId.Parse(g), r)),
        Gen.Select(Name, Name, Requests, Gen.Long[1, Max], Gen.Enum<SessionAct>(), (c, g, r, s, act) => (IRaftWireMessage)(act == SessionAct.Open
            ? new ProposeBatch(ClusterId.Parse(c), GroupId.Parse(g), r) { Call = new SessionCall(s, act) }
            : new ProposeBatch(ClusterId.Parse(c), GroupId.Parse(g), [.. r.Select((request, i) => request with { Sequence = s + i })])
            {
                Session = new BatchSession(new LogIndex(s), s), Call = r.Length > 2 ? null : new SessionCall(s, act),
            })),
        Gen.Select(Name, Name, Requests, (c, g, r) => (IRaftWireMessage)new QueryBatch(ClusterId.Parse(c), GroupId.Parse(g), r)),
        Gen.Select(Name, Name, Requests, Terms, (c, g, r, t) => (IRaftWireMessage)new QueryBatch(ClusterId.Parse(c), GroupId.Parse(g), r) { Terms = t }),
        Gen.Select(Node, Hint, Reply.Array[0, 5], (n, h, r) => (IRaftWireMessage)new ClientReplyBatch(n, h, r)),
        Gen.Select(Name, Name, (c, g) => (IRaftWireMessage)new LeaderRequest(ClusterId.Parse(c), GroupId.Parse(g))),
        Gen.Select(Name, Name, (c, g) => (IRaftWireMessage)new StatusRequest(ClusterId.Parse(c), GroupId.Parse(g))),
        Gen.Select(Name, Name, Gen.Long, MaybeNode, (c, g, r, n) => (IRaftWireMessage)new TransferRequest(ClusterId.Parse(c), GroupId.Parse(g), r, n)),
        Gen.Select(Node, Hint, Gen.Long, Gen.Enum<TransferOutcome>(), Gen.String[0, 30], (n, h, r, o, w) =>
            (IRaftWireMessage)new TransferReply(n, h, r, o, WellFormed(w))),
        Gen.Select(Header, Storage, Index, (h, s, i) => (IRaftWireMessage)new IdentityRefused(h, s, i)),
        Gen.Select(Name, Name, Gen.Long, Member.Array[0, 4], Member.Array[0, 4], Index, Gen.Enum<JointUse>(), (c, g, r, v, l, i, j) =>
            (IRaftWireMessage)new MembershipRequest(ClusterId.Parse(c), GroupId.Parse(g), r, v, l, i) { Joint = j, Force = r % 2 == 0 }),
        Gen.Select(Node, Hint, Gen.Long, Gen.Enum<MembershipOutcome>(), Index, Gen.String[0, 30], (n, h, r, o, i, w) =>
            (IRaftWireMessage)new MembershipReply(n, h, r, o, i, WellFormed(w))),
        Gen.Select(Name, Name, Gen.Long, (c, g, r) => (IRaftWireMessage)new BackupRequest(ClusterId.Parse(c), GroupId.Parse(g), r)),
        Gen.Select(Gen.Select(Node, Gen.Long, Gen.Enum<BackupOutcome>(), (n, r, o) => (n, r, o)), Stored, Gen.Bool, Time, Gen.Int[1, 1 << 20], Gen.String[0, 30], (q, s, timed, t, b, w) =>
            (IRaftWireMessage)(q.o == BackupOutcome.Ready
                ? new BackupReply(q.n, q.r, q.o, WellFormed(w)) { Snapshot = s, LastTime = timed ? t : null, PieceBytes = b }
                : new BackupReply(q.n, q.r, q.o, WellFormed(w)))),
        Gen.Select(Gen.Select(Name, Name, Gen.Long, (c, g, r) => (c, g, r)), Stored, Gen.Long[0, 1L << 40], Gen.Int[1, 1 << 20], (q, s, at, b) => (IRaftWireMessage)new BackupPieceRequest(
            ClusterId.Parse(q.c), GroupId.Parse(q.g), q.r, SnapshotName.Of(s) with { Length = at + b + 7 }, at, b)),
        Gen.Select(Node, Gen.Long, Gen.Bool, Gen.Long[0, 1L << 40], Gen.Byte.Array[0, 99], (n, r, gone, at, bytes) => (IRaftWireMessage)new BackupPiece(n, r, gone, at, bytes)),
        Gen.Select(Configuration, Index, Index, (c, i, committed) => (IRaftWireMessage)new StatusReply(Messages.FullStatus with
        {
            Configuration = RaftConfiguration.Of(i, c, committed), IsRemoved = i.Value % 2 == 1,
        })),
        Gen.Select(Node, Hint, Gen.Bool, Member.Array[0, 3], (n, h, gone, members) => (IRaftWireMessage)new LeaderReply(n, h, gone ? "gone" : null)
        {
            Members = [.. members.Select(member => new RaftMember(member.Id, member.Address))],
        }),
        AccountGen.Wire);

    public static readonly Gen<JournalEvent> Journal = Gen.OneOf(
        Gen.Select(Name, Name, Node, Storage, Configuration, (c, g, n, s, f) =>
            (JournalEvent)new IdentityRecorded(new NodeIdentity(ClusterId.Parse(c), GroupId.Parse(g), n, s, f))),
        Gen.Select(Term, MaybeNode, (t, v) => (JournalEvent)new TermChanged(t, v)),
        Storage.Select(s => (JournalEvent)new LogStarted(s)),
        Gen.Select(Storage, Id, (s, i) => (JournalEvent)new LogCompacted(s, i)),
        Id.Select(i => (JournalEvent)new LogRestarted(i)),
        Gen.Select(Gen.Int[1, 1000], Gen.Byte.Array, (n, b) => (JournalEvent)SnapshotChunk.Of(n, b)),
        Gen.Select(Gen.Long[0, 1L << 40], Gen.Select(Gen.Int[0, 99], Id, Configuration, Gen.Long[1, 1L << 40], Gen.Int[4096, 1 << 20], (n, i, c, l, r) =>
            new SnapshotSlot(n, new StoredSnapshot(new SnapshotMark(i, c), l, 77), (int)((l - 1) / r) + 1, r)).List[0, 3], Gen.Int[0, 99].List[0, 3], (v, s, o) =>
            (JournalEvent)new SnapshotDirectory(v, s) { Open = o, LastSlot = 99 }),
        Entries.Select(e => (JournalEvent)new EntriesAppended(e.Previous, e.Entries)));

    // Half of a surrogate pair has no UTF-8.
    static string WellFormed(string text) => new(text.Where(c => !char.IsSurrogate(c)).ToArray());
}
