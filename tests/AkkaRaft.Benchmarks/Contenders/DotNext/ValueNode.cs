using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace AkkaRaft.Benchmarks.Contenders.DotNext;

/// <summary>A node, seen from a client: one connection, made anew when it is needed again.</summary>
internal sealed class ValueNode : IDisposable
{
    static readonly TimeSpan s_callPatience = TimeSpan.FromSeconds(2);
    static readonly TimeSpan s_sweep = TimeSpan.FromMilliseconds(250);

    readonly IPEndPoint _address;
    readonly Lock _gate = new();
    readonly Timer _sweeper;
    Task<Conversation>? _opened;
    int _lastId;

    public ValueNode(IPEndPoint address)
    {
        _address = address;
        // A timer for each call would cost more than the call.
        _sweeper = new Timer(_ => Sweep(), null, s_sweep, s_sweep);
    }

    /// <summary>Whether it was done. False when the node says that it was not, says nothing in time, or cannot be reached.</summary>
    public async Task<bool> Ask(ValueRequest request, int key, ReadOnlyMemory<byte> value) => await Reply(request, key, value).ConfigureAwait(false) is { Answer: ValueAnswer.Done };

    /// <summary>What it is to its cluster; <see cref="NodeStanding.Lost"/> if it does not say.</summary>
    public async Task<NodeStanding> Standing() => (await Reply(ValueRequest.Status, null, default).ConfigureAwait(false))?.Standing ?? NodeStanding.Lost;

    public void Dispose()
    {
        _sweeper.Dispose();
        lock (_gate)
        {
            if (_opened is { IsCompletedSuccessfully: true } opened) opened.Result.Connection.Dispose();
        }
    }

    async ValueTask<Reply?> Reply(ValueRequest request, int? key, ReadOnlyMemory<byte> value)
    {
        try
        {
            var conversation = await Opened().ConfigureAwait(false);
            var question = new Question();
            var id = Interlocked.Increment(ref _lastId);
            conversation.Questions[id] = question;
            conversation.Connection.Send(id, (byte)request, value.Span, key);
            // It may have ended before this question was among those that were given up.
            if (conversation.Ended) question.TrySetResult(null);
            return await question.Task.ConfigureAwait(false);
        }
        catch (SocketException)
        {
            return null;
        }
    }

    Task<Conversation> Opened()
    {
        var opened = Volatile.Read(ref _opened);
        if (opened is { IsCompletedSuccessfully: true } && !opened.Result.Ended) return opened;
        lock (_gate)
        {
            return _opened is { } other && (!other.IsCompleted || (other.IsCompletedSuccessfully && !other.Result.Ended)) ? other : _opened = Open();
        }
    }

    async Task<Conversation> Open()
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(_address);
        }
        catch
        {
            socket.Dispose();
            throw;
        }

        var conversation = new Conversation(new FrameConnection(socket));
        _ = conversation.Listen();
        return conversation;
    }

    void Sweep()
    {
        if (Volatile.Read(ref _opened) is not { IsCompletedSuccessfully: true } opened) return;
        foreach (var (id, question) in opened.Result.Questions)
        {
            if (Stopwatch.GetElapsedTime(question.Asked) > s_callPatience && opened.Result.Questions.TryRemove(id, out _)) question.TrySetResult(null);
        }
    }

    sealed class Question() : TaskCompletionSource<Reply?>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public long Asked { get; } = Stopwatch.GetTimestamp();
    }

    /// <summary>A connection and what was asked on it.</summary>
    sealed class Conversation(FrameConnection connection)
    {
        volatile bool _ended;

        public FrameConnection Connection => connection;

        public ConcurrentDictionary<int, Question> Questions { get; } = new();

        public bool Ended => _ended;

        public async Task Listen()
        {
            await connection.Receive((id, kind, body) =>
            {
                if (Questions.TryRemove(id, out var question)) question.TrySetResult(new Reply((ValueAnswer)kind, body.Length == 1 ? (NodeStanding)body[0] : NodeStanding.Lost));
            });
            _ended = true;
            connection.Dispose();
            foreach (var question in Questions.Values) question.TrySetResult(null);
        }
    }
}

/// <summary>What a node answered.</summary>
/// <param name="Answer">How.</param>
/// <param name="Standing">What it is to its cluster, where that was asked.</param>
internal sealed record Reply(ValueAnswer Answer, NodeStanding Standing);
