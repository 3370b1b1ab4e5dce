using System.Diagnostics;
using AkkaRaft.Samples.ClusterLauncher.Processes;

namespace AkkaRaft.Process.Tests.Support;

/// <summary>strace at a running node: what its process asks of the kernel.</summary>
internal sealed class Strace(string node, ChildProcess process, string file)
{
    /// <summary>The node's id.</summary>
    public string Node => node;

    /// <summary>Attaches to all threads of a node.</summary>
    public static async Task<Strace> Attach(HashmapNode node, params string[] options)
    {
        if (!File.Exists("/usr/bin/strace"))
            throw new InvalidOperationException("This test needs strace (Debian package strace) and the right to trace processes.");
        var file = Path.Combine(Path.GetDirectoryName(node.LogFile)!, $"strace-{node.Id}.txt");
        var process = ChildProcess.Start(new ProcessStartInfo("/usr/bin/strace", ["-f", .. options, "-o", file, "-p", $"{node.Process!.Id}"]));
        // It says so for the process, and then once for all its threads.
        await process.Errors.WaitFor("strace to be attached", line => line.Contains("attached", StringComparison.Ordinal), ClusterTest.Patience);
        return new Strace(node.Id, process, file);
    }

    /// <summary>Lets the node go, and gives what was seen, a call a line.</summary>
    public async Task<IReadOnlyList<string>> Detach()
    {
        process.Interrupt();
        await process.Exited.WaitAsync(ClusterTest.Patience);
        return await File.ReadAllLinesAsync(file);
    }
}
