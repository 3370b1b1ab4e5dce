using System.Buffers.Binary;
using Google.Protobuf;

namespace AkkaRaft.Serialization;

/// <summary>
/// The fields of a message of raft.proto, one after the other, as slices of its bytes: what comes by the thousand (commands, requests, replies) is read without an object and a copy
/// for each part. Bytes that end inside of a field are refused, as the generated code refuses them.
/// </summary>
internal ref struct MessageFields(ReadOnlyMemory<byte> message)
{
    const int BitsOfAByte = 7;
    const int LongestVarint = 10;

    readonly ReadOnlyMemory<byte> _message = message;
    readonly ReadOnlySpan<byte> _bytes = message.Span;
    int _next;
    bool _isRead = true;

    /// <summary>Number and wire type, as they are on the wire.</summary>
    public uint Tag { get; private set; }

    public readonly int Number => WireFormat.GetTagFieldNumber(Tag);

    /// <summary>Where the field begins.</summary>
    public int Start { get; private set; }

    /// <summary>Where it ends; once it is read.</summary>
    public readonly int End => _next;

    /// <summary>Whether each field so far had a higher number than the one before it: then none came twice.</summary>
    public bool AreInOrder { get; private set; } = true;

    /// <summary>Goes to the next field; a field that was not read is passed over.</summary>
    public bool MoveNext()
    {
        if (!_isRead) Skip();
        if (_next == _bytes.Length) return false;
        Start = _next;
        var tag = Varint();
        if (tag > uint.MaxValue || tag < 1 << 3) throw Checked.Bad($"it has a field of number {tag >> 3}");
        AreInOrder &= tag >> 3 > Tag >> 3;
        Tag = (uint)tag;
        _isRead = false;
        return true;
    }

    public long Int64() => (long)Number64();

    public long SInt64()
    {
        var zigzag = Number64();
        return (long)(zigzag >> 1) ^ -(long)(zigzag & 1);
    }

    public ReadOnlyMemory<byte> Bytes()
    {
        _isRead = true;
        var length = Varint();
        if (length > (ulong)(_bytes.Length - _next)) throw Cut();
        return _message.Slice(Take((int)length), (int)length);
    }

    public uint Fixed32()
    {
        _isRead = true;
        return BinaryPrimitives.ReadUInt32LittleEndian(_bytes.Slice(Take(sizeof(uint)), sizeof(uint)));
    }

    /// <summary>Passes over the field.</summary>
    public void Skip()
    {
        switch (WireFormat.GetTagWireType(Tag))
        {
            case WireFormat.WireType.Varint:
                Number64();
                break;
            case WireFormat.WireType.LengthDelimited:
                Bytes();
                break;
            case WireFormat.WireType.Fixed32:
                Fixed32();
                break;
            case WireFormat.WireType.Fixed64:
                _isRead = true;
                Take(sizeof(ulong));
                break;
            default:
                throw Checked.Bad($"its field {Number} is of wire type {Tag & 7}, which raft.proto does not use");
        }
    }

    ulong Number64()
    {
        _isRead = true;
        return Varint();
    }

    // Most are tags and short lengths, of one byte.
    ulong Varint() => _next < _bytes.Length && _bytes[_next] < 0x80 ? _bytes[_next++] : LongVarint();

    ulong LongVarint()
    {
        var value = 0UL;
        for (var count = 0; count < LongestVarint; count++)
        {
            var part = _bytes[Take(1)];
            value |= (ulong)(part & 0x7f) << (count * BitsOfAByte);
            if (part < 0x80) return value;
        }

        throw Checked.Bad("it has a number of more than ten bytes");
    }

    int Take(int count)
    {
        if (_bytes.Length - _next < count) throw Cut();
        _next += count;
        return _next - count;
    }

    static Exception Cut() => Checked.Bad("its bytes end inside of a field");
}
