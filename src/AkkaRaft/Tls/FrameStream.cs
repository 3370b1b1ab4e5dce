using System.Threading.Channels;
using Akka.Event;
using Akka.Remote.Transport;
using Google.Protobuf;

namespace AkkaRaft.Tls;

/// <summary>What TLS reads and writes: a stream of bytes over the frames of an association of the transport below.</summary>
/// <param name="below">The association.</param>
/// <param name="log">For people who look closely.</param>
internal sealed class FrameStream(AssociationHandle below, ILoggingAdapter log) : Stream, IHandleEventListener
{
    /// <summary>Fits into the smallest frame that Akka.Remote admits, 32,000 bytes.</summary>
    const int LargestFrame = 30_000;

    /// <summary>Far more than a handshake takes. Who is not known yet gets no more memory than that.</summary>
    const int LargestHandshake = 256 * 1024;

    readonly Channel<ByteString> _received = Channel.CreateUnbounded<ByteString>(new UnboundedChannelOptions { SingleReader = true });

    ReadOnlyMemory<byte> _rest;
    long _receivedInHandshake;
    volatile bool _authenticated;

    /// <summary>How the association below ended; null while it has not, or if we ended it.</summary>
    public Disassociated? End { get; private set; }

    /// <summary>Why it ended, for people; null while it has not.</summary>
    public string? Why { get; private set; }

    /// <inheritdoc />
    public override bool CanRead => true;

    /// <inheritdoc />
    public override bool CanWrite => true;

    /// <inheritdoc />
    public override bool CanSeek => false;

    /// <inheritdoc />
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc />
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>From now on the peer is known, and may send as much as it likes.</summary>
    public void Trust() => _authenticated = true;

    /// <summary>Ends it: who waits for bytes is told why.</summary>
    public void Abort(string why)
    {
        Why ??= why;
        _received.Writer.TryComplete(new IOException(why));
        below.Disassociate(why, log);
    }

    /// <inheritdoc />
    public void Notify(IHandleEvent ev)
    {
        switch (ev)
        {
            case InboundPayload { Payload: var payload }:
                if (!_authenticated && Interlocked.Add(ref _receivedInHandshake, payload.Length) > LargestHandshake)
                    Abort($"more than {LargestHandshake} bytes came before the handshake was done");
                else _received.Writer.TryWrite(payload);
                break;
            case Disassociated end:
                End = end;
                Why ??= "it closed the connection";
                _received.Writer.TryComplete();
                break;
            default:
                // A fault of the transport below, which ends it too.
                _received.Writer.TryComplete();
                break;
        }
    }

    /// <inheritdoc />
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_rest.IsEmpty)
        {
            if (!await _received.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false)) return 0;
            if (_received.Reader.TryRead(out var next)) _rest = next.Memory;
        }

        var count = Math.Min(buffer.Length, _rest.Length);
        _rest.Span[..count].CopyTo(buffer.Span);
        _rest = _rest[count..];
        return count;
    }

    /// <inheritdoc />
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc />
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Nothing here may block a thread until a peer sends.");

    /// <inheritdoc />
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            var count = Math.Min(buffer.Length, LargestFrame);
            if (!below.Write(ByteString.CopyFrom(buffer[..count]))) throw new IOException("the connection is closed");
            buffer = buffer[count..];
        }
    }

    /// <inheritdoc />
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <inheritdoc />
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Write(buffer.Span);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc />
    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        Write(buffer.AsSpan(offset, count));
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public override void Flush()
    {
    }

    /// <inheritdoc />
    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc />
    public override void SetLength(long value) => throw new NotSupportedException();
}
