using AkkaRaft.Consensus;
using Google.Protobuf;

namespace AkkaRaft.Serialization;

/// <summary>Log entries, configurations and payloads, as raft.proto has them: the same on the wire and in the journal.</summary>
internal static class EntryFormat
{
    [ThreadStatic]
    static string? s_lastManifest;

    public static Proto.EntryId Write(EntryId id) =>
        new() { Index = Checked.Index(id.Index.Value, "index").Value, Term = Checked.Term(id.Term.Value).Value };

    public static EntryId Read(Proto.EntryId? id, string what)
    {
        Checked.Present(id, what);
        return new EntryId(Checked.Index(id.Index, what), Checked.Term(id.Term, what));
    }

    public static LogEntry[] Read(EntryId previous, IReadOnlyList<Proto.Entry> entries)
    {
        var read = new LogEntry[entries.Count];
        for (var i = 0; i < read.Length; i++) read[i] = Read(entries[i]);
        CheckOrder(previous, read);
        return read;
    }

    public static Proto.Payload Write(Payload payload) => Fill(new Proto.Payload(), payload);

    public static Proto.Payload Fill(Proto.Payload written, Payload payload)
    {
        written.Serializer = payload.SerializerId;
        written.Manifest = Checked.Manifest(payload.Manifest);
        written.Data = UnsafeByteOperations.UnsafeWrap(payload.Bytes);
        written.Length = (uint)payload.Bytes.Length;
        written.Crc32 = payload.Checksum;
        return written;
    }

    /// <summary>The one place where a payload comes in: cut or damaged bytes end here, and no deserializer ever sees them.</summary>
    public static Payload Read(Proto.Payload? payload, string what)
    {
        Checked.Present(payload, what);
        if (payload.Data.Length != payload.Length)
            throw Checked.Bad($"the payload of its {what} has {payload.Data.Length} bytes where {payload.Length} were written");
        var read = new Payload(payload.Serializer, Known(Checked.Manifest(payload.Manifest)), payload.Data.Memory, payload.Crc32);
        if (!read.IsIntact) throw Checked.Bad($"the payload of its {what} does not have the checksum that was written with it");
        return read;
    }

    // Commands of one kind come one after the other, and the log keeps them for long: one text is enough for all of them.
    static string Known(string manifest) => s_lastManifest is { } last && last == manifest ? last : s_lastManifest = manifest;

    public static Proto.Configuration Write(Configuration configuration)
    {
        var written = new Proto.Configuration { StaysJoint = configuration.StaysJoint, RecoveryMark = configuration.RecoveryMark };
        written.Voters.Add(configuration.Voters.Select(Write));
        written.Learners.Add(configuration.Learners.Select(Write));
        written.Leaving.Add(configuration.Leaving.Select(Write));
        written.Outgoing.Add(configuration.Outgoing.Select(id => Checked.Node(id.Value).Value));
        return written;
    }

    public static Configuration Read(Proto.Configuration? configuration, string what)
    {
        Checked.Present(configuration, what);
        return new Configuration(
            configuration.Voters.Select(Read), configuration.Learners.Select(Read), configuration.Leaving.Select(Read), configuration.Outgoing.Select(Checked.Node))
        {
            StaysJoint = configuration.StaysJoint,
            RecoveryMark = configuration.RecoveryMark,
        };
    }

    public static Proto.Member Write(Member member) => new()
    {
        Id = Checked.Node(member.Id.Value).Value,
        Address = Checked.Address(member.Address),
        Storage = Storage(member.Storage),
        Promote = member.PromoteWhenCaughtUp,
    };

    public static Member Read(Proto.Member member) =>
        new(Checked.Node(member.Id), Checked.Address(member.Address)) { Storage = Storage(member.Storage), PromoteWhenCaughtUp = member.Promote };

    /// <summary>A storage that may be unknown: empty then.</summary>
    public static string Storage(StorageId? storage) => storage is { } known ? Checked.Storage(known.Value).Value : "";

    /// <summary>A storage that may be unknown: empty then.</summary>
    public static StorageId? Storage(string storage) => storage.Length == 0 ? null : Checked.Storage(storage);

    public static Proto.Entry Write(LogEntry entry)
    {
        var written = new Proto.Entry { Index = entry.Index.Value, Term = entry.Term.Value, TimeMs = entry.Time.ToUnixTimeMilliseconds() };
        switch (entry)
        {
            case NoOpEntry:
                written.NoOp = new Proto.NoOp();
                break;
            case CommandEntry command:
                if (command.Stamp is { } stamp) written.SessionCommand = SessionFormat.Fill(new Proto.SessionCommand(), Write(command.Command), stamp);
                else written.Command = Write(command.Command);
                break;
            case ConfigurationEntry configuration:
                written.Configuration = Write(configuration.Configuration);
                break;
            case OpenSessionEntry open:
                written.OpenSession = SessionFormat.Write(open.Limits);
                break;
            case KeepSessionEntry keep:
                written.KeepSession = SessionFormat.Write(keep);
                break;
            default:
                throw Checked.Bad($"raft.proto has no kind for a {entry.GetType().Name}");
        }

        return written;
    }

    static LogEntry Read(Proto.Entry entry)
    {
        var id = new EntryId(Checked.Index(entry.Index, "entry's index"), Checked.Term(entry.Term, "entry's term"));
        var time = Time(entry.TimeMs);
        return entry.KindCase switch
        {
            Proto.Entry.KindOneofCase.NoOp => new NoOpEntry(id, time),
            Proto.Entry.KindOneofCase.Command => new CommandEntry(id, time, Read(entry.Command, "command")),
            Proto.Entry.KindOneofCase.Configuration => new ConfigurationEntry(id, time, Read(entry.Configuration, "configuration")),
            Proto.Entry.KindOneofCase.SessionCommand =>
                new CommandEntry(id, time, Read(entry.SessionCommand.Command, "command")) { Stamp = SessionFormat.StampOf(entry.SessionCommand) },
            Proto.Entry.KindOneofCase.OpenSession => new OpenSessionEntry(id, time, SessionFormat.Read(entry.OpenSession)),
            Proto.Entry.KindOneofCase.KeepSession => SessionFormat.Read(entry.KeepSession, id, time),
            _ => throw Checked.Bad($"its entry {id} is of no kind that this version of AkkaRaft knows"),
        };
    }

    public static DateTimeOffset Time(long milliseconds)
    {
        if (milliseconds < DateTimeOffset.MinValue.ToUnixTimeMilliseconds() || milliseconds > DateTimeOffset.MaxValue.ToUnixTimeMilliseconds())
            throw Checked.Bad($"an entry's time {milliseconds} ms is no date");
        return DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
    }

    // A leader appends one by one, and terms never fall along a log (Raft 5.3).
    public static void CheckOrder(EntryId previous, IReadOnlyList<LogEntry> entries)
    {
        for (var i = 0; i < entries.Count; i++)
        {
            var id = entries[i].Id;
            if (id.Index != previous.Index.Next) throw Checked.Bad($"entry {id} follows {previous}: the indexes are not consecutive");
            if (id.Term < previous.Term || id.Term == Term.Zero) throw Checked.Bad($"entry {id} follows {previous}: its term is too low");
            Checked.Index(id.Index.Value, "entry's index");
            Checked.Term(id.Term.Value, "entry's term");
            previous = id;
        }
    }
}
