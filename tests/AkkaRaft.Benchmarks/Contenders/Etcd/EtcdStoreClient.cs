using System.Diagnostics;
using System.Globalization;
using AkkaRaft.Benchmarks.Contenders.Etcd.Proto;
using AkkaRaft.Benchmarks.Load;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;

namespace AkkaRaft.Benchmarks.Contenders.Etcd;

/// <summary>A client that speaks to the node that leads: a follower would pass each request on to it, which costs a round trip more.</summary>
internal sealed class EtcdStoreClient : IStoreClient
{
    // Of 1, 2, 4, 8 and 16 this was the fastest with 100 in flight; with 1000 the machine's noise covers what it makes. (etcd puts no limit to the calls of one connection, so that
    // SocketsHttpHandler.EnableMultipleHttp2Connections would never open a second one.)
    const int ConnectionsPerNode = 8;

    static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);
    static readonly TimeSpan s_callPatience = TimeSpan.FromSeconds(2);
    static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(5);
    static readonly ByteString[] s_keys = [.. Enumerable.Range(0, LoadRequest.Keys).Select(key => ByteString.CopyFromUtf8(string.Create(CultureInfo.InvariantCulture, $"key-{key:000}")))];

    readonly Node[] _nodes;
    readonly Lock _gate = new();
    Task<int>? _search;
    int _leader;

    /// <param name="endpoints">The nodes' addresses for clients, separated by commas.</param>
    public EtcdStoreClient(string endpoints) => _nodes = [.. endpoints.Split(',').Select(address => new Node(address))];

    public Task Write(int key, ReadOnlyMemory<byte> value)
    {
        var request = new PutRequest { Key = s_keys[key], Value = UnsafeByteOperations.UnsafeWrap(value) };
        return Insist((node, deadline) => node.Values().PutAsync(request, deadline: deadline).ResponseAsync);
    }

    public Task Read(int key)
    {
        var request = new RangeRequest { Key = s_keys[key] };
        return Insist((node, deadline) => node.Values().RangeAsync(request, deadline: deadline).ResponseAsync);
    }

    /// <summary>The place of the node that leads; waits until one does.</summary>
    public async Task<int> Leader()
    {
        var begun = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(begun) < s_patience)
        {
            var answers = await Task.WhenAll(_nodes.Select(node => node.Status()));
            // One that was deposed and has not heard of it may still name itself: what counts is that another one names it, too.
            var place = Array.FindIndex(answers, answer => answer is { Leader: not 0 } && answer.Leader == answer.Header.MemberId && answers.Count(other => other?.Leader == answer.Leader) * 2 > answers.Length);
            if (place >= 0) return place;
            await Task.Delay(s_pause);
        }

        throw new TimeoutException($"No node of etcd has led for {s_patience.TotalSeconds:0} s.");
    }

    /// <summary>Completes when a node knows who leads.</summary>
    public async Task TakesPart(int place)
    {
        var begun = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(begun) < s_patience)
        {
            if (await _nodes[place].Status() is { Leader: not 0 }) return;
            await Task.Delay(s_pause);
        }

        throw new TimeoutException($"Node {place + 1} of etcd has known no leader for {s_patience.TotalSeconds:0} s.");
    }

    public ValueTask DisposeAsync()
    {
        foreach (var node in _nodes) node.Dispose();
        return ValueTask.CompletedTask;
    }

    async Task Insist(Func<Node, DateTime, Task> call)
    {
        for (var begun = Stopwatch.GetTimestamp(); ;)
        {
            try
            {
                await call(_nodes[Volatile.Read(ref _leader)], DateTime.UtcNow + s_callPatience).ConfigureAwait(false);
                return;
            }
            catch (RpcException) when (Stopwatch.GetElapsedTime(begun) < s_patience)
            {
                // It is gone, has no leader, or is slow: one search for all that failed with it.
                await Search().ConfigureAwait(false);
            }
        }
    }

    Task Search()
    {
        lock (_gate)
        {
            if (_search is null or { IsCompleted: true }) _search = Find();
            return _search;
        }

        async Task<int> Find()
        {
            await Task.Delay(s_pause);
            var leader = await Leader();
            Volatile.Write(ref _leader, leader);
            return leader;
        }
    }

    /// <summary>A node and the connections to it.</summary>
    sealed class Node : IDisposable
    {
        readonly GrpcChannel[] _channels;
        readonly KV.KVClient[] _values;
        readonly Maintenance.MaintenanceClient _maintenance;
        int _next;

        public Node(string address)
        {
            _channels = [.. Enumerable.Range(0, ConnectionsPerNode + 1).Select(_ => GrpcChannel.ForAddress($"http://{address}", new GrpcChannelOptions
            {
                // Without a proxy, and with what a channel makes of its connection's failures kept short: whoever waits for a new leader must not wait for a back-off.
                HttpHandler = new SocketsHttpHandler { UseProxy = false },
                DisposeHttpClient = true,
                InitialReconnectBackoff = TimeSpan.FromMilliseconds(10),
                MaxReconnectBackoff = TimeSpan.FromMilliseconds(50),
            }))];
            _values = [.. _channels.Skip(1).Select(channel => new KV.KVClient(channel))];
            _maintenance = new Maintenance.MaintenanceClient(_channels[0]);
        }

        /// <summary>A client of the values, each time on another connection.</summary>
        public KV.KVClient Values() => _values[(uint)Interlocked.Increment(ref _next) % _values.Length];

        /// <summary>What it says of itself; null if it says nothing.</summary>
        public async Task<StatusResponse?> Status()
        {
            try
            {
                return await _maintenance.StatusAsync(new StatusRequest(), deadline: DateTime.UtcNow + s_callPatience).ResponseAsync.ConfigureAwait(false);
            }
            catch (RpcException)
            {
                return null;
            }
        }

        public void Dispose()
        {
            foreach (var channel in _channels) channel.Dispose();
        }
    }
}
