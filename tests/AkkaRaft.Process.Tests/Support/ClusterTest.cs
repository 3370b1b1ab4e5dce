using System.Runtime.CompilerServices;
using AkkaRaft.Samples.ClusterLauncher.Processes;
using Xunit;
using Xunit.Abstractions;

namespace AkkaRaft.Process.Tests.Support;

/// <summary>A test with a cluster of its own in a folder of its own. When it fails, the nodes' logs stay in artifacts/process-tests.</summary>
[Trait("Category", "process")]
public abstract class ClusterTest(ITestOutputHelper output)
{
    /// <summary>For what usually takes a second or two: a busy machine of two cores may take long.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>The repository's folder.</summary>
    internal static readonly string Root = FindRoot();

    internal ITestOutputHelper Report { get; } = output;

    /// <summary>Runs the test with so many nodes that are not started yet.</summary>
    /// <param name="nodes">How many.</param>
    /// <param name="test">The test.</param>
    /// <param name="serverArguments">More arguments of <c>hashmap server</c>.</param>
    /// <param name="name">The test's name.</param>
    /// <param name="configFile">Makes a configuration of nodes and clients, given the test's folder; null for none.</param>
    internal Task WithCluster(
        int nodes, Func<HashmapCluster, Task> test, string[]? serverArguments = null, [CallerMemberName] string name = "", Func<string, FileInfo>? configFile = null) => WithFolder(async folder =>
    {
        await using var cluster = new HashmapCluster(nodes, folder, null, ["--log", "info", .. serverArguments ?? []]) { ConfigFile = configFile?.Invoke(folder) };
        await test(cluster);
    }, name);

    /// <summary>Runs the test with a folder for its nodes, which must be gone when it ends.</summary>
    internal async Task WithFolder(Func<string, Task> test, [CallerMemberName] string name = "")
    {
        var folder = Directory.CreateTempSubdirectory("akkaraft-test-");
        try
        {
            await test(folder.FullName);
        }
        catch
        {
            KeepLogs(folder, name);
            throw;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    void KeepLogs(DirectoryInfo folder, string test)
    {
        var artifacts = Directory.CreateDirectory(Path.Combine(Root, "artifacts", "process-tests", test));
        foreach (var file in folder.EnumerateFiles().Where(f => f.Extension is ".log" or ".txt" or ".svg"))
            file.CopyTo(Path.Combine(artifacts.FullName, file.Name), overwrite: true);
        Report.WriteLine($"The nodes' logs are in {artifacts.FullName}.");
    }

    static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "AkkaRaft.sln"))) folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException($"AkkaRaft.sln is in no folder above {AppContext.BaseDirectory}.");
    }
}
