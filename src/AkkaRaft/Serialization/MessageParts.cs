using System.Buffers;
using Google.Protobuf;

namespace AkkaRaft.Serialization;

/// <summary>A message of raft.proto that is mostly the elements of one repeated field, taken apart.</summary>
/// <param name="Head">All the other fields, for the generated code: a slice of the message if they lie together, a copy if not.</param>
/// <param name="Elements">The elements, slices of the message.</param>
internal readonly record struct MessageParts(ReadOnlyMemory<byte> Head, IReadOnlyList<ReadOnlyMemory<byte>> Elements)
{
    /// <param name="message">The message.</param>
    /// <param name="number">The number of the field.</param>
    public static MessageParts Of(ReadOnlyMemory<byte> message, int number)
    {
        var tag = WireFormat.MakeTag(number, WireFormat.WireType.LengthDelimited);
        var elements = new List<ReadOnlyMemory<byte>>();
        var others = new ArrayBufferWriter<byte>();
        var (begin, end) = (0, 0);
        var fields = new MessageFields(message);
        while (fields.MoveNext())
        {
            if (fields.Tag == tag)
            {
                elements.Add(fields.Bytes());
                continue;
            }

            fields.Skip();
            if (fields.Start != end)
            {
                others.Write(message.Span[begin..end]);
                begin = fields.Start;
            }

            end = fields.End;
        }

        if (others.WrittenCount == 0) return new MessageParts(message[begin..end], elements);
        others.Write(message.Span[begin..end]);
        return new MessageParts(others.WrittenMemory, elements);
    }
}
