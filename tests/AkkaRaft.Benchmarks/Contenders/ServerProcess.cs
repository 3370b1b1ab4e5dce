using System.Diagnostics;
using AkkaRaft.Samples.ClusterLauncher.Processes;

namespace AkkaRaft.Benchmarks.Contenders;

/// <summary>A process of somebody else's program.</summary>
internal sealed class ServerProcess : INodeProcess
{
    readonly ChildProcess _child;

    ServerProcess(ChildProcess child) => _child = child;

    public int Id => _child.Id;

    /// <summary>Where a program is: in the PATH, or where Debian's packages put it; null if it is not there.</summary>
    public static string? Find(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Concat(["/usr/bin", "/usr/sbin"]).Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);

    /// <summary>The last word of what a program says of its version.</summary>
    /// <param name="program">Its path.</param>
    public static string Version(string program)
    {
        using var process = Process.Start(new ProcessStartInfo(program, "--version") { RedirectStandardOutput = true })!;
        return process.StandardOutput.ReadToEnd().Split('\n')[0].Split(' ')[^1].Trim().TrimStart('v');
    }

    /// <summary>Starts it, and waits until it takes part. Leaves no process behind if it does not.</summary>
    /// <param name="start">What to start.</param>
    /// <param name="log">Where its stderr goes.</param>
    /// <param name="takesPart">Completes when it does.</param>
    public static async Task<ServerProcess> Start(ProcessStartInfo start, string log, Func<Task> takesPart)
    {
        var child = ChildProcess.Start(start, new OutputLog(log));
        try
        {
            var ready = takesPart();
            if (await Task.WhenAny(ready, child.Exited) != ready)
            {
                throw new InvalidOperationException(
                    $"{Path.GetFileName(start.FileName)} has ended with exit code {await child.Exited}. Its last lines:{Environment.NewLine}{string.Join(Environment.NewLine, child.Errors.Last(20))}");
            }

            await ready;
            return new ServerProcess(child);
        }
        catch
        {
            await child.DisposeAsync();
            throw;
        }
    }

    public void Kill() => _child.Kill();

    public void Pause() => _child.Pause();

    public void Resume() => _child.Resume();

    public ValueTask DisposeAsync() => _child.DisposeAsync();
}
