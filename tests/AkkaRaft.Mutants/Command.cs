using System.Diagnostics;
using System.Text;

namespace AkkaRaft.Mutants;

/// <summary>How a command ended.</summary>
/// <param name="ExitCode">What it returned; meaningless when it ran out of time.</param>
/// <param name="Output">What it said on stdout and stderr.</param>
/// <param name="OutOfTime">It was killed.</param>
/// <param name="Took">How long it ran.</param>
internal sealed record CommandResult(int ExitCode, string Output, bool OutOfTime, TimeSpan Took)
{
    public bool Succeeded => !OutOfTime && ExitCode == 0;

    public string LastLines(int count) => string.Join('\n', Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).TakeLast(count));
}

/// <summary>Runs a program to its end or to the end of its time; then it and what it started is killed.</summary>
internal static class Command
{
    public static async Task<CommandResult> Run(
        string folder, TimeSpan time, IReadOnlyDictionary<string, string> environment, CancellationToken stop, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true,
        };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        // No compiler and no build node outlives its command: each would be one process more on a machine that others use.
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1";
        start.Environment["DOTNET_NOLOGO"] = "1";

        var watch = Stopwatch.StartNew();
        using var process = new Process { StartInfo = start };
        var output = new StringBuilder();
        process.OutputDataReceived += (_, line) => Add(line.Data);
        process.ErrorDataReceived += (_, line) => Add(line.Data);
        process.Start();
        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();

        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        end.CancelAfter(time < TimeSpan.Zero ? TimeSpan.Zero : time);
        var outOfTime = false;
        try
        {
            await process.WaitForExitAsync(end.Token);
        }
        catch (OperationCanceledException)
        {
            outOfTime = true;
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None);
        }

        stop.ThrowIfCancellationRequested();
        lock (output) return new CommandResult(process.ExitCode, output.ToString(), outOfTime, watch.Elapsed);

        void Add(string? line)
        {
            lock (output) if (line is not null) output.Append(line).Append('\n');
        }
    }
}
