using System.Runtime.Serialization;
using Akka.Actor;
using AkkaRaft.Journals;
using AkkaRaft.Protocol;
using AkkaRaft.Serialization;
using CsCheck;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Shouldly;
using Xunit;
using Proto = AkkaRaft.Serialization.Proto;

namespace AkkaRaft.Tests.Serialization;

/// <summary>
/// What comes by the thousand is read without the generated code where it is written as we write it. However else a message may be written, in another order, with fields twice, or with
/// some that nobody knows, it must be read as the generated code reads it.
/// </summary>
public sealed class FieldOrderSpec : IDisposable
{
    const int UnknownField = 1000;

    static readonly Dictionary<string, MessageParser> Parsers = new()
    {
        ["AE"] = Proto.AppendEntries.Parser, ["PB"] = Proto.ClientRequestBatch.Parser, ["QB"] = Proto.ClientRequestBatch.Parser, ["CR"] = Proto.ClientReplyBatch.Parser,
    };

    readonly ExtendedActorSystem _system = TestSystems.Start();
    readonly RaftWireSerializer _wire;
    readonly RaftJournalSerializer _journal;

    public FieldOrderSpec()
    {
        _wire = (RaftWireSerializer)_system.Serialization.FindSerializerForType(typeof(PeerMessage));
        _journal = (RaftJournalSerializer)_system.Serialization.FindSerializerForType(typeof(EntriesAppended));
    }

    public void Dispose() => TestSystems.Stop(_system);

    [Fact]
    public void Message_whose_fields_are_written_in_another_way_is_read_alike()
    {
        var others = 0;
        Gen.Select(MessageGen.Wire, Gen.Int).Sample(
            (message, seed) =>
            {
                var manifest = _wire.Manifest(message);
                if (!Parsers.TryGetValue(manifest, out var parser)) return;
                var bytes = _wire.ToBinary(message);
                var other = Rewritten(bytes, DescriptorOf(parser), new Random(seed));
                if (!other.AsSpan().SequenceEqual(bytes)) Interlocked.Increment(ref others);

                _wire.FromBinary(other, manifest).ShouldBeTheSameAs(_wire.FromBinary(parser.ParseFrom(other).ToByteArray(), manifest));
            },
            iter: 5_000);
        others.ShouldBeGreaterThan(100);
    }

    [Fact]
    public void Journal_event_whose_fields_are_written_in_another_way_is_read_alike() => Gen.Select(MessageGen.Journal, Gen.Int).Sample(
        (stored, seed) =>
        {
            if (stored is not EntriesAppended) return;
            var other = Rewritten(_journal.ToBinary(stored), Proto.EntriesAppended.Descriptor, new Random(seed));

            ReadAsGenerated(other);
        },
        iter: 3_000);

    [Fact]
    public void Bytes_that_end_too_early_are_read_alike()
    {
        var stored = Messages.Journal.Values.OfType<EntriesAppended>().First(appended => appended.Entries.Count > 0);
        var bytes = _journal.ToBinary(stored);

        for (var length = bytes.Length - 1; length > 0; length--) ReadAsGenerated(bytes[..length]);
    }

    // Both read the same, or neither reads anything.
    void ReadAsGenerated(byte[] stored)
    {
        object read;
        try
        {
            read = _journal.FromBinary(stored, "EA");
        }
        catch (SerializationException)
        {
            Should.Throw<Exception>(() => ThroughGenerated(stored));
            return;
        }

        read.ShouldBeTheSameAs(ThroughGenerated(stored));
    }

    object ThroughGenerated(byte[] stored) => _journal.FromBinary(Proto.EntriesAppended.Parser.ParseFrom(stored).ToByteArray(), "EA");

    static MessageDescriptor DescriptorOf(MessageParser parser) => parser.ParseFrom(ByteString.Empty).Descriptor;

    // The same message for the generated code, or another one: what comes twice counts as that code takes it.
    static byte[] Rewritten(byte[] message, MessageDescriptor type, Random random)
    {
        var fields = FieldsOf(message, type, random);
        if (random.Next(3) == 0) fields.Add((UnknownField, [.. TagOf(UnknownField, WireFormat.WireType.Varint), 7]));
        if (random.Next(3) == 0 && fields.Count > 0) fields.Add(fields[random.Next(fields.Count)]);
        if (random.Next(2) == 0)
        {
            var places = fields.Select(field => field.Number).Distinct().ToDictionary(number => number, _ => random.Next());
            fields = [.. fields.OrderBy(field => places[field.Number])];
        }

        return [.. fields.SelectMany(field => field.Bytes)];
    }

    static List<(int Number, byte[] Bytes)> FieldsOf(byte[] message, MessageDescriptor type, Random random)
    {
        var fields = new List<(int, byte[])>();
        var input = new CodedInputStream(message);
        while (input.Position < message.Length)
        {
            var start = (int)input.Position;
            var tag = input.ReadTag();
            var number = WireFormat.GetTagFieldNumber(tag);
            if (type.FindFieldByNumber(number) is { FieldType: FieldType.Message } field)
            {
                var inner = Rewritten(input.ReadBytes().ToByteArray(), field.MessageType, random);
                fields.Add((number, [.. TagOf(number, WireFormat.WireType.LengthDelimited), .. Varint((ulong)inner.Length), .. inner]));
            }
            else
            {
                input.SkipLastField();
                fields.Add((number, message[start..(int)input.Position]));
            }
        }

        return fields;
    }

    static byte[] TagOf(int number, WireFormat.WireType type) => Varint(WireFormat.MakeTag(number, type));

    static byte[] Varint(ulong value)
    {
        var bytes = new byte[CodedOutputStream.ComputeUInt64Size(value)];
        new CodedOutputStream(bytes).WriteUInt64(value);
        return bytes;
    }
}
