using System.Globalization;

namespace AkkaRaft.Samples.ClusterLauncher.Processes;

/// <summary>The nodes of one cluster on this machine.</summary>
internal sealed class HashmapCluster : IAsyncDisposable
{
    readonly string[] _extraArguments;

    /// <param name="nodes">How many nodes; their ids are 1, 2, 3 ...</param>
    /// <param name="dataFolder">Each node gets the folder <c>node-N</c> in it, and the file <c>node-N.log</c>.</param>
    /// <param name="basePort">Node N listens at this port + N; null picks free ones.</param>
    /// <param name="extraArguments">More arguments of <c>hashmap server</c>, for each node.</param>
    public HashmapCluster(int nodes, string dataFolder, int? basePort = null, params string[] extraArguments)
    {
        _extraArguments = extraArguments;
        DataFolder = Path.GetFullPath(dataFolder);
        var first = basePort + 1 ?? FreePorts.InARow(nodes);
        Nodes = [.. Enumerable.Range(1, nodes).Select(n => new HashmapNode($"{n}", $"127.0.0.1:{first + n - 1}",
            Path.Combine(DataFolder, $"node-{n}"), Path.Combine(DataFolder, $"node-{n}.log"), Arguments))];
    }

    /// <summary>HOCON for nodes and clients alike, over their own; null for none.</summary>
    public FileInfo? ConfigFile { get; init; }

    /// <summary>In the order of their ids.</summary>
    public IReadOnlyList<HashmapNode> Nodes { get; }

    /// <summary>Where the nodes' folders and logs are.</summary>
    public string DataFolder { get; }

    /// <summary>As the hashmap's clients take it: <c>1=host:port,2=host:port</c>.</summary>
    public string Peers => string.Join(",", Nodes.Select(n => $"{n.Id}={n.Address}"));

    /// <summary>The node of that id.</summary>
    /// <exception cref="KeyNotFoundException">There is none.</exception>
    public HashmapNode this[string id] => Nodes.FirstOrDefault(n => n.Id == id)
        ?? throw new KeyNotFoundException($"There is no node {id}; the nodes are {string.Join(", ", Nodes.Select(n => n.Id))}.");

    /// <summary>Notes in the data folder which addresses the nodes have: their data knows each other by them.</summary>
    /// <exception cref="InvalidOperationException">The folder is of a cluster with other nodes or addresses.</exception>
    public void ClaimFolder()
    {
        Directory.CreateDirectory(DataFolder);
        var known = PeersIn(DataFolder);
        if (known is not null && known != Peers)
            throw new InvalidOperationException(
                $"The data in {DataFolder} is of the cluster {known}, not of {Peers}. Use the same --nodes and --base-port, or another --data.");
        File.WriteAllText(NoteIn(DataFolder), Peers + Environment.NewLine);
    }

    /// <summary>The addresses of the cluster whose data is in a folder, as <see cref="Peers"/> has them; null if there is none.</summary>
    public static string? PeersIn(string dataFolder) => File.Exists(NoteIn(dataFolder)) ? File.ReadAllText(NoteIn(dataFolder)).Trim() : null;

    static string NoteIn(string dataFolder) => Path.Combine(dataFolder, "cluster.txt");

    /// <summary>Refuses to go on when somebody listens at a node's port.</summary>
    /// <exception cref="InvalidOperationException">It names the ports.</exception>
    public void RequireFreePorts()
    {
        var taken = Nodes.Select(n => int.Parse(n.Address.Split(':')[1], CultureInfo.InvariantCulture)).Where(p => !FreePorts.IsFree(p)).ToList();
        if (taken.Count > 0)
            throw new InvalidOperationException($"Somebody listens already at port {string.Join(", ", taken)} of 127.0.0.1. Choose others with --base-port.");
    }

    /// <summary>Starts each node, and completes when all are ready.</summary>
    /// <exception cref="TimeoutException">One was not ready in time; the message has its last lines.</exception>
    public Task Start(TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        foreach (var node in Nodes) node.Start();
        return Task.WhenAll(Nodes.Select(n => n.WhenReady(timeout, cancellationToken)));
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        foreach (var node in Nodes) await node.DisposeAsync();
    }

    IEnumerable<string> Arguments(HashmapNode node) =>
        ["server", node.Id, .. Nodes.Select(n => $"{n.Id}={n.Address}"), "--data", node.DataFolder, .. (node.ConfigFile ?? ConfigFile) is { } file ? (string[])["--config", file.FullName] : [], .. _extraArguments, .. node.MoreArguments];
}
