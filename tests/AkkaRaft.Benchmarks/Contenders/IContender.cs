namespace AkkaRaft.Benchmarks.Contenders;

/// <summary>A replicated store that is measured: how its nodes are started, and how a client speaks to them.</summary>
internal interface IContender
{
    /// <summary>One word, for the command line and the files.</summary>
    string Name { get; }

    /// <summary>For people.</summary>
    string Title { get; }

    /// <summary>What an acknowledgement of it promises, in one sentence.</summary>
    string Durability { get; }

    /// <summary>Null if it can be run here; else what is missing, and how it was looked for.</summary>
    Task<string?> WhyMissing();

    /// <summary>Starts so many nodes as processes on 127.0.0.1, and waits until they serve.</summary>
    /// <param name="folder">An empty folder for their data and logs, on the disk that is measured.</param>
    /// <param name="nodes">How many.</param>
    Task<IContenderCluster> Start(string folder, int nodes);

    /// <summary>Connects from the process that this is called in.</summary>
    /// <param name="endpoints">As <see cref="IContenderCluster.Endpoints"/> has them.</param>
    Task<IStoreClient> Connect(string endpoints);
}

/// <summary>Nodes that run.</summary>
internal interface IContenderCluster : IAsyncDisposable
{
    /// <summary>Where clients find it; means something to its own contender only, and has no spaces.</summary>
    string Endpoints { get; }

    /// <summary>The nodes' processes, in the order of their numbers; a killed one keeps its place.</summary>
    IReadOnlyList<int> ProcessIds { get; }

    /// <summary>The place of the node that leads; waits until one does.</summary>
    Task<int> Leader();

    /// <summary>kill -9, at once.</summary>
    void Kill(int node);

    /// <summary>SIGSTOP to all nodes: an idle one takes some of the machine, too.</summary>
    void Pause();

    /// <summary>SIGCONT to all nodes. They may need an election before they serve.</summary>
    void Resume();

    /// <summary>Starts a killed node again with its data, and waits until it takes part.</summary>
    Task Restart(int node);
}

/// <summary>A client of a store. Used from many threads at once.</summary>
internal interface IStoreClient : IAsyncDisposable
{
    /// <summary>Writes, and completes when it is acknowledged. Looks for another leader by itself where that is the client's task; fails if it could not be done within some seconds.</summary>
    /// <param name="key">0 to <see cref="Load.LoadRequest.Keys"/> - 1.</param>
    /// <param name="value">The value; may be used again as soon as this has completed.</param>
    Task Write(int key, ReadOnlyMemory<byte> value);

    /// <summary>Reads, linearizably.</summary>
    /// <param name="key">As above.</param>
    Task Read(int key);
}
