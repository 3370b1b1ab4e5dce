using AkkaRaft.Samples.ClusterLauncher.Processes;

namespace AkkaRaft.Process.Tests.Support;

/// <summary>How a run of the hashmap program ended.</summary>
internal sealed record HashmapRun(int ExitCode, string Output, IReadOnlyList<string> Errors)
{
    public override string ToString() => $"exit code {ExitCode}, stdout \"{Output}\", stderr \"{string.Join(" | ", Errors)}\"";
}

/// <summary>Runs the hashmap program to its end.</summary>
internal static class Hashmap
{
    public static async Task<HashmapRun> Run(params string[] arguments)
    {
        await using var child = ChildProcess.Start(HashmapProgram.WithArguments(arguments));
        var exitCode = await child.Exited.WaitAsync(ClusterTest.Patience);
        return new HashmapRun(exitCode, string.Join('\n', child.Output.Lines), child.Errors.Lines);
    }
}
