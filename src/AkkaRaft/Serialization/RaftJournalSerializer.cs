using System.Runtime.Serialization;
using AkkaRaft.Journals;
using Akka.Actor;
using Akka.Serialization;
using Google.Protobuf;

namespace AkkaRaft.Serialization;

/// <summary>
/// Writes and reads the journals' events (raft.proto). Unlike the wire's serializer it throws at anything that it cannot read in full: a recovery that
/// passes over an event would make a node forget what it promised.
/// </summary>
internal sealed class RaftJournalSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    public const int Id = 7461;

    public override int Identifier => Id;

    public override string Manifest(object o) => o switch
    {
        IdentityRecorded => "IR",
        TermChanged => "TC",
        LogStarted => "LS",
        EntriesAppended => "EA",
        LogCompacted => "LC",
        LogRestarted => "LN",
        SnapshotDirectory => "SD",
        SnapshotChunk => "SC",
        _ => throw NoEventFor(o),
    };

    public override byte[] ToBinary(object obj) => obj is EntriesAppended appended
        ? EntriesWriter.Write(Write(obj), Proto.EntriesAppended.EntriesFieldNumber, appended.Previous, appended.Entries)
        : Write(obj).ToByteArray();

    public override object FromBinary(byte[] bytes, string manifest)
    {
        try
        {
            return Read(bytes, manifest);
        }
        catch (Exception e)
        {
            throw new SerializationException(
                $"A journal event of kind \"{manifest}\" ({bytes?.Length ?? 0} bytes) cannot be read: {e.Message}. Nothing was changed. " +
                "The database is damaged, or a newer version of AkkaRaft wrote it: start that version, or restore the node's data.", e);
        }
    }

    static IMessage Write(object o)
    {
        switch (o)
        {
            case IdentityRecorded { Identity: var identity }:
                return new Proto.IdentityRecorded
                {
                    Version = Checked.FormatVersion,
                    Cluster = Checked.Cluster(identity.Cluster.Value).Value,
                    Group = Checked.Group(identity.Group.Value).Value,
                    Node = Checked.Node(identity.Node.Value).Value,
                    Storage = Checked.Storage(identity.Storage.Value).Value,
                    FirstConfiguration = EntryFormat.Write(identity.FirstConfiguration),
                };
            case TermChanged changed:
                var written = new Proto.TermChanged { Version = Checked.FormatVersion, Term = Checked.Term(changed.Term.Value).Value };
                if (changed.VotedFor is { } votedFor) written.VotedFor = Checked.Node(votedFor.Value).Value;
                return written;
            case LogStarted started:
                return new Proto.LogStarted { Version = Checked.FormatVersion, Storage = Checked.Storage(started.Storage.Value).Value };
            case LogCompacted compacted:
                return new Proto.LogCompacted
                {
                    Version = Checked.FormatVersion,
                    Storage = Checked.Storage(compacted.Storage.Value).Value,
                    UpTo = EntryFormat.Write(compacted.UpTo),
                };
            case LogRestarted restarted:
                return new Proto.LogRestarted { Version = Checked.FormatVersion, Base = EntryFormat.Write(restarted.Base) };
            case EntriesAppended appended:
                return new Proto.EntriesAppended { Version = Checked.FormatVersion, Previous = EntryFormat.Write(appended.Previous) };
            case SnapshotDirectory directory:
                return SnapshotFormat.Write(directory);
            case SnapshotChunk chunk:
                return SnapshotFormat.Write(chunk);
            default:
                throw NoEventFor(o);
        }
    }

    static JournalEvent Read(byte[] bytes, string manifest) => manifest switch
    {
        "IR" => Read(Parsers.IdentityRecorded.ParseFrom(bytes)),
        "TC" => Read(Parsers.TermChanged.ParseFrom(bytes)),
        "LS" => Read(Parsers.LogStarted.ParseFrom(bytes)),
        "LC" => Read(Parsers.LogCompacted.ParseFrom(bytes)),
        "LN" => Read(Parsers.LogRestarted.ParseFrom(bytes)),
        "SD" => SnapshotFormat.Read(Parsers.SnapshotDirectory.ParseFrom(bytes)),
        "SC" => SnapshotFormat.Read(Parsers.SnapshotChunk.ParseFrom(bytes)),
        "EA" => ReadEntriesAppended(bytes),
        _ => throw Checked.Bad("this version of AkkaRaft knows no such kind"),
    };

    static IdentityRecorded Read(Proto.IdentityRecorded e)
    {
        Checked.Version(e.Version);
        return new IdentityRecorded(new NodeIdentity(
            Checked.Cluster(e.Cluster), Checked.Group(e.Group), Checked.Node(e.Node), Checked.Storage(e.Storage),
            EntryFormat.Read(e.FirstConfiguration, "first configuration")));
    }

    static TermChanged Read(Proto.TermChanged e)
    {
        Checked.Version(e.Version);
        return new TermChanged(Checked.Term(e.Term), e.HasVotedFor ? Checked.Node(e.VotedFor) : null);
    }

    static LogStarted Read(Proto.LogStarted e)
    {
        Checked.Version(e.Version);
        return new LogStarted(Checked.Storage(e.Storage));
    }

    static LogCompacted Read(Proto.LogCompacted e)
    {
        Checked.Version(e.Version);
        return new LogCompacted(Checked.Storage(e.Storage), EntryFormat.Read(e.UpTo, "last compacted entry"));
    }

    static LogRestarted Read(Proto.LogRestarted e)
    {
        Checked.Version(e.Version);
        return new LogRestarted(EntryFormat.Read(e.Base, "base"));
    }

    static EntriesAppended ReadEntriesAppended(byte[] bytes)
    {
        var parts = MessageParts.Of(bytes, Proto.EntriesAppended.EntriesFieldNumber);
        var e = Parsers.EntriesAppended.ParseFrom(parts.Head.Span);
        Checked.Version(e.Version);
        var previous = EntryFormat.Read(e.Previous, "previous entry");
        return new EntriesAppended(previous, EntryFormat.Read(previous, parts.Elements));
    }

    static SerializationException NoEventFor(object o) => new($"raft.proto has no event for a {o.GetType().FullName}. This is a bug in AkkaRaft.");
}
