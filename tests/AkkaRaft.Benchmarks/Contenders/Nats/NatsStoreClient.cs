using System.Diagnostics;
using System.Globalization;
using AkkaRaft.Benchmarks.Load;
using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;

namespace AkkaRaft.Benchmarks.Contenders.Nats;

/// <summary>A client that publishes to a subject for each key, and reads a subject's last message; each connection is to another node, which passes on what is not its own.</summary>
internal sealed class NatsStoreClient : IStoreClient
{
    const string Stream = "values";

    static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);
    static readonly TimeSpan s_callPatience = TimeSpan.FromSeconds(2);
    static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(50);
    static readonly string[] s_subjects = [.. Enumerable.Range(0, LoadRequest.Keys).Select(key => string.Create(CultureInfo.InvariantCulture, $"{Stream}.{key:000}"))];

    readonly NatsConnection[] _connections;
    readonly NatsJSContext[] _streams;
    readonly Lazy<Task> _made;
    int _next;

    /// <param name="endpoints">The nodes' addresses for clients, separated by commas.</param>
    public NatsStoreClient(string endpoints)
    {
        _connections = [.. endpoints.Split(',').Select(Connection)];
        _streams = [.. _connections.Select(connection => new NatsJSContext(connection))];
        _made = new Lazy<Task>(Make);
    }

    public Task Write(int key, ReadOnlyMemory<byte> value) => Insist(async stream =>
        (await stream.PublishAsync(s_subjects[key], value, opts: new NatsJSPubOpts { RetryAttempts = 1 }).AsTask().WaitAsync(s_callPatience).ConfigureAwait(false)).EnsureSuccess());

    public Task Read(int key)
    {
        var request = new StreamMsgGetRequest { LastBySubj = s_subjects[key] };
        return Insist(stream => stream.JSRequestResponseAsync<StreamMsgGetRequest, StreamMsgGetResponse>($"$JS.API.STREAM.MSG.GET.{Stream}", request).AsTask().WaitAsync(s_callPatience));
    }

    /// <summary>The name of the node that leads the stream.</summary>
    public async Task<string> Leader()
    {
        var leader = "";
        await Insist(async stream => leader = (await stream.GetStreamAsync(Stream).AsTask().WaitAsync(s_callPatience)).Info.Cluster?.Leader is { Length: > 0 } name ? name : throw new NatsJSException("no node leads the stream"));
        return leader;
    }

    /// <summary>Completes when a node is one of a cluster that has a leader.</summary>
    /// <param name="address">Its own, for clients.</param>
    public static async Task TakesPart(string address)
    {
        await using var connection = Connection(address);
        var stream = new NatsJSContext(connection);
        await Insist(() => stream, one => one.GetAccountInfoAsync().AsTask().WaitAsync(s_callPatience));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var connection in _connections) await connection.DisposeAsync();
    }

    static NatsConnection Connection(string address) => new(new NatsOpts
    {
        Url = $"nats://{address}",
        RetryOnInitialConnect = true,
        MaxReconnectRetry = -1,
        ReconnectWaitMin = s_pause,
        ReconnectWaitMax = s_pause,
        RequestTimeout = s_callPatience,
    });

    // Whichever client comes first makes it; the others find it as they want it.
    Task Make() => Insist(() => _streams[0], stream => stream.CreateStreamAsync(new StreamConfig(Stream, [$"{Stream}.*"])
    {
        NumReplicas = _connections.Length,
        Storage = StreamConfigStorage.File,
        MaxMsgsPerSubject = 1,
    }).AsTask().WaitAsync(s_callPatience));

    async Task Insist(Func<NatsJSContext, Task> call)
    {
        await _made.Value.ConfigureAwait(false);
        await Insist(() => _streams[(uint)Interlocked.Increment(ref _next) % _streams.Length], call).ConfigureAwait(false);
    }

    static async Task Insist(Func<NatsJSContext> node, Func<NatsJSContext, Task> call)
    {
        for (var begun = Stopwatch.GetTimestamp(); ;)
        {
            try
            {
                await call(node()).ConfigureAwait(false);
                return;
            }
            catch (Exception problem) when (problem is NatsException or TimeoutException or OperationCanceledException && Stopwatch.GetElapsedTime(begun) < s_patience)
            {
                await Task.Delay(s_pause).ConfigureAwait(false);
            }
        }
    }
}
