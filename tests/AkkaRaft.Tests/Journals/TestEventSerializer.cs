using Akka.Actor;
using Akka.Configuration;
using Akka.Serialization;
using AkkaRaft.Consensus;
using AkkaRaft.Journals;

namespace AkkaRaft.Tests.Journals;

/// <summary>Turns journal events into bytes, so that the journals can be tested against real databases apart from the library's own format.</summary>
public sealed class TestEventSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    public static Config Binding { get; } = ConfigurationFactory.ParseString($$"""
        akka.actor {
          serializers.test-events = "{{typeof(TestEventSerializer).AssemblyQualifiedName}}"
          serialization-bindings { "{{typeof(JournalEvent).AssemblyQualifiedName}}" = test-events }
        }
        """);

    public override int Identifier => 7999;

    public override string Manifest(object o) => o.GetType().Name;

    public override byte[] ToBinary(object obj)
    {
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes);
        switch (obj)
        {
            case IdentityRecorded { Identity: var identity }:
                writer.Write(identity.Cluster.Value);
                writer.Write(identity.Group.Value);
                writer.Write(identity.Node.Value);
                writer.Write(identity.Storage.Value);
                var voter = identity.FirstConfiguration.Voters.Single();
                writer.Write(voter.Id.Value);
                writer.Write(voter.Address);
                break;
            case TermChanged changed:
                writer.Write(changed.Term.Value);
                writer.Write(changed.VotedFor?.Value ?? "");
                break;
            case LogStarted started:
                writer.Write(started.Storage.Value);
                break;
            case EntriesAppended appended:
                Write(writer, appended.Previous);
                writer.Write(appended.Entries.Count);
                foreach (var entry in appended.Entries.Cast<CommandEntry>()) Write(writer, entry);
                break;
            default:
                throw new ArgumentException($"{obj.GetType()} is no journal event.");
        }

        writer.Flush();
        return bytes.ToArray();
    }

    public override object FromBinary(byte[] bytes, string manifest)
    {
        using var reader = new BinaryReader(new MemoryStream(bytes));
        return manifest switch
        {
            nameof(IdentityRecorded) => new IdentityRecorded(new NodeIdentity(
                new ClusterId(reader.ReadString()), new GroupId(reader.ReadString()), new NodeId(reader.ReadString()), new StorageId(reader.ReadString()),
                new AkkaRaft.Consensus.Configuration([new Member(new NodeId(reader.ReadString()), reader.ReadString())]))),
            nameof(TermChanged) => new TermChanged(new Term(reader.ReadInt64()), reader.ReadString() is { Length: > 0 } vote ? new NodeId(vote) : null),
            nameof(LogStarted) => new LogStarted(new StorageId(reader.ReadString())),
            nameof(EntriesAppended) => new EntriesAppended(ReadId(reader), [.. Enumerable.Range(0, reader.ReadInt32()).Select(_ => ReadEntry(reader))]),
            _ => throw new ArgumentException($"{manifest} is no journal event."),
        };
    }

    static void Write(BinaryWriter writer, EntryId id)
    {
        writer.Write(id.Index.Value);
        writer.Write(id.Term.Value);
    }

    static void Write(BinaryWriter writer, CommandEntry entry)
    {
        Write(writer, entry.Id);
        writer.Write(entry.Time.ToUnixTimeMilliseconds());
        writer.Write(entry.Command.SerializerId);
        writer.Write(entry.Command.Manifest);
        writer.Write(entry.Command.Bytes.Length);
        writer.Write(entry.Command.Bytes.Span);
    }

    static EntryId ReadId(BinaryReader reader) => new(new LogIndex(reader.ReadInt64()), new Term(reader.ReadInt64()));

    static LogEntry ReadEntry(BinaryReader reader) => new CommandEntry(
        ReadId(reader), DateTimeOffset.FromUnixTimeMilliseconds(reader.ReadInt64()),
        new Payload(reader.ReadInt32(), reader.ReadString(), reader.ReadBytes(reader.ReadInt32())));
}
