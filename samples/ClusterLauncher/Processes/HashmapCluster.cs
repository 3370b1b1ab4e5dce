using System.Collections.Immutable;
using System.Globalization;

namespace AkkaRaft.Samples.ClusterLauncher.Processes;

/// <summary>The nodes of one cluster on this machine: those that found it, and those that join, move and go later.</summary>
internal sealed class HashmapCluster : IAsyncDisposable
{
    const string Host = "127.0.0.1";

    readonly Lock _gate = new();
    readonly string[] _extraArguments;
    readonly int? _basePort;
    volatile ImmutableList<HashmapNode> _nodes;

    /// <param name="nodes">How many nodes found it; their ids are 1, 2, 3 ...</param>
    /// <param name="dataFolder">Each node gets the folder <c>node-N</c> in it, and the file <c>node-N.log</c>.</param>
    /// <param name="basePort">Node N listens at this port + N; null picks free ones.</param>
    /// <param name="extraArguments">More arguments of <c>hashmap server</c>, for each node.</param>
    public HashmapCluster(int nodes, string dataFolder, int? basePort = null, params string[] extraArguments)
        : this(Addresses(nodes, basePort), dataFolder, extraArguments) => _basePort = basePort;

    /// <param name="founders">The addresses of the nodes that found it; their ids are 1, 2, 3 ...</param>
    /// <param name="dataFolder">Each node gets the folder <c>node-N</c> in it, and the file <c>node-N.log</c>.</param>
    /// <param name="extraArguments">More arguments of <c>hashmap server</c>, for each node.</param>
    public HashmapCluster(IReadOnlyList<string> founders, string dataFolder, params string[] extraArguments)
    {
        _extraArguments = extraArguments;
        DataFolder = Path.GetFullPath(dataFolder);
        _nodes = [.. founders.Select((address, i) => Make($"{i + 1}", address, joins: false))];
        Founders = Peers;
    }

    /// <summary>HOCON for nodes and clients alike, over their own; null for none.</summary>
    public FileInfo? ConfigFile { get; init; }

    /// <summary>All that there are now, in the order of their ids.</summary>
    public IReadOnlyList<HashmapNode> Nodes => _nodes;

    /// <summary>The nodes that found the cluster, and where, as <see cref="Peers"/> has them: what their first start needs, and each later one repeats.</summary>
    public string Founders { get; }

    /// <summary>Where the nodes' folders and logs are.</summary>
    public string DataFolder { get; }

    /// <summary>As the hashmap's clients take it: <c>1=host:port,2=host:port</c>.</summary>
    public string Peers => string.Join(",", _nodes);

    /// <summary>The node of that id.</summary>
    /// <exception cref="KeyNotFoundException">There is none.</exception>
    public HashmapNode this[string id] => Find(id) ?? throw new KeyNotFoundException($"There is no node {id}; the nodes are {string.Join(", ", _nodes.Select(n => n.Id))}.");

    /// <summary>The node of that id; null if there is none.</summary>
    public HashmapNode? Find(string id) => _nodes.Find(n => n.Id == id);

    /// <summary>A node that joins the cluster: it is to be started, and waits then until it is added.</summary>
    /// <param name="id">A name that no node here has.</param>
    /// <param name="address">Where it is; null for the base port + id, if that is free, or any free port.</param>
    public HashmapNode Add(string id, string? address = null)
    {
        lock (_gate)
        {
            if (Find(id) is not null) throw new InvalidOperationException($"There is a node {id} already.");
            var node = Make(id, address ?? FreeAddress(id), joins: true);
            _nodes = [.. _nodes.Append(node).OrderBy(n => n.Id.Length).ThenBy(n => n.Id, StringComparer.Ordinal)];
            return node;
        }
    }

    /// <summary>Forgets a node; what lives of it is killed. Its data stays.</summary>
    public async Task Remove(HashmapNode node)
    {
        lock (_gate) _nodes = _nodes.Remove(node);
        await node.DisposeAsync();
    }

    /// <summary>An address that nobody listens at.</summary>
    public string FreeAddress(string? preferredBy = null) =>
        _basePort is { } first && int.TryParse(preferredBy, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && first + number <= 65_535 && FreePorts.IsFree(first + number)
            ? $"{Host}:{first + number}"
            : $"{Host}:{FreePorts.InARow(1)}";

    /// <summary>Refuses to go on when somebody listens at a node's port.</summary>
    /// <exception cref="InvalidOperationException">It names the ports.</exception>
    public void RequireFreePorts()
    {
        var taken = _nodes.Select(n => int.Parse(n.Address.Split(':')[1], CultureInfo.InvariantCulture)).Where(p => !FreePorts.IsFree(p)).ToList();
        if (taken.Count > 0)
            throw new InvalidOperationException($"Somebody listens already at port {string.Join(", ", taken)} of {Host}. Choose others with --base-port.");
    }

    /// <summary>Starts each node, and completes when all are ready.</summary>
    /// <exception cref="TimeoutException">One was not ready in time; the message has its last lines.</exception>
    public Task Start(TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        var nodes = _nodes;
        foreach (var node in nodes) node.Start();
        return Task.WhenAll(nodes.Select(n => n.WhenReady(timeout, cancellationToken)));
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes) await node.DisposeAsync();
    }

    /// <summary>Where a node's data is, below that of the cluster.</summary>
    public static string FolderOf(string dataFolder, string id) => Path.Combine(dataFolder, $"node-{id}");

    static string[] Addresses(int nodes, int? basePort)
    {
        var first = basePort + 1 ?? FreePorts.InARow(nodes);
        return [.. Enumerable.Range(first, nodes).Select(port => $"{Host}:{port}")];
    }

    HashmapNode Make(string id, string address, bool joins) =>
        new(id, address, joins, FolderOf(DataFolder, id), Path.Combine(DataFolder, $"node-{id}.log"), Arguments);

    // A node that was moved keeps its list, which says only what an empty folder is to become.
    IEnumerable<string> Arguments(HashmapNode node) =>
    [
        "server", node.Id, .. node.Joins ? [$"{node}", "--join"] : Founders.Split(','), .. node.IsMoved && !node.Joins ? ["--address", node.Address] : Array.Empty<string>(),
        "--data", node.DataFolder, .. (node.ConfigFile ?? ConfigFile) is { } file ? (string[])["--config", file.FullName] : [], .. _extraArguments, .. node.MoreArguments,
    ];
}
