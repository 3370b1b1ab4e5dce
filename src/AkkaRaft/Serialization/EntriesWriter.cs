using System.Buffers;
using AkkaRaft.Consensus;
using Google.Protobuf;

namespace AkkaRaft.Serialization;

/// <summary>
/// Writes messages whose last field is log entries. A leader writes each entry three times (two followers, one journal), so no object is made for an entry here: one of each kind is
/// filled again and again. The bytes are those of raft.proto.
/// </summary>
internal sealed class EntriesWriter
{
    // Tag and length of an entry, and a message around them.
    const int EntryFraming = 12;

    // Serializers are called on any thread, and by many at once.
    [ThreadStatic]
    static EntriesWriter? s_ofThread;

    readonly Proto.Entry _entry = new();
    readonly Proto.SessionCommand _inSession = new();
    readonly Proto.Payload _payload = new();

    /// <param name="head">The message without its entries.</param>
    /// <param name="field">The number of the field of the entries, the message's last.</param>
    /// <param name="previous">What the first entry follows.</param>
    /// <param name="entries">The entries.</param>
    public static byte[] Write(IMessage head, int field, EntryId previous, IReadOnlyList<LogEntry> entries)
    {
        EntryFormat.CheckOrder(previous, entries);
        return entries.Count == 0 ? head.ToByteArray() : (s_ofThread ??= new EntriesWriter()).WriteAll(head, field, entries);
    }

    byte[] WriteAll(IMessage head, int field, IReadOnlyList<LogEntry> entries)
    {
        var most = head.CalculateSize();
        for (var i = 0; i < entries.Count; i++) most = checked(most + entries[i].Size + EntryFraming);
        var scratch = ArrayPool<byte>.Shared.Rent(most);
        try
        {
            var output = new CodedOutputStream(scratch);
            head.WriteTo(output);
            for (var i = 0; i < entries.Count; i++)
            {
                output.WriteTag(field, WireFormat.WireType.LengthDelimited);
                output.WriteMessage(EntryFormat.Fill(_entry, _inSession, _payload, entries[i]));
            }

            return scratch.AsSpan(0, (int)output.Position).ToArray();
        }
        finally
        {
            // Or it would keep the last command in memory.
            _payload.Data = ByteString.Empty;
            ArrayPool<byte>.Shared.Return(scratch);
        }
    }
}
