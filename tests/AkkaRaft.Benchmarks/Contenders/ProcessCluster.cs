namespace AkkaRaft.Benchmarks.Contenders;

/// <summary>The process of a node.</summary>
internal interface INodeProcess : IAsyncDisposable
{
    /// <summary>Its number.</summary>
    int Id { get; }

    /// <summary>kill -9.</summary>
    void Kill();

    /// <summary>SIGSTOP.</summary>
    void Pause();

    /// <summary>SIGCONT.</summary>
    void Resume();
}

/// <summary>Nodes that are processes: started together, killed and started again one by one.</summary>
/// <param name="nodes">How many.</param>
/// <param name="endpoints">Where clients find them.</param>
/// <param name="client">A client of them in this process; disposed of with them.</param>
internal abstract class ProcessCluster<TProcess>(int nodes, string endpoints, IStoreClient client) : IContenderCluster where TProcess : class, INodeProcess
{
    readonly TProcess?[] _nodes = new TProcess?[nodes];

    public string Endpoints => endpoints;

    public IReadOnlyList<int> ProcessIds => [.. Nodes.Select(node => node.Id)];

    /// <summary>The processes, in the order of their numbers.</summary>
    public IReadOnlyList<TProcess> Nodes => _nodes!;

    public abstract Task<int> Leader();

    public void Kill(int node) => Nodes[node].Kill();

    public void Pause()
    {
        foreach (var node in Nodes) node.Pause();
    }

    public void Resume()
    {
        foreach (var node in Nodes) node.Resume();
    }

    public async Task Restart(int node)
    {
        // Its data and its ports are free again when the old process has ended.
        if (_nodes[node] is { } old) await old.DisposeAsync();
        _nodes[node] = await StartNode(node);
    }

    public async ValueTask DisposeAsync()
    {
        await client.DisposeAsync();
        // Null where the start of all failed before this one's.
        foreach (var node in _nodes) await (node?.DisposeAsync() ?? ValueTask.CompletedTask);
    }

    /// <summary>Starts a node with the data that it may have, and waits until it takes part. Leaves no process behind if it fails.</summary>
    protected abstract Task<TProcess> StartNode(int node);

    /// <summary>Starts all nodes, and waits until they have done a write.</summary>
    protected static async Task<TCluster> StartAll<TCluster>(TCluster cluster) where TCluster : ProcessCluster<TProcess>
    {
        try
        {
            await Task.WhenAll(Enumerable.Range(0, cluster.Nodes.Count).Select(cluster.Restart));
            await cluster.FirstWrite();
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    Task FirstWrite() => client.Write(0, new byte[16]);
}
