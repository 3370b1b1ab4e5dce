using System.Diagnostics;
using AkkaRaft.Samples.ClusterLauncher.Processes;

namespace AkkaRaft.Process.Tests.Support;

/// <summary>The launcher, which the build has put beside the tests.</summary>
internal static class LauncherProgram
{
    /// <summary>What to start for the given arguments: as the launcher starts the hashmap program.</summary>
    public static ProcessStartInfo WithArguments(params IEnumerable<string> arguments)
    {
        var start = HashmapProgram.WithArguments(arguments);
        start.ArgumentList[0] = Path.Combine(AppContext.BaseDirectory, "launcher.dll");
        return start;
    }
}
