using System.Diagnostics;

namespace AkkaRaft.Benchmarks.Workers;

/// <summary>This program, for processes of its own.</summary>
internal static class ThisProgram
{
    /// <summary>What to start for other arguments.</summary>
    public static ProcessStartInfo WithArguments(params IEnumerable<string> arguments)
    {
        // "dotnet run" starts the program that the build has made; others start dotnet with the assembly.
        var start = new ProcessStartInfo(Environment.ProcessPath!);
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet") start.ArgumentList.Add(typeof(ThisProgram).Assembly.Location);
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        return start;
    }
}
