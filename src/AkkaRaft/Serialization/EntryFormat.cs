using System.Text;
using AkkaRaft.Consensus;
using Google.Protobuf;

namespace AkkaRaft.Serialization;

/// <summary>Log entries, configurations and payloads, as raft.proto has them: the same on the wire and in the journal.</summary>
internal static class EntryFormat
{
    // Numbers and wire types of the fields that are read without the generated code.
    const uint EntryIndex = (Proto.Entry.IndexFieldNumber << 3) | (uint)WireFormat.WireType.Varint;
    const uint EntryTerm = (Proto.Entry.TermFieldNumber << 3) | (uint)WireFormat.WireType.Varint;
    const uint EntryTime = (Proto.Entry.TimeMsFieldNumber << 3) | (uint)WireFormat.WireType.Varint;
    const uint EntryCommand = (Proto.Entry.CommandFieldNumber << 3) | (uint)WireFormat.WireType.LengthDelimited;
    const uint EntrySessionCommand = (Proto.Entry.SessionCommandFieldNumber << 3) | (uint)WireFormat.WireType.LengthDelimited;
    const uint PayloadSerializer = (Proto.Payload.SerializerFieldNumber << 3) | (uint)WireFormat.WireType.Varint;
    const uint PayloadManifest = (Proto.Payload.ManifestFieldNumber << 3) | (uint)WireFormat.WireType.LengthDelimited;
    const uint PayloadData = (Proto.Payload.DataFieldNumber << 3) | (uint)WireFormat.WireType.LengthDelimited;
    const uint PayloadLength = (Proto.Payload.LengthFieldNumber << 3) | (uint)WireFormat.WireType.Varint;
    const uint PayloadCrc32 = (Proto.Payload.Crc32FieldNumber << 3) | (uint)WireFormat.WireType.Fixed32;

    [ThreadStatic]
    static LastManifest? s_lastManifest;

    public static Proto.EntryId Write(EntryId id) =>
        new() { Index = Checked.Index(id.Index.Value, "index").Value, Term = Checked.Term(id.Term.Value).Value };

    public static EntryId Read(Proto.EntryId? id, string what)
    {
        Checked.Present(id, what);
        return new EntryId(Checked.Index(id.Index, what), Checked.Term(id.Term, what));
    }

    public static LogEntry[] Read(EntryId previous, IReadOnlyList<ReadOnlyMemory<byte>> entries)
    {
        var read = new LogEntry[entries.Count];
        for (var i = 0; i < read.Length; i++) read[i] = TryReadCommand(entries[i]) ?? Read(Parsers.Entry.ParseFrom(entries[i].Span));
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

    public static Payload Read(Proto.Payload? payload, string what)
    {
        Checked.Present(payload, what);
        return Read(payload.Serializer, payload.Manifest, payload.Data.Memory, payload.Length, payload.Crc32, what);
    }

    /// <summary>A payload whose bytes stay where they are, in the message: as our own writer writes it, each field at most once and in order.</summary>
    /// <returns>Null if it is written in another way, which the generated code reads.</returns>
    public static Payload? TryRead(ReadOnlyMemory<byte> payload, string what)
    {
        var (serializer, manifest, data, length, crc32) = (0L, "", ReadOnlyMemory<byte>.Empty, 0L, 0U);
        var fields = new MessageFields(payload);
        while (fields.MoveNext())
        {
            switch (fields.Tag)
            {
                case PayloadSerializer:
                    serializer = fields.SInt64();
                    break;
                case PayloadManifest:
                    manifest = LastManifest.Read(fields.Bytes().Span);
                    break;
                case PayloadData:
                    data = fields.Bytes();
                    break;
                case PayloadLength:
                    length = fields.Int64();
                    break;
                case PayloadCrc32:
                    crc32 = fields.Fixed32();
                    break;
                default:
                    return null;
            }
        }

        return fields.AreInOrder && serializer == (int)serializer && length == (uint)length ? Read((int)serializer, manifest, data, (uint)length, crc32, what) : null;
    }

    /// <summary>The one place where a payload comes in: cut or damaged bytes end here, and no deserializer ever sees them.</summary>
    static Payload Read(int serializer, string manifest, ReadOnlyMemory<byte> data, uint length, uint crc32, string what)
    {
        if (data.Length != length) throw Checked.Bad($"the payload of its {what} has {data.Length} bytes where {length} were written");
        var read = new Payload(serializer, Checked.Manifest(manifest), data, crc32);
        if (!read.IsIntact) throw Checked.Bad($"the payload of its {what} does not have the checksum that was written with it");
        return read;
    }

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

    /// <summary>Fills an entry that may have been another one before, and for a command these two as well: nothing is made anew for it.</summary>
    public static Proto.Entry Fill(Proto.Entry written, Proto.SessionCommand inSession, Proto.Payload payload, LogEntry entry)
    {
        written.Index = entry.Index.Value;
        written.Term = entry.Term.Value;
        written.TimeMs = entry.Time.ToUnixTimeMilliseconds();
        switch (entry)
        {
            case NoOpEntry:
                written.NoOp = new Proto.NoOp();
                break;
            case CommandEntry { Stamp: { } stamp } command:
                written.SessionCommand = SessionFormat.Fill(inSession, Fill(payload, command.Command), stamp);
                break;
            case CommandEntry command:
                written.Command = Fill(payload, command.Command);
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

    // As our own writer writes it, each field at most once and in order; null for anything else, which the generated code reads.
    static CommandEntry? TryReadCommand(ReadOnlyMemory<byte> entry)
    {
        var (index, term, time) = (0L, 0L, 0L);
        Payload? command = null;
        SessionStamp? stamp = null;
        var fields = new MessageFields(entry);
        while (fields.MoveNext())
        {
            switch (fields.Tag)
            {
                case EntryIndex:
                    index = fields.Int64();
                    break;
                case EntryTerm:
                    term = fields.Int64();
                    break;
                case EntryTime:
                    time = fields.SInt64();
                    break;
                case EntryCommand when command is null:
                    command = TryRead(fields.Bytes(), "command");
                    break;
                case EntrySessionCommand when command is null:
                    command = SessionFormat.TryReadCommand(fields.Bytes(), out stamp);
                    break;
                default:
                    return null;
            }
        }

        if (command is null || !fields.AreInOrder) return null;
        return new CommandEntry(new EntryId(Checked.Index(index, "entry's index"), Checked.Term(term, "entry's term")), Time(time), command) { Stamp = stamp };
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

    // Commands of one kind come one after the other, and the log keeps them for long: one text is enough for all of them.
    sealed class LastManifest(byte[] bytes, string text)
    {
        public static string Read(ReadOnlySpan<byte> manifest)
        {
            if (s_lastManifest is not { } last || !manifest.SequenceEqual(last.Bytes))
                s_lastManifest = last = new LastManifest(manifest.ToArray(), Encoding.UTF8.GetString(manifest));
            return last.Text;
        }

        byte[] Bytes => bytes;

        string Text => text;
    }
}
