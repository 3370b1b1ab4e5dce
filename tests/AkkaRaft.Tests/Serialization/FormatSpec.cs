using CsCheck;
using System.Runtime.Serialization;
using AkkaRaft.Consensus;
using AkkaRaft.Journals;
using AkkaRaft.Protocol;
using AkkaRaft.Serialization;
using Akka.Actor;
using Google.Protobuf;
using Shouldly;
using Xunit;
using Proto = AkkaRaft.Serialization.Proto;

namespace AkkaRaft.Tests.Serialization;

/// <summary>The wire's and the journals' formats: stable, checked, and unable to hurt a reader.</summary>
public sealed class FormatSpec : IDisposable
{
    readonly ExtendedActorSystem _system = TestSystems.Start();
    readonly RaftWireSerializer _wire;
    readonly RaftJournalSerializer _journal;

    public FormatSpec()
    {
        _wire = (RaftWireSerializer)_system.Serialization.FindSerializerForType(typeof(PeerMessage));
        _journal = (RaftJournalSerializer)_system.Serialization.FindSerializerForType(typeof(EntriesAppended));
    }

    public static TheoryData<string> WireNames => [.. Messages.Wire.Keys];

    public static TheoryData<string> JournalNames => [.. Messages.Journal.Keys];

    public void Dispose() => TestSystems.Stop(_system);

    [Theory, MemberData(nameof(WireNames))]
    public void Wire_message_keeps_its_bytes(string name)
    {
        var message = Messages.Wire[name];

        var (manifest, bytes) = GoldenFile.Check("wire-" + name, _wire.Manifest(message), _wire.ToBinary(message));

        _wire.FromBinary(bytes, manifest).ShouldBeTheSameAs(message);
    }

    [Theory, MemberData(nameof(JournalNames))]
    public void Journal_event_keeps_its_bytes(string name)
    {
        var written = Messages.Journal[name];

        var (manifest, bytes) = GoldenFile.Check("journal-" + name, _journal.Manifest(written), _journal.ToBinary(written));

        _journal.FromBinary(bytes, manifest).ShouldBeTheSameAs(written);
    }

