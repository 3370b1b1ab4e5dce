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
    /// <summary>The header, but for the length of the sessions.</summary>
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
    /// <summary>The bytes of a header's length.</summary>
    internal const int HeaderLength = sizeof(int);

    /// <param name="state">The state.</param>
    /// <param name="sessions">The sessions.</param>
    /// <param name="codec">Makes bytes of a value.</param>
    /// <param name="cancellation">Given by whoever reads.</param>
    public static async IAsyncEnumerable<ReadOnlyMemory<byte>> Of(
        StateContent state, SessionTableImage sessions, IPayloadCodec codec, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var header = state.Header(codec);
        using var table = new MemoryStream();
        sessions.Write(table);
        header.SessionsLength = table.Length;
        var beginning = new byte[HeaderLength + header.CalculateSize()];
        BinaryPrimitives.WriteInt32LittleEndian(beginning, beginning.Length - HeaderLength);
        header.WriteTo(beginning.AsSpan(HeaderLength));
        yield return beginning;
        yield return table.GetBuffer().AsMemory(0, (int)table.Length);
        await foreach (var piece in state.Bytes(cancellation).WithCancellation(cancellation)) yield return piece;
    }
}
