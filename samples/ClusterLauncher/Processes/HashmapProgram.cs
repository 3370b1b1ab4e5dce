using System.Diagnostics;
using System.Runtime.InteropServices;

namespace AkkaRaft.Samples.ClusterLauncher.Processes;

/// <summary>The hashmap program, which the build has put beside this one.</summary>
internal static class HashmapProgram
{
    /// <summary>What to start for the given arguments: the same dotnet that runs us, with hashmap.dll.</summary>
    public static ProcessStartInfo WithArguments(params IEnumerable<string> arguments)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "hashmap.dll");
        if (!File.Exists(program)) throw new FileNotFoundException($"The hashmap program is not at {program}. Build samples/ClusterLauncher again.", program);

        var start = new ProcessStartInfo(DotnetHost()) { ArgumentList = { program } };
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        return start;
    }

    /// <summary>The same, started by another program, whose words come first.</summary>
    public static ProcessStartInfo StartedBy(IReadOnlyList<string> words, params IEnumerable<string> arguments)
    {
        var program = WithArguments(arguments);
        return words.Count == 0 ? program : new ProcessStartInfo(words[0], [.. words.Skip(1), program.FileName, .. program.ArgumentList]);
    }

    static string DotnetHost()
    {
        // .../shared/Microsoft.NETCore.App/<version>/ lies three folders below the host.
        var host = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../..", OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet"));
        return File.Exists(host) ? host : "dotnet";
    }
}
