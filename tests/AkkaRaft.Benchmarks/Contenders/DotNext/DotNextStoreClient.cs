using System.Diagnostics;
using System.Net;

namespace AkkaRaft.Benchmarks.Contenders.DotNext;

/// <summary>A client that speaks to the node that leads, over one connection.</summary>
internal sealed class DotNextStoreClient : IStoreClient
{
    static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);
    static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(5);

    readonly ValueNode[] _nodes;
    readonly Lock _gate = new();
    Task? _search;
    int _leader;

    /// <param name="endpoints">The nodes' addresses for clients, separated by commas.</param>
    public DotNextStoreClient(string endpoints) => _nodes = [.. endpoints.Split(',').Select(address => new ValueNode(IPEndPoint.Parse(address)))];

    public Task Write(int key, ReadOnlyMemory<byte> value) => Insist(ValueRequest.Write, key, value);

    public Task Read(int key) => Insist(ValueRequest.Read, key, default);

    /// <summary>The place of the node that leads; waits until one does.</summary>
    public async Task<int> Leader()
    {
        var begun = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(begun) < s_patience)
        {
            var leader = Array.IndexOf(await Task.WhenAll(_nodes.Select(node => node.Standing())), NodeStanding.Leads);
            if (leader >= 0) return leader;
            await Task.Delay(s_pause);
        }

        throw new TimeoutException($"No node of dotNext has led for {s_patience.TotalSeconds:0} s.");
    }

    public ValueTask DisposeAsync()
    {
        foreach (var node in _nodes) node.Dispose();
        return ValueTask.CompletedTask;
    }

    async Task Insist(ValueRequest request, int key, ReadOnlyMemory<byte> value)
    {
        var begun = Stopwatch.GetTimestamp();
        while (!await _nodes[Volatile.Read(ref _leader)].Ask(request, key, value).ConfigureAwait(false))
        {
            if (Stopwatch.GetElapsedTime(begun) > s_patience) throw new TimeoutException($"No node of dotNext has done a {request} for {s_patience.TotalSeconds:0} s.");
            await Search().ConfigureAwait(false);
        }
    }

    // One search for all that failed together.
    Task Search()
    {
        lock (_gate) return _search is { IsCompleted: false } ? _search : _search = Find();

        async Task Find()
        {
            await Task.Delay(s_pause);
            var leader = await Leader();
            Volatile.Write(ref _leader, leader);
        }
    }
}
