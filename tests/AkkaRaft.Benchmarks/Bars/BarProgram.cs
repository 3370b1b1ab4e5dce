using System.Text.Json;
using AkkaRaft.Benchmarks.Workers;
using AkkaRaft.Samples.ClusterLauncher.Processes;

namespace AkkaRaft.Benchmarks.Bars;

/// <summary>Processes that do one thing, say what came of it in a line of JSON, and end.</summary>
internal static class BarProgram
{
    /// <summary>The hidden command that starts one.</summary>
    public const string Command = "process";

    /// <param name="kind">Which.</param>
    /// <param name="arguments">More about it.</param>
    public static Task<int> Run(string kind, IReadOnlyList<string> arguments) => kind switch
    {
        LongLog.Kind => LongLog.Run(arguments[0], arguments[1], arguments[2]),
        RecoveringNode.Kind => RecoveringNode.Run(arguments[0], arguments[1]),
        _ => throw new ArgumentException($"There is no process \"{kind}\" of a bar."),
    };

    /// <summary>Starts one, and waits for what it says.</summary>
    /// <param name="folder">Where its stderr goes.</param>
    /// <param name="patience">How long it may take.</param>
    /// <param name="kind">Which.</param>
    /// <param name="arguments">More about it.</param>
    public static async Task<T> Answer<T>(string folder, TimeSpan patience, string kind, params IEnumerable<string> arguments)
    {
        var start = ThisProgram.WithArguments(["bar", Command, kind, .. arguments]);
        await using var process = ChildProcess.Start(start, new OutputLog(Path.Combine(folder, $"{kind}.log")));
        var code = await process.Exited.WaitAsync(patience);
        return code == 0 && process.Output.Lines is [.., var line]
            ? JsonSerializer.Deserialize<T>(line)!
            : throw new InvalidOperationException($"The process {kind} has ended with exit code {code}. Its last lines:{Environment.NewLine}{string.Join(Environment.NewLine, process.Errors.Last(20))}");
    }
}
