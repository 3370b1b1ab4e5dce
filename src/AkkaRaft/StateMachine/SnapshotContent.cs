using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using AkkaRaft.Consensus;
using AkkaRaft.Serialization;
using Google.Protobuf;
using Proto = AkkaRaft.Serialization.Proto;

namespace AkkaRaft.StateMachine;

/// <summary>A state as it was captured, not serialized yet.</summary>
internal abstract class StateContent
{
    /// <summary>What a reader must know of the state before it.</summary>
    public abstract Proto.SnapshotHeader Header(IPayloadCodec codec);

    /// <summary>The bytes; called behind <see cref="Header"/>, once.</summary>
    public abstract IAsyncEnumerable<ReadOnlyMemory<byte>> Bytes(CancellationToken cancellation);
}

/// <summary>One object, which nobody changes any more.</summary>
internal sealed class ValueContent(object value) : StateContent
{
    Payload? _payload;

    public override Proto.SnapshotHeader Header(IPayloadCodec codec)
    {
        _payload = codec.Encode(value);
        return new Proto.SnapshotHeader
        {
            Version = Checked.FormatVersion,
            Form = Proto.SnapshotForm.Value,
            Serializer = _payload.SerializerId,
            Manifest = Checked.Manifest(_payload.Manifest),
            StateLength = _payload.Bytes.Length,
        };
    }

    public override async IAsyncEnumerable<ReadOnlyMemory<byte>> Bytes([EnumeratorCancellation] CancellationToken cancellation)
    {
        await Task.CompletedTask;
        yield return _payload!.Bytes;
    }
}

/// <summary>Bytes that the state machine makes while they are read.</summary>
internal sealed class StreamContent(IAsyncEnumerable<ReadOnlyMemory<byte>> bytes) : StateContent
{
    public override Proto.SnapshotHeader Header(IPayloadCodec codec) => new() { Version = Checked.FormatVersion, Form = Proto.SnapshotForm.Stream };

    public override IAsyncEnumerable<ReadOnlyMemory<byte>> Bytes(CancellationToken cancellation) => bytes;
}

/// <summary>A whole snapshot of one moment: sessions and state (B58). Its bytes are made while they are read, beside the state machine.</summary>
internal static class SnapshotContent
{
    /// <summary>The bytes of the length that stands before each message.</summary>
    internal const int LengthBytes = sizeof(int);

    /// <param name="state">The state.</param>
    /// <param name="sessions">The sessions.</param>
    /// <param name="codec">Makes bytes of a value.</param>
    /// <param name="cancellation">Given by whoever reads.</param>
    public static async IAsyncEnumerable<ReadOnlyMemory<byte>> Of(
        StateContent state, SessionTableImage sessions, IPayloadCodec codec, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        yield return Framed(state.Header(codec));
        // One at a time: together they may be larger than the memory that a node has for them.
        foreach (var message in SessionFormat.Write(sessions)) yield return Framed(message);
        await foreach (var piece in state.Bytes(cancellation).WithCancellation(cancellation)) yield return piece;
    }

    /// <summary>A message with its length before it.</summary>
    internal static byte[] Framed(IMessage message)
    {
        var bytes = new byte[LengthBytes + message.CalculateSize()];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, bytes.Length - LengthBytes);
        message.WriteTo(bytes.AsSpan(LengthBytes));
        return bytes;
    }
}
