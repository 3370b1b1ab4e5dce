using System.Buffers;
using System.Buffers.Binary;
using System.Net.Security;
using Akka.Event;
using Akka.Remote.Transport;
using Google.Protobuf;

namespace AkkaRaft.Tls;

/// <summary>
/// An association whose both ends have accepted each other. Each payload goes through the TLS stream with its length before it.
/// </summary>
internal sealed class TlsHandle : AbstractTransportAdapterHandle
{
    const int LengthBytes = sizeof(int);

    readonly SslStream _tls;
    readonly FrameStream _frames;
    readonly long _largestPayload;
    readonly ILoggingAdapter _log;
    readonly Lock _writing = new();
    bool _broken;

    /// <param name="below">The association of the transport below.</param>
    /// <param name="frames">Its bytes.</param>
    /// <param name="tls">The stream over them, authenticated.</param>
    /// <param name="largestPayload">What no peer may exceed.</param>
    /// <param name="log">For people who look closely.</param>
    public TlsHandle(AssociationHandle below, FrameStream frames, SslStream tls, long largestPayload, ILoggingAdapter log)
        : base(below, TlsTransport.Scheme)
    {
        _frames = frames;
        _tls = tls;
        _largestPayload = largestPayload;
        _log = log;
        _ = Pump();
    }

    /// <inheritdoc />
    public override bool Write(ByteString payload)
    {
        var length = payload.Length + LengthBytes;
        var buffer = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            BinaryPrimitives.WriteInt32BigEndian(buffer, payload.Length);
            payload.Span.CopyTo(buffer.AsSpan(LengthBytes));
            lock (_writing)
            {
                if (_broken) return false;
                _tls.Write(buffer, 0, length);
            }

            return true;
        }
        catch (Exception closed) when (closed is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // Half a payload may be gone: nothing that follows could be read.
            lock (_writing) _broken = true;
            return false;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <inheritdoc />
    [Obsolete("Use the method that states reasons to make sure disassociation reasons are logged.")]
    public override void Disassociate() => WrappedHandle.Disassociate("the association over it was ended", _log);

    // Payloads to whoever has taken the association, until it ends; then it is told so.
    async Task Pump()
    {
        var listener = await ReadHandlerSource.Task.ConfigureAwait(false);
        var head = new byte[LengthBytes];
        try
        {
            while (await _tls.ReadAtLeastAsync(head, LengthBytes, throwOnEndOfStream: false).ConfigureAwait(false) == LengthBytes)
            {
                var length = BinaryPrimitives.ReadInt32BigEndian(head);
                if (length < 0 || length > _largestPayload) break;
                var payload = new byte[length];
                await _tls.ReadExactlyAsync(payload).ConfigureAwait(false);
                listener.Notify(new InboundPayload(UnsafeByteOperations.UnsafeWrap(payload)));
            }
        }
        catch (Exception ended) when (ended is IOException or ObjectDisposedException)
        {
            // As the end of the stream.
        }
        finally
        {
            lock (_writing) _broken = true;
            WrappedHandle.Disassociate("its TLS stream has ended", _log);
            listener.Notify(_frames.End ?? new Disassociated(DisassociateInfo.Unknown));
            await _tls.DisposeAsync().ConfigureAwait(false);
        }
    }
}
