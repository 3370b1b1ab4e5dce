using System.Runtime.Serialization;
using Hyperion;
using Hyperion.ValueSerializers;

namespace AkkaRaft.Serialization;

/// <summary>
/// Counts how deep objects are inside each other. Hyperion writes and reads them by recursion, where a stack that overflows ends the process, and wraps an
/// error once for each level, with a longer text each time; so what is nested too deep, or contains itself, is an error early. The bound is a
/// number and not what the stack has left: what one node reads, all can read.
/// </summary>
internal sealed class NestedObjectSerializer(ObjectSerializer fields) : ValueSerializer
{
    /// <summary>How many objects may be inside each other, the outermost counted.</summary>
    public const int MaxDepth = 100;

    public override int PreallocatedByteBufferSize => fields.PreallocatedByteBufferSize;

    public override Type GetElementType() => fields.GetElementType();

    public override void WriteManifest(Stream stream, SerializerSession session) => fields.WriteManifest(stream, session);

    public override void WriteValue(Stream stream, object value, SerializerSession session)
    {
        Enter(stream);
        fields.WriteValue(stream, value, session);
        Leave(stream);
    }

    public override object ReadValue(Stream stream, DeserializerSession session)
    {
        Enter(stream);
        var value = fields.ReadValue(stream, session);
        Leave(stream);
        return value;
    }

    static void Enter(Stream stream)
    {
        if (++((NestingStream)stream).Depth > MaxDepth)
            throw new SerializationException($"it is nested more than {MaxDepth} objects deep, or contains itself. Put the parts into a collection");
    }

    static void Leave(Stream stream) => ((NestingStream)stream).Depth--;
}

/// <summary>The bytes of one object that is being written or read, and how deep in it the writer or reader is.</summary>
internal sealed class NestingStream : MemoryStream
{
    public NestingStream()
    {
    }

    public NestingStream(byte[] bytes, int offset, int count) : base(bytes, offset, count, writable: false)
    {
    }

    public int Depth { get; set; }
}
