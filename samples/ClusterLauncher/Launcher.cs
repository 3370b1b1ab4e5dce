using Akka.Event;
using AkkaRaft.Samples.ClusterLauncher.Demo;
using AkkaRaft.Samples.ClusterLauncher.Live;
using AkkaRaft.Samples.ClusterLauncher.Measuring;
using AkkaRaft.Samples.ClusterLauncher.Processes;
using AkkaRaft.Samples.ClusterLauncher.Traffic;
using AkkaRaft.Samples.Common;
using AkkaRaft.Samples.Common.Accounts;
using AkkaRaft.Samples.Hashmap;
using Spectre.Console;

namespace AkkaRaft.Samples.ClusterLauncher;

/// <summary>The two ways to run, live at a terminal and the demo, and the way to nodes that run already.</summary>
internal static class Launcher
{
    const int DefaultBasePort = 4050;
    const string DefaultFolder = "launcher-data";
    static readonly TimeSpan s_stopTime = TimeSpan.FromSeconds(5);

    /// <summary>Starts the cluster and shows it until the user has enough.</summary>
    /// <returns>The exit code: 0 done, 2 there is no terminal, 1 it could not start.</returns>
    public static async Task<int> RunLive(int nodes, DirectoryInfo? data, int? basePort, FileInfo? config, CancellationToken cancellationToken)
    {
        if (Console.IsInputRedirected || Console.IsOutputRedirected)
        {
            await Console.Error.WriteLineAsync("There is no terminal to show the cluster on. Use `launcher demo`, which runs by itself.");
            return 2;
        }

        try
        {
            await using var cluster = new HashmapCluster(nodes, data?.FullName ?? DefaultFolder, basePort ?? DefaultBasePort) { ConfigFile = config };
            await ClusterNote.Claim(cluster);
            cluster.RequireFreePorts();
            foreach (var node in cluster.Nodes) node.Start();
            await using (var client = ClusterClient.Connect(cluster)) await new LiveScreen(cluster, client, cancellationToken).Run();
            await StopAll(cluster);
            return 0;
        }
        catch (Exception failed) when (failed is InvalidOperationException or IOException or UnauthorizedAccessException or FormatException)
        {
            await Console.Error.WriteLineAsync(failed.Message);
            return 1;
        }
    }

    /// <summary>Runs the demo.</summary>
    /// <returns>The exit code: 0 nothing that was acknowledged is missing; 1 something is, or a step did not end in time; 2 it could not start.</returns>
    public static async Task<int> RunDemo(int nodes, DirectoryInfo? data, int? basePort, FileInfo? config, CancellationToken cancellationToken)
    {
        if (nodes < 3)
        {
            await Console.Error.WriteLineAsync("The demo kills a node, and a majority must be left: it needs at least 3 nodes.");
            return 2;
        }

        var folder = data ?? Directory.CreateTempSubdirectory("akkaraft-demo-");
        var exitCode = 2;
        try
        {
            await using var cluster = new HashmapCluster(nodes, folder.FullName, basePort) { ConfigFile = config };
            await ClusterNote.Claim(cluster);
            cluster.RequireFreePorts();
            exitCode = await new DemoScript(cluster, AnsiConsole.Console).Run(cancellationToken);
            await StopAll(cluster);
        }
        catch (Exception failed) when (failed is InvalidOperationException or IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync(failed.Message);
        }

        if (data is null && exitCode == 0) folder.Delete(recursive: true);
        else AnsiConsole.WriteLine($"The nodes' data and logs are in {folder.FullName}.");
        return exitCode;
    }

    /// <summary>A client of the nodes that another launcher runs: those that its data folder names, else those that the options say.</summary>
    public static ClientOptions ClientOf(int nodes, DirectoryInfo? data, int? basePort, FileInfo? config) =>
        new(PeersOf(nodes, data, basePort), ClusterId.Parse(HashmapApp.App.Name), AccountCommands.DefaultTimeout, LogLevel.WarningLevel) { ConfigFile = config };

    /// <summary>The nodes that another launcher runs: those that its data folder names, else those that the options say.</summary>
    public static IReadOnlyList<RaftMember> PeersOf(int nodes, DirectoryInfo? data, int? basePort)
    {
        var folder = data?.FullName ?? DefaultFolder;
        return PeerList.Parse([ClusterNote.PeersIn(folder) ?? new HashmapCluster(nodes, folder, basePort ?? DefaultBasePort).Peers], HashmapApp.BasePort);
    }

    /// <summary>Where a launcher whose data is there keeps a node's.</summary>
    public static string FolderOf(DirectoryInfo? data, NodeId node) => HashmapCluster.FolderOf(data?.FullName ?? DefaultFolder, node.Value);

    /// <summary>Runs a measurement on a cluster of its own, whose data goes when it has gone well.</summary>
    /// <param name="nodes">How many nodes.</param>
    /// <param name="nodesAre">What they are like.</param>
    /// <param name="measure">What to measure.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The exit code: 0 measured, 1 it could not be.</returns>
    public static async Task<int> Measure(
        int nodes, MeasuredCluster nodesAre, Func<HashmapCluster, ClusterClient, CancellationToken, Task> measure, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("akkaraft-measure-");
        try
        {
            await using var cluster = new HashmapCluster(nodes, folder.FullName);
            await ClusterNote.Claim(cluster);
            await nodesAre.Start(cluster, TimeSpan.FromSeconds(60), cancellationToken);
            await using (var client = ClusterClient.Connect(cluster))
            {
                await client.FindLeader(TimeSpan.FromSeconds(30), cancellationToken);
                await measure(cluster, client, cancellationToken);
            }

            await StopAll(cluster);
        }
        catch (Exception failed) when (failed is InvalidOperationException or IOException or UnauthorizedAccessException or RaftException or TimeoutException
            or OperationCanceledException)
        {
            await Console.Error.WriteLineAsync($"{failed.Message} The nodes' data and logs are in {folder.FullName}.");
            return 1;
        }

        folder.Delete(recursive: true);
        return 0;
    }

    // Those that do not end by themselves are killed when the cluster is disposed of.
    static async Task StopAll(HashmapCluster cluster)
    {
        if (OperatingSystem.IsWindows()) return;
        var stopping = Task.WhenAll(cluster.Nodes.Where(n => n.IsAlive).Select(n => n.Stop()));
        await Task.WhenAny(stopping, Task.Delay(s_stopTime));
    }
}
