using System.Buffers;
using Akka.Actor;

namespace AkkaRaft.Journals;

/// <summary>
/// Makes the bytes of a snapshot that this node takes, beside everything else that the node does, and hands them to the <see cref="SnapshotStore"/> at a bounded rate:
/// the log's journal is on the same disk, and its writes must not wait for this.
/// </summary>
internal sealed class SnapshotWriter : UntypedActor, IWithTimers
{
    static readonly TimeSpan MostMadeGood = TimeSpan.FromMilliseconds(20);

    readonly IAsyncEnumerator<ReadOnlyMemory<byte>> _content;
    readonly SnapshotOptions _options;
    readonly CancellationTokenSource _cancelled = new();

    // One for all pieces: the store has copied a piece when it asks for the next one. Large arrays are collected with everything that is old.
    readonly ArrayBufferWriter<byte> _piece = new();

    // What is left of the last bytes that were made: a whole state may come at once, and is written at the same rate.
    ReadOnlyMemory<byte> _rest;
    TimeSpan _nextAt;
    int _written;
    bool _ended;
    bool _producing;

    public SnapshotWriter(IAsyncEnumerable<ReadOnlyMemory<byte>> content, SnapshotOptions options)
    {
        _content = content.GetAsyncEnumerator(_cancelled.Token);
        _options = options;
    }

    public static Props Props(IAsyncEnumerable<ReadOnlyMemory<byte>> content, SnapshotOptions options) =>
        Akka.Actor.Props.Create(typeof(SnapshotWriter), content, options);

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart() => Self.Tell(Next.Instance);

    protected override void PostStop()
    {
        _cancelled.Cancel();
        if (!_producing && !_ended) _ = _content.DisposeAsync().AsTask();
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Next:
                RunTask(Produce);
                break;
            case PieceTaken:
                Wait();
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    async Task Produce()
    {
        var parent = Context.Parent;
        var self = Self;
        _producing = true;
        try
        {
            // Whoever makes the bytes may make few at a time, or all at once.
            _piece.ResetWrittenCount();
            while (!_ended && _piece.WrittenCount < _options.RowBytes)
            {
                if (_rest.IsEmpty)
                {
                    _ended = !await _content.MoveNextAsync();
                    if (!_ended) _rest = _content.Current;
                    continue;
                }

                var length = Math.Min(_rest.Length, _options.RowBytes - _piece.WrittenCount);
                _piece.Write(_rest.Span[..length]);
                _rest = _rest[length..];
            }

            if (_ended) await _content.DisposeAsync();
            _written = _piece.WrittenCount;
            parent.Tell(new Piece(_piece.WrittenMemory, _ended), self);
        }
        catch (Exception cause)
        {
            parent.Tell(new ContentFailed(cause), self);
        }
        finally
        {
            _producing = false;
        }

        if (_cancelled.IsCancellationRequested && !_ended) await _content.DisposeAsync();
    }

    void Wait()
    {
        var now = _options.Time.GetElapsedTime(0);
        // What a timer came late is made good, up to a bound: after a stall the disk is not to be flooded.
        var earliest = now - MostMadeGood;
        _nextAt = (_nextAt > earliest ? _nextAt : earliest) + TimeSpan.FromSeconds((double)_written / _options.WriteRate);
        var wait = _nextAt - now;
        // Akka's timers are no finer than 10 ms.
        if (wait > TimeSpan.FromMilliseconds(5)) Timers.StartSingleTimer(Next.Instance, Next.Instance, wait);
        else Self.Tell(Next.Instance);
    }

    /// <summary>Writer to store: the next bytes, perhaps none at the end.</summary>
    internal sealed record Piece(ReadOnlyMemory<byte> Bytes, bool IsLast) : INoSerializationVerificationNeeded;

    /// <summary>Store to writer: they were taken, send the next ones.</summary>
    internal sealed record PieceTaken : INoSerializationVerificationNeeded
    {
        public static readonly PieceTaken Instance = new();
    }

    /// <summary>Writer to store: making them failed.</summary>
    internal sealed record ContentFailed(Exception Cause) : INoSerializationVerificationNeeded;

    sealed record Next : INoSerializationVerificationNeeded
    {
        public static readonly Next Instance = new();
    }
}
