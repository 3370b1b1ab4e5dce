using AkkaRaft.Samples.ClusterLauncher.Processes;

namespace AkkaRaft.Samples.ClusterLauncher.Measuring;

/// <summary>What the nodes of a measurement are like.</summary>
internal sealed record MeasuredCluster
{
    /// <summary>Settings of a node, by its id, besides the launcher's own; empty for none.</summary>
    public Func<string, string> ConfigOf { get; init; } = _ => "";

    /// <summary>How many of them are started at first; null for all.</summary>
    public int? Started { get; init; }

    /// <summary>Variables of the environment of each node.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>The same settings for all nodes, all of which are started.</summary>
    public static MeasuredCluster Of(string config) => new() { ConfigOf = _ => config };

    /// <summary>Gives the nodes what is said here, and starts those that are to run.</summary>
    public async Task Start(HashmapCluster cluster, TimeSpan timeout, CancellationToken cancellationToken)
    {
        foreach (var node in cluster.Nodes)
        {
            foreach (var (name, value) in Environment) node.Environment[name] = value;
            await Configure(node, ConfigOf(node.Id), cancellationToken);
            node.MoreArguments.AddRange(["--config", FileOf(node)]);
        }

        var started = cluster.Nodes.Take(Started ?? cluster.Nodes.Count).ToList();
        foreach (var node in started) node.Start();
        await Task.WhenAll(started.Select(node => node.WhenReady(timeout, cancellationToken)));
    }

    /// <summary>Gives a node other settings, from its next start on.</summary>
    public static Task Configure(HashmapNode node, string config, CancellationToken cancellationToken) =>
        File.WriteAllTextAsync(FileOf(node), config, cancellationToken);

    static string FileOf(HashmapNode node) => Path.ChangeExtension(node.LogFile, ".conf");
}
