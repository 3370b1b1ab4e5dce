using System.Runtime.CompilerServices;

namespace AkkaRaft.Serialization;

/// <summary>
/// Hyperion writes and reads nested objects by recursion, and a stack that overflows ends the process. Each level writes or reads at least a byte,
/// so here is where to look; what is nested too deep, or contains itself, becomes an exception.
/// </summary>
internal sealed class GuardedStream : MemoryStream
{
    public GuardedStream()
    {
    }

    public GuardedStream(byte[] bytes, int offset, int count) : base(bytes, offset, count, writable: false)
    {
    }

    public override void Write(byte[] buffer, int offset, int count)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        base.Write(buffer, offset, count);
    }

    public override void WriteByte(byte value)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        base.WriteByte(value);
    }

    public override int Read(byte[] buffer, int offset, int count)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        return base.Read(buffer, offset, count);
    }

    public override int ReadByte()
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        return base.ReadByte();
    }
}
