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
    public static Task<HashmapRun> Run(params string[] arguments) => Run(new Dictionary<string, string>(), arguments);

    /// <summary>With variables of the environment besides those of this process.</summary>
    public static async Task<HashmapRun> Run(IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        var start = HashmapProgram.WithArguments(arguments);
        foreach (var (name, value) in environment) start.Environment[name] = value;
        await using var child = ChildProcess.Start(start);
        var exitCode = await child.Exited.WaitAsync(ClusterTest.Patience);
        return new HashmapRun(exitCode, string.Join('\n', child.Output.Lines), child.Errors.Lines);
    }
}