    [Fact]
    public void Every_message_and_event_has_a_golden_file()
    {
        Type[] kinds = [typeof(IRaftWireMessage), typeof(RaftMessage), typeof(JournalEvent)];
        var all = typeof(PeerMessage).Assembly.GetTypes().Where(t => !t.IsAbstract && t != typeof(PeerMessage) && kinds.Any(k => k.IsAssignableFrom(t)));
        var wire = Messages.Wire.Values.Select(m => m is PeerMessage p ? p.Message.GetType() : m.GetType());
        var journal = Messages.Journal.Values.Select(e => e.GetType());

        all.Except(wire).Except(journal).ShouldBeEmpty();
        string[] others = ["payload-", "snapshot-", "backup-"];
        GoldenFile.Names.Where(n => !others.Any(other => n.StartsWith(other, StringComparison.Ordinal)))
            .ShouldBe(Messages.Wire.Keys.Select(k => "wire-" + k).Concat(Messages.Journal.Keys.Select(k => "journal-" + k)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Unreadable_message_survives_akkas_check_of_every_message()
    {
        var probe = _system.ActorOf(Props.Create(() => new Echo()));

        var answer = await probe.Ask<UnreadableMessage>(Messages.Wire["unreadable"], TimeSpan.FromSeconds(10));

        answer.ShouldBe(Messages.Wire["unreadable"]);
    }

    [Fact]
    public void Command_bytes_are_not_copied_on_the_way_in()
    {
        var written = Messages.Peer(new AppendEntries(Messages.Header.From, new Term(7), 1, EntryId.Zero,
            [new CommandEntry(Messages.Id(1, 1), Messages.Time, new Payload(7462, "T", new byte[1_000_000]))], LogIndex.Zero));
        var bytes = _wire.ToBinary(written);
        _wire.FromBinary(bytes, "AE");

        var before = GC.GetAllocatedBytesForCurrentThread();
        var read = (PeerMessage)_wire.FromBinary(bytes, "AE");

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(1_100_000);
        ((AppendEntries)read.Message).Entries[0].ShouldBeOfType<CommandEntry>().Command.Bytes.Length.ShouldBe(1_000_000);
    }

    /// <summary>Every limit in bytes counts by LogEntry.Size, so it must never be below what is really sent.</summary>
    [Fact]
    public void Entry_is_never_larger_than_its_size_says()
    {
        var id = Messages.Id((1L << 56) - 1, (1L << 56) - 1);
        var previous = Messages.Id((1L << 56) - 2, 1);
        var long64 = new string('x', 64);
        LogEntry[] entries =
        [
            new NoOpEntry(id, DateTimeOffset.MaxValue),
            new CommandEntry(id, DateTimeOffset.MinValue, new Payload(int.MinValue, "", ReadOnlyMemory<byte>.Empty)),
            new CommandEntry(id, DateTimeOffset.MaxValue, new Payload(int.MinValue, new string('é', 2000), new byte[3_000_000])),
            new CommandEntry(id, DateTimeOffset.MinValue, new Payload(int.MinValue, new string('é', 2000), new byte[3_000_000]))
            {
                Stamp = new SessionStamp(id.Index, (1L << 56) - 1, (1L << 56) - 1),
            },
            new OpenSessionEntry(id, DateTimeOffset.MaxValue, new SessionLimits(TimeSpan.FromDays(365), int.MaxValue, int.MaxValue, int.MaxValue)),
            new KeepSessionEntry(id, DateTimeOffset.MaxValue, id.Index, (1L << 56) - 1, Closes: true),
            new ConfigurationEntry(id, DateTimeOffset.MaxValue, new Configuration([
                new Member(NodeId.Parse(long64), new string('h', 256) + ":65535"), new Member(NodeId.Parse("b"), "h:1")])),
            new ConfigurationEntry(id, DateTimeOffset.MaxValue, new Configuration(
                [Largest("1")], [Largest("2") with { PromoteWhenCaughtUp = true }], [Largest("3")], [Largest("1").Id, Largest("3").Id]) { StaysJoint = true }),
        ];

        foreach (var entry in entries)
        {
            var with = new Proto.EntriesAppended { Entries = { Made(entry) } };
            with.CalculateSize().ShouldBeLessThanOrEqualTo(entry.Size);
        }
    }

    /// <summary>Objects that are filled again and again must leave nothing of one entry in the next, nor in another message.</summary>
    [Fact]
    public void Entries_are_written_byte_for_byte_as_the_generated_code_writes_them() => MessageGen.Journal.Sample(stored =>
    {
        if (stored is not EntriesAppended appended) return;
        var generated = new Proto.EntriesAppended
        {
            Version = 1, Previous = EntryFormat.Write(appended.Previous), Entries = { appended.Entries.Select(Made) },
        };

        _journal.ToBinary(appended).ShouldBe(generated.ToByteArray());
    });

    static Proto.Entry Made(LogEntry entry) => EntryFormat.Fill(new Proto.Entry(), new Proto.SessionCommand(), new Proto.Payload(), entry);

    static Member Largest(string name) =>
        new(NodeId.Parse(name + new string('x', 63)), new string('h', 256) + ":65535") { Storage = Messages.Storage };

    [Fact]
    public void What_could_not_be_read_again_is_not_written()
    {
        Should.Throw<SerializationException>(() => _journal.ToBinary(new TermChanged(new Term(-1), null)));
        Should.Throw<SerializationException>(() => _journal.ToBinary(new LogStarted(new StorageId("x"))));
        Should.Throw<SerializationException>(() => _journal.ToBinary(new EntriesAppended(Messages.Id(4, 2), Messages.Entries)));
        Should.Throw<SerializationException>(() => _wire.ToBinary(new PeerMessage(
            Messages.Header with { From = NodeId.Parse("9") }, new VoteReply(NodeId.Parse("1"), new Term(1), ElectionKind.Vote, 1, VoteRefusal.None))));
    }

    [Fact]
    public void Journal_event_of_a_newer_version_fails_the_recovery_by_name()
    {
        var newer = new Proto.TermChanged { Version = 2, Term = 7 }.ToByteArray();

        var error = Should.Throw<SerializationException>(() => _journal.FromBinary(newer, "TC"));

        error.Message.ShouldContain("\"TC\"");
        error.Message.ShouldContain("format version is 2");
    }

    [Fact]
    public void Journal_event_that_is_cut_or_unknown_fails_the_recovery_by_name()
    {
        var bytes = _journal.ToBinary(Messages.Journal["entries-appended"]);

        Should.Throw<SerializationException>(() => _journal.FromBinary(bytes[..^1], "EA")).Message.ShouldContain("\"EA\"");
        Should.Throw<SerializationException>(() => _journal.FromBinary([], "TC")).Message.ShouldContain("no format version");
        Should.Throw<SerializationException>(() => _journal.FromBinary(bytes, "ZZ")).Message.ShouldContain("no such kind");
        Should.Throw<SerializationException>(() => _journal.FromBinary(null!, "EA")).Message.ShouldContain("\"EA\"");
    }

    [Fact]
    public void Field_that_a_later_version_added_is_passed_over()
    {
        var bytes = _wire.ToBinary(Messages.Wire["vote-request"]);

        var read = _wire.FromBinary([.. bytes, 0xa2, 0x06, 0x03, 1, 2, 3], "VQ");

        read.ShouldBe(Messages.Wire["vote-request"]);
    }

    public static TheoryData<string, string, string> Broken => new()
    {
        { "no version", "VQ", "no format version" },
        { "newer version", "VQ", "format version is 2" },
        { "no header", "VQ", "no header" },
        { "empty cluster", "VQ", "cluster id is empty" },
        { "bad node id", "VQ", "no node id" },
        { "endless node id", "VQ", "longer than 64" },
        { "bad storage id", "VQ", "storage id" },
        { "address that leaves the path", "VQ", "host:port" },
        { "negative term", "VQ", "term -1" },
        { "absurd term", "VQ", "not between" },
        { "negative index", "VQ", "last entry -5" },
        { "unknown election", "VQ", "no election kind 9" },
        { "no election", "VQ", "no election kind 0" },
        { "no last entry", "VQ", "no last entry" },
        { "gap", "AE", "not consecutive" },
        { "falling term", "AE", "too low" },
        { "entry after its leader's term", "AE", "later term" },
        { "entry of no kind", "AE", "no kind" },
        { "payload of another length", "AE", "where 6 were written" },
        { "payload of another checksum", "AE", "checksum" },
        { "time beyond time", "AE", "no date" },
        { "member twice", "AE", "twice" },
        { "member with a bad storage", "AE", "storage id" },
        { "voter that is a learner too", "AE", "twice" },
        { "outgoing voter that is no member", "AE", "still a member" },
        { "request without body", "PB", "no command" },
        { "unknown outcome", "CR", "no client outcome 99" },
        { "session in a batch of version 1", "PB", "format version is 1" },
        { "batch of version 3", "PB", "reads up to 2" },
        { "sequence without session", "PB", "no session" },
        { "sequence 0 in a session", "PB", "sequence 0" },
        { "lowest above sequence", "PB", "above its sequence" },
        { "open with a session", "PB", "opens the session that it has" },
        { "unknown session act", "PB", "no session act 9" },
        { "entry of session 0", "AE", "session is 0" },
        { "entry's lowest above its sequence", "AE", "above its sequence" },
        { "session without limits", "AE", "max results 0" },
        { "session that never ends", "AE", "timeout" },
        { "unknown kind", "??", "no message of that manifest" },
    };

    [Theory, MemberData(nameof(Broken))]
    public void Message_that_breaks_a_rule_of_the_format_is_unreadable(string what, string manifest, string reason)
    {
        var read = _wire.FromBinary(Break(what).ToByteArray(), manifest).ShouldBeOfType<UnreadableMessage>();

        read.Manifest.ShouldBe(manifest);
        read.Reason.ShouldContain(reason, Case.Sensitive);
    }

    IMessage Break(string what)
    {
        var vote = Proto.VoteRequest.Parser.ParseFrom(_wire.ToBinary(Messages.Wire["vote-request"]));
        var append = Proto.AppendEntries.Parser.ParseFrom(_wire.ToBinary(Messages.Wire["append-entries"]));
        var inSession = Proto.ClientRequestBatch.Parser.ParseFrom(_wire.ToBinary(Messages.Wire["propose-batch-in-session"]));
        var sessions = Proto.AppendEntries.Parser.ParseFrom(_wire.ToBinary(Messages.Wire["append-entries-session"]));
        switch (what)
        {
            case "no version": vote.Version = 0; return vote;
            case "newer version": vote.Version = 2; return vote;
            case "no header": vote.Header = null; return vote;
            case "empty cluster": vote.Header.Cluster = ""; return vote;
            case "bad node id": vote.Header.To = "a/b"; return vote;
            case "endless node id": vote.Header.To = new string('a', 100_000); return vote;
            case "bad storage id": vote.Header.FromStorage = "0011"; return vote;
            case "address that leaves the path": vote.Header.FromAddress = "127.0.0.1:4051/../user:1"; return vote;
            case "negative term": vote.Term = -1; return vote;
            case "absurd term": vote.Term = long.MaxValue; return vote;
            case "negative index": vote.LastEntry.Index = -5; return vote;
            case "unknown election": vote.Kind = (Proto.ElectionKind)9; return vote;
            case "no election": vote.Kind = Proto.ElectionKind.Unspecified; return vote;
            case "no last entry": vote.LastEntry = null; return vote;
            case "gap": append.Entries.RemoveAt(1); return append;
            case "falling term": append.Entries[1].Term = 2; return append;
            case "entry after its leader's term": append.Entries[2].Term = 8; return append;
            case "entry of no kind": append.Entries[0].ClearKind(); return append;
            case "payload of another length": append.Entries[1].Command.Length++; return append;
            case "payload of another checksum": append.Entries[1].Command.Crc32 ^= 1; return append;
            case "time beyond time": append.Entries[0].TimeMs = long.MaxValue; return append;
            case "member twice": append.Entries[2].Configuration.Voters[1].Id = "1"; return append;
            case "member with a bad storage": append.Entries[2].Configuration.Voters[1].Storage = "00"; return append;
            case "voter that is a learner too": append.Entries[2].Configuration.Learners.Add(append.Entries[2].Configuration.Voters[1]); return append;
            case "outgoing voter that is no member": append.Entries[2].Configuration.Outgoing.Add("9"); return append;
            case "request without body":
                var batch = Proto.ClientRequestBatch.Parser.ParseFrom(_wire.ToBinary(Messages.Wire["propose-batch"]));
                batch.Requests[0].Body = null;
                return batch;
            case "unknown outcome":
                var replies = Proto.ClientReplyBatch.Parser.ParseFrom(_wire.ToBinary(Messages.Wire["client-reply-batch"]));
                replies.Replies[0].Outcome = (Proto.ClientOutcome)99;
                return replies;
            case "session in a batch of version 1": inSession.Version = 1; return inSession;
            case "batch of version 3": inSession.Version = 3; return inSession;
            case "sequence without session": inSession.Session = 0; inSession.SessionCall = null; return inSession;
            case "sequence 0 in a session": inSession.Requests[0].Sequence = 0; return inSession;
            case "lowest above sequence": inSession.LowestUnanswered = 301; return inSession;
            case "open with a session": inSession.SessionCall.Act = Proto.SessionAct.Open; return inSession;
            case "unknown session act": inSession.SessionCall.Act = (Proto.SessionAct)9; return inSession;
            case "entry of session 0": sessions.Entries[1].SessionCommand.Session = 0; return sessions;
            case "entry's lowest above its sequence": sessions.Entries[1].SessionCommand.LowestUnanswered = 301; return sessions;
            case "session without limits": sessions.Entries[0].OpenSession.MaxResults = 0; return sessions;
            case "session that never ends": sessions.Entries[0].OpenSession.TimeoutMs = long.MaxValue; return sessions;
            case "unknown kind": return vote;
            default: throw new ArgumentOutOfRangeException(nameof(what), what, null);
        }
    }

    sealed class Echo : UntypedActor
    {
        protected override void OnReceive(object message) => Sender.Tell(message);
    }
}
