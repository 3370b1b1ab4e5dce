namespace AkkaRaft.Samples.ClusterLauncher.Processes;

/// <summary>
/// What a data folder says of its cluster, in <c>cluster.txt</c>: the nodes that founded it, and those that there are now. The nodes' data knows each other by these addresses.
/// </summary>
internal static class ClusterNote
{
    /// <summary>Takes a folder for a cluster, with the nodes that have joined, moved and gone there before.</summary>
    /// <exception cref="InvalidOperationException">The folder is of a cluster that other nodes founded.</exception>
    public static async Task Claim(HashmapCluster cluster)
    {
        Directory.CreateDirectory(cluster.DataFolder);
        var lines = Lines(cluster.DataFolder);
        if (lines.Length > 0 && lines[0] != cluster.Founders)
        {
            throw new InvalidOperationException(
                $"The data in {cluster.DataFolder} is of the cluster {lines[0]}, not of {cluster.Founders}. Use the same --nodes and --base-port, or another --data.");
        }

        if (lines.Length > 1) await Follow(cluster, lines[1]);
        Write(cluster);
    }

    /// <summary>Notes which nodes there are now.</summary>
    public static void Write(HashmapCluster cluster)
    {
        // In one step: whoever looks finds the old note or the new one.
        var next = FileIn(cluster.DataFolder) + ".next";
        File.WriteAllLines(next, [cluster.Founders, cluster.Peers]);
        File.Move(next, FileIn(cluster.DataFolder), overwrite: true);
    }

    /// <summary>The nodes of the cluster whose data is in a folder, as <see cref="HashmapCluster.Peers"/> has them; null if there is none.</summary>
    public static string? PeersIn(string dataFolder) => Lines(dataFolder).LastOrDefault();

    static async Task Follow(HashmapCluster cluster, string noted)
    {
        var now = noted.Split(',').Select(node => node.Split('=', 2)).ToDictionary(node => node[0], node => node[1]);
        foreach (var gone in cluster.Nodes.Where(node => !now.ContainsKey(node.Id)).ToList()) await cluster.Remove(gone);
        foreach (var (id, address) in now)
        {
            if (cluster.Find(id) is { } node) node.Address = address;
            else cluster.Add(id, address);
        }
    }

    static string[] Lines(string dataFolder) =>
        File.Exists(FileIn(dataFolder)) ? [.. File.ReadAllLines(FileIn(dataFolder)).Select(line => line.Trim()).Where(line => line.Length > 0)] : [];

    static string FileIn(string dataFolder) => Path.Combine(dataFolder, "cluster.txt");
}
