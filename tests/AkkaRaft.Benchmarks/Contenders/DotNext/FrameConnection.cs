using System.Buffers;
using System.Buffers.Binary;
using System.Net.Sockets;

namespace AkkaRaft.Benchmarks.Contenders.DotNext;

/// <summary>What a client asks.</summary>
internal enum ValueRequest : byte
{
    /// <summary>Four bytes of key, then the value.</summary>
    Write,

    /// <summary>Four bytes of key; answered with the value.</summary>
    Read,

    /// <summary>Nothing; answered with a <see cref="NodeStanding"/>.</summary>
    Status,
}

/// <summary>How it was answered.</summary>
internal enum ValueAnswer : byte
{
    /// <summary>It was done.</summary>
    Done,

    /// <summary>It was not, or nobody knows: the node does not lead, or leads no more.</summary>
    NotDone,
}

/// <summary>What a node is to its cluster.</summary>
internal enum NodeStanding : byte
{
    /// <summary>It knows no leader.</summary>
    Lost,

    /// <summary>It knows one.</summary>
    Follows,

    /// <summary>It is the leader, and serves.</summary>
    Leads,
}

/// <summary>Reads a frame; its bytes are gone when this returns.</summary>
/// <param name="id">The request's number, in its answer, too.</param>
/// <param name="kind">A <see cref="ValueRequest"/> or a <see cref="ValueAnswer"/>.</param>
/// <param name="body">What follows.</param>
internal delegate void FrameHandler(int id, byte kind, ReadOnlySpan<byte> body);

/// <summary>
/// Either end of a connection between a client and a node. A frame is its length, a number, a kind and a body; many are under way at any time, and those that are ready when the socket is free leave
/// in one call.
/// </summary>
internal sealed class FrameConnection : IDisposable
{
    const int Header = 2 * sizeof(int) + 1;

    readonly Socket _socket;
    readonly Lock _gate = new();
    ArrayBufferWriter<byte> _gathered = new(64 * 1024);
    ArrayBufferWriter<byte> _leaving = new(64 * 1024);
    bool _sending;

    public FrameConnection(Socket socket)
    {
        socket.NoDelay = true;
        _socket = socket;
    }

    /// <summary>Sends a frame, in the background. If the connection is broken, <see cref="Receive"/> finds out.</summary>
    public void Send(int id, byte kind, ReadOnlySpan<byte> body, int? key = null)
    {
        var length = body.Length + (key is null ? 0 : sizeof(int));
        lock (_gate)
        {
            var header = _gathered.GetSpan(Header + sizeof(int));
            BinaryPrimitives.WriteInt32LittleEndian(header, length);
            BinaryPrimitives.WriteInt32LittleEndian(header[sizeof(int)..], id);
            header[2 * sizeof(int)] = kind;
            if (key is { } number) BinaryPrimitives.WriteInt32LittleEndian(header[Header..], number);
            _gathered.Advance(Header + length - body.Length);
            _gathered.Write(body);
            if (_sending) return;
            _sending = true;
        }

        // Not here: whoever sends is often one of many that were set free together, and those behind it are to go with it.
        ThreadPool.UnsafeQueueUserWorkItem(static connection => _ = connection.SendGathered(), this, preferLocal: false);
    }

    /// <summary>Hands on what comes until the connection ends, however it does.</summary>
    public async Task Receive(FrameHandler handler)
    {
        var buffer = new byte[64 * 1024];
        var filled = 0;
        try
        {
            while (await _socket.ReceiveAsync(buffer.AsMemory(filled)).ConfigureAwait(false) is var count and > 0)
            {
                filled += count;
                var used = HandOn(buffer.AsSpan(0, filled), handler);
                buffer.AsSpan(used, filled - used).CopyTo(buffer);
                filled -= used;
                if (filled == buffer.Length) Array.Resize(ref buffer, 2 * buffer.Length);
            }
        }
        catch (Exception problem) when (problem is SocketException or ObjectDisposedException)
        {
            // The end, too.
        }
    }

    public void Dispose() => _socket.Dispose();

    static int HandOn(ReadOnlySpan<byte> bytes, FrameHandler handler)
    {
        var used = 0;
        while (bytes.Length - used >= Header)
        {
            var frame = bytes[used..];
            var length = BinaryPrimitives.ReadInt32LittleEndian(frame);
            if (frame.Length < Header + length) break;
            handler(BinaryPrimitives.ReadInt32LittleEndian(frame[sizeof(int)..]), frame[2 * sizeof(int)], frame.Slice(Header, length));
            used += Header + length;
        }

        return used;
    }

    async Task SendGathered()
    {
        try
        {
            while (true)
            {
                lock (_gate)
                {
                    if (_gathered.WrittenCount == 0)
                    {
                        _sending = false;
                        return;
                    }

                    (_gathered, _leaving) = (_leaving, _gathered);
                }

                for (var rest = _leaving.WrittenMemory; !rest.IsEmpty; rest = rest[await _socket.SendAsync(rest).ConfigureAwait(false)..])
                {
                }

                _leaving.ResetWrittenCount();
            }
        }
        catch (Exception problem) when (problem is SocketException or ObjectDisposedException)
        {
            _socket.Dispose();
        }
    }
}
